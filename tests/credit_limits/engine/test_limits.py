"""Which limit holds on a day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_limits.engine.limits import LimitKind, LimitRow, effective_limit
from credit_limits.engine.types import LimitFacts, LimitState

DAY = date(2026, 3, 31)


def row(
    amount="0",
    state=LimitState.AMOUNT,
    kind=LimitKind.PERMANENT,
    start=date(2026, 1, 1),
    end=None,
    approved=True,
):
    return LimitRow(kind, state, Decimal(amount), start, end, approved)


def temporary(amount, **facts):
    return row(amount, kind=LimitKind.TEMPORARY, **facts)


def test_without_a_row_there_is_no_limit_which_is_not_a_limit_of_zero():
    assert effective_limit([], DAY) == LimitFacts(LimitState.NONE)
    assert effective_limit([row(state=LimitState.ZERO)], DAY) == LimitFacts(LimitState.ZERO)


@pytest.mark.parametrize(
    "silent",
    [
        row("500", approved=False),
        row("500", start=date(2026, 4, 1)),
        row("500", end=date(2026, 3, 31)),
        row("500", end=date(2026, 1, 15)),
        temporary("500", approved=False),
        temporary("500", end=date(2026, 3, 31)),
    ],
    ids=["unapproved", "future", "ends today", "expired", "unapproved extra", "expired extra"],
)
def test_a_row_that_does_not_hold_gives_nothing(silent):
    assert effective_limit([silent], DAY).state is LimitState.NONE
    held = row("100", start=date(2025, 1, 1))
    assert effective_limit([held, silent], DAY).amount == Decimal(100)


def test_the_first_day_counts_and_the_end_does_not():
    only = row("100", start=DAY, end=date(2026, 4, 1))
    assert effective_limit([only], date(2026, 3, 30)).state is LimitState.NONE
    assert effective_limit([only], DAY).amount == Decimal(100)
    assert effective_limit([only], date(2026, 4, 1)).state is LimitState.NONE
    assert effective_limit([only], DAY).valid_to == DAY


def test_a_temporary_limit_comes_on_top():
    limit = effective_limit([row("1000"), temporary("250", end=date(2026, 5, 1))], DAY)
    assert limit == LimitFacts(
        LimitState.AMOUNT, Decimal(1250), Decimal(1000), Decimal(250), date(2026, 4, 30)
    )


def test_a_temporary_limit_on_zero_or_alone_is_its_amount():
    on_zero = effective_limit([row(state=LimitState.ZERO), temporary("250")], DAY)
    alone = effective_limit([temporary("250")], DAY)
    taken_away = effective_limit([row(state=LimitState.NONE), temporary("250")], DAY)
    assert on_zero.amount == alone.amount == taken_away.amount == Decimal(250)
    assert on_zero.state is alone.state is LimitState.AMOUNT
    assert alone.permanent == 0


def test_two_temporary_limits_add_up():
    limit = effective_limit([row("100"), temporary("20"), temporary("3")], DAY)
    assert (limit.amount, limit.temporary) == (Decimal(123), Decimal(23))


def test_a_temporary_row_that_states_nothing_gives_nothing():
    assert effective_limit([temporary("5", state=LimitState.NONE)], DAY).state is LimitState.NONE


@pytest.mark.parametrize("kind", list(LimitKind))
def test_unlimited_wins_over_every_amount(kind):
    endless = row(state=LimitState.UNLIMITED, kind=kind, end=date(2026, 7, 1))
    other = temporary("50") if kind is LimitKind.PERMANENT else row("50")
    limit = effective_limit([other, endless], DAY)
    assert limit.state is LimitState.UNLIMITED
    assert limit.amount == 0
    assert limit.valid_to == date(2026, 6, 30)


def test_of_two_permanent_limits_the_one_that_started_last_holds():
    old = row(state=LimitState.UNLIMITED, start=date(2025, 1, 1))
    new = row("70", start=date(2026, 2, 1))
    assert effective_limit([new, old], DAY).amount == Decimal(70)
    withdrawn = row(state=LimitState.NONE, start=date(2026, 3, 1))
    assert effective_limit([withdrawn, new, old], DAY).state is LimitState.NONE


def test_of_two_that_started_together_the_lower_holds():
    rows = [row("70"), row("50"), row(state=LimitState.UNLIMITED)]
    assert effective_limit(rows, DAY).amount == Decimal(50)


def test_of_two_that_say_the_same_the_shorter_holds_and_taking_away_wins():
    brief, endless = row("50", end=date(2026, 6, 1)), row("50")
    for rows in ([brief, endless], [endless, brief]):
        assert effective_limit(rows, DAY).valid_to == date(2026, 5, 31)
    nothing, gone = row(state=LimitState.ZERO), row(state=LimitState.NONE)
    for rows in ([nothing, gone], [gone, nothing]):
        assert effective_limit(rows, DAY).state is LimitState.NONE


def test_an_amount_lasts_until_its_first_row_ends_and_unlimited_until_its_last():
    ends = (date(2026, 6, 1), date(2026, 5, 1))
    for first, second in (ends, ends[::-1]):
        rows = [row("50", end=first), temporary("5", end=second)]
        assert effective_limit(rows, DAY).valid_to == date(2026, 4, 30)
        free = LimitState.UNLIMITED
        rows = [row(state=free, end=first), temporary("0", state=free, end=second)]
        assert effective_limit(rows, DAY).valid_to == date(2026, 5, 31)


def test_an_amount_of_nothing_is_the_limit_zero():
    assert effective_limit([row("0.00")], DAY).state is LimitState.ZERO


rows = st.builds(
    LimitRow,
    kind=st.sampled_from(LimitKind),
    state=st.sampled_from(LimitState),
    amount=st.sampled_from([Decimal(0), Decimal(50), Decimal("70.01")]),
    valid_from=st.sampled_from([date(2026, 1, 1), date(2026, 3, 1), date(2026, 4, 1)]),
    valid_until=st.sampled_from([None, date(2026, 3, 15), date(2026, 6, 1)]),
    approved=st.booleans(),
)


@given(st.lists(rows, max_size=5), st.data())
def test_the_order_of_rows_does_not_matter(some, data):
    assert effective_limit(some, DAY) == effective_limit(data.draw(st.permutations(some)), DAY)


@given(st.lists(rows, max_size=5))
def test_the_figure_holds_until_its_last_day_and_state_and_amount_agree(some):
    limit = effective_limit(some, DAY)
    assert (limit.amount > 0) == (limit.state is LimitState.AMOUNT)
    live = [item for item in some if item.holds_on(DAY)]
    started_all = all(item.valid_from <= DAY or not item.approved for item in some)
    if limit.valid_to is not None and started_all:
        on_last_day = effective_limit(live, limit.valid_to)
        assert (on_last_day.state, on_last_day.amount) == (limit.state, limit.amount)
