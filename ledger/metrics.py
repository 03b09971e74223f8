"""How a customer paid: delay and lateness as of a date, over a window. Pure: plain rows in.

Only what was known on the day counts: a payment dated or applied after `as_of` changes nothing.
The amount-weighted deviation is the creditor-numbers method of bank statements (average value date
minus average due date), which is Σ amount × (value − due) ÷ Σ amount.
"""

from __future__ import annotations

import calendar
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

ZERO: Final = Decimal(0)
HUNDRED: Final = Decimal(100)


@dataclass(frozen=True, slots=True)
class PaidRow:
    """A payment of (a part of) one item.

    `item` identifies the item paid, `amount` is above zero and in the same currency in all rows.
    `paid_on` is the value date of the money, `known_on` the day on which it was applied.
    """

    item: Hashable
    amount: Decimal
    due_on: date
    paid_on: date
    known_on: date

    @property
    def deviation(self) -> int:
        """Days from the due date to the payment; negative when paid early."""
        return (self.paid_on - self.due_on).days

    @property
    def days_late(self) -> int:
        """Days late; early payments are 0 days late, they do not make up for late ones."""
        return max(0, self.deviation)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Figures of a window. Averages and shares are None when nothing was settled in it; unrounded.

    `settled_amount`: sum paid. `settled_count`: items paid in whole or part.
    `average_days_late`: weighted by amount, early payments as 0.
    `average_deviation_days`: weighted by amount, early payments negative.
    `late_share_percent`: part of the amount paid after its due date.
    `mean_days_late`, `late_count_percent`: the same per item, each item weighing 1; an item paid in
    parts is as late as its latest part.
    """

    settled_amount: Decimal
    settled_count: int
    late_amount: Decimal
    late_count: int
    average_days_late: Decimal | None
    average_deviation_days: Decimal | None
    late_share_percent: Decimal | None
    mean_days_late: Decimal | None
    late_count_percent: Decimal | None


def window_start(as_of: date, months: int) -> date:
    """The day `months` before `as_of`; the window runs from the day after it to `as_of`.

    The last day of a shorter month stands in for a day that it lacks: one month before 31 March
    is 28 or 29 February.
    """
    index = as_of.year * 12 + as_of.month - 1 - months
    year, month = divmod(index, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(as_of.day, last))


def rows_in_window(rows: Iterable[PaidRow], as_of: date, months: int) -> list[PaidRow]:
    """The rows that were known on `as_of` and paid within the `months` before it."""
    start = window_start(as_of, months)
    return [row for row in rows if start < row.paid_on <= as_of and row.known_on <= as_of]


def behaviour(rows: Iterable[PaidRow], as_of: date, months: int = 12) -> Behaviour:
    """The figures of the window of `months` that ends with `as_of`."""
    seen = rows_in_window(rows, as_of, months)
    amount = sum((row.amount for row in seen), ZERO)
    late_amount = sum((row.amount for row in seen if row.days_late), ZERO)
    days_by_item: dict[Hashable, int] = {}
    for row in seen:
        days_by_item[row.item] = max(days_by_item.get(row.item, 0), row.days_late)
    count = len(days_by_item)
    late_count = sum(1 for days in days_by_item.values() if days)
    return Behaviour(
        settled_amount=amount,
        settled_count=count,
        late_amount=late_amount,
        late_count=late_count,
        average_days_late=_ratio(sum((row.amount * row.days_late for row in seen), ZERO), amount),
        average_deviation_days=_ratio(
            sum((row.amount * row.deviation for row in seen), ZERO), amount
        ),
        late_share_percent=_ratio(late_amount * HUNDRED, amount),
        mean_days_late=_ratio(Decimal(sum(days_by_item.values())), Decimal(count)),
        late_count_percent=_ratio(Decimal(late_count) * HUNDRED, Decimal(count)),
    )


def _ratio(part: Decimal, whole: Decimal) -> Decimal | None:
    return part / whole if whole else None
