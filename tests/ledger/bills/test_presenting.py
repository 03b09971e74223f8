"""Presentation lists, what the bank says, and coming back in hand."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.errors import Conflict, Invalid, NotAllowed
from credit_limits.models import CreditPolicy
from credit_limits.services.policies import policy_publish
from ledger.models import Bill, Presentation
from ledger.services.bills import (
    bill_cancel,
    bill_collect,
    bill_return,
    bill_step_undo,
    bill_withdraw,
    bills_present,
)
from tests.factories.core import CompanyFactory, UserFactory
from tests.factories.customers import CustomerAccountFactory
from tests.factories.ledger import OpenItemFactory
from tests.ledger.bills.places import booked, issue, said, where

pytestmark = pytest.mark.django_db
D = datetime.date
ON = D(2026, 1, 12)
DUE = D(2026, 1, 31)


@pytest.fixture
def bill(item):
    return issue(item)


def present(*bills: Bill, **more: Any) -> Presentation:
    given: dict[str, Any] = {
        "bills": bills,
        "kind": "subject",
        "bank": "Banca Alba",
        "on": ON,
        "actor": None,
    }
    return bills_present(**(given | more))


@pytest.mark.parametrize("kind", Presentation.Kind.values)
def test_with_the_bank_it_counts_until_it_falls_due(account, bill, kind):
    present(bill, kind=kind)
    assert where(account, ON) == {"bill_presented": Decimal(1000)}
    assert where(account, DUE - datetime.timedelta(days=1)) == {"bill_presented": Decimal(1000)}
    assert where(account, DUE) == {}
    bill.refresh_from_db()
    assert (bill.state, bill.presented) == ("presented", kind)


@pytest.mark.parametrize("kind", Presentation.Kind.values)
def test_the_grace_of_its_kind_and_no_other_keeps_it(account, bill, kind, published):
    for other in Presentation.Kind.values:
        days = 10 if other == kind else 100
        setattr(published, f"grace_days_{other}", days)
    published.save()
    present(bill, kind=kind)
    policy_publish(policy=published, actor=None)
    assert where(account, D(2026, 2, 9)) == {"bill_presented": Decimal(1000)}
    assert where(account, D(2026, 2, 10)) == {}


@pytest.fixture
def published(account):
    return CreditPolicy.objects.create(company=account.company, name="House")


@pytest.mark.parametrize(
    ("kind", "books"),
    [
        ("discount", {"bank": 1000, "bills": 1000, "advances": -1000, "revenue": -1000}),
        ("subject", {"bank": 1000, "bills": 1000, "advances": -1000, "revenue": -1000}),
        ("after", {"bills": 1000, "revenue": -1000}),
    ],
)
def test_what_the_bank_credits_at_once_is_booked_and_frees_nothing(account, bill, kind, books):
    present(bill, kind=kind)
    assert booked(account) == books
    assert where(account, ON) == {"bill_presented": Decimal(1000)}


@pytest.mark.parametrize("kind", Presentation.Kind.values)
def test_collected_it_is_money_and_counts_no_more(account, bill, kind):
    present(bill, kind=kind)
    bill_collect(bill=bill, on=D(2026, 1, 20), actor=None)
    assert booked(account) == {"bank": Decimal(1000), "revenue": Decimal(-1000)}
    assert where(account, D(2026, 1, 20)) == {}
    assert where(account, D(2026, 1, 19)) == {"bill_presented": Decimal(1000)}
    assert said("ledger.bill.collected") == (
        f"Bill {bill.number} over 1,000.00 EUR was collected on 20 Jan 2026."
    )


def test_a_cheque_can_be_cashed_without_a_bank(account, bill):
    bill_collect(bill=bill, on=D(2026, 1, 20), actor=None)
    assert booked(account) == {"bank": Decimal(1000), "revenue": Decimal(-1000)}


def test_a_collected_bill_is_not_presented_nor_collected_again(bill):
    present(bill)
    bill_collect(bill=bill, on=DUE, actor=None)
    with pytest.raises(Conflict, match="cannot be presented: it is collected"):
        present(bill, on=DUE)
    with pytest.raises(Conflict, match="cannot be collected: it is collected"):
        bill_collect(bill=bill, on=DUE, actor=None)


def test_a_list_is_of_one_company_and_currency_all_or_none(item, bill):
    other = OpenItemFactory(
        account=CustomerAccountFactory(company=CompanyFactory(code="US01")),
        document_on=D(2026, 1, 1),
    )
    with pytest.raises(Invalid) as refused:
        present(bill, issue(other))
    assert refused.value.code == "ledger.presentation_mixed"
    gone = issue(OpenItemFactory(account=item.account, document_on=D(2026, 1, 1)))
    bill_cancel(bill=gone, on=ON, reason="given back", actor=None)
    with pytest.raises(Conflict):
        present(bill, gone)
    assert not Presentation.objects.exists()
    bill.refresh_from_db()
    assert bill.state == "in_hand"


def test_a_list_of_several_customers_says_what_it_is(bill, account):
    other = OpenItemFactory(
        account=CustomerAccountFactory(company=account.company), document_on=D(2026, 1, 1)
    )
    second = issue(other)
    made = present(bill, second, kind="discount")
    assert made.number.startswith("PL-")
    assert [step.bill_id for step in made.steps.order_by("bill_id")] == [bill.pk, second.pk]
    assert said("ledger.bills.presented") == (
        f"List {made.number}: 2 bills over 1,100.00 EUR went to Banca Alba, at discount: "
        f"{bill.number}, {second.number}."
    )


@pytest.mark.parametrize(
    ("more", "code", "field"),
    [
        ({"kind": "gift"}, "ledger.presentation_kind", "kind"),
        ({"bank": "  "}, "ledger.bank_missing", "bank"),
        ({"bills": []}, "ledger.nothing_presented", "bills"),
        ({"on": D(2026, 1, 9)}, "ledger.bill_step_too_early", "on"),
        ({"on": D(2099, 1, 1)}, None, "on"),
    ],
)
def test_nonsense_is_refused_at_its_place(bill, more, code, field):
    with pytest.raises(Invalid) as refused:
        present(bill, **more)
    assert refused.value.field == field
    if code:
        assert refused.value.code == code


def test_a_form_sent_twice_makes_one_list(item, later, bill):
    token = uuid.uuid4()
    present(bill, token=token)
    with pytest.raises(Conflict) as refused:
        present(issue(later), token=token)
    assert refused.value.code == "ledger.form_repeated"
    assert Presentation.objects.count() == 1


def test_taken_back_from_the_bank_it_is_in_hand_and_the_advance_is_gone(account, bill):
    present(bill, kind="discount")
    bill_withdraw(bill=bill, on=D(2026, 1, 15), reason="wrong bank", actor=None)
    assert where(account, D(2026, 1, 15)) == {"bill_issued": Decimal(1000)}
    assert where(account, D(2026, 1, 14)) == {"bill_presented": Decimal(1000)}
    assert booked(account) == {"bills": Decimal(1000), "revenue": Decimal(-1000)}
    present(bill, on=D(2026, 1, 16), kind="after")


def test_cancelled_its_items_are_open_as_they_were(account, item, bill):
    bill_cancel(bill=bill, on=D(2026, 1, 20), reason="paid otherwise", actor=None)
    item.refresh_from_db()
    assert (item.open_amount, item.due_on) == (1000, DUE)
    assert where(account, D(2026, 1, 20)) == {"invoice_open": Decimal(1000)}
    assert where(account, D(2026, 1, 19)) == {"bill_issued": Decimal(1000)}
    assert booked(account) == {"receivable": Decimal(1000), "revenue": Decimal(-1000)}


def test_with_a_bank_it_cannot_be_cancelled(bill):
    present(bill)
    with pytest.raises(Conflict, match="cannot be cancelled: it is with the bank"):
        bill_cancel(bill=bill, reason="x", actor=None)


@pytest.mark.parametrize("step", ["present", "collect", "return"])
def test_a_step_recorded_by_mistake_is_taken_back_with_its_money(account, bill, step):
    present(bill, kind="discount")
    if step == "collect":
        bill_collect(bill=bill, on=D(2026, 1, 20), actor=None)
    if step == "return":
        bill_return(bill=bill, on=D(2026, 1, 20), actor=None)
    bill_step_undo(bill=bill, on=D(2026, 1, 21), reason="mistyped", actor=None)
    expected = "bill_issued" if step == "present" else "bill_presented"
    assert where(account, D(2026, 1, 21)) == {expected: Decimal(1000)}
    advances = {} if step == "present" else {"bank": Decimal(1000), "advances": Decimal(-1000)}
    assert booked(account) == {"bills": Decimal(1000), "revenue": Decimal(-1000), **advances}
    with pytest.raises(Conflict) as refused:
        bill_step_undo(bill=bill, on=D(2026, 1, 21), reason="again", actor=None)
    assert refused.value.code == "ledger.bill_step_stays"


def test_issue_and_posting_are_not_taken_back_this_way(bill):
    with pytest.raises(Conflict, match=r"\(Posted\) cannot be taken back"):
        bill_step_undo(bill=bill, reason="x", actor=None)


@pytest.mark.parametrize("command", [bill_withdraw, bill_cancel, bill_step_undo])
def test_a_reason_is_asked_for(bill, command):
    with pytest.raises(Invalid) as refused:
        command(bill=bill, reason="  ", actor=None)
    assert refused.value.field == "reason"


def test_only_who_may(bill):
    nobody = UserFactory()
    for command in (
        lambda: present(bill, actor=nobody),
        lambda: bill_collect(bill=bill, actor=nobody),
        lambda: bill_return(bill=bill, actor=nobody),
        lambda: bill_withdraw(bill=bill, reason="x", actor=nobody),
        lambda: bill_cancel(bill=bill, reason="x", actor=nobody),
        lambda: bill_step_undo(bill=bill, reason="x", actor=nobody),
    ):
        with pytest.raises(NotAllowed):
            command()


def test_each_bill_of_a_list_costs_the_same_few_statements(account):
    """No growth but the rows that are written for it, and what the books ask of each entry."""
    counts = []
    for number in (1, 1, 4, 7):  # the first also makes what the company lacks
        bills = [
            issue(OpenItemFactory(account=account, document_on=D(2026, 1, 1)))
            for _each in range(number)
        ]
        with CaptureQueriesContext(connection) as queries:
            present(*bills, kind="discount")
        counts.append(len(queries))
    assert counts[2] - counts[1] == counts[3] - counts[2] == 3 * 11
