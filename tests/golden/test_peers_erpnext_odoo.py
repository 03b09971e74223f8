"""Figures of ERPNext and Odoo, decided by this engine.

Each case names where its figures come from: an automated test, a fix or a report of that project.
Where the report gave no amounts, the amounts are ours.
"""

from __future__ import annotations

import pytest

from credit_limits.engine.decide import decide
from credit_limits.engine.types import (
    Checkpoint,
    Component,
    ScopeKind,
)
from tests.credit_limits.engine.builders import (
    UNLIMITED,
    account,
    check,
    document,
    exposure,
    late,
    limit,
    scope,
)
from tests.golden.peers import (
    ALREADY,
    DELIVERY,
    HOLD,
    INVOICE,
    LIMIT,
    NO_ORDERS,
    OVERDUE_900,
    OVERDUE_5000,
    PASS,
    WARN,
    WARN_POLICY,
    Case,
    changed,
    judge,
)

CASES = [
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
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.source)
def test_the_figures_of_a_peer(case):
    judge(case)


def test_the_limit_of_the_company_of_the_document_decides():
    """Odoo: 500 against 100 in company A, whichever company the user works in."""
    scopes = (account(limit(100)), scope(ScopeKind.CUSTOMER, "all companies", UNLIMITED))
    decision = decide(check(document(500, kind="quote"), scopes=scopes))
    assert (decision.outcome, decision.blocking, decision.projected) == (HOLD, (LIMIT,), 500)
