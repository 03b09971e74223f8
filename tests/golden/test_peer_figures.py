"""Figures that other credit modules proved or got wrong, decided by this engine.

Each case names where its figures come from: an automated test, a fix or a report of that project.
Where the report gave no amounts, the amounts are ours.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import pytest

from credit_limits.engine.decide import decide
from credit_limits.engine.exposure import compose, counted_total
from credit_limits.engine.types import (
    CheckInput,
    Checkpoint,
    Component,
    CustomerFacts,
    CustomerStatus,
    Include,
    MethodTreatment,
    Outcome,
    PolicyFacts,
    ReleaseFacts,
    Rule,
    RuleSetting,
    ScopeKind,
    Severity,
)
from tests.credit_limits.engine.builders import (
    NOTHING,
    TODAY,
    UNLIMITED,
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

PASS, WARN, HOLD, REFUSE = Outcome.PASS, Outcome.WARN, Outcome.HOLD, Outcome.REFUSE
LIMIT, ALREADY = "LIMIT_EXCEEDED", "ALREADY_OVER_LIMIT"


class Case(NamedTuple):
    """What a peer's figures must come to: outcome, what blocks or warns, projected exposure."""

    source: str
    facts: CheckInput
    outcome: Outcome
    says: tuple[str, ...] = ()
    projected: Any = None


def component_limit(name: str, amount: float) -> PolicyFacts:
    setting = RuleSetting(Severity.HOLD, thresholds={name: money(amount)})
    return policy({Rule.COMPONENT_LIMIT: setting})


def changed(amount: float, before: float, limit_: Any, used: Any, **facts: Any) -> CheckInput:
    """A document whose accepted version counted `before`."""
    return check(amount, scopes=(account(limit_, used, counted_before=money(before)),), **facts)


def released(*reasons: str, up_to: float) -> tuple[ReleaseFacts, ...]:
    return (ReleaseFacts(frozenset(reasons), money(up_to), TODAY, frozenset(Checkpoint)),)


OVERDUE_550 = exposure(invoice_overdue=550)
INVOICE = {"component": Component.INVOICE_OPEN, "checkpoint": Checkpoint.POST}
DELIVERY = {"component": Component.DELIVERED_UNINVOICED, "checkpoint": Checkpoint.DELIVER}
WARN_POLICY = policy({Rule.LIMIT_EXCEEDED: RuleSetting(Severity.WARN)})
NO_ORDERS = policy(include={Component.ORDER_OPEN: Include.SHOW})
OVERDUE_900 = policy({Rule.OVERDUE_AMOUNT: RuleSetting(Severity.HOLD, threshold=money(900))})
OVERDUE_5000 = policy({Rule.OVERDUE_AMOUNT: RuleSetting(Severity.HOLD, threshold=money(5000))})

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
        "ERPNext, order of 100 fills the limit of 300",
        check(100, limit(300), exposure(order_open=200)),
        PASS,
        (),
        300,
    ),
    Case(
        "ERPNext, the same order raised to 200",
        changed(200, 100, limit(300), exposure(order_open=200)),
        HOLD,
        (LIMIT,),
        400,
    ),
    Case(
        "ERPNext, the same order lowered to 50",
        changed(50, 100, limit(300), exposure(order_open=200)),
        PASS,
        (),
        250,
    ),
    Case(
        "ERPNext, a delivery of 60 is counted once",
        check(document(60, **DELIVERY), limit(100)),
        PASS,
        (),
        60,
    ),
    Case(
        "ERPNext, a closed order of 80 reopened beside another",
        check(document(80, checkpoint=Checkpoint.REOPEN), limit(100), exposure(order_open=80)),
        HOLD,
        (LIMIT,),
        160,
    ),
    Case(
        "ERPNext, 1000 overdue against a threshold of 900",
        check(
            document(100, **INVOICE),
            UNLIMITED,
            exposure(invoice_overdue=1000),
            overdue=late((30, 1000)),
            rules=OVERDUE_900,
        ),
        HOLD,
        ("OVERDUE_AMOUNT",),
        1100,
    ),
    Case(
        "ERPNext, the same with the rule off",
        check(
            document(100, **INVOICE),
            UNLIMITED,
            exposure(invoice_overdue=1000),
            overdue=late((30, 1000)),
        ),
        PASS,
        (),
        1100,
    ),
    Case(
        "ERPNext, an invoice of 1 after opening balances of 3000 and 4000",
        check(
            document(1, **INVOICE),
            limit(5000),
            exposure(invoice_overdue=7000),
            overdue=late((10, 3000), (10, 4000)),
            rules=OVERDUE_5000,
        ),
        HOLD,
        (ALREADY, "OVERDUE_AMOUNT"),
        7001,
    ),
    Case(
        "ERPNext, the opening balances themselves",
        check(document(4000, outward=False), limit(5000), exposure(invoice_overdue=3000)),
        PASS,
    ),
    Case(
        "ERPNext, a counter sale paid in full leaves nothing on account",
        check(document(0), limit(100), exposure(invoice_open=90)),
        PASS,
        (),
        90,
    ),
    Case(
        "ERPNext, 20 of a counter sale on account",
        check(20, limit(100), exposure(invoice_open=90)),
        HOLD,
        (LIMIT,),
        110,
    ),
    Case(
        "ERPNext, an order of 5000 where orders do not count",
        check(5000, limit(1000), rules=NO_ORDERS),
        PASS,
        (),
        0,
    ),
    Case(
        "ERPNext, 900 of it delivered",
        check(document(900, **DELIVERY), limit(1000), exposure(order_open=5000), rules=NO_ORDERS),
        PASS,
        (),
        900,
    ),
    Case(
        "ERPNext, another 200 delivered",
        check(
            document(200, **DELIVERY),
            limit(1000),
            exposure(order_open=4100, delivered_uninvoiced=900),
            rules=NO_ORDERS,
        ),
        HOLD,
        (LIMIT,),
        1100,
    ),
    Case(
        "Odoo, a down-payment invoice raised to 1500",
        check(
            document(1500, component=Component.INVOICE_DRAFT),
            limit(1000),
        ),
        HOLD,
        (LIMIT,),
        1500,
    ),
    Case(
        "Odoo, invoicing 2000 beside another order of 1000, warning only",
        check(
            document(2000, component=Component.INVOICE_DRAFT),
            limit(1000),
            exposure(order_open=1000),
            rules=WARN_POLICY,
        ),
        WARN,
        (LIMIT,),
        3000,
    ),
    Case(
        "iDempiere, a shipment of 500 x 23.32 on a free status",
        check(document("11660.00", **DELIVERY), UNLIMITED),
        PASS,
        (),
        money("11660.00"),
    ),
    Case(
        "iDempiere, the same on stop",
        check(
            document("11660.00", **DELIVERY),
            UNLIMITED,
            customer=CustomerFacts(CustomerStatus.BLOCKED),
        ),
        REFUSE,
        ("STATUS_BLOCKED",),
    ),
    Case(
        "iDempiere, the same on hold",
        check(
            document("11660.00", **DELIVERY),
            UNLIMITED,
            customer=CustomerFacts(CustomerStatus.DEBTOR),
        ),
        HOLD,
        ("STATUS_DEBTOR",),
    ),
    Case(
        "iDempiere and LedgerSMB, a rate is missing",
        check(10, limit(1000), missing_rates=("XYZ-USD",)),
        HOLD,
        ("RATE_MISSING",),
    ),
    Case(
        "iDempiere, a delivery of 480 gross is in its own check",
        check(document(480, **DELIVERY), limit(1000), exposure(invoice_open=600), rules=NO_ORDERS),
        HOLD,
        (LIMIT,),
        1080,
    ),
    Case(
        "ADempiere, delivering an order approved over the limit",
        check(
            document(50, **DELIVERY),
            limit(100),
            exposure(invoice_open=90),
            releases=released(LIMIT, up_to=50),
        ),
        PASS,
        (),
        140,
    ),
    Case(
        "ADempiere, the next order is held",
        check(5, limit(100), exposure(invoice_open=90, order_open=50)),
        HOLD,
        (ALREADY,),
        145,
    ),
    Case(
        "metasfresh, 300 billed to the party with limit 1000",
        check(300, limit(1000)),
        PASS,
        (),
        300,
    ),
    Case(
        "metasfresh, 300 billed to the party with limit 100",
        check(300, limit(100)),
        HOLD,
        (LIMIT,),
        300,
    ),
    Case(
        "Dolibarr, 10 on 100 of 100, warning only",
        check(10, limit(100), exposure(invoice_open=100), rules=WARN_POLICY),
        WARN,
        (LIMIT,),
        110,
    ),
    Case(
        "Dolibarr, 10 on 100 of 100",
        check(10, limit(100), exposure(invoice_open=100)),
        HOLD,
        (LIMIT,),
        110,
    ),
    Case(
        "Dolibarr, the same paid by card",
        check(
            document(10, method_treatment=MethodTreatment.PASSES),
            limit(100),
            exposure(invoice_open=100),
        ),
        PASS,
        (),
        110,
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
    decision = decide(case.facts)
    assert decision.outcome is case.outcome
    speaking = {item.reason for item in decision.findings if item.effect >= Severity.WARN}
    assert tuple(sorted(speaking)) == case.says
    if case.projected is not None:
        assert decision.projected == case.projected


def test_orders_of_two_companies_are_added():
    """OCA sale_financial_risk: 100 and 60 were read as 60."""
    parts = [(Component.ORDER_OPEN, money(100)), (Component.ORDER_OPEN, money(60))]
    assert counted_total(compose(parts), policy()) == 160


def test_draft_credit_notes_reduce_the_drafts():
    """OCA credit-control: a draft of 100 and a credit note of 30 were read as 130."""
    parts = [(Component.INVOICE_DRAFT, money(100)), (Component.INVOICE_DRAFT, money(-30))]
    assert counted_total(compose(parts), policy()) == 70


def test_an_unused_credit_note_still_belongs_to_the_customer():
    """Dolibarr: 300 open and 100 of unused credit were read as 300."""
    parts = [(Component.INVOICE_OPEN, money(300)), (Component.CREDITS, money(-100))]
    assert counted_total(compose(parts), policy()) == 200


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


def test_the_limit_of_the_company_of_the_document_decides():
    """Odoo: 500 against 100 in company A, whichever company the user works in."""
    scopes = (account(limit(100)), scope(ScopeKind.CUSTOMER, "all companies", UNLIMITED))
    decision = decide(check(document(500, kind="quote"), scopes=scopes))
    assert (decision.outcome, decision.blocking, decision.projected) == (HOLD, (LIMIT,), 500)


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
