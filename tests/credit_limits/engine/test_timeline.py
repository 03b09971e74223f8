"""The coming weeks: nothing appears, nothing is lost, and every day can be told by hand."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_limits.engine.flows import (
    Flow,
    credit_flow,
    expected_on,
    item_flow,
    paper_flow,
    payments,
)
from credit_limits.engine.limits import LimitKind, LimitRow
from credit_limits.engine.timeline import Curve, curve
from credit_limits.engine.types import Component, LimitState
from tests.credit_limits.engine.builders import TODAY, money

COUNTED = frozenset(Component)
ZERO = Decimal(0)


def day(number: int) -> date:
    return TODAY + timedelta(days=number)


def item(amount: float | str, due: int, *, late: int = 0, number: int = 1) -> Flow:
    return item_flow(
        ("i", number),
        f"I{number}",
        money(amount),
        document_on=day(min(due, 0) - 30),
        due_on=day(due),
        as_of=TODAY,
        days_late=late,
    )


def order(
    amount: float | str,
    goods: int,
    due: int,
    *,
    late: int = 0,
    component: Component | None = Component.ORDER_OPEN,
    counts: int = 0,
) -> Flow:
    return paper_flow(
        ("d", 1),
        "SO1",
        money(amount),
        component=component,
        as_of=TODAY,
        counts_on=day(counts),
        invoiced_on=day(goods),
        due_on=day(due),
        days_late=late,
    )


def credit(amount: float | str) -> Flow:
    return credit_flow(("c", 1), "PA1", -money(amount), document_on=TODAY, as_of=TODAY)


def limit(amount: float | str, start: int = -100, end: int | None = None, **values) -> LimitRow:
    return LimitRow(
        kind=values.pop("kind", LimitKind.PERMANENT),
        state=values.pop("state", LimitState.AMOUNT),
        amount=money(amount),
        valid_from=day(start),
        valid_until=None if end is None else day(end),
        approved=True,
    )


def drawn(*flows: Flow, limits: tuple[LimitRow, ...] = (), **values) -> Curve:
    return curve(
        flows, as_of=TODAY, counted=values.pop("counted", COUNTED), limits=limits, **values
    )


# --- by hand --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("due", "late", "expected"),
    [
        (0, 0, 0),
        (10, 0, 10),
        (10, 4, 14),
        (10, -3, 10),  # who pays early on average still has until the due date
        (-1, 0, 7),
        (-1, 4, 7),
        (-90, 24, 24),
    ],
)
def test_when_an_item_is_expected(due: int, late: int, expected: int) -> None:
    assert expected_on(day(due), TODAY, late) == day(expected)


def test_the_weeks_of_a_customer_told_by_hand() -> None:
    found = drawn(
        item(500, -5, late=4, number=1),  # overdue: in a week
        item(300, 12, late=4, number=2),  # day 16
        order(200, goods=10, due=40, late=4),  # invoiced on day 10, paid on day 44
        limits=(limit(1200), limit(100, 0, 15, kind=LimitKind.TEMPORARY)),
        weeks=8,
    )

    weeks = found.weeks
    assert found.opening == 1000
    assert [week.opening for week in weeks] == [1000, 1000, 500, 200, 200, 200, 200, 0]
    assert [week.expected_in for week in weeks] == [0, 500, 300, 0, 0, 0, 200, 0]
    assert [week.invoiced for week in weeks] == [0, 200, 0, 0, 0, 0, 0, 0]
    assert [week.exposure for week in weeks] == [1000, 500, 200, 200, 200, 200, 0, 0]
    assert [week.headroom for week in weeks] == [300, 800, 1000, 1000, 1000, 1000, 1200, 1200]
    assert (weeks[0].starts_on, weeks[0].ends_on, weeks[1].starts_on) == (TODAY, day(6), day(7))
    # Day 15: the season's limit is over, a day before 300 is paid.
    assert (weeks[2].lowest.on, weeks[2].lowest.headroom) == (day(15), 700)
    assert (found.lowest.on, found.lowest.headroom) == (TODAY, 300)
    assert found.expected_by(day(15)) == 500
    assert found.expected_by(day(16)) == 800


def test_a_document_fits_from_the_day_on_which_it_goes_on_fitting() -> None:
    found = drawn(
        item(600, 9, number=1),
        item(300, 30, number=2),
        limits=(limit(1000), limit(200, 0, 20, kind=LimitKind.TEMPORARY)),
    )
    assert found.fits_from(money(300)) == TODAY
    assert found.fits_from(money("300.01")) == day(9)
    # 900 would fit on day 9 and no more on day 20, when the season ends.
    assert found.fits_from(money(900)) == day(30)
    assert found.fits_from(money(1000)) == day(30)
    assert found.fits_from(money("1000.01")) is None


def test_without_a_limit_nothing_fits_and_with_an_unlimited_one_everything() -> None:
    assert drawn(item(5, 3)).fits_from(money(1)) is None
    assert drawn(item(5, 3)).weeks[0].headroom is None
    endless = drawn(item(5, 3), limits=(limit(0, state=LimitState.UNLIMITED),))
    assert endless.fits_from(money(10**9)) == TODAY
    # Where no amount limits the account, the lowest point is the highest exposure.
    assert (endless.lowest.on, endless.lowest.exposure) == (TODAY, 5)


def test_a_credit_is_taken_off_what_is_paid_first_and_the_rest_stays() -> None:
    flows = (item(100, 10, number=1), item(100, 5, number=2), credit(130))
    found = drawn(*flows)
    assert payments(flows, COUNTED) == (70, 0, 0)
    assert found.opening == 70
    assert [week.expected_in for week in found.weeks[:3]] == [0, 70, 0]
    assert [week.exposure for week in found.weeks[:3]] == [70, 0, 0]

    alone = drawn(item(100, 5), credit(130))
    assert alone.opening == alone.weeks[0].exposure == alone.weeks[-1].exposure == -30


def test_what_the_policy_leaves_out_enters_when_it_moves_on() -> None:
    counted = COUNTED - {Component.ORDER_OPEN}
    found = drawn(order(100, goods=8, due=20), counted=counted)
    assert found.opening == 0
    assert [week.exposure for week in found.weeks[:3]] == [0, 100, 0]
    assert found.weeks[1].invoiced == 100


def test_an_order_beyond_the_horizon_enters_when_the_horizon_reaches_it() -> None:
    ahead = order(100, goods=40, due=60, component=None, counts=10)
    found = drawn(ahead)
    assert [found.weeks[number].exposure for number in (0, 1, 5, 8)] == [0, 100, 100, 0]


def test_overdue_items_that_do_not_count_leave_with_their_due_date() -> None:
    found = drawn(item(100, 5, late=10), counted=COUNTED - {Component.INVOICE_OVERDUE})
    assert [week.exposure for week in found.weeks[:2]] == [0, 0]
    assert found.points[0].exposure == 100
    assert found.points[1].on == day(6)


def test_nothing_to_pay_is_flat() -> None:
    found = drawn(limits=(limit(500),))
    assert len(found.weeks) == 12
    assert {(week.opening, week.exposure, week.headroom) for week in found.weeks} == {(0, 0, 500)}
    assert [point.on for point in found.points] == [TODAY]


# --- properties -----------------------------------------------------------------------------------

AMOUNTS = st.integers(1, 500_000).map(lambda cents: Decimal(cents) / 100)
ITEMS = st.builds(
    item, AMOUNTS, st.integers(-200, 120), late=st.integers(-5, 60), number=st.integers(1, 99)
)
ORDERS = st.integers(0, 60).flatmap(
    lambda goods: st.builds(
        order,
        AMOUNTS,
        goods=st.just(goods),
        due=st.integers(goods, goods + 90),
        late=st.integers(0, 40),
        component=st.sampled_from([Component.ORDER_OPEN, Component.INVOICE_DRAFT]),
    )
)
CREDITS = st.builds(credit, AMOUNTS)
DEBITS = st.lists(ITEMS | ORDERS, max_size=15)
FLOWS = st.lists(ITEMS | ORDERS | CREDITS, max_size=15)
PARTS = st.frozensets(st.sampled_from(list(Component)))
LIMITS = st.lists(
    st.builds(
        lambda amount, start, length, kind: limit(amount, start, start + length, kind=kind),
        AMOUNTS,
        st.integers(-50, 80),
        st.integers(1, 90),
        st.sampled_from(list(LimitKind)),
    ),
    max_size=4,
)


@given(FLOWS, st.integers(1, 30))
def test_the_flows_add_up_to_todays_exposure_and_to_what_is_left(flows, weeks) -> None:
    found = drawn(*flows, weeks=weeks)
    assert found.opening == sum((flow.amount for flow in flows), ZERO)
    paid = sum((week.expected_in for week in found.weeks), ZERO)
    assert found.weeks[-1].exposure == found.opening - paid
    for before, after in zip(found.weeks, found.weeks[1:], strict=False):
        assert after.opening == before.exposure


@given(FLOWS)
def test_far_enough_ahead_only_credits_are_left(flows) -> None:
    found = drawn(*flows, weeks=60)
    assert found.weeks[-1].exposure == min(found.opening, ZERO)


@given(FLOWS)
def test_exposure_never_grows_by_itself_where_everything_counts(flows) -> None:
    found = drawn(*flows)
    course = [found.opening, *(point.exposure for point in found.points)]
    assert course == sorted(course, reverse=True)


@given(FLOWS, LIMITS)
def test_nothing_happens_before_today_and_no_money_is_negative(flows, limits) -> None:
    found = drawn(*flows, limits=tuple(limits))
    assert found.points[0].on == TODAY
    assert all(TODAY <= point.on <= found.ends_on for point in found.points)
    assert all(point.expected_in >= 0 for point in found.points)
    assert all(flow.leaves_on is None or flow.leaves_on >= TODAY for flow in flows)


@given(FLOWS, PARTS, LIMITS)
def test_every_day_is_what_each_flow_says_of_itself(flows, counted, limits) -> None:
    """The slow way: ask each flow where it sits, day by day."""
    found = drawn(*flows, counted=counted, limits=tuple(limits), weeks=4)
    paid = payments(flows, counted)
    points = {point.on: point for point in found.points}
    standing = found.points[0]
    for number in range(28):
        on = day(number)
        standing = points.get(on, standing)
        expected = ZERO
        for flow, money_ in zip(flows, paid, strict=True):
            if flow.component_on(on) in counted:
                expected += flow.amount
            elif flow.leaves_on is not None and flow.leaves_on <= on:
                expected += flow.amount - money_  # the credit that went with it
        assert standing.exposure == expected, on
    for week in found.weeks:
        inside = [point for point in found.points if week.starts_on <= point.on <= week.ends_on]
        assert all(_rank(week.lowest) <= _rank(point) for point in inside)


@given(DEBITS, LIMITS, AMOUNTS)
def test_what_fits_from_a_day_on_fits_on_every_later_one(flows, limits, amount) -> None:
    found = drawn(*flows, limits=tuple(limits))
    fits = found.fits_from(amount)
    for point in found.points:
        headroom = point.headroom
        if fits is not None and point.on >= fits:
            assert headroom is not None
            assert headroom >= amount
    earlier = [point for point in found.points if fits is None or point.on < fits]
    if earlier:
        last = earlier[-1]
        assert last.headroom is None or last.headroom < amount


@given(DEBITS, st.integers(0, 30))
def test_who_pays_later_never_stands_better(flows, later) -> None:
    def delayed(flow: Flow) -> Flow:
        assert flow.leaves_on is not None
        return Flow(
            flow.key,
            flow.reference,
            flow.amount,
            flow.steps,
            flow.leaves_on + timedelta(days=later),
            flow.document_on,
            flow.due_on,
        )

    prompt, slow = drawn(*flows), drawn(*map(delayed, flows))
    for quick, late in zip(prompt.weeks, slow.weeks, strict=True):
        assert late.exposure >= quick.exposure


def _rank(point) -> tuple[bool, Decimal]:
    headroom = point.headroom
    return (headroom is None, -point.exposure if headroom is None else headroom)
