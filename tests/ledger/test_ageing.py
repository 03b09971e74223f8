"""Ageing: every item in exactly one bucket, to the day and to the cent."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.ageing import BUCKETS, age, bucket_of, days_past_due

DAY = datetime.date(2026, 6, 30)
dates = st.dates(datetime.date(2020, 1, 1), datetime.date(2030, 1, 1))
amounts = st.decimals("0.01", "1000000", places=2)


@pytest.mark.parametrize(
    ("days", "key"),
    [
        (-400, "not_due"),
        (-1, "not_due"),
        (0, "not_due"),
        (1, "1-30"),
        (30, "1-30"),
        (31, "31-60"),
        (60, "31-60"),
        (61, "61-90"),
        (90, "61-90"),
        (91, "91-180"),
        (180, "91-180"),
        (181, "over-180"),
        (5000, "over-180"),
    ],
)
def test_edges_of_the_buckets(days, key):
    assert bucket_of(DAY - datetime.timedelta(days=days), DAY).key == key


def test_buckets_have_distinct_keys_and_colours():
    assert len({bucket.key for bucket in BUCKETS}) == len(BUCKETS)
    assert [bucket.chart_key for bucket in BUCKETS] == [f"age-{n}" for n in range(len(BUCKETS))]


@given(due=dates, as_of=dates)
def test_exactly_one_bucket_holds_a_day(due, as_of):
    days = days_past_due(due, as_of)
    assert sum(bucket.holds(days) for bucket in BUCKETS) == 1


@given(rows=st.lists(st.tuples(dates, amounts)), as_of=dates)
def test_the_buckets_add_up_in_any_order(rows, as_of):
    sums = age(rows, as_of)
    assert sum(sums.values()) == sum((amount for _due, amount in rows), Decimal(0))
    assert age(reversed(rows), as_of) == sums


@given(rows=st.lists(st.tuples(dates, amounts)), as_of=dates, later=st.integers(0, 400))
def test_time_only_moves_value_to_older_buckets(rows, as_of, later):
    before = list(age(rows, as_of).values())
    after = list(age(rows, as_of + datetime.timedelta(days=later)).values())
    for position in range(len(BUCKETS)):
        assert sum(after[: position + 1]) <= sum(before[: position + 1])
