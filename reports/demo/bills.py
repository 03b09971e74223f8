"""The bills of the demo: in hand, with a bank in each way, collected, returned and protested."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction

from ledger.models import Bill, OpenItem
from ledger.services.bills import (
    bill_collect,
    bill_issue,
    bill_protest,
    bill_return,
    bills_present,
)
from ledger.services.bills.issue import NewBill
from reports.demo.on_account import AT_THE_COUNTER

if TYPE_CHECKING:
    from core.models import User

COMPANY = "ALBA"
BANKS = ("Banca Alba", "Credito Bergamasco")
RUNNING, PAST = 12, 3
KINDS = ("riba", "riba", "riba", "note", "cheque", "debit")


def bills_load(*, anchor: date, users: dict[str, User]) -> None:
    """Draw bills on what customers owe; all of them, or none when there are some already."""
    if Bill.objects.exists():
        return
    treasurer = users["teo"]
    with transaction.atomic():
        bills = [
            _drawn(item, KINDS[number % len(KINDS)], anchor, treasurer)
            for number, item in enumerate(_items(anchor, running=True, count=RUNNING))
        ]
        for kind, some in (("subject", bills[:4]), ("discount", bills[4:6]), ("after", bills[6:8])):
            if some:
                bills_present(
                    bills=some,
                    kind=kind,
                    bank=BANKS[kind == "after"],
                    on=anchor - timedelta(days=1),
                    actor=treasurer,
                )
        _past(anchor, treasurer)


def _items(anchor: date, *, running: bool, count: int) -> list[OpenItem]:
    """Items of different customers: not due yet, or overdue for some weeks."""
    window = (
        {"due_on__range": (anchor + timedelta(days=5), anchor + timedelta(days=60))}
        if running
        else {"due_on__range": (anchor - timedelta(days=60), anchor - timedelta(days=12))}
    )
    rows = (
        OpenItem.objects.filter(
            account__company__code=COMPANY,
            currency="EUR",
            direction="debit",
            entry__kind="invoice",
            entry__document=None,
            is_posted=True,
            is_disputed=False,
            open_amount__gte=500,
            entry__posted_on__lte=anchor - timedelta(days=2),
            **window,
        )
        .exclude(account__customer__name=AT_THE_COUNTER)
        .order_by("account_id", "due_on", "pk")
        .distinct("account_id")
    )
    return list(rows[:count])


def _drawn(item: OpenItem, kind: str, anchor: date, treasurer: User) -> Bill:
    return bill_issue(
        account=item.account,
        kind=kind,
        bill=NewBill(parts=[(item, item.open_amount)], due_on=item.due_on),
        drawn_on=min(anchor - timedelta(days=2), item.due_on - timedelta(days=2)),
        actor=treasurer,
    )


def _past(anchor: date, treasurer: User) -> None:
    """Bills whose day is over: one was paid, one came back, one came back and was protested."""
    bills = [
        _drawn(item, "riba", anchor, treasurer)
        for item in _items(anchor, running=False, count=PAST)
        if item.document_on <= item.due_on - timedelta(days=2)
    ]
    for number, bill in enumerate(bills):
        day = bill.due_on - timedelta(days=1)
        bills_present(bills=[bill], kind="subject", bank=BANKS[0], on=day, actor=treasurer)
        if number == 0:
            bill_collect(bill=bill, on=bill.due_on, actor=treasurer)
            continue
        bill_return(
            bill=bill,
            on=bill.due_on + timedelta(days=4),
            reason="Insufficient funds",
            charges=Decimal("6.50"),
            bearer="customer",
            actor=treasurer,
        )
        if number > 1:
            bill_protest(bill=bill, on=bill.due_on + timedelta(days=8), actor=treasurer)
