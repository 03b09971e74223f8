"""Bills that come back unpaid."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from core.errors import Conflict, Invalid
from ledger.models import OpenItem
from ledger.services import allocation_reverse, payment_record, payment_reverse
from ledger.services.bills import (
    bill_collect,
    bill_protest,
    bill_return,
    bill_return_post,
    bills_present,
)
from tests.ledger.bills.places import booked, issue, said, where

pytestmark = pytest.mark.django_db
D = datetime.date
ON = D(2026, 1, 12)
DUE = D(2026, 1, 31)
BACK = D(2026, 2, 3)
THOUSAND = Decimal(1000)


@pytest.fixture
def bill(item):
    made = issue(item)
    bills_present(bills=[made], kind="subject", bank="Banca Alba", on=ON, actor=None)
    return made


@pytest.mark.parametrize("day", [D(2026, 1, 20), DUE, BACK], ids=["before", "due", "after"])
def test_it_leaves_the_bank_at_once_and_counts_as_returned(account, bill, day):
    bill_return(bill=bill, on=day, reason="no funds", actor=None)
    assert where(account, day) == {"bill_returned": THOUSAND}
    # Without an end: it does not fall due again.
    assert where(account, D(2030, 1, 1)) == {"bill_returned": THOUSAND}
    assert booked(account) == {"bills": THOUSAND, "revenue": -THOUSAND}
    assert said("ledger.bill.returned").endswith(
        "came back unpaid on " + day.strftime("%-d %b %Y") + ". Reason: no funds."
    )


def test_posted_its_items_are_open_again_with_their_own_due_date(account, item, bill):
    bill_return(bill=bill, on=BACK, actor=None)
    bill_return_post(bill=bill, on=D(2026, 2, 5), actor=None)
    item.refresh_from_db()
    assert (item.open_amount, item.due_on) == (THOUSAND, DUE)
    assert where(account, D(2026, 2, 5)) == {"invoice_overdue": THOUSAND}
    assert where(account, D(2026, 2, 4)) == {"bill_returned": THOUSAND}
    assert where(account, D(2026, 2, 2)) == {}
    assert where(account, D(2026, 1, 30)) == {"bill_presented": THOUSAND}
    assert booked(account) == {"receivable": THOUSAND, "revenue": -THOUSAND}


def test_what_else_was_paid_on_its_items_stays_paid(account, item):
    bill = issue(item, parts=[(item, Decimal(600))])
    payment_record(
        account=account,
        amount=Decimal(400),
        received_on=D(2026, 1, 11),
        allocations=[(item, Decimal(400))],
        actor=None,
    )
    bills_present(bills=[bill], kind="after", bank="B", on=ON, actor=None)
    bill_return(bill=bill, on=BACK, post=True, actor=None)
    item.refresh_from_db()
    assert item.open_amount == 600
    assert where(account, BACK) == {"invoice_overdue": Decimal(600)}


def test_a_return_twice_is_refused(bill):
    bill_return(bill=bill, on=BACK, actor=None)
    with pytest.raises(Conflict, match="cannot come back unpaid: it is returned unpaid"):
        bill_return(bill=bill, on=BACK, actor=None)
    bill_return_post(bill=bill, on=BACK, actor=None)
    for command in (bill_return, bill_return_post, bill_collect):
        with pytest.raises(Conflict, match="its items are open again"):
            command(bill=bill, on=BACK, actor=None)


def test_a_bill_in_hand_does_not_come_back(later):
    with pytest.raises(Conflict, match="cannot come back unpaid: it is in hand"):
        bill_return(bill=issue(later), actor=None)


def test_charges_to_the_customer_are_an_item_due_at_once(account, bill):
    bill_return(
        bill=bill, on=BACK, charges=Decimal("7.50"), bearer="customer", reason="late", actor=None
    )
    fee = OpenItem.objects.get(entry__kind="fee")
    assert (fee.open_amount, fee.due_on) == (Decimal("7.50"), BACK)
    assert where(account, BACK) == {"bill_returned": THOUSAND, "invoice_open": Decimal("7.50")}
    assert said("ledger.bill.returned").endswith(
        "Reason: late. The bank charges 7.50 EUR, charged on to the customer."
    )


def test_charges_borne_by_us_cost_us_and_not_the_customer(account, bill):
    bill_return(bill=bill, on=BACK, charges=Decimal("7.50"), bearer="us", actor=None)
    assert where(account, BACK) == {"bill_returned": THOUSAND}
    assert booked(account)["bank_fee"] == Decimal("7.50")


@pytest.mark.parametrize(
    ("more", "code", "field"),
    [
        ({"charges": Decimal(5)}, "ledger.fee_bearer", "bearer"),
        ({"bearer": "us"}, "ledger.fee_missing", "charges"),
        ({"charges": Decimal(-5), "bearer": "us"}, None, "charges"),
        ({"charges": Decimal(5), "bearer": "them"}, "ledger.fee_bearer", "bearer"),
        ({"on": D(2026, 1, 11)}, "ledger.bill_step_too_early", "on"),
    ],
)
def test_nonsense_is_refused_at_its_place(bill, more, code, field):
    with pytest.raises(Invalid) as refused:
        bill_return(bill=bill, actor=None, **({"on": BACK} | more))
    assert refused.value.field == field
    if code:
        assert refused.value.code == code


def test_a_returned_bill_can_be_collected_after_all(account, bill):
    bill_return(bill=bill, on=BACK, actor=None)
    bill_collect(bill=bill, on=D(2026, 2, 6), actor=None)
    assert where(account, D(2026, 2, 6)) == {}
    assert booked(account) == {"bank": THOUSAND, "revenue": -THOUSAND}


def test_a_collected_bill_can_still_come_back(account, bill):
    bill_collect(bill=bill, on=DUE, actor=None)
    bill_return(bill=bill, on=BACK, reason="refund", actor=None)
    assert where(account, BACK) == {"bill_returned": THOUSAND}
    assert booked(account) == {"bills": THOUSAND, "revenue": -THOUSAND}


def test_presented_again_it_is_to_be_paid_on_another_day(account, bill):
    bill_return(bill=bill, on=BACK, actor=None)
    again = D(2026, 3, 15)
    bills_present(
        bills=[bill], kind="after", bank="B", on=BACK, pay_on={bill.pk: again}, actor=None
    )
    assert where(account, D(2026, 3, 14)) == {"bill_presented": THOUSAND}
    assert where(account, again) == {}
    bill.refresh_from_db()
    assert (bill.due_on, bill.pay_on, bill.presented) == (DUE, again, "after")


def test_presented_again_for_a_day_gone_by_is_refused(bill):
    bill_return(bill=bill, on=BACK, actor=None)
    with pytest.raises(Invalid) as refused:
        bills_present(
            bills=[bill], kind="after", bank="B", on=BACK, pay_on={bill.pk: DUE}, actor=None
        )
    assert refused.value.field == "pay_on"


def test_protested_once_and_its_value_stays_where_it_is(account, bill):
    bill_return(bill=bill, on=BACK, actor=None)
    bill_protest(bill=bill, on=D(2026, 2, 6), charges=Decimal(30), bearer="us", actor=None)
    assert where(account, D(2026, 2, 6)) == {"bill_returned": THOUSAND}
    assert said("ledger.bill.protested") == (
        f"Bill {bill.number} over 1,000.00 EUR was protested on 6 Feb 2026. "
        "The bank charges 30.00 EUR, borne by us."
    )
    with pytest.raises(Invalid, match="protested already"):
        bill_protest(bill=bill, on=D(2026, 2, 6), actor=None)
    bill_return_post(bill=bill, on=D(2026, 2, 7), actor=None)
    bill.refresh_from_db()
    assert bill.is_protested


def test_only_a_returned_bill_is_protested(bill):
    with pytest.raises(Conflict, match="cannot be protested: it is with the bank"):
        bill_protest(bill=bill, on=BACK, actor=None)


def test_what_a_bill_closed_is_not_taken_back_behind_its_back(item, bill):
    """Neither the entry of the bill nor its allocations: the bill itself is the way."""
    with pytest.raises(Invalid) as refused:
        payment_reverse(payment=bill.entry, reason="x", actor=None)
    assert refused.value.code == "ledger.not_reversible"
    (allocation,) = item.debit_allocations.all()
    with pytest.raises(Invalid) as refused:
        allocation_reverse(allocation=allocation, reason="x", actor=None)
    assert refused.value.code == "ledger.reverse_the_entry"
