"""The average collection delay by the scalar method of bank statements (creditor numbers). Pure.

Source: Fluentis manual, customer risk, remittances control. Days count from the oldest date of
each column; numbers are days × amount; the delay is the average value date less the average due
date. That is Σ amount × (value − due) ÷ Σ amount, whatever the first dates are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Remitted:
    """Money for (a part of) an item: above zero, in one currency for all rows.

    `due_on` is the day the item was due, `value_on` the value date of the money.
    """

    amount: Decimal
    due_on: date
    value_on: date


@dataclass(frozen=True, slots=True)
class Counted:
    """A row with its days from the first date of each column, and its numbers."""

    due_days: int
    due_numbers: Decimal
    value_days: int
    value_numbers: Decimal


@dataclass(frozen=True, slots=True)
class Scalar:
    """The rows counted, in their order, and what they come to.

    `due_days` and `value_days` are the weighted means, from `first_due` and `first_value` on;
    `delay` is the average days late, negative for a customer who pays early. All unrounded.
    """

    rows: tuple[Counted, ...]
    amount: Decimal
    first_due: date
    first_value: date
    due_numbers: Decimal
    value_numbers: Decimal

    @property
    def average_due(self) -> date:
        """The average due date, to the day."""
        return self.first_due + timedelta(days=_whole(self.due_days))

    @property
    def average_value(self) -> date:
        """The average value date, to the day."""
        return self.first_value + timedelta(days=_whole(self.value_days))

    @property
    def whole_days(self) -> int:
        """The delay in whole days, as a customer's card has it."""
        return _whole(self.delay)

    @property
    def due_days(self) -> Decimal:
        """Mean days from the first due date."""
        return self.due_numbers / self.amount

    @property
    def value_days(self) -> Decimal:
        """Mean days from the first value date."""
        return self.value_numbers / self.amount

    @property
    def delay(self) -> Decimal:
        """Average value date less average due date, in days."""
        return (self.first_value - self.first_due).days + self.value_days - self.due_days


def _whole(days: Decimal) -> int:
    """Rounded half up, away from zero."""
    return int(days.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def scalar(rows: Sequence[Remitted]) -> Scalar | None:
    """Count the rows; None without any. Raises ValueError for an amount that is not above zero."""
    if not rows:
        return None
    if any(row.amount <= ZERO for row in rows):
        msg = "money remitted is above zero"
        raise ValueError(msg)
    first_due = min(row.due_on for row in rows)
    first_value = min(row.value_on for row in rows)
    counted = []
    for row in rows:
        due = (row.due_on - first_due).days
        value = (row.value_on - first_value).days
        counted.append(Counted(due, due * row.amount, value, value * row.amount))
    return Scalar(
        rows=tuple(counted),
        amount=sum((row.amount for row in rows), ZERO),
        first_due=first_due,
        first_value=first_value,
        due_numbers=sum((row.due_numbers for row in counted), ZERO),
        value_numbers=sum((row.value_numbers for row in counted), ZERO),
    )
