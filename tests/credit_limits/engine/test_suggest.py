"""Ways to a pass, case by case: what is offered, how much, and when nothing is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from credit_limits.engine.decide import decide
from credit_limits.engine.types import (
    Checkpoint,
    Component,
    ControlType,
    CustomerFacts,
    CustomerStatus,
    Include,
    MethodTreatment,
    Outcome,
    OverdueFacts,
    ReleaseFacts,
    Rule,
    RuleSetting,
    ScopeKind,
    Severity,
    Way,
    WayKind,
)
from credit_limits.engine.what_if import reduced
from tests.credit_limits.engine.asking import LATE_HOLDS, by_kind, passes, ways
from tests.credit_limits.engine.builders import (
    NONE,
    NOTHING,
    TODAY,
    account,
    check,
    document,
    exposure,
    late,
    limit,
    money,
    policy,
    scope,
)


def test_over_the_limit_by_fifty():
    """Limit 1,000, open 900 of which 200 overdue, order of 150."""
    used = exposure(invoice_open=700, invoice_overdue=200)
    found = by_kind(check(150, limit(1000), used, overdue=late((9, 120), (4, 80))))
    assert found == {
        WayKind.REDUCE: Way(WayKind.REDUCE, money(50)),
        WayKind.PAY_ITEMS: Way(WayKind.PAY_ITEMS, money(120), references=("I1",)),
        WayKind.PAY_AMOUNT: Way(WayKind.PAY_AMOUNT, money(50)),
        WayKind.PAY_IMMEDIATELY: Way(WayKind.PAY_IMMEDIATELY, money(150)),
        WayKind.RAISE_LIMIT: Way(
            WayKind.RAISE_LIMIT,
            money(1050),
            references=("Rossi",),
            scopes=(ScopeKind.ACCOUNT,),
            amounts=(money(1050),),
        ),
    }


def test_a_document_that_passes_needs_no_way():
    assert ways(check(100, limit(1000))) == ()
    monitored = CustomerFacts(CustomerStatus.RELEASED, control=ControlType.MONITOR)
    assert ways(check(5000, limit(1000), customer=monitored)) == ()


@pytest.mark.parametrize("status", [CustomerStatus.BLOCKED, CustomerStatus.DEBTOR])
def test_no_amount_helps_against_a_status(status):
    assert ways(check(5000, limit(1000), customer=CustomerFacts(status))) == ()


def test_no_amount_helps_against_a_missing_rate():
    assert ways(check(5000, limit(1000), missing_rates=("A-B",))) == ()


def test_a_limit_already_exceeded_leaves_nothing_to_cut():
    found = by_kind(check(150, limit(1000), exposure(invoice_open=1200)))
    assert WayKind.REDUCE not in found
    assert found[WayKind.PAY_AMOUNT].amount == 350


def test_the_items_to_pay_are_those_beyond_the_grace_only():
    rules = policy({Rule.OVERDUE_DAYS: RuleSetting(Severity.HOLD, grace_days=5)})
    facts = check(10, overdue=late((3, 70), (40, 20), (9, 30)), rules=rules)
    found = by_kind(facts)
    assert found[WayKind.PAY_ITEMS] == Way(WayKind.PAY_ITEMS, money(50), references=("I2", "I3"))
    assert set(found) == {WayKind.PAY_ITEMS, WayKind.PAY_IMMEDIATELY}


def test_part_of_an_overdue_sum_may_be_enough():
    rules = policy({Rule.OVERDUE_AMOUNT: RuleSetting(Severity.HOLD, threshold=money(900))})
    found = by_kind(check(10, limit(9999), overdue=late((9, 1000)), rules=rules))
    assert found[WayKind.PAY_AMOUNT].amount == 100
    assert found[WayKind.PAY_ITEMS].amount == 1000


def test_an_item_that_does_not_help_is_left_out():
    """The oldest is too small to be late; the younger one has to be paid."""
    rules = policy({Rule.OVERDUE_DAYS: RuleSetting(Severity.HOLD, tolerance=money(5))})
    found = by_kind(check(10, overdue=late((90, 4), (9, 60)), rules=rules))
    assert found[WayKind.PAY_ITEMS].references == ("I2",)


def test_a_customer_without_credit_may_pay_first():
    """A prepaid order of a customer without credit (SerpentCS): limit 0, order 100."""
    found = by_kind(check(100, NOTHING))
    assert found[WayKind.PAY_AMOUNT].amount == 100
    prepaid = check(100, NOTHING, exposure(credits=-100))
    assert decide(prepaid).outcome is Outcome.PASS


def test_paying_first_does_not_help_where_credits_do_not_count():
    rules = policy(include={Component.CREDITS: Include.SHOW})
    assert WayKind.PAY_AMOUNT not in by_kind(check(100, NOTHING, rules=rules))


def test_an_account_without_a_limit_needs_one():
    way = by_kind(check(100, NONE, exposure(invoice_open=20)))[WayKind.RAISE_LIMIT]
    assert (way.amount, way.references) == (120, ("Rossi",))


def test_a_wider_scope_without_a_limit_is_not_asked_to_have_one():
    scopes = (account(NONE), scope(ScopeKind.GROUP, "Holding", NONE))
    way = by_kind(check(100, scopes=scopes))[WayKind.RAISE_LIMIT]
    assert (way.references, way.scopes) == (("Rossi",), (ScopeKind.ACCOUNT,))


def test_a_cut_is_only_suggested_where_an_amount_stops_the_document():
    """A release up to 100 for lateness would pass a smaller document; that is no matter of size."""
    allowed = ReleaseFacts(
        frozenset({"OVERDUE_DAYS"}), money(100), TODAY, frozenset({Checkpoint.SUBMIT})
    )
    facts = check(150, overdue=late((9, 9)), rules=LATE_HOLDS, releases=(allowed,))
    assert passes(reduced(facts, money(100)))
    assert WayKind.REDUCE not in by_kind(facts)


def test_of_a_cent_nothing_can_be_cut():
    assert WayKind.REDUCE not in by_kind(check("0.01", NOTHING))


def test_every_scope_that_stops_gets_the_limit_it_needs():
    scopes = (
        scope(ScopeKind.GROUP, "Holding", limit(500), exposure(invoice_open=480)),
        scope(ScopeKind.CUSTOMER, "Rossi", limit(900)),
        account(limit(40)),
    )
    way = by_kind(check(50, scopes=scopes))[WayKind.RAISE_LIMIT]
    assert way.references == ("Rossi", "Holding")
    assert way.scopes == (ScopeKind.ACCOUNT, ScopeKind.GROUP)
    assert way.amounts == (50, 530)


def test_where_the_watch_band_holds_the_limit_needed_is_higher():
    rules = policy({Rule.NEAR_LIMIT: RuleSetting(Severity.HOLD, threshold=money(80))})
    for amount in (900, 1100):
        way = by_kind(check(amount, limit(1000), rules=rules))[WayKind.RAISE_LIMIT]
        assert way.amount == money(amount) * 100 / 80


def test_a_limit_does_not_help_against_lateness():
    assert WayKind.RAISE_LIMIT not in by_kind(check(10, overdue=late((9, 9)), rules=LATE_HOLDS))


def test_paying_and_cutting_or_raising_where_one_is_not_enough():
    rules = policy(
        {Rule.OVERDUE_DAYS: RuleSetting(Severity.HOLD)}, include={Component.CREDITS: Include.SHOW}
    )
    used = exposure(invoice_overdue=30)
    found = ways(check(150, limit(100), used, overdue=late((9, 30)), rules=rules))
    pay = Way(WayKind.PAY_ITEMS, money(30), references=("I1",))
    assert [way for way in found if way.also] == [
        replace(pay, also=(Way(WayKind.REDUCE, money(50)),)),
        replace(
            pay,
            also=(
                Way(
                    WayKind.RAISE_LIMIT,
                    money(150),
                    references=("Rossi",),
                    scopes=(ScopeKind.ACCOUNT,),
                    amounts=(money(150),),
                ),
            ),
        ),
    ]
    assert {way.kind for way in found if not way.also} == {WayKind.PAY_IMMEDIATELY}


def test_paying_the_oldest_is_only_suggested_when_it_is_known_what_is_left():
    rules = policy({Rule.OLDEST_ITEM: RuleSetting(Severity.HOLD, threshold=money(90))})
    old, young = TODAY - timedelta(days=100), TODAY - timedelta(days=40)
    known = OverdueFacts(
        oldest_item_on=old,
        oldest_item_reference="I1",
        open_since=(("I2", young, money(5)), ("I1", old, money(70))),
    )
    found = by_kind(check(10, overdue=known, rules=rules))
    assert found[WayKind.PAY_ITEMS] == Way(WayKind.PAY_ITEMS, money(70), references=("I1",))
    unknown = replace(known, open_since=())
    assert set(by_kind(check(10, overdue=unknown, rules=rules))) == {WayKind.PAY_IMMEDIATELY}


def test_a_method_that_passes_already_is_not_suggested():
    rules = policy({Rule.OVERDUE_DAYS: RuleSetting(Severity.REFUSE)})
    cash = document(10, method_treatment=MethodTreatment.PASSES)
    assert set(by_kind(check(cash, overdue=late((9, 9)), rules=rules))) == {WayKind.PAY_ITEMS}


def test_a_long_list_of_late_items_is_still_answered():
    many = late(*[(day, 1) for day in range(1, 401)])
    way = by_kind(check(10, overdue=many, rules=LATE_HOLDS))[WayKind.PAY_ITEMS]
    assert (len(way.references), way.amount) == (400, 400)
