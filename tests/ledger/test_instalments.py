"""Payment terms: due days and cents."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from customers.models import PaymentTermLine
from ledger.instalments import due_day, instalments, term_instalments
from tests.factories.customers import PaymentTermFactory

D = datetime.date
HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Line:
    percent: Decimal = HUNDRED
    months: int = 0
    days: int = 0
    end_of_month: bool = False
    fixed_day: int | None = None


@pytest.mark.parametrize(
    ("line", "document_on", "due_on"),
    [
        (Line(), D(2026, 1, 31), D(2026, 1, 31)),
        (Line(days=30), D(2026, 1, 31), D(2026, 3, 2)),
        (Line(months=1), D(2026, 1, 31), D(2026, 2, 28)),
        (Line(months=1), D(2028, 1, 31), D(2028, 2, 29)),
        (Line(months=12), D(2026, 12, 31), D(2027, 12, 31)),
        (Line(days=30, end_of_month=True), D(2026, 1, 15), D(2026, 2, 28)),
        (Line(days=60, end_of_month=True), D(2026, 1, 1), D(2026, 3, 31)),
        (Line(end_of_month=True), D(2026, 2, 28), D(2026, 2, 28)),
        # 60 days, end of month, the 10th of the next month.
        (Line(days=60, end_of_month=True, fixed_day=10), D(2026, 1, 1), D(2026, 4, 10)),
        (Line(end_of_month=True, fixed_day=31), D(2026, 4, 2), D(2026, 4, 30)),
        (Line(end_of_month=True, fixed_day=30), D(2026, 1, 31), D(2026, 2, 28)),
        (Line(days=10, fixed_day=15), D(2026, 1, 5), D(2026, 1, 15)),
        (Line(days=11, fixed_day=15), D(2026, 1, 5), D(2026, 2, 15)),
        (Line(months=1, fixed_day=31), D(2026, 1, 20), D(2026, 2, 28)),
        (Line(fixed_day=1), D(2026, 12, 2), D(2027, 1, 1)),
    ],
)
def test_due_days(line, document_on, due_on):
    assert due_day(line, document_on) == due_on


def test_cents_go_to_the_last_instalment():
    third = Decimal("33.3333")
    lines = [Line(third, days=30), Line(third, days=60), Line(HUNDRED - 2 * third, days=90)]
    assert [part for _due, part in instalments(lines, D(2026, 1, 1), Decimal(100))] == [
        Decimal("33.33"),
        Decimal("33.33"),
        Decimal("33.34"),
    ]


def test_a_part_of_nothing_is_left_out_and_no_part_takes_more_than_is_left():
    tenth = [Line(Decimal(10), days=day) for day in range(10)]
    assert instalments(tenth, D(2026, 1, 1), Decimal("0.05")) == [
        (D(2026, 1, 1 + day), Decimal("0.01")) for day in range(5)
    ]


@pytest.mark.parametrize("amount", [Decimal(0), Decimal(-1), Decimal("0.005")])
def test_only_whole_cents_above_zero(amount):
    with pytest.raises(ValueError, match="whole cents"):
        instalments([Line()], D(2026, 1, 1), amount)


def test_shares_must_make_the_whole():
    with pytest.raises(ValueError, match="add up to 100"):
        instalments([Line(Decimal(50)), Line(Decimal(49))], D(2026, 1, 1), Decimal(10))


def test_past_the_last_day_there_is():
    with pytest.raises(OverflowError):
        due_day(Line(months=1), D(9999, 12, 31))


@st.composite
def terms(draw):
    cuts = sorted(draw(st.sets(st.integers(1, 999_999), max_size=5)))
    edges = [0, *cuts, 1_000_000]
    return [
        Line(
            percent=Decimal(upper - lower) / 10_000,
            months=draw(st.integers(0, 60)),
            days=draw(st.integers(0, 1830)),
            end_of_month=draw(st.booleans()),
            fixed_day=draw(st.none() | st.integers(1, 31)),
        )
        for lower, upper in pairwise(edges)
    ]


@given(
    terms(),
    st.dates(D(2000, 1, 1), D(2100, 12, 31)),
    st.decimals("0.01", "9999999999.99", places=2),
)
def test_instalments_add_up_and_never_fall_due_before_the_document(lines, document_on, amount):
    parts = instalments(lines, document_on, amount)
    assert sum(part for _due, part in parts) == amount
    assert all(part > 0 for _due, part in parts)
    assert all(due_on >= document_on for due_on, _part in parts)
    assert len(parts) <= len(lines)
    for due_on, _part in parts:
        assert due_on in {due_day(line, document_on) for line in lines}


@given(st.dates(D(2000, 1, 1), D(2100, 12, 31)), terms())
def test_a_later_document_never_falls_due_earlier(document_on, lines):
    for line in lines:
        later = document_on + datetime.timedelta(days=1)
        assert due_day(line, later) >= due_day(line, document_on)
        if line.end_of_month and line.fixed_day is None:
            assert (due_day(line, document_on) + datetime.timedelta(days=1)).day == 1


# --- on rows -------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_terms_of_the_database():
    term = PaymentTermFactory(code="halves", lines=[(50, 30), (50, 60)])
    assert term_instalments(term, D(2026, 1, 1), Decimal("100.01")) == [
        (D(2026, 1, 31), Decimal("50.01")),
        (D(2026, 3, 2), Decimal("50.00")),
    ]
    assert term_instalments(None, D(2026, 1, 1), Decimal(7)) == [(D(2026, 1, 1), Decimal(7))]


@pytest.mark.django_db
def test_the_database_refuses_shares_that_do_not_make_the_whole():
    def asked(change: Callable[[], object] = int) -> None:
        """Make the change, and ask at once what is asked at the end of a transaction."""
        with transaction.atomic():
            change()
            connection.check_constraints()

    term = PaymentTermFactory(code="halves", lines=[(50, 30), (50, 60)])
    asked()
    changes = (
        lambda: term.lines.filter(position=1).update(percent=40),
        lambda: term.lines.filter(position=1).delete(),
        lambda: PaymentTermLine.objects.create(term=term, position=3, percent=10),
    )
    for change in changes:
        with pytest.raises(IntegrityError, match="add up to"):
            asked(change)
    term.lines.filter(position=1).update(percent=40)
    term.lines.filter(position=2).update(percent=60)
    asked()
    term.lines.all().delete()
    asked()
