"""Deliveries, invoices, returns and their like of a case, made from what they continue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from customers.models import PaymentTerm, PaymentTermLine
from documents import lifecycle
from documents.amounts import LineInput
from documents.inputs import OrderHeader
from documents.models import Document, DocumentLine, DocumentType
from documents.services.convert import lines_left
from documents.services.posting import invoice_post
from documents.services.save import order_create
from documents.services.submit import document_submit
from reports.scenarios import books, papers
from reports.scenarios.world import GivenError, World

if TYPE_CHECKING:
    from datetime import date

    from core.models import User

# Type in a case → code of the document type.
TYPES: Final[Mapping[str, str]] = {
    "order": "order",
    "quotation": "quote",
    "delivery": "delivery",
    "invoice": "invoice",
    "credit_note": "credit_note",
    "pos_ticket": "counter",
}
GIVEN_STATES: Final = frozenset({"draft", "done", "posted", "submitted"})


def type_named(code: str) -> DocumentType:
    """The installed document type of that code."""
    return DocumentType.objects.get(code=code)


def paper_save(world: World, facts: Mapping[str, Any], actor: User) -> Document:
    """Save a document of any kind as a draft: on its own, or of the one it names."""
    name = facts.get("id") or world.name_next("DOC")
    code = TYPES[facts["type"]]
    parent = facts.get("order") or facts.get("delivery")
    type_ = type_named(code)
    if parent:
        lines = continued(world, world.document(parent), type_, facts)
        header = header_of_source(world, world.document(parent), type_, facts)
    else:
        lines = papers.lines_of(facts)
        header = replace(
            papers.header_of(world, {**facts, "id": name}),
            type=type_,
            payment_term=term_of(world, facts),
        )
    document = order_create(header=header, lines=lines, actor=actor)
    world.document_ids[name] = document.pk
    return document


def given_paper(world: World, facts: Mapping[str, Any]) -> None:
    """A delivery, invoice, credit note or ticket of a case, brought into its state."""
    state = facts.get("state", "draft")
    if state not in GIVEN_STATES:
        msg = f"a {facts['type']} cannot be given as {state}"
        raise GivenError(msg)
    clerk = world.user(facts.get("by", "clerk"))
    document = paper_save(world, facts, clerk)
    day = facts.get("date", world.today)
    if state == "posted":
        invoice_post(document=document, actor=clerk, on=day, as_of=day)
        posted_name(world, document, facts.get("id", ""))
    elif state != "draft":
        document_submit(document=document, actor=clerk, as_of=day)
    document.refresh_from_db()
    if state != "draft" and document.status not in lifecycle.ACCEPTED:
        msg = f"{document} is given as {state}, but became {document.status}"
        raise GivenError(msg)


def posted_name(world: World, document: Document, name: str) -> None:
    """Let the items of a posted document answer to its name in the ledger, too."""
    document.refresh_from_db()
    if document.entry is None or not name:
        return
    items = list(document.entry.items.order_by("instalment"))
    if items[0].direction == "credit":
        world.credit_ids[name] = items[0].pk
    else:
        world.debit_ids[name] = [item.pk for item in items]


def header_of_source(
    world: World, source: Document, type_: DocumentType, facts: Mapping[str, Any]
) -> OrderHeader:
    """The head of a document that continues another."""
    return replace(
        papers.header_again(source),
        type=type_,
        document_on=facts.get("date", world.today),
        payment_term=term_of(world, facts) or source.payment_term,
    )


def continued(
    world: World, source: Document, type_: DocumentType, facts: Mapping[str, Any]
) -> list[LineInput]:
    """Lines that continue what is left of a document: all, one item, a quantity or an amount.

    An invoice of an order takes the goods delivered first. An amount above what is left becomes a
    higher price of the same quantity.
    """
    left = [(line, quantity) for line, quantity in _left(source, type_) if quantity]
    if "item" in facts:
        left = [(line, quantity) for line, quantity in left if line.description == facts["item"]]
    if not left:
        msg = f"nothing of {source} is left for {type_}"
        raise GivenError(msg)
    if "qty" in facts:
        [(line, _quantity)] = left
        return [_line(line, facts["qty"])]
    if "gross" in facts and facts["gross"] != _worth(left):
        [(line, quantity)] = left
        return [_of_worth(line, quantity, facts["gross"])]
    return [_line(line, quantity) for line, quantity in left]


def _left(source: Document, type_: DocumentType) -> list[tuple[DocumentLine, Decimal]]:
    documents = [source]
    if type_.kind == "invoice" and source.type.kind == "order":
        delivered = Document.objects.filter(
            lines__source_line__document=source,
            type__kind="delivery",
            type__nature="normal",
            status__in=lifecycle.ACCEPTED,
        ).distinct()
        documents = [*delivered, source]
    return lines_left(documents, type_)


def _worth(parts: Sequence[tuple[DocumentLine, Decimal]]) -> Decimal:
    return sum(
        (line.gross_amount * quantity / line.quantity for line, quantity in parts), Decimal(0)
    )


def _of_worth(line: DocumentLine, left: Decimal, gross: Decimal) -> LineInput:
    most = line.gross_amount * left / line.quantity
    if gross <= most:
        return _line(line, line.quantity * gross / line.gross_amount)
    return replace(_line(line, left), unit_price=gross / left, tax_percent=Decimal(0))


def _line(line: DocumentLine, quantity: Decimal) -> LineInput:
    return LineInput(
        description=line.description,
        quantity=quantity,
        unit_price=line.unit_price,
        discount_percent=line.discount_percent,
        tax_percent=line.tax_percent,
        source_id=line.pk,
    )


def term_of(world: World, facts: Mapping[str, Any]) -> PaymentTerm | None:
    """Terms that make a document of this day due on the day the case says."""
    if "due" not in facts:
        return None
    day: date = facts.get("date", world.today)
    days = max(facts["due"] - day, timedelta(0)).days
    term, made = PaymentTerm.objects.get_or_create(code=f"d{days}", defaults={"name": f"{days}"})
    if made:
        PaymentTermLine.objects.create(term=term, days=days)
    return term


def item_books(world: World, facts: Mapping[str, Any]) -> bool:
    """Whether an invoice or credit note is only an entry of the ledger, as in opening balances."""
    return facts.get("state") == "posted" and not ({"order", "delivery"} & facts.keys())


def item_name(world: World, facts: Mapping[str, Any]) -> None:
    """Enter a posted invoice or credit note straight in the ledger."""
    if facts["type"] == "invoice":
        books.invoice_make(world, facts)
    else:
        books.credit_note_make(world, facts)
