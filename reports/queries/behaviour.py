"""How accounts pay, as the nights have stored it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from credit_limits.models import ExposureSnapshot, PaymentBehaviour

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from decimal import Decimal

    from customers.models import CustomerAccount


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How an account pays: the newest stored figures, and their course, oldest first."""

    account: CustomerAccount
    latest: PaymentBehaviour | None
    days_late: list[Decimal]
    exposure: list[Decimal]
    snapshot_count: int
    first_on: date | None


def behaviour_of(accounts: Sequence[CustomerAccount], as_of: date) -> list[Behaviour]:
    """Behaviour and course of exposure per account up to a day. Two statements.

    At most one snapshot a week goes into the course, so that a year stays readable.
    """
    keys = [account.pk for account in accounts]
    figures: dict[int, list[PaymentBehaviour]] = {key: [] for key in keys}
    since = as_of - timedelta(days=366)
    for row in PaymentBehaviour.objects.filter(
        account__in=keys, as_of__lte=as_of, as_of__gt=since
    ).order_by("as_of", "window_months"):
        figures[row.account_id].append(row)
    courses: dict[int, list[tuple[date, Decimal]]] = {key: [] for key in keys}
    for key, day, total in (
        ExposureSnapshot.objects.filter(account__in=keys, as_of__lte=as_of, as_of__gt=since)
        .order_by("as_of")
        .values_list("account_id", "as_of", "total")
    ):
        courses[key].append((day, total))
    return [
        Behaviour(
            account=account,
            latest=figures[account.pk][-1] if figures[account.pk] else None,
            days_late=[
                row.average_days_late
                for row in _thinned(figures[account.pk])
                if row.average_days_late is not None
            ],
            exposure=[total for _day, total in _thinned(courses[account.pk])],
            snapshot_count=len(courses[account.pk]),
            first_on=courses[account.pk][0][0] if courses[account.pk] else None,
        )
        for account in accounts
    ]


def _thinned[T](rows: list[T], most: int = 53) -> list[T]:
    """At most `most` of the rows, evenly spaced, the last one always among them."""
    step = max(1, -(-len(rows) // most))
    return rows[::-1][::step][::-1]
