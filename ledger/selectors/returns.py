"""Payments the bank took back: which, how many, and over how much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Count, F, QuerySet, Sum

from customers.models import Customer
from ledger.models import ReturnedPayment


@dataclass(frozen=True, slots=True)
class ReturnedFigures:
    """Returned payments of an account in a period; `amount` in company currency.

    `unknown_count` are those whose rate is unknown: counted, but not in the amount.
    """

    account_id: int
    count: int
    amount: Decimal
    unknown_count: int


def returned_payments(customer: Customer) -> QuerySet[ReturnedPayment]:
    """The returns of a customer in all companies, newest first."""
    rows = ReturnedPayment.objects.filter(account__customer=customer)
    return rows.select_related("payment", "account__company", "currency", "fee_entry")


def returned_figures(
    account_ids: Sequence[int] | None,
    *,
    since: date,
    until: date,
    known_at: datetime | None = None,
) -> dict[int, ReturnedFigures]:
    """Count and amount by account of what was returned from `since` through `until`.

    `account_ids` None reads all accounts; those without a return have no row. What was entered
    after `known_at` does not count.
    """
    rows = ReturnedPayment.objects.filter(returned_on__range=(since, until))
    if account_ids is not None:
        rows = rows.filter(account__in=account_ids)
    if known_at is not None:
        rows = rows.filter(entered_at__lte=known_at)
    found = (
        rows.order_by()
        .values("account")
        .annotate(
            count=Count("pk"),
            known=Count(F("payment__company_amount")),
            total=Sum("payment__company_amount"),
        )
    )
    return {
        row["account"]: ReturnedFigures(
            row["account"],
            row["count"],
            row["total"] or Decimal("0.00"),
            row["count"] - row["known"],
        )
        for row in found
    }
