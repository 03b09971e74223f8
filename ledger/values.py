"""Company-currency values of parts of an amount. Pure.

The value of a part is the difference of two rounded cumulative values, so parts add up to the whole
whatever their number and order, and what is left of an item is worth the same however it came
about. The SQL of the ledger uses the same formula: ROUND(value * open / amount, 2).
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from core.money import ZERO, quantize


def value_left(value: Decimal, amount: Decimal, left: Decimal) -> Decimal:
    """What `left` of `amount` is worth when all of it is worth `value`."""
    return quantize(value * left / amount)


def part_values(value: Decimal, amounts: Iterable[Decimal]) -> list[Decimal]:
    """`value` shared out over `amounts`, which may be below zero; the parts add up to `value`.

    Raises ZeroDivisionError when the amounts add up to nothing.
    """
    amounts = list(amounts)
    total = sum(amounts, ZERO)
    parts = []
    through = before = ZERO
    for amount in amounts:
        through += amount
        reached = value_left(value, total, through)
        parts.append(reached - before)
        before = reached
    return parts
