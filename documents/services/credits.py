"""The lines of a credit note: goods given back at the price they were invoiced, or only a price."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal
from typing import TYPE_CHECKING, Final

from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, Invalid
from core.money import ZERO, quantize
from core.numerals import format_decimal
from documents.amounts import LineInput, line_amounts
from documents.models import DocumentLine, DocumentType, Nature
from documents.remaining import remaining
from documents.taken import GONE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from documents.models import Document

Kind = DocumentType.Kind
PRICE_STEP: Final = Decimal("0.0001")


def value_taken(
    line_ids: Iterable[int], *, kind: str, nature: str, without: Document | None = None
) -> dict[int, Decimal]:
    """Net value of each line that standing documents of a kind took, drafts included."""
    lines = DocumentLine.objects.filter(
        source_line__in=list(line_ids),
        document__type__kind=kind,
        document__type__nature=nature,
        document__type__is_pro_forma=False,
    ).exclude(document__status__in=GONE)
    if without is not None:
        lines = lines.exclude(document=without)
    rows = lines.order_by().values("source_line").annotate(net=Sum("net_amount"))
    return {key: row["net"] for row in rows if (key := row["source_line"]) is not None}


def value_left(lines: Sequence[DocumentLine]) -> dict[int, Decimal]:
    """The net value of invoice lines that was not credited yet, in document currency.

    Of a return only the quantity is counted: the goods may have been invoiced at another price.
    """
    taken = value_taken((line.pk for line in lines), kind=Kind.INVOICE, nature=Nature.REVERSE)
    return {line.pk: line.net_amount - taken.get(line.pk, ZERO) for line in lines}


def credit_inputs(
    parts: Sequence[tuple[DocumentLine, Decimal]], *, reopens: bool
) -> list[LineInput]:
    """Lines that give back so much of invoices, advances or returns (quantities as on paper).

    A line whose price was lowered by an earlier credit note is credited at what is left of it. The
    deduction of an advance is given back to the advance, so that it can be deducted again.
    """
    invoiced = [line for line, _q in parts if line.document.type.nature == Nature.NORMAL]
    values, target = value_left(invoiced), _credit_type()
    left = remaining(invoiced, target)
    advances = _deducting(line.pk for line in invoiced)
    return [
        _back_to_advance(line, quantity, advances[line.pk])
        if line.pk in advances
        else _given_back(line, quantity, values.get(line.pk), left.get(line.pk), reopens=reopens)
        for line, quantity in parts
    ]


def _deducting(line_ids: Iterable[int]) -> dict[int, int]:
    """The advance line that each of these invoice lines deducts, where it does."""
    found = DocumentLine.objects.filter(
        pk__in=list(line_ids), source_line__document__type__kind=Kind.ADVANCE
    ).values_list("pk", "source_line")
    return {key: source for key, source in found if source is not None}


def _back_to_advance(line: DocumentLine, quantity: Decimal, advance: int) -> LineInput:
    return LineInput(
        description=line.description,
        quantity=quantity,
        unit_price=line.unit_price,
        discount_percent=line.discount_percent,
        tax_percent=line.tax_percent,
        source_id=advance,
    )


def _credit_type() -> DocumentType:
    """What `remaining` needs of a credit note, whatever its type is called."""
    return DocumentType(kind=Kind.INVOICE, nature=Nature.REVERSE)


def _given_back(
    line: DocumentLine,
    quantity: Decimal,
    value: Decimal | None,
    left: Decimal | None,
    *,
    reopens: bool,
) -> LineInput:
    found = LineInput(
        description=line.description,
        quantity=quantity,
        unit_price=line.unit_price,
        discount_percent=line.discount_percent,
        tax_percent=line.tax_percent,
        source_id=line.pk,
        reopens=reopens,
    )
    if not value or not left:
        return found
    most = value * quantity / left
    if abs(line_amounts(found).net) <= abs(quantize(most)):
        return found
    return LineInput(
        description=line.description,
        quantity=quantity,
        unit_price=abs(most / quantity).quantize(PRICE_STEP, rounding=ROUND_DOWN),
        tax_percent=line.tax_percent,
        source_id=line.pk,
        reopens=reopens,
    )


def price_inputs(parts: Sequence[tuple[DocumentLine, Decimal]]) -> list[LineInput]:
    """Lines that credit only a price: a net amount of each invoice line, no goods.

    Raises Invalid for an amount of nothing or less, and for goods that came back: those are
    credited by quantity.
    """
    found = []
    for line, amount in parts:
        if amount <= 0 or line.document.type.nature == Nature.REVERSE:
            raise Invalid(
                "documents.price_credit",
                _("%(line)s: a price credit is an amount above zero of something invoiced."),
                params={"line": line.description},
                field=f"line-{line.pk}",
            )
        found.append(
            LineInput(
                description=line.description,
                quantity=Decimal(1 if line.net_amount >= 0 else -1),
                unit_price=amount,
                tax_percent=line.tax_percent,
                source_id=line.pk,
                price_only=True,
            )
        )
    return found


def value_check(document: Document) -> None:
    """Raise Conflict when stored lines credit, or take in advance, more than their source is worth.

    Quantities are the business of `documents.services.links`; this is about money: the price
    credits of an invoice and the advances on an order.
    """
    kind, nature = document.type.kind, document.type.nature
    if (kind, nature) not in {(Kind.INVOICE, Nature.REVERSE), (Kind.ADVANCE, Nature.NORMAL)}:
        return
    lines = list(
        document.lines.filter(source_line__isnull=False)
        .exclude(source_line__document__type__nature=Nature.REVERSE)
        .select_related("source_line__document__type")
    )
    wanted: dict[int, Decimal] = {}
    sources: dict[int, DocumentLine] = {}
    for line in lines:
        if line.source_line is not None:
            sources[line.source_line.pk] = line.source_line
            wanted[line.source_line.pk] = wanted.get(line.source_line.pk, ZERO) + line.net_amount
    taken = value_taken(sources, kind=kind, nature=nature, without=document)
    for key, amount in wanted.items():
        source = sources[key]
        way = -1 if source.net_amount < 0 else 1
        left = source.net_amount - taken.get(key, ZERO)
        if way * amount > way * left:
            raise Conflict(
                "documents.value_taken",
                _(
                    "%(line)s (%(source)s): %(amount)s is too much, %(left)s of %(worth)s before "
                    "tax are left."
                ),
                params={
                    "line": source.description,
                    "source": source.document,
                    "amount": format_decimal(amount),
                    "left": format_decimal(left),
                    "worth": format_decimal(source.net_amount),
                },
                field=f"line-{key}",
            )
