"""The rest of the sales cycle under kills: typing in, quotes, conversions, what comes back."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from customers.models import CustomerAccount
from documents.inputs import OrderHeader
from documents.models import Document, DocumentType
from documents.services.batch import documents_step
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
from documents.services.recheck import held_recheck
from documents.services.remarks import note_add
from documents.services.save import order_create, order_update
from documents.services.steps import document_close, document_copy, document_reopen
from documents.services.submit import document_submit
from ledger.models import OpenItem
from ledger.services import payment_record
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


def _of(document: Document, actor: User, **more: Any) -> Arguments:
    return {"document": document.pk, "actor": actor.pk, **more}


def _head(account: CustomerAccount, code: str) -> OrderHeader:
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
    head = _head(CustomerAccount.objects.get(pk=account), "invoice")
    order_create(header=head, lines=[line(20), line(20, 2)], actor=user(actor))


def rewrite(document: int, actor: int) -> None:
    """Replace the lines of the draft: it counts 90 from now on."""
    draft = found(document)
    order_update(
        document=draft,
        header=_head(draft.account, "invoice"),
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
    return _of(quote, root)


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
    return _of(paper, root)


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
    return _of(advance_create(order=order, percent=Decimal(30), actor=root, on=TODAY), root)


def advance_posted() -> Arguments:
    """A posted advance of 60 on an order of 200, which the invoice of the order deducts."""
    made = advance_drafted()
    root = user(made["actor"])
    advance = found(made["document"])
    invoice_post(document=advance, actor=root, as_of=TODAY)
    order = Document.objects.get(lines__continued_by__document=advance)
    return _of(order, root)


def deducted_drafted() -> Arguments:
    """A draft invoice of 140: an order of 200 less its posted advance of 60."""
    made = advance_posted()
    root = user(made["actor"])
    lines = all_of(found(made["document"]), "invoice")
    return _of(invoice_create(lines=lines, actor=root, on=TODAY), root)


# --- What comes back -------------------------------------------------------------------------


def delivered() -> Arguments:
    """An accepted delivery note for a whole order."""
    order, root = accepted_order()
    note = delivery_create(lines=all_of(order, "delivery"), actor=root, on=TODAY)
    document_submit(document=note, actor=root, as_of=TODAY)
    return _of(note, root)


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
    return _of(*posted_invoice())


def credit(document: int, actor: int) -> None:
    """Write a credit note for the whole invoice."""
    lines = all_of(found(document), "credit_note")
    credit_note_create(lines=lines, actor=user(actor), on=TODAY)


def credit_price(document: int, actor: int) -> None:
    """Write a credit note for 15 of the price, no goods coming back."""
    [(row, _left)] = all_of(found(document), "credit_note")
    price_credit_create(amounts=[(row, Decimal(15))], actor=user(actor), on=TODAY)


# --- Closing, holding, batches ---------------------------------------------------------------


def closed() -> Arguments:
    """An accepted order of 200 that was closed before anything was delivered."""
    order, root = accepted_order()
    document_close(document=order, actor=root, as_of=TODAY)
    return _of(order, root)


def closed_and_no_room() -> Arguments:
    """The same, and what the customer owes meanwhile leaves no room for it."""
    made = closed()
    order = found(made["document"])
    head = _head(order.account, "order")
    other = order_create(header=head, lines=[line(700)], actor=user(made["actor"]))
    document_submit(document=other, actor=user(made["actor"]), as_of=TODAY)
    return made


def reopen(document: int, actor: int) -> None:
    """Open the closed order again; it asks for credit."""
    document_reopen(document=found(document), actor=user(actor), as_of=TODAY)


def held_without_cause() -> Arguments:
    """Two orders of 800 held for 1,000, one after the other; all that was owed is paid since.

    Only one of them fits: the first goes through by itself, the second goes on waiting.
    """
    world = furnished()
    for _order in range(2):
        document_submit(document=world.order(800), actor=world.clerk, as_of=TODAY)
    items = list(OpenItem.objects.filter(account=world.account, direction="debit"))
    payment_record(
        account=world.account,
        received_on=TODAY,
        amount=Decimal(200),
        allocations=[(item, item.amount) for item in items],
        actor=None,
    )
    return {"account": world.account.pk}


def ask_again(account: int) -> None:
    """Ask about every hold of the account."""
    held_recheck(account_ids=[account], as_of=TODAY)


def override_allowed() -> Arguments:
    """An order of 800 over the limit by 50; the policy lets those pass it who may approve it."""
    world = furnished()
    world.policy.direct_override = True
    world.policy.save()
    world.rule("first_order", "off")  # publishes the policy
    root = UserFactory(username="root", is_superuser=True, role="credit_manager")
    return _of(world.order(800), root)


def override(document: int, actor: int) -> None:
    """Submit the order, passing the hold at once."""
    result = document_submit(
        document=found(document),
        actor=user(actor),
        as_of=TODAY,
        override_reason="known for years",
    )
    assert result.passed


def two_invoices_drafted() -> Arguments:
    """A draft invoice of 60 and its copy."""
    made = invoice_draft()
    copy(**made)
    drafts = Document.objects.filter(type__code="invoice").order_by("pk")
    return {"documents": [draft.pk for draft in drafts], "actor": made["actor"]}


def post_all(documents: list[int], actor: int) -> None:
    """Post what of these is not posted yet, each in a transaction of its own."""
    drafts = Document.objects.filter(pk__in=documents, status=Document.Status.DRAFT)
    answers = documents_step(
        documents=list(drafts.select_related("account__customer").order_by("pk")),
        step="post",
        actor=user(actor),
        as_of=TODAY,
    )
    assert all(answer.done for answer in answers), answers
