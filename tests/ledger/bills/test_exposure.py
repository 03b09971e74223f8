"""What bills do to the rest of the house: past days, coming weeks, behaviour, lists."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from credit_limits.assemble import account_key
from credit_limits.engine.types import Component
from credit_limits.exposure import Asked
from credit_limits.exposure_lines import exposure_lines
from credit_limits.models import CreditPolicy
from credit_limits.selectors import credit_position
from credit_limits.selectors_curve import exposure_curve
from credit_limits.services.policies import policy_publish
from credit_limits.standing import policies_by_company
from ledger.bills import BillFacts, Grace, Presented, State, bill_component
from ledger.selectors import behaviour_rows, paid_rows
from ledger.services.bills import bill_collect, bill_return, bills_present
from reports.line_words import line_reason
from tests.factories.customers import CustomerAccountFactory
from tests.factories.ledger import OpenItemFactory
from tests.ledger.bills.places import issue, where

pytestmark = pytest.mark.django_db
D = datetime.date
THOUSAND = Decimal(1000)
TODAY = D(2026, 1, 20)
DUE = D(2026, 1, 31)
SHOWN = D(2026, 1, 12)


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(f"{TODAY.isoformat()} 10:00Z", tick=True):
        yield


@pytest.fixture
def bill(item):
    return issue(item)


def present(bill, kind="subject", on=SHOWN, **more):
    bills_present(bills=[bill], kind=kind, bank="Banca Alba", on=on, actor=None, **more)
    bill.refresh_from_db()


def test_a_day_to_come_shows_what_falls_due_and_headroom_returns(account, bill):
    present(bill)
    assert where(account, TODAY) == {"bill_presented": THOUSAND}
    assert where(account, D(2026, 1, 30)) == {"bill_presented": THOUSAND}
    assert where(account, DUE) == {}


def test_what_was_entered_later_was_not_known_before(account, bill):
    before = timezone.now()
    with time_machine.travel(f"{TODAY.isoformat()} 12:00Z", tick=True):
        present(bill, on=D(2026, 1, 15))
        assert where(account, D(2026, 1, 15)) == {"bill_presented": THOUSAND}
        assert where(account, D(2026, 1, 15), known_at=before) == {"bill_issued": THOUSAND}


def test_a_past_day_is_the_position_of_that_day(account, bill, later):
    seen = {}
    second = issue(later, drawn_on=D(2026, 1, 14))
    steps = {
        D(2026, 1, 15): lambda: present(bill, on=D(2026, 1, 15)),
        D(2026, 1, 16): lambda: present(second, "after", on=D(2026, 1, 16)),
        D(2026, 1, 17): lambda: bill_return(bill=bill, on=D(2026, 1, 17), actor=None),
        D(2026, 1, 18): lambda: bill_collect(bill=second, on=D(2026, 1, 18), actor=None),
        D(2026, 1, 19): lambda: present(bill, "discount", on=D(2026, 1, 19)),
    }
    for day, step in steps.items():
        with time_machine.travel(f"{day.isoformat()} 10:00Z", tick=True):
            step()
            seen[day] = where(account, day)
    assert {day: where(account, day) for day in steps} == seen
    assert seen[D(2026, 1, 16)] == {"bill_presented": Decimal(1500)}
    assert seen[D(2026, 1, 18)] == {"bill_returned": THOUSAND}


@pytest.mark.parametrize("base", ["items", "ledger"])
def test_bills_count_beside_the_balance_of_the_ledger_too(account, bill, later, base):
    policy = CreditPolicy.objects.create(
        company=account.company, name="House", calculation_base=base, start_on=D(2026, 1, 19)
    )
    policy_publish(policy=policy, actor=None)
    parts = where(account, TODAY)
    assert parts["bill_issued"] == THOUSAND
    if base == "ledger":
        # Dated before the start: the entry of the invoice, and that of the bill, are not read.
        assert set(parts) == {"bill_issued"}
    else:
        assert parts["invoice_open"] == 500


def test_lines_add_up_to_the_figures_and_say_why(account, bill, later):
    present(bill)
    issue(later)
    key = account_key(account)
    lines = exposure_lines([key], Asked(TODAY))[account.pk]
    assert {(line.component, line.subject_type, line.account_amount) for line in lines} == {
        ("bill_presented", "ledger.bill", THOUSAND),
        ("bill_issued", "ledger.bill", Decimal(500)),
    }
    assert [line_reason(line, TODAY) for line in lines] == [
        "subject to collection, due on 31 Jan 2026",
        "in hand, due on 28 Feb 2026",
    ]


def test_within_its_grace_days_it_says_so(account, bill):
    policy = CreditPolicy.objects.create(
        company=account.company, name="House", grace_days_subject=10
    )
    policy_publish(policy=policy, actor=None)
    present(bill)
    with time_machine.travel("2026-02-05 10:00Z"):
        found = policies_by_company({account.company_id})[account.company_id]
        (line,) = exposure_lines([account_key(account).under(found)], Asked(D(2026, 2, 5)))[
            account.pk
        ]
        assert line_reason(line, D(2026, 2, 5)) == (
            "subject to collection, due on 31 Jan 2026: still within its grace days"
        )


def test_the_coming_weeks_give_the_headroom_back_when_it_falls_due(account, bill):
    present(bill, "subject")
    drawn = exposure_curve(account, TODAY)
    assert drawn.opening == THOUSAND == credit_position(account=account, as_of=TODAY).total
    assert drawn.point_on(D(2026, 1, 30)).exposure == THOUSAND
    assert drawn.point_on(DUE).exposure == 0
    # The bank has credited it: no more money comes.
    assert drawn.expected_by(drawn.ends_on) == 0


def test_the_coming_weeks_expect_money_from_bills_after_collection_and_in_hand(
    account, bill, later
):
    present(bill, "after")
    issue(later)
    drawn = exposure_curve(account, TODAY)
    assert drawn.expected_by(DUE) == THOUSAND
    assert drawn.expected_by(D(2026, 2, 28)) == 1500
    assert {flow.start for flow in drawn.flows} == {
        Component.BILL_PRESENTED,
        Component.BILL_ISSUED,
    }


def test_what_came_back_is_expected_like_what_is_overdue(account, bill):
    present(bill)
    bill_return(bill=bill, on=D(2026, 1, 18), actor=None)
    with time_machine.travel("2026-02-10 10:00Z"):
        drawn = exposure_curve(account, D(2026, 2, 10))
        assert drawn.opening == THOUSAND
        assert drawn.expected_by(D(2026, 2, 16)) == 0
        assert drawn.expected_by(D(2026, 2, 17)) == THOUSAND


def paid(account, as_of):
    return [
        (row.paid_on, row.amount, row.deviation)
        for row in paid_rows([account.pk], as_of).get(account.pk, [])
    ]


def test_a_bill_is_paid_on_its_due_date_and_not_when_it_is_posted(account, bill):
    assert paid(account, D(2026, 2, 5)) == []  # in hand: nobody paid
    present(bill)
    assert paid(account, D(2026, 1, 30)) == []
    assert paid(account, DUE) == [(DUE, THOUSAND, 0)]
    (row,) = behaviour_rows([account.pk], DUE)
    assert (row.average_days_late, row.settled_amount) == (Decimal(0), THOUSAND)


def test_a_bill_due_after_its_item_is_as_late_as_it_says(account, item):
    made = issue(item, due_on=D(2026, 2, 20))
    present(made)
    assert paid(account, D(2026, 2, 20)) == [(D(2026, 2, 20), THOUSAND, 20)]


def test_a_bill_that_came_back_was_not_paid_until_it_is_collected(account, bill):
    present(bill)
    with time_machine.travel("2026-02-20 10:00Z"):
        bill_return(bill=bill, on=D(2026, 2, 3), actor=None)
        assert paid(account, D(2026, 2, 3)) == []
        assert paid(account, D(2026, 2, 2)) == [(DUE, THOUSAND, 0)]
        bill_collect(bill=bill, on=D(2026, 2, 15), actor=None)
        assert paid(account, D(2026, 2, 20)) == [(D(2026, 2, 15), THOUSAND, 15)]


def test_a_posted_return_leaves_nothing_paid(account, bill):
    present(bill)
    with time_machine.travel("2026-02-20 10:00Z"):
        bill_return(bill=bill, on=D(2026, 2, 3), post=True, actor=None)
        assert paid(account, D(2026, 2, 20)) == []


def test_other_accounts_are_left_alone(bill):
    other = OpenItemFactory(document_on=D(2026, 1, 1))
    assert where(other.account, TODAY) == {"invoice_open": Decimal(100)}


FAR = {"discount": 4, "subject": 9, "after": 2}


def test_the_statement_says_what_the_pure_rule_says(account):
    """Every state, kind and day around the last one: live, and read from the steps."""
    policy = CreditPolicy.objects.create(
        company=account.company,
        name="House",
        **{f"grace_days_{kind}": days for kind, days in FAR.items()},
    )
    policy_publish(policy=policy, actor=None)
    grace = Grace(**FAR)
    ends = {
        "in_hand": lambda _bill: None,
        "collected": lambda bill: bill_collect(bill=bill, on=SHOWN, actor=None),
        "returned": lambda bill: bill_return(bill=bill, on=SHOWN, actor=None),
        "reopened": lambda bill: bill_return(bill=bill, on=SHOWN, post=True, actor=None),
        "presented": lambda _bill: None,
    }
    made = []
    for kind in FAR:
        for state, end in ends.items():
            item = OpenItemFactory(
                account=CustomerAccountFactory(company=account.company),
                document_on=D(2026, 1, 1),
                due_on=DUE,
            )
            bill = issue(item)
            if state != "in_hand":
                present(bill, kind)
            end(bill)
            bill.refresh_from_db()
            made.append(bill)
    assert {bill.state for bill in made} == set(ends)
    names = {"bill_issued", "bill_presented", "bill_returned"}
    for days in range(-1, 11):
        day = DUE + datetime.timedelta(days=days)
        for today in (TODAY, D(2026, 3, 1)):  # a day to come, and one that is over
            with time_machine.travel(f"{today.isoformat()} 10:00Z"):
                for bill in made:
                    facts = BillFacts(
                        State(bill.state),
                        bill.pay_on,
                        Presented(bill.presented) if bill.presented else None,
                    )
                    found = names & where(bill.account, day).keys()
                    wanted = bill_component(facts, day, grace)
                    assert found == ({wanted} if wanted else set()), (facts, day, today)
