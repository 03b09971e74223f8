"""The statement of an account: control lines in the order of the books, with their balance."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import F, Q, QuerySet, Sum, Window

from customers.models import CustomerAccount
from ledger.models import JournalLine


def statement_rows(account: CustomerAccount, currency: str) -> QuerySet[JournalLine]:
    """Posted control lines in one currency, newest first, with `balance` after each of them.

    `company_balance` is the same in company currency, of the lines whose rate is known. Exchange
    differences, which move only that one, are listed where the currency is not the company's.
    """
    lines = _lines(account).filter(entry__currency=currency)
    if currency == account.company.currency_id:
        lines = lines.exclude(Q(debit=0) & Q(credit=0))
    order = (F("entry__posted_on").asc(), F("pk").asc())
    return (
        lines.annotate(
            balance=Window(Sum(F("debit") - F("credit")), order_by=order),
            company_balance=Window(Sum(F("company_debit") - F("company_credit")), order_by=order),
        )
        .select_related("entry")
        .order_by("-entry__posted_on", "-pk")
    )


def statement_currencies(account: CustomerAccount) -> dict[str, Decimal]:
    """The balance of an account in each currency in which something was posted."""
    rows = (
        _lines(account)
        .order_by()
        .values_list("entry__currency")
        .annotate(balance=Sum(F("debit") - F("credit")))
    )
    return dict(rows)


def _lines(account: CustomerAccount) -> QuerySet[JournalLine]:
    return JournalLine.objects.filter(account=account, entry__state="posted")
