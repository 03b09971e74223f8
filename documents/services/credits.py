"""The lines of a credit note: goods given back at the price they were invoiced, or only a price."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_DOWN, Decimal
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from core.errors import Invalid
from core.money import ZERO, quantize
from documents.amounts import LineInput, line_amounts
from documents.credit_room import rooms
from documents.models import DocumentLine, DocumentType, Nature
from documents.remaining import remaining
from documents.services.worth import value_left, value_too_much

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Kind = DocumentType.Kind
PRICE_STEP: Final = Decimal("0.0001")


def credit_inputs(
    parts: Sequence[tuple[DocumentLine, Decimal]], *, reopens: bool
) -> list[LineInput]:
    """Lines that give back so much of invoices, advances or returns (quantities as on paper).

    A line whose price was lowered by an earlier credit note is credited at what is left of it, on
    the invoice and on the return of its goods. The deduction of an advance is given back to the
    advance, so that it can be deducted again. Raises Conflict for an advance of which nothing is
    left, because invoices deducted it.
    """
    lines = [line for line, _quantity in parts]
    shared = rooms(lines)
    values = value_left(lines, shared=shared)
    left = remaining(lines, _credit_type(), shared=shared)
    advances = _deducting(line.pk for line in lines)
    found = []
    for line, quantity in parts:
        if line.pk in advances:
            found.append(_back_to_advance(line, quantity, advances[line.pk]))
            continue
        if line.document.type.kind == Kind.ADVANCE and not values[line.pk]:
            raise value_too_much(line, line.net_amount, ZERO)
        room = shared.get(line.pk)
        prices = [] if room is None else [(room.value, room.quantity)]
        if line.document.type.nature == Nature.NORMAL:  # a return has no price of its own
            prices.append((values[line.pk], left[line.pk]))
        most = [value * quantity / units for value, units in prices if units]
        found.append(_given_back(line, quantity, min(most, key=abs, default=None), reopens=reopens))
    return found


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
    line: DocumentLine, quantity: Decimal, most: Decimal | None, *, reopens: bool
) -> LineInput:
    """So much of a line at its own price, at a lower one where that is worth more than `most`."""
    found = LineInput(
        description=line.description,
        quantity=quantity,
        unit_price=line.unit_price,
        discount_percent=line.discount_percent,
        tax_percent=line.tax_percent,
        source_id=line.pk,
        reopens=reopens,
    )
    if most is None or abs(line_amounts(found).net) <= abs(quantize(most)):
        return found
    return replace(
        found,
        unit_price=abs(most / quantity).quantize(PRICE_STEP, rounding=ROUND_DOWN),
        discount_percent=ZERO,
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
