"""A sale from quote to payment, as far as a test wants it told: every document a real one."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from documents.amounts import LineInput
from documents.models import Document, DocumentType
from documents.services.convert import delivery_create, invoice_create
from documents.services.posting import invoice_post
from documents.services.quotes import order_from_quote
from documents.services.save import order_create
from documents.services.submit import document_submit
from ledger.services.payments import payment_record
from tests.world import TODAY

if TYPE_CHECKING:
    from datetime import date

    from documents.models import DocumentLine
    from tests.world import World

PUMPS = LineInput("Pumps", Decimal(10), Decimal(30))
PIPES = LineInput("Pipes", Decimal(40), Decimal(5))


@dataclass
class Story:
    """The documents of one sale; 10 pumps at 30 and 40 pipes at 5 make 500."""

    world: World
    quote: Document
    order: Document
    delivery: Document
    invoice: Document


def type_of(code: str) -> DocumentType:
    """The installed type with this code."""
    return DocumentType.objects.get(code=code)


def draft(world: World, code: str, *lines: LineInput, **head: Any) -> Document:
    """A draft of any type with these lines (the pumps and pipes)."""
    header = world.header(type=type_of(code), **head)
    return order_create(
        header=header, lines=lines or (PUMPS, PIPES), actor=world.writer(header.type)
    )


def accepted(document: Document, world: World, as_of: date = TODAY) -> Document:
    """The document submitted; it has to pass."""
    result = document_submit(document=document, actor=world.clerk, as_of=as_of)
    assert result.passed, result.decision
    return result.document


def line_of(document: Document, item: str) -> DocumentLine:
    """A line by its words."""
    return document.lines.select_related("document__type", "document__account").get(
        description=item
    )


def tell(world: World, *, pay: bool = True) -> Story:
    """Quote → order → 6 pumps delivered → 4 of them invoiced, posted, and half of that paid."""
    clerk = world.clerk
    quote = accepted(draft(world, "quote"), world)
    order = accepted(order_from_quote(quote=quote, actor=clerk, on=TODAY), world)
    delivery = accepted(
        delivery_create(lines=[(line_of(order, "Pumps"), Decimal(6))], on=TODAY, actor=clerk), world
    )
    invoice = invoice_create(
        lines=[(line_of(delivery, "Pumps"), Decimal(4))], on=TODAY, actor=clerk
    )
    invoice = invoice_post(document=invoice, actor=world.manager, on=TODAY, as_of=TODAY).document
    if pay:
        assert invoice.entry is not None
        payment_record(
            account=world.account,
            amount=Decimal(60),
            currency=world.company.currency,
            received_on=TODAY,
            number="Bank 1",
            allocations=[(invoice.entry.items.get(), Decimal(60))],
            actor=world.manager,
        )
    for document in (quote, order, delivery, invoice):
        document.refresh_from_db()
    return Story(world, quote, order, delivery, invoice)
