"""Bills under kills: issued, posted, presented, paid, returned, taken back."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from ledger.models import Bill, Presentation
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
    bills_issue,
    bills_present,
    presentation_result,
)
from ledger.services.bills.issue import NewBill
from ledger.services.bills.returns import Back
from tests.harness.scenes_books import account_of, item_of, items
from tests.world import TODAY

if TYPE_CHECKING:
    from tests.harness.lab import Arguments


def issue(account: int, debits: list[int], credit: int) -> None:
    """A bill on each of two items, posted."""
    bills_issue(
        account=account_of(account),
        kind="riba",
        bills=[NewBill(parts=[(item_of(key), Decimal(50))]) for key in debits[:2]],
        drawn_on=TODAY,
        actor=None,
    )


def drafted() -> Arguments:
    """A bill that is not posted yet."""
    made = items()
    bill = bill_issue(
        account=account_of(made["account"]),
        kind="note",
        bill=NewBill(parts=[(item_of(made["debits"][0]), Decimal(40))]),
        drawn_on=TODAY,
        post=False,
        actor=None,
    )
    return {"bill": bill.pk}


def in_hand() -> Arguments:
    """Two bills in hand."""
    made = items()
    issue(**made)
    return {"bill": Bill.objects.earliest("pk").pk}


def with_bank() -> Arguments:
    """Both with a bank, at discount."""
    made = in_hand()
    present(**made)
    return made


def returned() -> Arguments:
    """One of them back."""
    made = with_bank()
    bill_return(bill=_bill(made["bill"]), on=TODAY, actor=None)
    return made


def _bill(key: int) -> Bill:
    return Bill.objects.get(pk=key)


def post(bill: int) -> None:
    """Post it."""
    bill_post(bill=_bill(bill), on=TODAY, actor=None)


def present(bill: int) -> None:
    """Hand every bill to a bank."""
    bills_present(
        bills=list(Bill.objects.order_by("pk")),
        kind="discount",
        bank="Banca Alba",
        on=TODAY,
        actor=None,
    )


def collect(bill: int) -> None:
    """It is paid."""
    bill_collect(bill=_bill(bill), on=TODAY, actor=None)


def withdraw(bill: int) -> None:
    """It is taken back from the bank."""
    bill_withdraw(bill=_bill(bill), on=TODAY, reason="wrong bank", actor=None)


def cancel(bill: int) -> None:
    """It is given back to the customer."""
    bill_cancel(bill=_bill(bill), on=TODAY, reason="paid otherwise", actor=None)


def undo(bill: int) -> None:
    """Its presentation was a mistake."""
    bill_step_undo(bill=_bill(bill), on=TODAY, reason="mistyped", actor=None)


def come_back(bill: int) -> None:
    """It comes back with charges for the customer, and its items open at once."""
    bill_return(
        bill=_bill(bill),
        on=TODAY,
        reason="no funds",
        charges=Decimal(5),
        bearer="customer",
        post=True,
        actor=None,
    )


def post_return(bill: int) -> None:
    """Its items open again."""
    bill_return_post(bill=_bill(bill), on=TODAY, actor=None)


def protest(bill: int) -> None:
    """It is protested, with charges that we bear."""
    bill_protest(bill=_bill(bill), on=TODAY, charges=Decimal(9), bearer="us", actor=None)


def result(bill: int) -> None:
    """The bank paid one and sends the other back."""
    first, second = Bill.objects.order_by("pk")
    presentation_result(
        presentation=Presentation.objects.get(),
        collected=[first],
        returned=[second],
        on=TODAY,
        back=Back("no funds", Decimal(5), "us"),
        actor=None,
    )
