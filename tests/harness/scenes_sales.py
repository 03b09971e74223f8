"""The sales cycle under kills: goods handed over, invoices written and posted, money taken back."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from core.models import User
from documents.models import Document, DocumentLine, DocumentType
from documents.services.convert import (
    credit_note_create,
    delivery_create,
    invoice_create,
    lines_left,
)
from documents.services.posting import invoice_post
from documents.services.printing import document_print_final
from documents.services.steps import document_cancel, document_close
from documents.services.submit import document_submit
from ledger.models import JournalEntry
from ledger.services import payment_record
from ledger.services.reversals import payment_reverse
from tests.factories.core import UserFactory
from tests.harness.scenes import furnished
from tests.world import TODAY

if TYPE_CHECKING:
    from tests.harness.lab import Arguments

type Parts = list[tuple[DocumentLine, Decimal]]


def all_of(document: Document, code: str) -> Parts:
    return lines_left([document], DocumentType.objects.get(code=code))


def accepted_order() -> tuple[Document, User]:
    world = furnished()
    root = UserFactory(username="root", is_superuser=True)
    order = world.order(200)
    document_submit(document=order, actor=root, as_of=TODAY)
    return order, root


def posted_invoice() -> tuple[Document, User]:
    order, root = accepted_order()
    invoice = invoice_create(lines=all_of(order, "invoice"), actor=root, on=TODAY)
    invoice_post(document=invoice, actor=root, as_of=TODAY)
    return Document.objects.get(pk=invoice.pk), root


def ordered() -> Arguments:
    """An accepted order of 200, of which nothing was delivered or invoiced."""
    order, root = accepted_order()
    return {"document": order.pk, "actor": root.pk}


def delivery_drafted() -> Arguments:
    """A draft delivery note for the whole order."""
    order, root = accepted_order()
    note = delivery_create(lines=all_of(order, "delivery"), actor=root, on=TODAY)
    return {"document": note.pk, "actor": root.pk}


def invoice_drafted() -> Arguments:
    """A draft invoice for an accepted delivery note of an order."""
    order, root = accepted_order()
    note = delivery_create(lines=all_of(order, "delivery"), actor=root, on=TODAY)
    document_submit(document=note, actor=root, as_of=TODAY)
    invoice = invoice_create(lines=all_of(note, "invoice"), actor=root, on=TODAY)
    return {"document": invoice.pk, "actor": root.pk}


def credit_note_drafted() -> Arguments:
    """A draft credit note for all of a posted invoice that is still open."""
    invoice, root = posted_invoice()
    note = credit_note_create(lines=all_of(invoice, "credit_note"), actor=root, on=TODAY)
    return {"document": note.pk, "actor": root.pk}


def invoice_paid() -> Arguments:
    """A posted invoice that one payment settled."""
    invoice, root = posted_invoice()
    assert invoice.entry is not None
    [item] = invoice.entry.items.all()
    credit = payment_record(
        account=invoice.account,
        received_on=TODAY,
        amount=item.amount,
        allocations=[(item, item.amount)],
        actor=root,
    )
    return {"entry": credit.entry_id, "actor": root.pk}


def found(document: int) -> Document:
    return Document.objects.select_related("type", "account").get(pk=document)


def user(actor: int) -> User:
    return User.objects.get(pk=actor)


def deliver(document: int, actor: int) -> None:
    """Write a delivery note for all that is left of the order (a draft)."""
    delivery_create(lines=all_of(found(document), "delivery"), actor=user(actor), on=TODAY)


def invoice(document: int, actor: int) -> None:
    """Write an invoice for all that is left of the order (a draft, which counts)."""
    invoice_create(lines=all_of(found(document), "invoice"), actor=user(actor), on=TODAY)


def post(document: int, actor: int) -> None:
    """Post the invoice or credit note."""
    invoice_post(document=found(document), actor=user(actor), as_of=TODAY)


def cancel(document: int, actor: int) -> None:
    """Cancel the order."""
    document_cancel(document=found(document), actor=user(actor), as_of=TODAY)


def close(document: int, actor: int) -> None:
    """Close the order for good."""
    document_close(document=found(document), actor=user(actor), as_of=TODAY)


def print_it(document: int, actor: int) -> None:
    """Print the order for good."""
    document_print_final(document=found(document), actor=user(actor), as_of=TODAY)


def take_payment_back(entry: int, actor: int) -> None:
    """The bank takes the payment back."""
    payment_reverse(
        payment=JournalEntry.objects.get(pk=entry), on=TODAY, reason="bounced", actor=user(actor)
    )
