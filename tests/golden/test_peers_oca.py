"""Figures of OCA's, Tryton's and SerpentCS's credit modules, decided by this engine.

Each case names where its figures come from: an automated test, a fix or a report of that project.
Where the report gave no amounts, the amounts are ours.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from credit_limits.engine.decide import decide
from credit_limits.engine.exposure import compose, counted_total
from credit_limits.engine.types import (
    Component,
)
from tests.credit_limits.engine.builders import (
    NOTHING,
    UNLIMITED,
    account,
    check,
    document,
    exposure,
    limit,
    money,
    policy,
)
from tests.golden.peers import (
    ALREADY,
    DELIVERY,
    HOLD,
    INVOICE,
    LIMIT,
    OVERDUE_550,
    PASS,
    Case,
    changed,
    component_limit,
    judge,
    released,
)

CASES = [
    Case(
        "OCA account_financial_risk, limit 100 under 550 overdue",
        check(document(1, **INVOICE), limit(100), OVERDUE_550),
        HOLD,
        (ALREADY,),
        551,
    ),
    Case(
        "OCA account_financial_risk, limit raised to 1100",
        check(document(550, **INVOICE), limit(1100), OVERDUE_550),
        PASS,
        (),
        1100,
    ),
    Case(
        "OCA account_financial_risk, open invoices limited to 300",
        check(
            document(550, **INVOICE),
            limit(1100),
            OVERDUE_550,
            rules=component_limit("invoice_open", 300),
        ),
        HOLD,
        ("COMPONENT_LIMIT:invoice_open",),
        1100,
    ),
    Case(
        "OCA sale_financial_risk, first order of 115 without a bound",
        check(115, UNLIMITED, rules=component_limit("order_open", 150)),
        PASS,
        (),
        115,
    ),
    Case(
        "OCA sale_financial_risk, second order, component 99",
        check(115, UNLIMITED, exposure(order_open=115), rules=component_limit("order_open", 99)),
        HOLD,
        ("COMPONENT_LIMIT:order_open",),
        230,
    ),
    Case(
        "OCA sale_financial_risk, second order, component 150",
        check(115, UNLIMITED, exposure(order_open=115), rules=component_limit("order_open", 150)),
        HOLD,
        ("COMPONENT_LIMIT:order_open",),
        230,
    ),
    Case(
        "OCA sale_financial_risk, second order, limit 100",
        check(115, limit(100), exposure(order_open=115)),
        HOLD,
        (ALREADY,),
        230,
    ),
    Case(
        "OCA sale_financial_risk, second order released",
        check(115, limit(100), exposure(order_open=115), releases=released(ALREADY, up_to=115)),
        PASS,
        (),
        230,
    ),
    Case(
        "OCA credit-control, invoice of an order approved over the limit",
        check(document(150, **INVOICE), limit(100), releases=released(LIMIT, up_to=150)),
        PASS,
        (),
        150,
    ),
    Case(
        "OCA credit-control, order of 101 zloty at 0.9 against 100 euro",
        check(
            document(101, currency="PLN"),
            scopes=(account(limit(100), document_amount=money("90.90")),),
        ),
        PASS,
        (),
        money("90.90"),
    ),
    Case(
        "OCA sale_financial_risk, unlimited customer",
        check(10, UNLIMITED),
        PASS,
        (),
        10,
    ),
    Case(
        "OCA stock_financial_risk, a customer's return",
        check(document(10, outward=False), limit(100), exposure(invoice_overdue=500)),
        PASS,
    ),
    Case(
        "OCA stock_financial_risk, goods shipped",
        check(document(10, **DELIVERY), limit(100), exposure(invoice_overdue=500)),
        HOLD,
        (ALREADY,),
        510,
    ),
    Case(
        "Tryton account_credit_limit, amount 0 on limit 0",
        check(document(0), scopes=(account(NOTHING, exposure(invoice_open=100)),)),
        PASS,
        (),
        100,
    ),
    Case(
        "Tryton account_credit_limit, amount 1 on limit 0",
        check(1, NOTHING, exposure(invoice_open=100)),
        HOLD,
        (ALREADY,),
        101,
    ),
    Case(
        "Tryton sale_credit_limit, an accepted order goes on after the limit was lowered",
        changed(50, 50, limit(100), exposure(invoice_open=100)),
        PASS,
        (),
        150,
    ),
    Case(
        "Tryton sale_credit_limit, a new order after the limit was lowered",
        check(1, limit(100), exposure(invoice_open=100, order_open=50)),
        HOLD,
        (ALREADY,),
        151,
    ),
    Case(
        "SerpentCS, a prepaid order of 100 without credit",
        check(100, NOTHING, exposure(credits=-100)),
        PASS,
        (),
        0,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.source)
def test_the_figures_of_a_peer(case):
    judge(case)


def test_orders_of_two_companies_are_added():
    """OCA sale_financial_risk: 100 and 60 were read as 60."""
    parts = [(Component.ORDER_OPEN, money(100)), (Component.ORDER_OPEN, money(60))]
    assert counted_total(compose(parts), policy()) == 160


def test_draft_credit_notes_reduce_the_drafts():
    """OCA credit-control: a draft of 100 and a credit note of 30 were read as 130."""
    parts = [(Component.INVOICE_DRAFT, money(100)), (Component.INVOICE_DRAFT, money(-30))]
    assert counted_total(compose(parts), policy()) == 70


def test_a_batch_is_decided_one_after_the_other():
    """OCA sale_financial_risk: three orders of 40 against 100; the third is held."""
    accepted = money(0)
    outcomes = []
    for _ in range(3):
        decision = decide(check(40, limit(100), exposure(order_open=accepted)))
        outcomes.append(decision.outcome)
        if decision.outcome is PASS:
            accepted += 40
    assert (outcomes, accepted) == ([PASS, PASS, HOLD], 80)


def test_moving_along_the_chain_does_not_change_the_total():
    """SerpentCS: order, delivery and invoice of a prepaid customer are the same 100."""
    facts = check(100, NOTHING, exposure(credits=-100))
    for component in (
        Component.ORDER_OPEN,
        Component.DELIVERED_UNINVOICED,
        Component.INVOICE_DRAFT,
        Component.INVOICE_OPEN,
    ):
        moved = replace(facts, document=replace(facts.document, component=component))
        assert (decide(moved).outcome, decide(moved).projected) == (PASS, 0)
