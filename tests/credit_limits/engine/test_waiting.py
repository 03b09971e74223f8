"""Waiting as a way out: the day is the first one on which the check would pass, and stays so."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from credit_limits.engine.decide import decide
from credit_limits.engine.limits import LimitKind
from credit_limits.engine.suggest import ways_to_pass
from credit_limits.engine.timeline import Curve, curve
from credit_limits.engine.types import (
    CheckInput,
    Component,
    CustomerFacts,
    CustomerStatus,
    Outcome,
    Rule,
    RuleSetting,
    ScopeKind,
    Severity,
    Way,
    WayKind,
)
from credit_limits.engine.waiting import waited
from tests.credit_limits.engine.builders import (
    TODAY,
    account,
    check,
    exposure,
    late,
    limit,
    money,
    policy,
    scope,
)
from tests.credit_limits.engine.test_timeline import (
    AMOUNTS,
    COUNTED,
    DEBITS,
    credit,
    day,
    item,
    order,
)
from tests.credit_limits.engine.test_timeline import limit as row

LATE_HOLDS = policy({Rule.OVERDUE_DAYS: RuleSetting(Severity.HOLD)})


def wait_of(facts: CheckInput, drawn: Curve) -> Way | None:
    found = [
        way for way in ways_to_pass(facts, decide(facts), drawn) if way.kind is WayKind.SHIP_AFTER
    ]
    return found[0] if found else None


def drawn(*flows, limits=None) -> Curve:
    return curve(flows, as_of=TODAY, counted=COUNTED, limits=limits or (row(1000),))


def test_the_first_day_on_which_it_passes_with_what_is_expected_by_then() -> None:
    flows = (item(500, 10, number=1), item(400, 20, number=2))
    facts = check(300, limit(1000), exposure(invoice_open=900))
    assert wait_of(facts, drawn(*flows)) == Way(WayKind.SHIP_AFTER, money(500), on=day(10))
    larger = check(650, limit(1000), exposure(invoice_open=900))
    assert wait_of(larger, drawn(*flows)) == Way(WayKind.SHIP_AFTER, money(900), on=day(20))
    never = check(1001, limit(1000), exposure(invoice_open=900))
    assert wait_of(never, drawn(*flows)) is None


def test_a_document_that_passes_needs_no_waiting() -> None:
    facts = check(50, limit(1000), exposure(invoice_open=900))
    assert ways_to_pass(facts, decide(facts), drawn(item(900, 10))) == ()


def test_without_the_curve_nothing_else_changes() -> None:
    facts = check(300, limit(1000), exposure(invoice_open=900))
    plain = ways_to_pass(facts, decide(facts))
    with_curve = ways_to_pass(facts, decide(facts), drawn(item(900, 10)))
    assert with_curve[: len(plain)] == plain
    assert [way.kind for way in with_curve[len(plain) :]] == [WayKind.SHIP_AFTER]


def test_overdue_items_are_expected_after_their_usual_delay() -> None:
    facts = check(
        10, limit(1000), exposure(invoice_overdue=30), overdue=late((9, 30)), rules=LATE_HOLDS
    )
    found = drawn(item(30, -9, late=12))
    assert wait_of(facts, found) == Way(WayKind.SHIP_AFTER, money(30), on=day(12))


def test_what_falls_overdue_meanwhile_is_seen() -> None:
    """The first item is paid on day 7, but then the second is overdue until day 20."""
    facts = check(
        10, limit(1000), exposure(invoice_overdue=30), overdue=late((9, 30)), rules=LATE_HOLDS
    )
    flows = (item(30, -9, number=1), item(40, 5, late=15, number=2))
    way = wait_of(facts, drawn(*flows))
    assert way == Way(WayKind.SHIP_AFTER, money(70), on=day(20))
    then = waited(facts, drawn(*flows), day(7))
    assert then.overdue.items == (("I2", day(5), money(40)),)
    assert then.as_of == day(7)


def test_a_limit_that_rises_is_a_way_without_any_payment() -> None:
    facts = check(300, limit(1000), exposure(order_open=900))
    rising = (row(1000), row(2000, 14))
    far = order(900, goods=80, due=120)
    assert wait_of(facts, drawn(far, limits=rising)) == Way(
        WayKind.SHIP_AFTER, money(0), on=day(14)
    )


def test_a_season_that_ends_too_soon_is_no_way() -> None:
    season = (row(1000), row(500, 14, 21, kind=LimitKind.TEMPORARY))
    facts = check(300, limit(1000), exposure(order_open=900))
    assert wait_of(facts, drawn(order(900, goods=80, due=120), limits=season)) is None


def test_a_limit_nobody_enforces_does_not_stand_in_the_way() -> None:
    """Over the limit for ever, which this policy only notes; the overdue item is what holds."""
    rules = policy(
        {
            Rule.OVERDUE_DAYS: RuleSetting(Severity.HOLD),
            Rule.LIMIT_EXCEEDED: RuleSetting(Severity.NOTE),
        }
    )
    used = exposure(invoice_overdue=30, order_open=5000)
    facts = check(10, limit(1000), used, overdue=late((9, 30)), rules=rules)
    flows = (item(30, -9, late=12), order(5000, goods=80, due=120))
    assert wait_of(facts, drawn(*flows)) == Way(WayKind.SHIP_AFTER, money(30), on=day(12))


def test_time_heals_neither_a_status_nor_a_missing_rate() -> None:
    facts = check(
        300,
        limit(1000),
        exposure(invoice_open=900),
        customer=CustomerFacts(CustomerStatus.BLOCKED),
    )
    assert wait_of(facts, drawn(item(900, 10))) is None
    unknown = check(
        10,
        limit(1000),
        rules=policy({Rule.RATE_MISSING: RuleSetting(Severity.HOLD)}),
        missing_rates=("XYZ-EUR",),
    )
    assert wait_of(unknown, drawn(item(900, 10))) is None


def test_a_shared_limit_is_freed_by_what_this_account_pays_only() -> None:
    scopes = (
        account(limit(1000), exposure(invoice_open=500)),
        scope(ScopeKind.GROUP, "Holding", limit(2000), exposure(invoice_open=1900)),
    )
    facts = check(300, scopes=scopes)
    way = wait_of(facts, drawn(item(500, 10)))
    assert way == Way(WayKind.SHIP_AFTER, money(500), on=day(10))
    then = waited(facts, drawn(item(500, 10)), day(10))
    assert then.scopes[1].exposure.of(Component.INVOICE_OPEN) == 1400
    # Kept in another currency: what it frees there is rounded down, and nothing without a rate.
    foreign = scope(
        ScopeKind.GROUP,
        "Holding",
        limit(2000),
        exposure(invoice_open=1900),
        currency="USD",
        to_account=Decimal(3),
    )
    then = waited(check(300, scopes=(scopes[0], foreign)), drawn(item(500, 10)), day(10))
    assert then.scopes[1].exposure.of(Component.INVOICE_OPEN) == money("1733.34")


def test_a_credit_settles_what_is_paid_first() -> None:
    flows = (item(100, 5, number=1), item(300, 9, number=2), credit(150))
    used = exposure(invoice_open=400, credits=-150)
    facts = check(100, limit(300), used)
    then = waited(facts, drawn(*flows), day(5))
    assert then.scopes[0].exposure.of(Component.CREDITS) == -50
    assert then.scopes[0].exposure.of(Component.INVOICE_OPEN) == 300
    way = wait_of(facts, drawn(*flows, limits=(row(300),)))
    assert way == Way(WayKind.SHIP_AFTER, money(250), on=day(9))


@given(DEBITS, AMOUNTS, AMOUNTS)
def test_the_day_named_passes_and_none_before_it_does(flows, amount, bound) -> None:
    found = drawn(*flows, limits=(row(bound),))
    sums: dict[str, Decimal] = {}
    for flow in flows:
        assert flow.start is not None
        sums[flow.start.value] = sums.get(flow.start.value, Decimal(0)) + flow.amount
    facts = check(amount, limit(bound), exposure(**sums))
    way = wait_of(facts, found)
    passing = {Outcome.PASS, Outcome.WARN}
    if way is None:
        if decide(facts).outcome not in passing:
            last = found.points[-1].on
            assert last == TODAY or decide(waited(facts, found, last)).outcome not in passing
        return
    assert way.on is not None
    assert way.on > TODAY
    assert way.amount == found.expected_by(way.on)
    assert decide(waited(facts, found, way.on)).outcome in passing
    for point in found.points:
        if TODAY < point.on < way.on:
            assert decide(waited(facts, found, point.on)).outcome not in passing
        elif point.on > way.on:
            assert decide(waited(facts, found, point.on)).outcome in passing


@given(DEBITS, st.integers(0, 80))
def test_what_the_facts_say_of_a_day_is_what_the_curve_says(flows, number) -> None:
    found = drawn(*flows)
    on = TODAY + timedelta(days=number)
    sums: dict[str, Decimal] = {}
    for flow in flows:
        assert flow.start is not None
        sums[flow.start.value] = sums.get(flow.start.value, Decimal(0)) + flow.amount
    then = waited(check(1, limit(1000), exposure(**sums)), found, on)
    standing = [point for point in found.points if point.on <= on][-1]
    assert sum(then.scopes[0].exposure.amounts.values(), Decimal(0)) == standing.exposure
