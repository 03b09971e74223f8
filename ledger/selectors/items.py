"""Open items: as they stood on a day, and what a payment could settle."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db.models import F, Sum

from customers.models import CustomerAccount
from ledger.models import OpenItem
from ledger.querysets import OpenItemQuerySet


def items_as_of(
    as_of: date | None = None, items: OpenItemQuerySet | None = None
) -> OpenItemQuerySet:
    """Items posted on or before `as_of`, with `residual` as it stood at the end of that day.

    The residual then is the residual now plus all that was allocated after that day. Without a
    date: all items with today's residual.
    """
    items = OpenItem.objects.all() if items is None else items
    return (
        items.annotate(residual=F("open_amount")) if as_of is None else items.with_residual(as_of)
    )


def items_to_settle(account: CustomerAccount, currency: str) -> OpenItemQuerySet:
    """Posted debit items with a residual, the oldest due first, as money is applied."""
    return (
        OpenItem.objects.filter(account=account, currency=currency)
        .posted()
        .debits()
        .unsettled()
        .order_by("due_on", "pk")
    )


def owed_by_currency(account: CustomerAccount) -> dict[str, Decimal]:
    """What an account owes by currency: open posted debit items, the account's own first."""
    rows = (
        OpenItem.objects.filter(account=account)
        .posted()
        .debits()
        .unsettled()
        .order_by()
        .values_list("currency")
        .annotate(Sum("open_amount"))
    )
    return dict(sorted(rows, key=lambda row: (row[0] != account.currency_id, row[0])))
