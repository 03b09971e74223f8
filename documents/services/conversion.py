"""What a person may take over from chosen documents into the next one, and the document made of it.

One reading for every step of the cycle: quote to order, order to delivery, delivery or order to
invoice, order to advance, delivery to return, invoice or return to credit note, invoice to the
goods that follow it, pro-forma to invoice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from core.errors import Conflict, DomainError, Invalid
from core.money import ZERO
from documents import lifecycle
from documents.models import Document, DocumentType, Nature
from documents.services.advances import advance_create, advance_left
from documents.services.convert import (
    credit_note_create,
    document_continue,
    invoice_create,
    invoice_of_pro_forma,
    lines_left,
    price_credit_create,
)
from documents.services.links import source_check
from documents.services.quotes import order_from_quote, quote_open
from documents.services.worth import value_left

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from core.models import User
    from documents.models import DocumentLine

Kind = DocumentType.Kind


class Way(StrEnum):
    """How the next document takes from the chosen ones."""

    QUANTITIES = "quantities"
    QUOTE = "quote"
    CREDIT = "credit"
    ADVANCE = "advance"
    PRO_FORMA = "pro_forma"


@dataclass(frozen=True, slots=True)
class Row:
    """A line that may be taken over. `left` is what is left of it, `wanted` what is proposed.

    `value_left` is the net amount of an invoice line that was not credited yet.
    """

    line: DocumentLine
    left: Decimal
    wanted: Decimal
    value_left: Decimal = ZERO

    @property
    def gone(self) -> Decimal:
        """How much of it went on already."""
        gone: Decimal = self.line.quantity - self.left
        return gone

    @property
    def is_open(self) -> bool:
        """Whether anything can be taken of it."""
        return bool(self.left)


@dataclass(frozen=True, slots=True)
class Source:
    """A chosen document (or a delivery of a chosen order) with its lines; `problem` bars it all."""

    document: Document
    rows: tuple[Row, ...]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Conversion:
    """What can be made. `problems` stand in the way of the whole; `notes` are worth knowing."""

    type_: DocumentType
    way: Way
    sources: tuple[Source, ...]
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    advance_left: Decimal = ZERO

    @property
    def rows(self) -> list[Row]:
        """Every line of documents that nothing bars."""
        return [row for source in self.sources if not source.problem for row in source.rows]

    @property
    def first(self) -> Document:
        """The document whose customer and currency it is."""
        return self.sources[0].document

    @property
    def is_possible(self) -> bool:
        """Whether there is anything to make at all."""
        if self.problems or all(source.problem for source in self.sources):
            return False
        if self.way is Way.ADVANCE:
            return self.advance_left > 0
        return any(row.is_open for row in self.rows)


@dataclass(frozen=True, slots=True)
class Choice:
    """What the person chose: quantities (or net amounts of price credits) by line, and the rest."""

    on: date
    quantities: Mapping[int, Decimal] = field(default_factory=dict)
    reopens: bool = False
    price_only: bool = False
    percent: Decimal | None = None
    amount: Decimal | None = None
    import_key: str = ""


def way_of(type_: DocumentType, documents: Sequence[Document]) -> Way:
    """How a document of this type takes from these."""
    if type_.kind == Kind.ORDER:
        return Way.QUOTE
    if type_.kind == Kind.ADVANCE:
        return Way.ADVANCE
    if type_.kind == Kind.INVOICE and type_.nature == Nature.REVERSE:
        return Way.CREDIT
    if type_.kind == Kind.INVOICE and any(source.type.is_pro_forma for source in documents):
        return Way.PRO_FORMA
    return Way.QUANTITIES


def conversion_read(*, documents: Sequence[Document], type_: DocumentType, on: date) -> Conversion:
    """What a document of `type_` dated `on` can take from these. At least one document.

    An invoice of an order takes what was delivered of it first; goods not delivered yet are
    offered, but not proposed where there are deliveries to invoice.
    """
    way = way_of(type_, documents)
    every = _with_deliveries(documents, type_) if way is Way.QUANTITIES else list(documents)
    delivered = {source.pk for source in every} - {source.pk for source in documents}
    rows = _rows(every, type_, way)
    sources = tuple(
        Source(
            document,
            tuple(
                Row(row.line, row.left, ZERO, row.value_left)
                if document.type.kind == Kind.ORDER and delivered
                else row
                for row in rows.get(document.pk, ())
            ),
            _problem(document, type_, way, on),
        )
        for document in every
    )
    return Conversion(
        type_=type_,
        way=way,
        sources=sources,
        problems=tuple(_problems(documents, way)),
        notes=tuple(_notes(every)),
        advance_left=advance_left(documents[0]) if way is Way.ADVANCE else ZERO,
    )


def _with_deliveries(documents: Sequence[Document], type_: DocumentType) -> list[Document]:
    """For an invoice, the deliveries of an order before the order itself."""
    orders = [source.pk for source in documents if source.type.kind == Kind.ORDER]
    if type_.kind != Kind.INVOICE or not orders:
        return list(documents)
    known = {source.pk for source in documents}
    found = (
        Document.objects.filter(
            lines__source_line__document__in=orders,
            type__kind=Kind.DELIVERY,
            type__nature=Nature.NORMAL,
            status__in=lifecycle.ACCEPTED,
        )
        .exclude(pk__in=known)
        .with_head()
        .distinct()
        .order_by("document_on", "pk")
    )
    open_ones = {line.document_id for line, left in lines_left(list(found), type_) if left}
    return [*(document for document in found if document.pk in open_ones), *documents]


def _rows(documents: Sequence[Document], type_: DocumentType, way: Way) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    if way in {Way.PRO_FORMA, Way.ADVANCE}:
        for document in documents:
            lines = document.lines.order_by("position").select_related("document__type")
            found[document.pk] = [Row(line, line.quantity, line.quantity) for line in lines]
        return found
    parts = lines_left(documents, type_)
    values = value_left([line for line, _left in parts]) if way is Way.CREDIT else {}
    for line, left in parts:
        # A line whose whole price was credited is done, though its goods never came back.
        worth = values.get(line.pk, ZERO)
        if way is Way.CREDIT and not worth and line.net_amount:
            left = ZERO  # noqa: PLW2901 - nothing more can be taken of it
        found.setdefault(line.document_id, []).append(Row(line, left, left, worth))
    return found


def _problem(document: Document, type_: DocumentType, way: Way, on: date) -> str:
    try:
        if way is Way.QUOTE:
            quote_open(document, on)
        if way is not Way.PRO_FORMA:
            source_check(type_, document)
        elif document.status not in {Document.Status.DRAFT, *lifecycle.ACCEPTED}:
            return _("%(document)s is “%(status)s”.") % {
                "document": document,
                "status": document.get_status_display(),
            }
    except DomainError as error:
        return str(error)
    return ""


def _problems(documents: Sequence[Document], way: Way) -> list[str]:
    """What keeps these documents from going together."""
    found = []
    if len({source.account_id for source in documents}) > 1:
        found.append(_("These documents are billed to different customers: take one at a time."))
    elif len({source.currency_id for source in documents}) > 1:
        found.append(_("These documents are in different currencies: take one at a time."))
    if len(documents) > 1 and way in {Way.QUOTE, Way.ADVANCE, Way.PRO_FORMA}:
        found.append(_("This is made of one document at a time."))
    return found


def _notes(documents: Sequence[Document]) -> list[str]:
    """What the documents do not agree on, where only one of them can be followed."""
    first = documents[0]
    found = []
    if len({source.payment_term_id for source in documents}) > 1:
        found.append(
            _("The payment terms differ: those of %(document)s are taken.") % {"document": first}
        )
    if len({source.payment_method_id for source in documents}) > 1:
        found.append(
            _("The payment methods differ: that of %(document)s is taken.") % {"document": first}
        )
    if len({(source.ship_to, source.ship_to_customer_id) for source in documents}) > 1:
        found.append(_("The goods go to different places: the new document names none."))
    return found


def conversion_make(*, conversion: Conversion, choice: Choice, actor: User) -> Document:
    """The draft that was chosen. Raises Invalid and Conflict, a line's at `params["line_id"]`."""
    if conversion.problems:
        raise Conflict("documents.no_conversion", conversion.problems[0])
    head: dict[str, Any] = {"actor": actor, "on": choice.on, "type_": conversion.type_}
    if conversion.way is Way.PRO_FORMA:
        return invoice_of_pro_forma(document=conversion.first, **head)
    head["import_key"] = choice.import_key
    if conversion.way is Way.ADVANCE:
        source_check(conversion.type_, conversion.first)
        return advance_create(
            order=conversion.first, percent=choice.percent, amount=choice.amount, **head
        )
    parts = [
        (row.line, choice.quantities[row.line.pk])
        for row in conversion.rows
        if choice.quantities.get(row.line.pk)
    ]
    if not parts:
        problem = next((source.problem for source in conversion.sources if source.problem), "")
        raise Invalid(
            "documents.nothing_chosen",
            problem or _("Choose a quantity of at least one line."),
            field="lines",
        )
    if conversion.way is Way.QUOTE:
        return order_from_quote(quote=conversion.first, lines=parts, **head)
    if conversion.way is Way.CREDIT and choice.price_only:
        return price_credit_create(amounts=parts, **head)
    if conversion.way is Way.CREDIT:
        return credit_note_create(lines=parts, reopens=choice.reopens, **head)
    if conversion.type_.kind == Kind.INVOICE:
        return invoice_create(lines=parts, **head)
    return document_continue(lines=parts, reopens=choice.reopens, **head)
