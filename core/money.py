"""Rounding and conversion of amounts. Pure: HALF_UP, once, at the edge (law L7)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
LARGEST = Decimal("9999999999999.99")
"""The most that one amount may be: a line, a document, a payment, a limit. Columns hold a thousand
times as much, so that sums and conversions of such amounts still fit."""
COLUMN_LARGEST = Decimal("9999999999999999.99")
"""The most that a column of money holds (NUMERIC(18,2))."""


def quantize(amount: Decimal, places: int = 2) -> Decimal:
    """`amount` rounded half up to `places` decimals."""
    return amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def convert(amount: Decimal, rate: Decimal) -> Decimal:
    """`amount` times `rate` (units of the target currency per unit of the source), in cents."""
    return quantize(amount * rate)


def split_evenly(amount: Decimal, shares: list[Decimal]) -> list[Decimal]:
    """`amount` split in proportion to `shares`, in cents; the last share takes the remainder.

    The parts always add up to `amount` (rounded to cents). Raises ValueError when `shares` is
    empty or adds up to zero.
    """
    total = sum(shares, Decimal(0))
    if not shares or total == 0:
        msg = "shares must add up to more than zero"
        raise ValueError(msg)
    amount = quantize(amount)
    parts = [quantize(amount * share / total) for share in shares[:-1]]
    return [*parts, amount - sum(parts, ZERO)]
