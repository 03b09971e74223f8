"""Geometry of charts: what is drawn is what the figures say."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.charts import Part, columns, limit_meter, sparkline, stacked_bar

AMOUNTS = st.lists(
    st.decimals(min_value=-(10**9), max_value=10**9, places=2), min_size=0, max_size=8
)


def parts(*amounts: Decimal | str) -> list[Part]:
    return [Part("orders", str(index), Decimal(amount)) for index, amount in enumerate(amounts)]


def test_equal_to_the_limit_is_within_and_a_cent_more_is_over():
    assert limit_meter(parts("100"), limit=Decimal("100")).over is None
    meter = limit_meter(parts("100.01"), limit=Decimal("100"))
    assert meter.tone == "bad"
    assert meter.over is not None
    assert meter.over_amount == Decimal("0.01")


@pytest.mark.parametrize(
    ("used", "state", "limit", "tone", "headroom"),
    [
        ("50", "amount", "100", "ok", "50"),
        ("90", "amount", "100", "warn", "10"),
        ("0", "zero", None, "ok", "0"),
        ("1", "zero", None, "bad", "-1"),
        ("0", "none", None, "mute", None),
        ("1", "none", None, "warn", None),
        ("1000", "unlimited", None, "ok", None),
    ],
)
def test_every_state_of_a_limit_has_its_tone(used, state, limit, tone, headroom):
    meter = limit_meter(parts(used), limit=Decimal(limit) if limit else None, limit_state=state)
    assert meter.tone == tone
    assert meter.headroom == (None if headroom is None else Decimal(headroom))
    assert (meter.limit_x is None) == (headroom is None)


def test_credits_lower_what_is_used_and_are_hatched_where_they_take_away():
    meter = limit_meter(parts("80", "40", "-50"), limit=Decimal("100"))
    assert meter.used == Decimal("70")
    assert meter.tone == "ok"
    assert meter.credit is not None
    assert meter.credit.part.amount == Decimal("-50")


def test_the_document_is_drawn_on_top_of_what_is_used():
    meter = limit_meter(parts("60"), limit=Decimal("100"), this_amount=Decimal("30"))
    assert meter.this is not None
    assert meter.this.x == meter.segments[0].width
    assert meter.projected == Decimal("90")
    assert meter.percent == Decimal("90")


@given(amounts=AMOUNTS, limit=st.decimals(min_value=0, max_value=10**9, places=2))
def test_the_bar_holds_every_segment_without_gaps(amounts: list[Decimal], limit: Decimal):
    meter = limit_meter(parts(*amounts), limit=limit)

    end = Decimal(0)
    for segment in meter.segments:
        assert Decimal(segment.x) == end
        end += Decimal(segment.width)
    assert 0 <= end <= 1000
    assert len(meter.segments) == sum(amount > 0 for amount in amounts)
    assert meter.headroom is not None
    assert meter.headroom == limit - sum(amounts, Decimal(0))
    assert (meter.over is not None) == (sum(amounts, Decimal(0)) > limit)


@given(amounts=AMOUNTS)
def test_shares_add_up(amounts: list[Decimal]):
    stack = stacked_bar(parts(*amounts))
    assert stack.total == sum(amounts, Decimal(0))
    drawn = columns(parts(*amounts))
    assert len(drawn) == len(amounts)
    assert all(0 <= Decimal(column.height) <= 100 for column in drawn)
    if any(amount > 0 for amount in amounts):
        assert round(sum(column.percent for column in drawn), 6) == 100
        assert max(Decimal(column.height) for column in drawn) == 100


def test_a_small_part_stays_visible_and_a_zero_part_does_not():
    large, small, nothing = columns(parts("1000000", "1", "0"))
    assert (large.height, small.height, nothing.height) == ("100.00", "1.00", "0.00")


def test_a_line_needs_two_points():
    assert sparkline([Decimal(1)]) is None
    spark = sparkline([Decimal(1), Decimal(3), Decimal(2)])
    assert spark is not None
    assert spark.line == "0.00,22.00 50.00,2.00 100.00,12.00"
    flat = sparkline([Decimal(5), Decimal(5)])
    assert flat is not None
    assert flat.line == "0.00,22.00 100.00,22.00"


def test_the_largest_of_many_are_shares_of_the_whole():
    """116,904.79 of 1,239,570 is 9.4 %, however few bars are drawn."""
    first, _second = columns(parts("116904.79", "108018.32"), whole=Decimal(1_239_570))
    assert round(first.percent, 1) == Decimal("9.4")
    assert first.height == "100.00"
