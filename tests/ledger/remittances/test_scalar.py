"""The scalar method: the golden example, and that it is the plain weighted deviation."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.remittances import Remitted, scalar

D = datetime.date


def row(amount, due_on, value_on):
    return Remitted(Decimal(amount), due_on, value_on)


# The third is a bill, of value on its due date. Source: the worked example of the house plan's
# reading of the Fluentis manual (remittances control), 6.33 days.
GOLDEN = (
    row(1000, D(2025, 2, 9), D(2025, 2, 20)),
    row(3000, D(2025, 2, 20), D(2025, 3, 1)),
    row(2000, D(2025, 3, 31), D(2025, 3, 31)),
)


def test_the_golden_example():
    found = scalar(GOLDEN)
    assert found is not None
    assert [(each.due_days, each.due_numbers) for each in found.rows] == [
        (0, 0),
        (11, 33_000),
        (50, 100_000),
    ]
    assert [(each.value_days, each.value_numbers) for each in found.rows] == [
        (0, 0),
        (9, 27_000),
        (39, 78_000),
    ]
    assert round(found.due_days, 2) == Decimal("22.17")
    assert found.value_days == Decimal("17.5")
    assert round(found.delay, 2) == Decimal("6.33")


def test_nothing_remitted_has_no_delay():
    assert scalar([]) is None


@pytest.mark.parametrize("amount", [0, -1])
def test_money_is_above_zero(amount):
    with pytest.raises(ValueError, match="above zero"):
        scalar([row(amount, D(2025, 1, 1), D(2025, 1, 1))])


DAYS = st.dates(D(2020, 1, 1), D(2030, 1, 1))
AMOUNTS = st.integers(1, 10**9).map(lambda cents: Decimal(cents) / 100)


@given(st.lists(st.builds(Remitted, AMOUNTS, DAYS, DAYS), min_size=1, max_size=20))
def test_it_is_the_weighted_deviation_wherever_counting_begins(rows):
    found = scalar(rows)
    assert found is not None
    plain = sum(each.amount * (each.value_on - each.due_on).days for each in rows)
    assert abs(found.delay - plain / sum(each.amount for each in rows)) < Decimal("1e-15")


@given(st.lists(st.builds(Remitted, AMOUNTS, DAYS, DAYS), min_size=1, max_size=10), st.randoms())
def test_the_order_of_rows_does_not_matter(rows, random):
    shuffled = list(rows)
    random.shuffle(shuffled)
    first, second = scalar(rows), scalar(shuffled)
    assert first is not None
    assert second is not None
    assert first.delay == second.delay
