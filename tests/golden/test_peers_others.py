"""Figures of iDempiere, ADempiere, metasfresh and Dolibarr, decided by this engine.

Each case names where its figures come from: an automated test, a fix or a report of that project.
Where the report gave no amounts, the amounts are ours.
"""

from __future__ import annotations

import pytest

from credit_limits.engine.exposure import compose, counted_total
from credit_limits.engine.types import (
    Component,
    CustomerFacts,
    CustomerStatus,
    MethodTreatment,
)
from tests.credit_limits.engine.builders import (
    UNLIMITED,
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
    LIMIT,
    NO_ORDERS,
    PASS,
    REFUSE,
    WARN,
    WARN_POLICY,
    Case,
    judge,
    released,
)

CASES = [
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
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.source)
def test_the_figures_of_a_peer(case):
    judge(case)


def test_an_unused_credit_note_still_belongs_to_the_customer():
    """Dolibarr: 300 open and 100 of unused credit were read as 300."""
    parts = [(Component.INVOICE_OPEN, money(300)), (Component.CREDITS, money(-100))]
    assert counted_total(compose(parts), policy()) == 200
