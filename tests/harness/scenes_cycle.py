"""The rest of the sales cycle under kills: typing in, quotes, conversions, what comes back."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from customers.models import CustomerAccount
from documents.inputs import OrderHeader
from documents.models import Document, DocumentType
from documents.services.conversion import Choice, conversion_make, conversion_read
from documents.services.convert import (
    advance_create,
    credit_note_create,
    delivery_create,
    document_continue,
    invoice_create,
    invoice_of_pro_forma,
    price_credit_create,
    return_create,
)
from documents.services.entry import remarks_add
from documents.services.posting import invoice_post
from documents.services.quotes import order_from_quote, quote_accept
from documents.services.remarks import note_add
from documents.services.save import order_create, order_update
from documents.services.steps import document_copy
from documents.services.submit import document_submit
from tests.factories.core import UserFactory
from tests.harness.scenes import furnished
from tests.harness.scenes_sales import accepted_order, all_of, found, posted_invoice, user
from tests.world import TODAY, line

if TYPE_CHECKING:
    from core.models import User
    from tests.harness.lab import Arguments

KEY = "one filling-in of a form"


def _kind(code: str) -> DocumentType:
    return DocumentType.objects.get(code=code)


def with_key(document: Document, actor: User, **more: Any) -> Arguments:
    return {"document": document.pk, "actor": actor.pk, **more}


def head_of(account: CustomerAccount, code: str) -> OrderHeader:
    return OrderHeader(
        account=account, document_on=TODAY, type=_kind(code), currency=account.currency
    )


# --- Typing in -------------------------------------------------------------------------------


def desk() -> Arguments:
    """Nothing but the world; an invoice is to be typed in, whose draft counts at once."""
    world = furnished()
    root = UserFactory(username="root", is_superuser=True)
    return {"account": world.account.pk, "actor": root.pk}


def invoice_draft() -> Arguments:
    """A draft invoice of 60, typed in."""
    made = desk()
    enter(**made)
    return {"document": Document.objects.get(type__code="invoice").pk, "actor": made["actor"]}


def enter(account: int, actor: int) -> None:
    """Type in an invoice of two lines."""
    head = head_of(CustomerAccount.objects.get(pk=account), "invoice")
    order_create(header=head, lines=[line(20), line(20, 2)], actor=user(actor))


def rewrite(document: int, actor: int) -> None:
    """Replace the lines of the draft: it counts 90 from now on."""
    draft = found(document)
    order_update(
        document=draft,
        header=head_of(draft.account, "invoice"),
        lines=[line(30, 3)],
        version=draft.version,
        actor=user(actor),
    )


def copy(document: int, actor: int) -> None:
    """The same once more."""
    document_copy(document=found(document), actor=user(actor), on=TODAY)


def remark(document: int, actor: int) -> None:
    """Add a note to the order."""
    note_add(document=found(document), text="Ring first", actor=user(actor))


def remark_of_form(document: int, actor: int) -> None:
    """Add the note that came with the form of the order; the same form again adds nothing."""
    remarks_add(document=found(document), text="Ring first", files=[], actor=user(actor))


# --- Quotes ----------------------------------------------------------------------------------


def quoted() -> Arguments:
    """A quote of 200 that the customer has."""
    world = furnished()
    root = UserFactory(username="root", is_superuser=True)
    quote = world.order(200, type=_kind("quote"))
    document_submit(document=quote, actor=root, as_of=TODAY)
    return with_key(quote, root)


def order_the_quote(document: int, actor: int) -> None:
    """A draft order of all that was quoted."""
    order_from_quote(quote=found(document), actor=user(actor), on=TODAY)


def accept_quote(document: int, actor: int) -> None:
    """The customer says yes: an order, which asks for credit at once."""
    quote_accept(quote=found(document), actor=user(actor), as_of=TODAY)


def accepted_taken_up(document: int, actor: int) -> None:
    """A person finds the quote open, or accepted with an order that asked for nothing yet."""
    order = Document.objects.filter(lines__source_line__document=document).first()
    if order is None:
        accept_quote(document, actor)
    elif order.status == Document.Status.DRAFT:
        document_submit(document=order, actor=user(actor), as_of=TODAY)


# --- Conversions -----------------------------------------------------------------------------


def ordered_twice() -> Arguments:
    """Two accepted orders of 200 and 100, to become one delivery note or invoice."""
    first, root = accepted_order()
    second = document_copy(document=first, actor=root, on=TODAY)
    document_submit(document=second, actor=root, as_of=TODAY)
    return {"documents": [first.pk, second.pk], "actor": root.pk}


def _convert(documents: list[int], actor: int, code: str) -> None:
    conversion = conversion_read(
        documents=[found(key) for key in documents], type_=_kind(code), on=TODAY
    )
    quantities = {row.line.pk: row.left for row in conversion.rows}
    choice = Choice(on=TODAY, quantities=quantities, import_key=KEY)
    conversion_make(conversion=conversion, choice=choice, actor=user(actor))


def convert_to_delivery(documents: list[int], actor: int) -> None:
    """One delivery note for both orders; the same form again is the same note."""
    _convert(documents, actor, "delivery")


def convert_to_invoice(documents: list[int], actor: int) -> None:
    """One invoice for both orders; the same form again is the same invoice."""
    _convert(documents, actor, "invoice")


def goods_moved() -> Arguments:
    """An order whose goods are to be sent for by a pro-forma invoice."""
    order, root = accepted_order()
    paper = document_continue(
        lines=all_of(order, "pro_forma"), type_=_kind("pro_forma"), actor=root, on=TODAY
    )
    return with_key(paper, root)


def invoice_the_pro_forma(document: int, actor: int) -> None:
    """The invoice that the pro-forma announced; asked again, it is the same one."""
    invoice_of_pro_forma(document=found(document), actor=user(actor), on=TODAY)


# --- Advances --------------------------------------------------------------------------------


def ask_for_advance(document: int, actor: int) -> None:
    """An advance invoice of 30 % of the order, as a draft."""
    advance_create(order=found(document), percent=Decimal(30), actor=user(actor), on=TODAY)


def advance_drafted() -> Arguments:
    """A draft advance invoice of 60 on an order of 200."""
    order, root = accepted_order()
    return with_key(advance_create(order=order, percent=Decimal(30), actor=root, on=TODAY), root)


def advance_posted() -> Arguments:
    """A posted advance of 60 on an order of 200, which the invoice of the order deducts."""
    made = advance_drafted()
    root = user(made["actor"])
    advance = found(made["document"])
    invoice_post(document=advance, actor=root, as_of=TODAY)
    order = Document.objects.get(lines__continued_by__document=advance)
    return with_key(order, root)


def deducted_drafted() -> Arguments:
    """A draft invoice of 140: an order of 200 less its posted advance of 60."""
    made = advance_posted()
    root = user(made["actor"])
    lines = all_of(found(made["document"]), "invoice")
    return with_key(invoice_create(lines=lines, actor=root, on=TODAY), root)


# --- What comes back -------------------------------------------------------------------------


def delivered() -> Arguments:
    """An accepted delivery note for a whole order."""
    order, root = accepted_order()
    note = delivery_create(lines=all_of(order, "delivery"), actor=root, on=TODAY)
    document_submit(document=note, actor=root, as_of=TODAY)
    return with_key(note, root)


def return_drafted() -> Arguments:
    """A draft return note for all that was delivered."""
    made = delivered()
    give_back(**made)
    return {**made, "document": Document.objects.get(type__code="return").pk}


def give_back(document: int, actor: int) -> None:
    """Write a return note for all that was delivered; the order wants the goods again."""
    return_create(lines=all_of(found(document), "return"), actor=user(actor), on=TODAY)


def invoiced() -> Arguments:
    """A posted invoice of 200."""
    return with_key(*posted_invoice())


def credit(document: int, actor: int) -> None:
    """Write a credit note for the whole invoice."""
    lines = all_of(found(document), "credit_note")
    credit_note_create(lines=lines, actor=user(actor), on=TODAY)


def credit_price(document: int, actor: int) -> None:
    """Write a credit note for 15 of the price, no goods coming back."""
    [(row, _left)] = all_of(found(document), "credit_note")
    price_credit_create(amounts=[(row, Decimal(15))], actor=user(actor), on=TODAY)
