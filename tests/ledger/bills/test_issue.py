"""Issuing bills on open items, and posting them."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal

import pytest

from core.errors import Conflict, Invalid, NotAllowed
from core.models import AuditEvent
from ledger.models import Bill, EntryKind
from ledger.services import payment_record
from ledger.services.bills import bill_cancel, bill_post, bills_issue
from ledger.services.bills.issue import NewBill
from tests.factories.core import ExchangeRateFactory, UserFactory
from tests.factories.ledger import JournalEntryFactory, OpenItemFactory, PaymentFactory
from tests.ledger.bills.places import booked, issue, said, where

pytestmark = pytest.mark.django_db
D = datetime.date
DAY = D(2026, 1, 10)


def test_a_posted_bill_closes_its_items_and_holds_their_value(account, item, later):
    before = sum(where(account, DAY).values())
    bill = issue(item, later)
    for each in (item, later):
        each.refresh_from_db()
        assert each.open_amount == 0
    assert (bill.amount, bill.state, bill.due_on) == (1500, "in_hand", D(2026, 2, 28))
    assert bill.number.startswith("BI-")
    assert where(account, DAY) == {"bill_issued": Decimal(1500)}
    assert sum(where(account, DAY).values()) == before
    assert booked(account) == {"bills": Decimal(1500), "revenue": Decimal(-1500)}
    assert bill.entry is not None
    assert bill.entry.kind == EntryKind.BILL
    assert [step.kind for step in bill.steps.all()] == ["issue", "post"]
    assert said("ledger.bills.issued") == (
        f"1 bill over 1,500.00 EUR was issued and posted: {bill.number}."
    )


def test_part_of_an_item_leaves_the_rest_open(account, item):
    issue(item, parts=[(item, Decimal("400.50"))])
    item.refresh_from_db()
    assert item.open_amount == Decimal("599.50")
    assert where(account, DAY) == {
        "bill_issued": Decimal("400.50"),
        "invoice_open": Decimal("599.50"),
    }


def test_an_unposted_bill_moves_nothing_and_reserves_its_items(account, item):
    bill = issue(item, parts=[(item, Decimal(700))], post=False)
    assert where(account, DAY) == {"invoice_open": Decimal(1000)}
    assert bill.entry is None
    with pytest.raises(Conflict) as refused:
        issue(item, parts=[(item, Decimal("300.01"))])
    assert refused.value.code == "ledger.bill_too_much"
    issue(item, parts=[(item, Decimal(300))])
    bill_post(bill=bill, on=D(2026, 1, 12), actor=None)
    assert where(account, D(2026, 1, 12)) == {"bill_issued": Decimal(1000)}
    assert where(account, D(2026, 1, 11)) == {
        "bill_issued": Decimal(300),
        "invoice_open": Decimal(700),
    }


def test_a_bill_over_what_is_open_is_refused_with_the_figure(item):
    PaymentFactory(account=item.account, amount=400, allocations=[(item, Decimal(400))])
    with pytest.raises(Conflict, match=r"Only 600\.00 EUR of A are open") as refused:
        issue(item, parts=[(item, Decimal(700))])
    assert refused.value.field == "amount"
    assert not Bill.objects.exists()


def test_what_was_paid_after_the_issue_cannot_be_posted(item):
    bill = issue(item, post=False)
    payment_record(
        account=item.account,
        amount=Decimal(1),
        received_on=D(2026, 1, 11),
        allocations=[(item, Decimal(1))],
        actor=None,
    )
    with pytest.raises(Conflict) as refused:
        bill_post(bill=bill, on=D(2026, 1, 12), actor=None)
    assert refused.value.code == "ledger.bill_item_settled"
    bill_cancel(bill=bill, on=D(2026, 1, 12), reason="paid", actor=None)
    issue(item, parts=[(item, Decimal(999))], drawn_on=D(2026, 1, 12))


def test_a_bill_is_posted_once(item):
    bill = issue(item)
    with pytest.raises(Conflict, match="cannot be posted: it is in hand"):
        bill_post(bill=bill, actor=None)


def test_several_bills_at_once_all_or_none(account, item, later):
    bills = [NewBill(parts=[(item, Decimal(600))]), NewBill(parts=[(item, Decimal(600))])]
    with pytest.raises(Conflict):
        bills_issue(account=account, kind="note", bills=bills, drawn_on=DAY, actor=None)
    assert not Bill.objects.exists()
    assert not AuditEvent.objects.filter(action__startswith="ledger.bill").exists()
    made = bills_issue(
        account=account,
        kind="note",
        bills=[NewBill(parts=[(item, Decimal(600))]), NewBill(parts=[(later, Decimal(500))])],
        drawn_on=DAY,
        actor=None,
    )
    assert [bill.due_on for bill in made] == [D(2026, 1, 31), D(2026, 2, 28)]
    assert AuditEvent.objects.filter(action="ledger.bills.issued").count() == 1


@pytest.mark.parametrize(
    ("more", "code", "field"),
    [
        ({"kind": "iou"}, "ledger.bill_kind", "kind"),
        ({"parts": []}, "ledger.bill_of_nothing", None),
        ({"due_on": D(2026, 1, 9)}, "ledger.bill_due_before_issue", "due_on"),
        ({"drawn_on": D(2025, 12, 31)}, "ledger.bill_before_item", "drawn_on"),
        ({"drawn_on": D(2127, 1, 1)}, None, None),
    ],
)
def test_nonsense_is_refused_at_its_place(item, more, code, field):
    with pytest.raises(Invalid) as refused:
        issue(item, **more)
    if code:
        assert (refused.value.code, refused.value.field) == (code, field)


@pytest.mark.parametrize("amount", ["0", "-5", "NaN", "0.001", "1e20"])
def test_amounts_of_nonsense_are_refused(item, amount):
    with pytest.raises(Invalid):
        issue(item, parts=[(item, Decimal(amount))])


def test_an_item_named_twice_is_refused(item):
    with pytest.raises(Invalid, match="named twice"):
        issue(item, parts=[(item, Decimal(1)), (item, Decimal(2))])


def test_what_others_owe_credits_and_other_currencies_are_refused(account, item):
    foreign = OpenItemFactory(document_on=D(2026, 1, 1))
    money = PaymentFactory(account=account, amount=10)
    ExchangeRateFactory(valid_on=D(2025, 1, 1), rate="0.9")
    dollars = JournalEntryFactory(account=account, currency="USD", number="USD-1").items.get()
    for other, code in (
        (foreign, "ledger.bill_foreign_item"),
        (money, "ledger.bill_foreign_item"),
        (dollars, "ledger.bill_currencies"),
    ):
        with pytest.raises(Invalid) as refused:
            issue(item, other)
        assert refused.value.code == code


def test_a_number_is_taken_once_and_a_form_sent_twice_makes_one_bill(item, later):
    token = uuid.uuid4()
    issue(item, number="CH-77", token=token)
    with pytest.raises(Conflict, match="CH-77"):
        issue(later, number="CH-77")
    with pytest.raises(Conflict) as refused:
        issue(later, token=token)
    assert refused.value.code == "ledger.form_repeated"
    assert Bill.objects.count() == 1


def test_only_who_may(item):
    with pytest.raises(NotAllowed):
        issue(item, actor=UserFactory())


def test_a_foreign_bill_is_worth_what_its_items_lose(account):
    ExchangeRateFactory(valid_on=D(2025, 1, 1), rate="0.9")
    first = JournalEntryFactory(
        account=account, currency="USD", number="X", amount="100.01", document_on=D(2026, 1, 1)
    ).items.get()
    ExchangeRateFactory(valid_on=D(2026, 1, 5), rate="0.8")
    second = JournalEntryFactory(
        account=account, currency="USD", number="Y", amount="50", document_on=D(2026, 1, 6)
    ).items.get()
    before = where(account, DAY)
    bill = issue(first, second, parts=[(first, Decimal("33.34")), (second, Decimal(50))])
    # 33.34 × 0.9 = 30.006, rounded as the rest of the item: 90.01 − 60.00 = 30.01; 50 × 0.8 = 40.
    assert bill.company_amount == Decimal("70.01")
    assert sum(where(account, DAY).values()) == sum(before.values())
