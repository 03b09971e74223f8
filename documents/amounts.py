"""Line arithmetic: rounded per line, half up; the document adds up its lines."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from core.errors import Invalid
from core.money import LARGEST, ZERO, quantize
from core.numerals import format_decimal

if TYPE_CHECKING:
    from collections.abc import Sequence

HUNDRED = Decimal(100)
MOST_LINES = 500
"""What one document may have."""


@dataclass(frozen=True, slots=True)
class LineInput:
    """A line as typed. `unit_price` per unit before discount and tax; percents are 0–100.

    `line_id` is the stored line it rewrites (0: none, it is new; None: nobody said), `source_id`
    the line of another document that it continues, `reopens` whether what it gives back is open
    there again.
    """

    description: str
    quantity: Decimal
    unit_price: Decimal
    discount_percent: Decimal = ZERO
    tax_percent: Decimal = ZERO
    line_id: int | None = None
    source_id: int | None = None
    reopens: bool = False
    price_only: bool = False


@dataclass(frozen=True, slots=True)
class Amounts:
    """Net, tax and gross of a line or a document, in document currency."""

    net: Decimal = ZERO
    tax: Decimal = ZERO

    @property
    def gross(self) -> Decimal:
        """What the customer pays."""
        return self.net + self.tax


def line_amounts(line: LineInput) -> Amounts:
    """Net = quantity × price less discount, in cents; tax on the rounded net."""
    net = quantize(line.quantity * line.unit_price * (HUNDRED - line.discount_percent) / HUNDRED)
    return Amounts(net=net, tax=quantize(net * line.tax_percent / HUNDRED))


def total_amounts(lines: Sequence[LineInput]) -> Amounts:
    """The sum of the lines' rounded amounts."""
    amounts = [line_amounts(line) for line in lines]
    return Amounts(
        net=sum((amount.net for amount in amounts), ZERO),
        tax=sum((amount.tax for amount in amounts), ZERO),
    )


def line_fits(line: LineInput, number: int = 1) -> None:
    """Raise Invalid for a line worth more than one amount may be. `number` is the line's."""
    gross = line_amounts(line).gross
    if abs(gross) > LARGEST:
        raise Invalid(
            "documents.line_too_large",
            _("Line %(line)s comes to %(amount)s; at most %(most)s fit. Check quantity and price."),
            params={"line": number, **_most(gross)},
            field="lines",
        )


def lines_fit(lines: Sequence[LineInput]) -> None:
    """Raise Invalid for too many lines, or when one or all together are more than an amount is."""
    count_fits(len(lines))
    for number, line in enumerate(lines, start=1):
        line_fits(line, number)
    gross = total_amounts(lines).gross
    if abs(gross) > LARGEST:
        raise Invalid(
            "documents.total_too_large",
            _(
                "The lines come to %(amount)s together; one document takes at most %(most)s. "
                "Check the figures, or enter them as several documents."
            ),
            params=_most(gross),
            field="lines",
        )


def count_fits(count: int) -> None:
    """Raise Invalid for more lines than one document may have."""
    if count > MOST_LINES:
        raise Invalid(
            "documents.too_many_lines",
            _(
                "One document takes at most %(most)s lines, and these are %(count)s. "
                "Take %(over)s away, or enter them as another document."
            ),
            params={"most": MOST_LINES, "count": count, "over": count - MOST_LINES},
            field="lines",
        )


def _most(amount: Decimal) -> dict[str, Any]:
    return {"amount": format_decimal(amount), "most": format_decimal(LARGEST)}
