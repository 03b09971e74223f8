"""The facts after a payment, a cut or a raised limit."""

from __future__ import annotations

from datetime import timedelta

from credit_limits.engine.types import (
    Component,
    LimitFacts,
    LimitState,
    OverdueFacts,
    ScopeKind,
    WayKind,
)
from credit_limits.engine.what_if import amount_paid, apply_way, items_paid, limits_raised, reduced
from tests.credit_limits.engine.asking import LATE_HOLDS, by_kind
from tests.credit_limits.engine.builders import (
    NONE,
    TODAY,
    account,
    check,
    document,
    exposure,
    late,
    limit,
    money,
    scope,
)


def test_a_cut_takes_the_same_share_in_every_scope():
    dollars = scope(
        ScopeKind.CUSTOMER,
        "Rossi",
        limit(999),
        currency="USD",
        document_amount=money(125),
        to_account=money("0.8"),
    )
    cut = reduced(check(100, scopes=(account(limit(50)), dollars)), money("33.33"))
    assert [item.document_amount for item in cut.scopes] == [money("33.33"), money("41.66")]


def test_a_payment_settles_what_is_due_the_longest_then_what_is_open_then_stands_as_credit():
    used = exposure(invoice_overdue=100, invoice_open=40)
    facts = check(1, used=used, overdue=late((3, 60), (9, 40)))
    part = amount_paid(facts, money(70))
    assert part.overdue.items == (("I1", TODAY - timedelta(days=3), money(30)),)
    assert part.scopes[0].exposure.of(Component.INVOICE_OVERDUE) == 30
    more = amount_paid(facts, money(150)).scopes[0].exposure
    assert more.of(Component.INVOICE_OVERDUE) == more.of(Component.INVOICE_OPEN) == 0
    assert more.of(Component.CREDITS) == -10


def test_a_payment_counts_in_wider_scopes_at_their_rate_rounded_down():
    dollars = scope(
        ScopeKind.CUSTOMER,
        "Rossi",
        limit(999),
        exposure(invoice_overdue=200),
        currency="USD",
        document_amount=money(1),
        to_account=money("0.9"),
    )
    facts = check(
        1,
        scopes=(account(limit(9), exposure(invoice_overdue=100)), dollars),
        overdue=late((9, 100)),
    )
    after = items_paid(facts, ["I1"])
    assert after.scopes[0].exposure.of(Component.INVOICE_OVERDUE) == 0
    assert after.scopes[1].exposure.of(Component.INVOICE_OVERDUE) == money("88.89")
    assert after.overdue.items == ()


def test_a_scope_without_a_rate_gets_no_help_from_a_payment():
    """A document that does not count is not held for the rate, but may be for lateness."""
    unknown = scope(
        ScopeKind.GROUP,
        "Holding",
        limit(999),
        exposure(invoice_overdue=200),
        currency="USD",
        to_account=money(0),
    )
    facts = check(
        document(10, counts=False),
        scopes=(account(limit(9), exposure(invoice_overdue=100)), unknown),
        overdue=late((9, 100)),
        rules=LATE_HOLDS,
        missing_rates=("USD-EUR",),
    )
    found = by_kind(facts)
    assert found[WayKind.PAY_ITEMS].amount == 100
    paid = items_paid(facts, ["I1"]).scopes[1].exposure
    assert paid.of(Component.INVOICE_OVERDUE) == 200


def test_instalments_with_one_reference_are_paid_together_and_the_rest_stays_open():
    old = TODAY - timedelta(days=100)
    overdue = OverdueFacts(
        items=(
            ("I1", TODAY - timedelta(days=70), money(30)),
            ("I1", TODAY - timedelta(days=40), money(30)),
        ),
        oldest_item_on=old,
        oldest_item_reference="I1",
        open_since=(("I1", old, money(90)),),
    )
    after = items_paid(check(1, overdue=overdue), ["I1"])
    assert after.overdue.items == ()
    assert after.overdue.oldest_item_on == old


def test_a_raised_limit_states_an_amount():
    way = by_kind(check(100, NONE))[WayKind.RAISE_LIMIT]
    raised = apply_way(check(100, NONE), way).scopes[0].limit
    assert (raised.state, raised.amount, raised.permanent) == (LimitState.AMOUNT, 100, 100)


OLD, MIDDLE, YOUNG = (TODAY - timedelta(days=days) for days in (100, 60, 30))
THREE_OPEN = OverdueFacts(
    items=(("I1", TODAY - timedelta(days=40), money(70)),),
    oldest_item_on=OLD,
    oldest_item_reference="I1",
    open_since=(("I3", YOUNG, money(5)), ("I1", OLD, money(70)), ("I2", MIDDLE, money(20))),
)


def test_when_the_oldest_is_paid_the_next_oldest_is_the_oldest():
    facts = check(1, used=exposure(invoice_overdue=70, invoice_open=400), overdue=THREE_OPEN)
    for after in (items_paid(facts, ["I1"]), amount_paid(facts, money(70))):
        assert after.overdue.oldest_item_on == MIDDLE
        assert after.overdue.oldest_item_reference == "I2"
    almost = amount_paid(facts, money("69.99")).overdue
    assert (almost.oldest_item_on, almost.items[0][2]) == (OLD, money("0.01"))


def test_an_item_that_is_not_due_is_paid_out_of_the_open_invoices():
    facts = check(1, used=exposure(invoice_overdue=70, invoice_open=400), overdue=THREE_OPEN)
    by_item = items_paid(facts, ["I1", "I2"]).scopes[0].exposure
    by_amount = amount_paid(facts, money(90)).scopes[0].exposure
    for after in (by_item, by_amount):
        assert after.of(Component.INVOICE_OVERDUE) == 0
        assert after.of(Component.INVOICE_OPEN) == 380
        assert after.of(Component.CREDITS) == 0


def test_a_temporary_limit_stays_when_the_limit_is_raised():
    now = LimitFacts(LimitState.AMOUNT, money(120), permanent=money(100), temporary=money(20))
    facts = check(150, now)
    raised = limits_raised(facts, {(ScopeKind.ACCOUNT, "Rossi"): money(150)}).scopes[0].limit
    assert (raised.amount, raised.permanent, raised.temporary) == (150, 130, 20)


def test_a_limit_of_nothing_is_the_limit_zero():
    facts = check(10, NONE, exposure(credits=-50))
    way = by_kind(facts)[WayKind.RAISE_LIMIT]
    assert way.amount == 0
    assert apply_way(facts, way).scopes[0].limit.state is LimitState.ZERO
