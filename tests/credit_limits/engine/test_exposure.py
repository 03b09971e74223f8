"""Components added up and positions of scopes."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from credit_limits.engine.decide import decide
from credit_limits.engine.exposure import breakdown, compose, counted_total
from credit_limits.engine.types import (
    Component,
    Include,
    Outcome,
    Rule,
    RuleSetting,
    ScopeKind,
    Severity,
)
from tests.credit_limits.engine.builders import (
    NONE,
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
from tests.credit_limits.engine.strategies import cents

PART = st.tuples(st.sampled_from(Component), cents(-50_000))


@given(st.lists(PART, max_size=20))
def test_the_parts_add_up_to_the_total_to_the_cent(parts):
    assert counted_total(compose(parts), policy()) == sum((part[1] for part in parts), Decimal(0))


def test_components_keep_the_display_order():
    made = compose([(Component.CREDITS, money(-5)), (Component.ORDER_OPEN, money(7))])
    assert list(made.amounts) == [Component.ORDER_OPEN, Component.CREDITS]
    assert made.of(Component.BILL_ISSUED) == 0


def test_only_counted_components_make_the_total_and_shown_ones_are_still_shown():
    rules = policy(
        include={Component.ORDER_OPEN: Include.SHOW, Component.BILL_ISSUED: Include.LEAVE_OUT}
    )
    used = exposure(order_open=100, bill_issued=50, invoice_open=7)
    assert counted_total(used, rules) == 7
    shown = {component: (amount, include) for component, amount, include in breakdown(used, rules)}
    assert shown[Component.ORDER_OPEN] == (100, Include.SHOW)
    assert Component.BILL_ISSUED not in shown


def test_a_document_in_a_component_that_does_not_count_adds_nothing():
    rules = policy(include={Component.ORDER_OPEN: Include.LEAVE_OUT})
    decision = decide(check(5000, limit(1000), exposure(invoice_open=900), rules=rules))
    assert (decision.outcome, decision.projected) == (Outcome.PASS, 900)


def test_but_its_component_limit_still_holds():
    rules = policy(
        {Rule.COMPONENT_LIMIT: RuleSetting(Severity.HOLD, thresholds={"order_open": money(50)})},
        include={Component.ORDER_OPEN: Include.SHOW},
    )
    decision = decide(check(60, limit(1000), rules=rules))
    assert decision.blocking == ("COMPONENT_LIMIT:order_open",)
    assert decision.approval_amount == 10


def test_a_change_is_measured_on_what_it_adds():
    """An order of 100 accepted within 300 is raised to 200 (ERPNext: raising a submitted order)."""
    scopes = (account(limit(300), exposure(order_open=200), counted_before=money(100)),)
    decision = decide(check(200, scopes=scopes))
    result = decision.scopes[0]
    assert (result.used, result.projected, result.overrun) == (300, 400, 100)
    assert decision.blocking == ("LIMIT_EXCEEDED",)
    assert decide(check(50, scopes=scopes)).outcome is Outcome.PASS


def test_the_lowest_headroom_decides_over_all_scopes():
    decision = decide(
        check(
            50,
            scopes=(
                scope(ScopeKind.GROUP, "Holding", limit(500), exposure(invoice_open=480)),
                account(limit(1000), exposure(invoice_open=100)),
                scope(ScopeKind.CUSTOMER, "Rossi", limit(900), exposure(invoice_open=100)),
            ),
        )
    )
    assert [item.kind for item in decision.scopes] == list(ScopeKind)
    assert (decision.projected, decision.headroom, decision.overrun) == (150, -30, 30)
    assert found(decision, Rule.LIMIT_EXCEEDED, ScopeKind.GROUP).fired
    assert not found(decision, Rule.LIMIT_EXCEEDED, ScopeKind.ACCOUNT).fired
    assert decision.approval_amount == 30


def test_headrooms_in_different_currencies_are_compared_in_the_accounts():
    """Over by 1,000 yen (6 euro) is less than over by 50 euro."""
    yen = scope(
        ScopeKind.CUSTOMER,
        "Rossi",
        limit(15_000),
        currency="JPY",
        document_amount=money(16_000),
        to_account=money("0.00625"),
    )
    decision = decide(check(100, scopes=(account(limit(50)), yen)))
    assert [item.overrun for item in decision.scopes] == [50, 1000]
    assert (decision.overrun, decision.headroom, decision.approval_amount) == (50, -50, 50)
    only_yen = decide(check(100, scopes=(account(limit(100)), yen)))
    assert (only_yen.overrun, only_yen.headroom) == (money("6.25"), money("-6.25"))


def test_without_any_limit_there_is_no_headroom():
    assert decide(check(10, NONE)).headroom is None


def test_a_document_in_another_currency_is_worth_what_the_account_counts():
    """101 zloty at 0.9 are 90.90 (OCA: order currency converted before comparing)."""
    doc = document(101, currency="PLN")
    scopes = (account(limit(100), document_amount=money("90.90")),)
    decision = decide(check(doc, scopes=scopes))
    assert (decision.outcome, decision.projected) == (Outcome.PASS, money("90.90"))
