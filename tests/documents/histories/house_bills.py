"""What can happen to the bills of a random history."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from ledger.models import Bill
from ledger.services.bills import (
    bill_cancel,
    bill_collect,
    bill_issue,
    bill_post,
    bill_protest,
    bill_return,
    bill_return_post,
    bill_step_undo,
    bill_withdraw,
    bills_present,
)
from ledger.services.bills.issue import NewBill
from tests.documents.histories.house_books import Books
from tests.documents.histories.house_ground import DAY, PORTIONS

if TYPE_CHECKING:
    from collections.abc import Callable

KINDS = ("discount", "subject", "after")
# What may follow, by the state of a bill; services refuse the rest.
NEXT: dict[str, tuple[str, ...]] = {
    "issued": ("post", "cancel"),
    "in_hand": ("present", "present", "present", "collect", "cancel", "undo"),
    "presented": ("collect", "return", "return", "withdraw", "undo"),
    "collected": ("return", "undo"),
    "returned": ("post_return", "present", "collect", "protest", "undo"),
    "reopened": ("protest",),
    "cancelled": (),
}


class Bills(Books):
    """Bills drawn on what is open, and their way to a bank and back."""

    def draw(self, pick: int, portion: int, *, post: bool) -> None:
        """A bill on an item or a part of it, sometimes on two items; due later than they are."""
        found = self.items("debit")
        if not found:
            return
        first = found[pick % len(found)]
        alike = [
            item
            for item in found
            if item.account_id == first.account_id and item.currency_id == first.currency_id
        ]
        chosen = {item.pk: item for item in (first, alike[portion % len(alike)])}
        parts = [
            (item, (item.open_amount * min(PORTIONS[portion % 4], 1)).quantize(Decimal("0.01")))
            for item in chosen.values()
        ]
        with self.at(self.today):
            bill_issue(
                account=first.account,
                kind="riba",
                bill=NewBill(
                    parts=[part for part in parts if part[1]],
                    due_on=self.today + portion * 5 * DAY,
                ),
                drawn_on=self.today,
                post=post,
                actor=None,
            )

    def step(self, pick: int, choice: int) -> str | None:
        """One step of a bill that is not over; its name, None where there is none."""
        bills = list(
            Bill.objects.filter(account__in=self.accounts).exclude(state="cancelled").order_by("pk")
        )
        if not bills:
            return None
        bill = bills[pick % len(bills)]
        names = NEXT[bill.state]
        name = names[choice % len(names)]
        charges = Decimal(choice) if choice % 3 == 1 else None
        bearer = "customer" if charges else ""
        commands: dict[str, Callable[[], object]] = {
            "post": lambda: bill_post(bill=bill, on=self.today, actor=None),
            "present": lambda: bills_present(
                bills=[bill], kind=KINDS[choice % 3], bank="Bank", on=self.today, actor=None
            ),
            "collect": lambda: bill_collect(bill=bill, on=self.today, actor=None),
            "return": lambda: bill_return(
                bill=bill,
                on=self.today,
                post=choice % 4 == 0,
                charges=charges,
                bearer=bearer,
                actor=None,
            ),
            "post_return": lambda: bill_return_post(bill=bill, on=self.today, actor=None),
            "protest": lambda: bill_protest(
                bill=bill, on=self.today, charges=charges, bearer=bearer, actor=None
            ),
            "withdraw": lambda: bill_withdraw(
                bill=bill, on=self.today, reason="mistake", actor=None
            ),
            "cancel": lambda: bill_cancel(bill=bill, on=self.today, reason="paid", actor=None),
            "undo": lambda: bill_step_undo(bill=bill, on=self.today, reason="typo", actor=None),
        }
        with self.at(self.today):
            commands[name]()
        return name
