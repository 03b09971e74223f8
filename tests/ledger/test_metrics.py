"""Payment behaviour: golden numbers, the window, and nothing known too early."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.metrics import PaidRow, behaviour, window_start

D = datetime.date


def exact(value: Decimal | None) -> Decimal:
    assert value is not None
    return value


AS_OF = D(2025, 12, 31)


def row(item, amount, due_on, paid_on, known_on=None):
    return PaidRow(item, Decimal(amount), due_on, paid_on, known_on or paid_on)


BANK_STATEMENT = [
    row(1, 1000, D(2025, 2, 9), D(2025, 2, 20)),
    row(2, 3000, D(2025, 2, 20), D(2025, 3, 1)),
    row(3, 2000, D(2025, 3, 31), D(2025, 3, 31)),
]


def test_golden_creditor_numbers():
    figures = behaviour(BANK_STATEMENT, AS_OF)
    assert round(exact(figures.average_days_late), 2) == Decimal("6.33")
    assert round(exact(figures.average_deviation_days), 2) == Decimal("6.33")
    assert figures.settled_amount == 6000
    assert figures.late_amount == 4000
    assert round(exact(figures.late_share_percent), 2) == Decimal("66.67")
    assert figures.late_count == 2


def test_deviation_equals_average_value_date_minus_average_due_date():
    def average(days):
        first = min(days)
        numbers = sum(
            (day - first).days * row.amount for day, row in zip(days, BANK_STATEMENT, strict=True)
        )
        return first.toordinal() + numbers / sum(row.amount for row in BANK_STATEMENT)

    expected = average([r.paid_on for r in BANK_STATEMENT]) - average(
        [r.due_on for r in BANK_STATEMENT]
    )
    assert abs(behaviour(BANK_STATEMENT, AS_OF).average_deviation_days - expected) < Decimal(
        "1e-20"
    )


def test_early_payments_do_not_make_up_for_late_ones():
    figures = behaviour(
        [
            row(1, 100, D(2025, 5, 10), D(2025, 5, 20)),
            row(2, 100, D(2025, 5, 30), D(2025, 5, 20)),
        ],
        AS_OF,
    )
    assert figures.average_days_late == 5
    assert figures.average_deviation_days == 0
    assert figures.late_share_percent == 50


def test_an_item_paid_in_parts_is_one_item_as_late_as_its_last_part():
    figures = behaviour(
        [
            row(1, 60, D(2025, 5, 10), D(2025, 5, 10)),
            row(1, 40, D(2025, 5, 10), D(2025, 5, 20)),
        ],
        AS_OF,
    )
    assert (figures.settled_count, figures.late_count) == (1, 1)
    assert figures.mean_days_late == 10
    assert figures.average_days_late == 4
    assert figures.late_share_percent == 40


def test_nothing_paid_is_unknown_not_zero():
    figures = behaviour([], AS_OF)
    assert figures.settled_amount == 0
    assert figures.average_days_late is None
    assert figures.late_share_percent is None
    assert figures.mean_days_late is None


@pytest.mark.parametrize(
    ("as_of", "months", "start"),
    [
        (D(2026, 3, 31), 1, D(2026, 2, 28)),
        (D(2024, 3, 31), 1, D(2024, 2, 29)),
        (D(2026, 1, 15), 12, D(2025, 1, 15)),
        (D(2026, 1, 15), 1, D(2025, 12, 15)),
        (D(2024, 2, 29), 12, D(2023, 2, 28)),
    ],
)
def test_start_of_the_window(as_of, months, start):
    assert window_start(as_of, months) == start


def test_the_window_starts_after_its_first_day_and_ends_with_the_day_itself():
    on_start = row(1, 100, D(2024, 12, 1), D(2024, 12, 31))
    first_day = row(2, 100, D(2024, 12, 1), D(2025, 1, 1))
    last_day = row(3, 100, D(2024, 12, 1), AS_OF)
    assert behaviour([on_start, first_day, last_day], AS_OF, 12).settled_count == 2


def test_a_payment_applied_later_was_not_known():
    applied_later = row(1, 100, D(2025, 12, 1), D(2025, 12, 20), D(2026, 1, 5))
    assert behaviour([applied_later], AS_OF).settled_count == 0
    assert behaviour([applied_later], D(2026, 1, 5)).settled_count == 1


days = st.dates(D(2024, 1, 1), D(2026, 12, 31))
paid = st.builds(
    PaidRow,
    item=st.integers(0, 5),
    amount=st.decimals("0.01", "100000", places=2),
    due_on=days,
    paid_on=days,
    known_on=days,
)


@given(rows=st.lists(paid), later=st.lists(paid), as_of=days)
def test_what_became_known_later_never_leaks(rows, later, as_of):
    unknown = [r for r in later if r.paid_on > as_of or r.known_on > as_of]
    assert behaviour([*rows, *unknown], as_of) == behaviour(rows, as_of)


@given(rows=st.lists(paid), as_of=days)
def test_order_is_irrelevant_and_figures_stay_within_bounds(rows, as_of):
    figures = behaviour(rows, as_of)
    assert behaviour(rows[::-1], as_of).settled_amount == figures.settled_amount
    assert figures.late_amount <= figures.settled_amount
    assert figures.late_count <= figures.settled_count
    if figures.average_days_late is not None:
        assert figures.average_days_late >= 0
        assert exact(figures.average_deviation_days) <= figures.average_days_late
        assert 0 <= exact(figures.late_share_percent) <= 100
        assert (figures.late_amount > 0) == (figures.average_days_late > 0)


@given(rows=st.lists(paid, min_size=1), as_of=days, factor=st.integers(2, 1000))
def test_the_unit_of_the_amounts_changes_no_average(rows, as_of, factor):
    scaled = [PaidRow(r.item, r.amount * factor, r.due_on, r.paid_on, r.known_on) for r in rows]
    one, other = behaviour(rows, as_of), behaviour(scaled, as_of)
    assert one.settled_count == other.settled_count
    if one.average_days_late is not None:
        assert abs(one.average_days_late - exact(other.average_days_late)) < Decimal("1e-15")
