"""Ageing of open items into buckets by days past due. Pure: plain rows in, sums out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

ZERO: Final = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Bucket:
    """Days past due from `first` to `last`, both included; None is open-ended.

    `key` names the bucket in addresses and `chart_key` its colour.
    """

    key: str
    chart_key: str
    first: int | None
    last: int | None

    def holds(self, days: int) -> bool:
        """Whether `days` past due (negative before the due date) fall into this bucket."""
        return (self.first is None or days >= self.first) and (
            self.last is None or days <= self.last
        )


BUCKETS: Final[tuple[Bucket, ...]] = (
    Bucket("not_due", "age-0", None, 0),
    Bucket("1-30", "age-1", 1, 30),
    Bucket("31-60", "age-2", 31, 60),
    Bucket("61-90", "age-3", 61, 90),
    Bucket("91-180", "age-4", 91, 180),
    Bucket("over-180", "age-5", 181, None),
)
BY_KEY: Final = {bucket.key: bucket for bucket in BUCKETS}


def days_past_due(due_on: date, as_of: date) -> int:
    """Days from the due date to `as_of`; an item due today is at 0, hence not overdue."""
    return (as_of - due_on).days


def bucket_of(due_on: date, as_of: date) -> Bucket:
    """The bucket of an item that falls due on `due_on`."""
    days = days_past_due(due_on, as_of)
    return next(bucket for bucket in BUCKETS if bucket.holds(days))


def age(rows: Iterable[tuple[date, Decimal]], as_of: date) -> dict[str, Decimal]:
    """Sums of residuals by bucket key, all buckets present; `rows` are (due date, residual)."""
    sums = {bucket.key: ZERO for bucket in BUCKETS}
    for due_on, residual in rows:
        sums[bucket_of(due_on, as_of).key] += residual
    return sums
