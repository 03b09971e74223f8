"""Which lines may continue which, and how much of them: asked when a document is accepted."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, Invalid
from core.numerals import format_decimal, format_plain
from documents import lifecycle
from documents.credit_room import rooms
from documents.models import Document, DocumentLine, DocumentType, Nature
from documents.remaining import balances
from documents.services.lines import rows_matched
from documents.services.start import start_check
from documents.services.worth import value_check

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from documents.amounts import LineInput
    from documents.credit_room import Room
    from documents.inputs import OrderHeader

Kind = DocumentType.Kind
HUNDRED = Decimal(100)
_PRICE: Final = ("unit_price", "discount_percent", "tax_percent")

# (kind, nature) of a document → what its lines may continue.
_CONTINUES: Final[dict[tuple[str, str], frozenset[tuple[str, str]]]] = {
    (Kind.ORDER, Nature.NORMAL): frozenset({(Kind.QUOTE, Nature.NORMAL)}),
    (Kind.DELIVERY, Nature.NORMAL): frozenset(
        {(Kind.ORDER, Nature.NORMAL), (Kind.INVOICE, Nature.NORMAL)}
    ),
    (Kind.DELIVERY, Nature.REVERSE): frozenset({(Kind.DELIVERY, Nature.NORMAL)}),
    (Kind.INVOICE, Nature.NORMAL): frozenset(
        {
            (Kind.ORDER, Nature.NORMAL),
            (Kind.DELIVERY, Nature.NORMAL),
            (Kind.ADVANCE, Nature.NORMAL),
        }
    ),
    (Kind.INVOICE, Nature.REVERSE): frozenset(
        {
            (Kind.INVOICE, Nature.NORMAL),
            (Kind.DELIVERY, Nature.REVERSE),
            (Kind.ADVANCE, Nature.NORMAL),
        }
    ),
    (Kind.ADVANCE, Nature.NORMAL): frozenset({(Kind.ORDER, Nature.NORMAL)}),
}


def sources_check(
    type_: DocumentType,
    account_id: int,
    currency_id: str,
    parts: Sequence[tuple[DocumentLine, Decimal]],
    *,
    document: Document | None = None,
) -> None:
    """Raise Invalid or Conflict unless a document of this type may continue these lines so far.

    Asked for the account and the currency of the lines, their documents' state, and that no more
    is taken than is left, with the tolerance of the type. `document` is the one that takes, when
    it is stored already: what it took itself does not count against it. Lines need
    `document__type` loaded. An advance takes value, not quantity.
    """
    for line, _quantity in parts:
        source = line.document
        source_check(type_, source, document)
        if source.account_id != account_id or source.currency_id != currency_id:
            raise Invalid(
                "documents.foreign_line",
                _("%(source)s is billed to another customer or in another currency."),
                params={"source": source},
                field="lines",
            )
    if type_.kind != Kind.ADVANCE:
        _check_quantities(type_, parts, document)


def source_check(type_: DocumentType, source: Document, document: Document | None = None) -> None:
    """Raise Invalid or Conflict unless a document of this type may continue that one as it stands.

    A step continues what was accepted; goods come back and credit is given also later. An order
    that was closed meanwhile still expects the invoices made of it before (`document` is stored).
    """
    allowed = _CONTINUES.get((type_.kind, type_.nature), frozenset())
    if (source.type.kind, source.type.nature) not in allowed or source.type.is_pro_forma:
        raise Invalid(
            "documents.cannot_continue",
            _("%(type)s cannot continue %(source)s."),
            params={"type": type_, "source": source},
            field="lines",
        )
    if source.type.kind in {Kind.INVOICE, Kind.ADVANCE}:
        fitting = source.status == Document.Status.POSTED
    elif source.type.kind == Kind.ORDER:
        fitting = source.status in lifecycle.COUNTING or (
            source.status == Document.Status.CLOSED
            and document is not None
            and type_.kind == Kind.INVOICE
        )
    else:
        fitting = source.status in lifecycle.ACCEPTED
    if not fitting:
        raise Conflict(
            "documents.source_not_ready",
            _("%(source)s is “%(status)s”: %(type)s cannot be made from it."),
            params={
                "source": source,
                "status": source.get_status_display(),
                "type": type_,
            },
            field="lines",
        )


def _check_quantities(
    type_: DocumentType,
    parts: Sequence[tuple[DocumentLine, Decimal]],
    document: Document | None,
) -> None:
    wanted: dict[int, Decimal] = {}
    lines = {line.pk: line for line, _quantity in parts}
    for line, quantity in parts:
        wanted[line.pk] = wanted.get(line.pk, Decimal(0)) + quantity
    credits = type_.kind == Kind.INVOICE and type_.nature == Nature.REVERSE
    shared = rooms(lines.values(), without=document) if credits else {}
    rest = balances(lines.values(), type_, without=document, shared=shared)
    for key, quantity in wanted.items():
        line = lines[key]
        if line.document.type.kind == Kind.ADVANCE:
            continue  # an advance is given back by amount
        way = 1 if line.quantity > 0 else -1
        most = rest[key] + line.quantity * type_.over_delivery_percent / HUNDRED
        if quantity * way <= 0 or quantity * way > most * way:
            raise _too_much(line, quantity, rest[key])
    _check_rooms(lines, wanted, shared)


def _check_rooms(
    lines: Mapping[int, DocumentLine], wanted: Mapping[int, Decimal], shared: Mapping[int, Room]
) -> None:
    """Lines that share goods (two invoices of a delivery, and its return) are asked together."""
    sums: dict[tuple[int, str], Decimal] = {}
    for key, room in shared.items():
        line = lines[key]
        bounds = [("all", room.quantity)]
        if line.document.type.nature == Nature.REVERSE and room.unpaid_for is not None:
            bounds.append(("came back", room.unpaid_for))
        for name, most in bounds:
            total = sums.get((room.owner, name), Decimal(0)) + wanted[key]
            if abs(total) > abs(most):
                raise _too_much(line, total, most)
            sums[room.owner, name] = total


def _too_much(line: DocumentLine, quantity: Decimal, left: Decimal) -> Conflict:
    way = 1 if line.quantity > 0 else -1
    return Conflict(
        "documents.too_much",
        _("%(line)s (%(source)s): %(quantity)s is too much, %(left)s of %(ordered)s are left."),
        params={
            "line": line.description,
            "source": line.document,
            "quantity": format_plain(quantity),
            "left": format_plain(max(left * way, Decimal(0)) * way),
            "ordered": format_plain(line.quantity),
            "source_line_id": line.pk,
        },
        field="lines",
    )


def document_sources_check(document: Document) -> None:
    """The same for a stored, locked document, before it is accepted."""
    lines = document.lines.filter(source_line__isnull=False).select_related(
        "source_line__document__type"
    )
    parts = [(line.source_line, line.quantity) for line in lines if line.source_line is not None]
    if parts:
        start_check(document.type, document.document_on, document.company_id)
        sources_check(
            document.type, document.account_id, document.currency_id, parts, document=document
        )
        value_check(document)


def rewrite_check(current: Document, header: OrderHeader, lines: Sequence[LineInput]) -> None:
    """Raise Invalid or Conflict when a locked document is rewritten against its links.

    What is linked keeps its account and currency; a line takes more of its source only as far as
    something is left of it. Less is always fine.
    """
    stored = list(current.lines.order_by("position").select_related("source_line__document__type"))
    if header.account.pk != current.account_id or header.currency.pk != current.currency_id:
        _check_unlinked(stored, header, current)
    before: dict[int, Decimal] = {}
    wanted: dict[int, list[tuple[DocumentLine, Decimal]]] = {}
    for row in stored:
        if row.source_line is not None:
            before[row.source_line.pk] = before.get(row.source_line.pk, Decimal(0)) + row.quantity
    for line, matched in zip(lines, rows_matched(stored, lines), strict=True):
        source = matched.source_line if matched is not None else _source_of(line)
        if source is not None:
            wanted.setdefault(source.pk, []).append((source, line.quantity))
            if matched is not None and header.type.is_return:
                _check_price_back(line, matched, source)
    if wanted and header.document_on != current.document_on:
        start_check(header.type, header.document_on, current.company_id)
    zero = Decimal(0)
    parts = [
        part
        for key, group in wanted.items()
        if abs(sum((quantity for _source, quantity in group), zero)) > abs(before.get(key, zero))
        for part in group
    ]
    if parts:
        sources_check(header.type, header.account.pk, header.currency.pk, parts, document=current)


def _check_price_back(line: LineInput, row: DocumentLine, source: DocumentLine) -> None:
    """Goods that come back count at what they went out with, so their paper says the same."""
    wish, stored, gone_out = (
        {name: getattr(item, name) for name in _PRICE} for item in (line, row, source)
    )
    if wish not in (stored, gone_out):
        raise Invalid(
            "documents.price_of_return",
            _(
                "%(line)s comes back at what it went out with: %(price)s, %(discount)s %% off, "
                "%(tax)s %% tax. Give more or less for it in the credit note."
            ),
            params={
                "line": row.description,
                "price": format_decimal(source.unit_price),
                "discount": format_plain(source.discount_percent),
                "tax": format_plain(source.tax_percent),
                "line_id": row.pk,
            },
            field=next(name for name in _PRICE if wish[name] != gone_out[name]),
        )


def _source_of(line: LineInput) -> DocumentLine | None:
    if not line.source_id:
        return None
    return DocumentLine.objects.select_related("document__type").get(pk=line.source_id)


def _check_unlinked(stored: Sequence[DocumentLine], header: OrderHeader, current: Document) -> None:
    continues = any(row.source_line is not None for row in stored)
    if continues or DocumentLine.objects.filter(source_line__document=current).exists():
        raise Invalid(
            "documents.bill_to_linked",
            _(
                "This document is linked with others: all of them are billed to the same customer "
                "in the same currency."
            ),
            field="account" if header.account.pk != current.account_id else "currency",
        )
