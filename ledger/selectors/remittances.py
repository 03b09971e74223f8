"""The money that came in for one account between two days, with the item each part settled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from ledger.models import Allocation, Bill, EntryKind
from ledger.remittances import Remitted, Scalar, scalar
from ledger.values import value_left

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from customers.models import CustomerAccount
    from ledger.models import JournalEntry, OpenItem

BACK = ("returned", "reopened", "cancelled")


@dataclass(frozen=True, slots=True)
class RemittanceRow:
    """A part of a payment or of a bill, and the item it settled.

    `amount` is in the item's currency, `company_amount` in the company's (None: its rate is
    unknown). `value_on`: the day the money came, for a bill the day it is to be paid.
    """

    entry: JournalEntry
    item: OpenItem
    amount: Decimal
    company_amount: Decimal | None
    due_on: date
    value_on: date
    is_bill: bool


def remittance_rows(account: CustomerAccount, since: date, until: date) -> list[RemittanceRow]:
    """What was registered from `since` to `until`, both included, the newest first.

    Payments and posted bills; not what was taken back, nor bills that came back. Items that are
    late for a cause of ours say nothing about the customer and are left out. Two statements.
    """
    rows = (
        Allocation.objects.filter(
            Q(credit_item__entry__kind=EntryKind.PAYMENT)
            | Q(credit_item__entry__kind=EntryKind.BILL)
            & ~Q(credit_item__entry__bill__state__in=BACK),
            account=account,
            reverses=None,
            reversed_by=None,
            debit_item__entry__kind__in=(EntryKind.INVOICE, EntryKind.OPENING),
            credit_item__entry__posted_on__range=(since, until),
        )
        .filter(Q(debit_item__delay_cause=None) | Q(debit_item__delay_cause__counts_as_late=True))
        .select_related("debit_item__entry", "credit_item__entry")
        .order_by("-credit_item__entry__posted_on", "-pk")
    )
    found = list(rows)
    pay_on = dict(
        Bill.objects.filter(
            entry__in=[
                row.credit_item.entry_id
                for row in found
                if row.credit_item.entry.kind == EntryKind.BILL
            ]
        ).values_list("entry", "pay_on")
    )
    return [_row(row, pay_on.get(row.credit_item.entry_id)) for row in found]


def remittances_counted(
    account: CustomerAccount, since: date, until: date
) -> tuple[list[RemittanceRow], Scalar | None]:
    """All rows of a span, and those that are worth something in company currency counted.

    The rows counted are those with a `company_amount`, in the same order. None without any.
    """
    rows = remittance_rows(account, since, until)
    return rows, scalar(
        [
            Remitted(row.company_amount, row.due_on, row.value_on)
            for row in rows
            if row.company_amount
        ]
    )


def _row(row: Allocation, pay_on: date | None) -> RemittanceRow:
    item, credit = row.debit_item, row.credit_item
    value = None
    if item.company_amount is not None:
        value = value_left(item.company_amount, item.amount, row.amount)
    return RemittanceRow(
        entry=credit.entry,
        item=item,
        amount=row.amount,
        company_amount=value,
        due_on=item.due_on,
        value_on=pay_on or max(credit.document_on, item.document_on),
        is_bill=pay_on is not None,
    )
