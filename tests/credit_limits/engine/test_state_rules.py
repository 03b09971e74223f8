"""Rules about the customer and the terms, one by one, at their boundaries."""

from __future__ import annotations

from datetime import timedelta

import pytest

from credit_limits.engine.decide import decide
from credit_limits.engine.types import (
    ControlType,
    CustomerFacts,
    CustomerStatus,
    MethodTreatment,
    Outcome,
    OverdueFacts,
    Rule,
    RuleSetting,
    Severity,
)
from tests.credit_limits.engine.builders import (
    TODAY,
    account,
    check,
    document,
    exposure,
    found,
    late,
    limit,
    money,
    policy,
)


def rule(name, severity=Severity.HOLD, **setting):
    return policy({name: RuleSetting(severity, **setting)}, only=True)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (CustomerStatus.RELEASED, Outcome.PASS),
        (CustomerStatus.UNDER_REVIEW, Outcome.WARN),
        (CustomerStatus.DEBTOR, Outcome.HOLD),
        (CustomerStatus.PROTESTED, Outcome.HOLD),
        (CustomerStatus.BLOCKED, Outcome.REFUSE),
    ],
)
def test_every_status_has_its_own_severity(status, outcome):
    decision = decide(check(10, customer=CustomerFacts(status)))
    assert decision.outcome is outcome
    expected = () if outcome is Outcome.PASS else (f"STATUS_{status.name}",)
    assert decision.reasons == expected


def test_a_status_the_policy_does_not_name_takes_the_plain_severity():
    rules = rule(Rule.CUSTOMER_STATUS, severity_by_status={"blocked": Severity.REFUSE})
    for status in (CustomerStatus.DEBTOR, CustomerStatus.UNDER_REVIEW):
        decision = decide(check(10, customer=CustomerFacts(status), rules=rules))
        assert decision.outcome is Outcome.HOLD
    assert decide(check(10, rules=rules)).outcome is Outcome.PASS


def test_a_document_that_adds_nothing_is_still_stopped_by_the_state_of_the_customer():
    scopes = (account(limit(1000), exposure(order_open=50), counted_before=money(50)),)
    debtor = CustomerFacts(CustomerStatus.DEBTOR)
    assert decide(check(50, scopes=scopes, customer=debtor)).blocking == ("STATUS_DEBTOR",)
    quote = document(50, counts=False)
    assert decide(check(quote, customer=debtor)).blocking == ("STATUS_DEBTOR",)


@pytest.mark.parametrize("stated", [None, Severity.OK, Severity.WARN, Severity.HOLD])
def test_a_missing_rate_holds_whatever_the_policy_and_the_control_type_say(stated):
    rules = policy({} if stated is None else {Rule.RATE_MISSING: RuleSetting(stated)})
    free = CustomerFacts(CustomerStatus.RELEASED, control=ControlType.NONE)
    decision = decide(check(10, rules=rules, customer=free, missing_rates=("XYZ-USD",)))
    assert (decision.outcome, decision.blocking) == (Outcome.HOLD, ("RATE_MISSING",))
    assert found(decision, Rule.RATE_MISSING).facts["rates"] == "XYZ-USD"
    assert decision.approval_amount == 10


def test_a_missing_rate_may_refuse():
    rules = rule(Rule.RATE_MISSING, Severity.REFUSE)
    assert decide(check(10, rules=rules, missing_rates=("A-B",))).outcome is Outcome.REFUSE


def test_a_missing_rate_does_not_concern_what_does_not_count():
    for facts in ({"counts": False}, {"outward": False}):
        decision = decide(check(document(10, **facts), missing_rates=("A-B",)))
        assert decision.outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("days", "outcome"),
    [(-5, Outcome.PASS), (0, Outcome.PASS), (5, Outcome.PASS), (10, Outcome.PASS), (11, "hold")],
)
def test_days_of_grace_move_the_blocking_date_later(days, outcome):
    """Grace of 10 days, an invoice due 5 days ahead to 11 days ago (Axelor, sign of the grace)."""
    rules = rule(Rule.OVERDUE_DAYS, grace_days=10)
    decision = decide(check(1, overdue=late((days, 20)), rules=rules))
    assert decision.outcome == outcome


def test_a_few_cents_left_over_make_nobody_late():
    """0.03 left of 500 with a tolerance of 1.00 (ERPNext, OCA account_credit_control)."""
    for name in (Rule.OVERDUE_DAYS, Rule.OVERDUE_AMOUNT):
        rules = rule(name, tolerance=money("1.00"))
        assert decide(check(10, overdue=late((59, "0.03")), rules=rules)).outcome is Outcome.PASS
        assert decide(check(10, overdue=late((59, "1.00")), rules=rules)).outcome is Outcome.PASS
        assert decide(check(10, overdue=late((59, "1.01")), rules=rules)).outcome is Outcome.HOLD


def test_overdue_days_tells_the_worst_item_and_how_many_there_are():
    rules = rule(Rule.OVERDUE_DAYS, grace_days=5)
    item = found(
        decide(check(1, overdue=late((5, 10), (40, 20), (6, 30)), rules=rules)), Rule.OVERDUE_DAYS
    )
    assert (item.observed, item.threshold) == (40, 5)
    assert item.facts["reference"] == "I2"
    assert item.facts["due_on"] == TODAY - timedelta(days=40)
    assert (item.facts["items"], item.facts["amount"]) == (2, 50)


def test_an_item_due_today_is_not_late():
    item = found(
        decide(check(1, overdue=late((0, 10)), rules=rule(Rule.OVERDUE_DAYS))), Rule.OVERDUE_DAYS
    )
    assert (item.fired, item.observed) == (False, 0)
    assert "reference" not in item.facts


@pytest.mark.parametrize(
    ("amounts", "outcome"), [((600, 300), Outcome.PASS), ((600, "300.01"), Outcome.HOLD)]
)
def test_the_overdue_sum_may_reach_the_threshold(amounts, outcome):
    rules = rule(Rule.OVERDUE_AMOUNT, threshold=money(900), grace_days=3)
    overdue = late((4, amounts[0]), (30, amounts[1]), (3, 5000))
    decision = decide(check(100, overdue=overdue, rules=rules))
    assert decision.outcome is outcome
    assert found(decision, Rule.OVERDUE_AMOUNT).observed == sum(map(money, amounts))


def test_without_a_threshold_every_overdue_cent_counts():
    rules = rule(Rule.OVERDUE_AMOUNT)
    assert decide(check(1, overdue=late((1, "0.01")), rules=rules)).outcome is Outcome.HOLD
    assert decide(check(1, rules=rules)).outcome is Outcome.PASS


@pytest.mark.parametrize(("age", "outcome"), [(90, Outcome.PASS), (91, Outcome.HOLD)])
def test_the_oldest_open_item_may_be_as_old_as_allowed(age, outcome):
    overdue = OverdueFacts(oldest_item_on=TODAY - timedelta(days=age), oldest_item_reference="I7")
    rules = rule(Rule.OLDEST_ITEM, threshold=money(90))
    decision = decide(check(1, overdue=overdue, rules=rules))
    assert decision.outcome is outcome
    item = found(decision, Rule.OLDEST_ITEM)
    assert (item.observed, item.facts["reference"]) == (age, "I7")


def test_the_oldest_item_is_not_asked_without_an_item_or_a_threshold():
    assert not found(
        decide(check(1, rules=rule(Rule.OLDEST_ITEM, threshold=money(9)))), Rule.OLDEST_ITEM
    ).asked
    dated = OverdueFacts(oldest_item_on=TODAY - timedelta(days=900))
    unstated = decide(check(1, overdue=dated, rules=rule(Rule.OLDEST_ITEM)))
    assert not found(unstated, Rule.OLDEST_ITEM).asked


@pytest.mark.parametrize(
    ("facts", "options", "causes"),
    [
        ({}, {}, ""),
        ({"method_treatment": MethodTreatment.ANALYSIS}, {}, "analysis"),
        ({"method_immediate": False}, {"analyse_non_immediate": True}, "not_immediate"),
        ({"method_immediate": True}, {"analyse_non_immediate": True}, ""),
        ({"instalments": 2}, {"analyse_instalments": True}, "instalments"),
        ({"instalments": 1}, {"analyse_instalments": True}, ""),
        ({"instalments": 3}, {}, ""),
        (
            {"method_treatment": MethodTreatment.ANALYSIS, "instalments": 2},
            {"analyse_instalments": True, "analyse_non_immediate": True},
            "analysis, not_immediate, instalments",
        ),
    ],
)
def test_terms_that_ask_for_a_look(facts, options, causes):
    rules = rule(Rule.PAYMENT_METHOD, options=options)
    item = found(decide(check(document(10, **facts), rules=rules)), Rule.PAYMENT_METHOD)
    assert (item.fired, item.facts["causes"]) == (bool(causes), causes)
    assert item.effect is (Severity.HOLD if causes else Severity.OK)
