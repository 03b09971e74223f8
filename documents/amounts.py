"""Line arithmetic: rounded per line, half up; the document adds up its lines."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from core.money import ZERO, quantize

if TYPE_CHECKING:
    from collections.abc import Sequence

HUNDRED = Decimal(100)


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
