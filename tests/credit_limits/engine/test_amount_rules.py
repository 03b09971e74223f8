"""Rules about amounts, one by one, at their boundaries."""

from __future__ import annotations

from dataclasses import replace

import pytest

from credit_limits.engine.decide import decide
from credit_limits.engine.types import (
    Component,
    CustomerFacts,
    CustomerStatus,
    Outcome,
    Rule,
    RuleSetting,
    ScopeKind,
    Severity,
)
from tests.credit_limits.engine.builders import (
    NONE,
    NOTHING,
    UNLIMITED,
    account,
    check,
    document,
    exposure,
    found,
    limit,
    money,
    policy,
    scope,
)

NEWCOMER = CustomerFacts(CustomerStatus.RELEASED, has_history=False)


def holds(rule, **setting):
    """A policy in which only this rule stands, with severity hold."""
    return policy({rule: RuleSetting(Severity.HOLD, **setting)}, only=True)


def test_the_finding_carries_the_arithmetic():
    item = found(decide(check(150, limit(1000), exposure(invoice_open=900))), Rule.LIMIT_EXCEEDED)
    assert (item.observed, item.threshold) == (1050, 1000)
    facts = item.facts
    assert (facts["used"], facts["document"], facts["overrun"]) == (900, 150, 50)
    assert (facts["label"], facts["currency"], facts["limit_state"]) == ("Rossi", "EUR", "amount")


@pytest.mark.parametrize(
    ("used", "amount", "reason"),
    [
        (900, "100", None),
        (900, "100.01", "LIMIT_EXCEEDED"),
        (1000, "0.01", "LIMIT_EXCEEDED"),
        ("1000.01", "0.01", "ALREADY_OVER_LIMIT"),
    ],
)
def test_over_means_more_than_the_limit_and_already_over_is_another_reason(used, amount, reason):
    decision = decide(check(amount, limit(1000), exposure(invoice_open=used)))
    assert decision.blocking == ((reason,) if reason else ())


def test_a_scope_without_a_limit_is_not_asked():
    decision = decide(
        check(10, scopes=(account(limit(100)), scope(ScopeKind.GROUP, "Holding", NONE)))
    )
    assert not found(decision, Rule.LIMIT_EXCEEDED, ScopeKind.GROUP).asked
    assert not found(decision, Rule.NEAR_LIMIT, ScopeKind.GROUP).asked
    assert decision.outcome is Outcome.PASS


def test_unlimited_says_so_and_never_blocks():
    decision = decide(check(10**9, UNLIMITED))
    item = found(decision, Rule.LIMIT_EXCEEDED)
    assert (item.reason, item.effect, decision.outcome) == (
        "UNLIMITED",
        Severity.NOTE,
        Outcome.PASS,
    )
    assert decide(check(document(10, counts=False), UNLIMITED)).reasons == ()
    off = policy({Rule.LIMIT_EXCEEDED: RuleSetting()})
    assert decide(check(10, UNLIMITED, rules=off)).reasons == ()


@pytest.mark.parametrize("percent", [None, "0.00", "90"])
@pytest.mark.parametrize(
    ("projected", "near", "over"),
    [
        ("900.00", False, False),
        ("900.01", True, False),
        ("1000.00", True, False),
        ("1000.01", False, True),
    ],
)
def test_the_watch_band_lies_above_the_percentage_up_to_the_limit(percent, projected, near, over):
    """Bounds as in iDempiere's credit status (limit 1000, 90 %; 0.00 must mean the default)."""
    rules = policy(
        {Rule.NEAR_LIMIT: RuleSetting(Severity.WARN, threshold=percent and money(percent))}
    )
    decision = decide(check(projected, limit(1000), rules=rules))
    assert found(decision, Rule.NEAR_LIMIT).fired is near
    assert found(decision, Rule.LIMIT_EXCEEDED).fired is over
    assert decision.outcome is (Outcome.HOLD if over else Outcome.WARN if near else Outcome.PASS)


def test_a_held_change_is_told_without_its_old_version_and_with_its_whole_new_one():
    """Order of 100 wished at 400, 800 besides: the words add up to what is compared."""
    scopes = (account(limit(1000), exposure(invoice_open=800), counted_before=money(100)),)
    item = found(decide(check(400, scopes=scopes)), Rule.LIMIT_EXCEEDED)
    assert (item.fired, item.observed) == (True, 1200)
    assert (item.facts["used"], item.facts["document"], item.facts["overrun"]) == (800, 400, 200)


def test_a_component_is_compared_with_its_own_limit_even_when_it_is_not_the_total():
    """Two orders of 115 against 150 for open orders (OCA sale_financial_risk)."""
    rules = holds(Rule.COMPONENT_LIMIT, thresholds={"order_open": money(150)})
    first = decide(check(115, UNLIMITED, rules=rules))
    second = decide(check(115, UNLIMITED, exposure(order_open=115), rules=rules))
    assert first.outcome is Outcome.PASS
    assert second.blocking == ("COMPONENT_LIMIT:order_open",)
    item = found(second, Rule.COMPONENT_LIMIT)
    assert (item.observed, item.threshold, second.approval_amount) == (230, 150, 80)


def test_a_component_may_be_filled_and_its_change_is_measured_from_what_counted():
    rules = holds(Rule.COMPONENT_LIMIT, thresholds={"order_open": money(150)})
    scopes = (account(UNLIMITED, exposure(order_open=100), counted_before=money(20)),)
    item = found(decide(check(50, scopes=scopes, rules=rules)), Rule.COMPONENT_LIMIT)
    assert (item.fired, item.observed) == (False, 150)
    assert (item.facts["used"], item.facts["document"], item.facts["overrun"]) == (120, 30, 0)


def test_a_component_limit_asks_only_for_the_component_of_the_document():
    rules = holds(Rule.COMPONENT_LIMIT, thresholds={"invoice_draft": money(1)})
    order = decide(check(115, UNLIMITED, rules=rules))
    assert not found(order, Rule.COMPONENT_LIMIT).asked
    quote = decide(check(document(115, component=None), UNLIMITED, rules=rules))
    assert not found(quote, Rule.COMPONENT_LIMIT).asked
    invoice = document(115, component=Component.INVOICE_DRAFT)
    assert decide(check(invoice, UNLIMITED, rules=rules)).outcome is Outcome.HOLD


def test_no_limit_holds_until_a_limit_is_stated_even_zero():
    rules = holds(Rule.NO_LIMIT)
    assert decide(check(10, NONE, rules=rules)).blocking == ("NO_LIMIT",)
    for stated in (NOTHING, limit(5), UNLIMITED):
        assert decide(check(10, stated, rules=rules)).outcome is Outcome.PASS


@pytest.mark.parametrize("wider", [limit(100), NOTHING, UNLIMITED])
def test_a_wider_limit_serves_an_account_without_one(wider):
    scopes = (account(NONE), scope(ScopeKind.GROUP, "Holding", wider))
    item = found(decide(check(10, scopes=scopes, rules=holds(Rule.NO_LIMIT))), Rule.NO_LIMIT)
    assert (item.asked, item.fired) == (False, False)


def test_a_wider_scope_without_a_limit_does_not_serve():
    scopes = (account(NONE), scope(ScopeKind.GROUP, "Holding", NONE))
    assert decide(check(10, scopes=scopes)).blocking == ("NO_LIMIT",)


def test_a_first_order_is_held_only_without_a_limit_unless_the_policy_says_any():
    rules = holds(Rule.FIRST_ORDER)
    every = holds(Rule.FIRST_ORDER, options={"only_without_limit": False})
    assert decide(check(10, NONE, customer=NEWCOMER, rules=rules)).blocking == ("FIRST_ORDER",)
    assert decide(check(10, limit(99), customer=NEWCOMER, rules=rules)).outcome is Outcome.PASS
    assert decide(check(10, limit(99), customer=NEWCOMER, rules=every)).outcome is Outcome.HOLD
    assert decide(check(10, NONE, rules=every)).outcome is Outcome.PASS


def test_one_document_may_be_as_large_as_the_maximum():
    rules = holds(Rule.DOCUMENT_MAXIMUM, threshold=money(500))
    assert decide(check(500, UNLIMITED, rules=rules)).outcome is Outcome.PASS
    over = decide(check("500.01", UNLIMITED, rules=rules))
    assert (over.blocking, over.approval_amount) == (("DOCUMENT_MAXIMUM",), money("500.01"))
    unstated = decide(check(10**6, UNLIMITED, rules=holds(Rule.DOCUMENT_MAXIMUM)))
    assert not found(unstated, Rule.DOCUMENT_MAXIMUM).asked


def test_the_maximum_is_compared_in_the_currency_of_the_account():
    rules = holds(Rule.DOCUMENT_MAXIMUM, threshold=money(500))
    zloty = document(501, currency="PLN")
    scopes = (account(UNLIMITED, document_amount=money("450.90")),)
    assert decide(check(zloty, scopes=scopes, rules=rules)).outcome is Outcome.PASS


ALL_AMOUNT_RULES = policy(
    {
        Rule.LIMIT_EXCEEDED: RuleSetting(Severity.HOLD),
        Rule.COMPONENT_LIMIT: RuleSetting(Severity.HOLD, thresholds={"order_open": money(1)}),
        Rule.FIRST_ORDER: RuleSetting(Severity.HOLD, options={"only_without_limit": False}),
        Rule.DOCUMENT_MAXIMUM: RuleSetting(Severity.HOLD, threshold=money(1)),
    }
)


def test_a_document_that_adds_nothing_is_not_stopped_by_amounts_but_the_trace_tells():
    """Steps of an accepted order go on when the limit was lowered later (Tryton)."""
    scopes = (account(limit(1), exposure(invoice_open=100), counted_before=money(50)),)
    facts = check(50, scopes=scopes, customer=NEWCOMER, rules=ALL_AMOUNT_RULES)
    decision = decide(facts)
    assert decision.outcome is Outcome.PASS
    fired = [item for item in decision.findings if item.fired]
    assert {item.excluded_by for item in fired} == {"no_increment"}
    assert {item.rule for item in fired} == {
        Rule.LIMIT_EXCEEDED,
        Rule.COMPONENT_LIMIT,
        Rule.FIRST_ORDER,
        Rule.DOCUMENT_MAXIMUM,
    }
    a_cent_more = replace(facts, scopes=(replace(scopes[0], document_amount=money("50.01")),))
    assert len(decide(a_cent_more).blocking) == 4


def test_a_document_that_does_not_count_is_not_stopped_by_amounts():
    quote = document(5000, counts=False)
    decision = decide(check(quote, limit(1), customer=NEWCOMER, rules=ALL_AMOUNT_RULES))
    assert decision.outcome is Outcome.PASS
    assert {item.excluded_by for item in decision.findings if item.fired} == {"not_counted"}
