"""Reading and writing figures in five languages."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import example, given
from hypothesis import strategies as st

from core.numerals import FigureError, format_decimal, format_plain, parse_decimal

LANGUAGES = ["en", "it", "es", "fr", "pt-br"]
AMOUNTS = st.decimals(
    min_value=Decimal("-9999999999999999.99"), max_value=Decimal("9999999999999999.99"), places=2
)


@pytest.mark.parametrize("language", LANGUAGES)
@given(value=AMOUNTS)
@example(value=Decimal("1234.00"))
@example(value=Decimal("-0.00"))
@example(value=Decimal("1000000.00"))
def test_what_a_page_shows_can_be_typed_back(language: str, value: Decimal):
    with translation.override(language):
        assert parse_decimal(format_decimal(value)) == value


@pytest.mark.parametrize("language", LANGUAGES)
@given(value=st.decimals(min_value=-99999999, max_value=99999999, places=4))
@example(value=Decimal("1.234"))
@example(value=Decimal("123.4560"))
def test_what_an_edit_field_shows_is_read_back(language: str, value: Decimal):
    with translation.override(language):
        assert parse_decimal(format_plain(value), places=4) == value


@pytest.mark.parametrize("language", LANGUAGES)
@given(value=st.integers(min_value=-(10**12), max_value=10**12))
def test_whole_figures_are_read_back(language: str, value: int):
    with translation.override(language):
        assert parse_decimal(format_decimal(Decimal(value), 0)) == value


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "1,234.50"),
        ("it", "1.234,50"),
        ("es", "1\u00a0234,50"),
        ("fr", "1\u00a0234,50"),
        ("pt-br", "1.234,50"),
    ],
)
def test_figures_look_as_the_language_writes_them(language: str, text: str):
    with translation.override(language):
        assert format_decimal(Decimal("1234.5")) == text
        assert format_decimal(Decimal("-1234.5")) == f"\u2212{text}"


def test_rounding_is_half_up_and_zero_has_no_sign():
    assert format_decimal(Decimal("2.345")) == "2.35"
    assert format_decimal(Decimal("-2.345")) == "\u22122.35"
    assert format_decimal(Decimal("-0.004")) == "0.00"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1234.56", "1234.56"),
        ("1234,56", "1234.56"),
        ("1 234,56", "1234.56"),
        ("1\u202f234.56", "1234.56"),
        ("1'234.56", "1234.56"),
        ("1.234.567", "1234567"),
        ("1,234,567.8", "1234567.8"),
        ("12,5", "12.5"),
        ("12.5", "12.5"),
        (",5", "0.5"),
        ("-7", "-7"),
        ("\u22127,00", "-7"),
        ("+7", "7"),
        ("  42  ", "42"),
        ("007", "7"),
        ("1234.500", "1234.5"),
        ("0,250", "0.25"),
    ],
)
def test_clear_figures_mean_the_same_in_every_language(language: str, text: str, value: str):
    with translation.override(language):
        assert parse_decimal(text) == Decimal(value)


@pytest.mark.parametrize(
    ("language", "text", "places", "value"),
    [
        ("en", "1,234", 2, "1234"),
        ("it", "1.234", 2, "1234"),
        ("pt-br", "1.234", 2, "1234"),
        ("en", "1.234", 4, "1.234"),
        ("it", "1,234", 4, "1.234"),
        ("fr", "1,234", 4, "1.234"),
    ],
)
def test_one_mark_and_three_digits_follow_the_language(
    language: str, text: str, places: int, value: str
):
    with translation.override(language):
        assert parse_decimal(text, places) == Decimal(value)


@pytest.mark.parametrize(
    ("language", "text", "places"),
    [
        ("en", "1.234", 2),  # a fraction the field cannot hold, or Italian thousands
        ("it", "1,234", 2),
        ("fr", "1.234", 2),
        ("it", "1.234", 4),  # thousands here, a fraction elsewhere, and the field takes both
        ("en", "1,234", 4),
    ],
)
def test_a_figure_with_two_meanings_is_refused(language: str, text: str, places: int):
    with translation.override(language), pytest.raises(FigureError) as caught:
        parse_decimal(text, places)
    assert caught.value.code == "ambiguous"
    assert "1234" in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "abc", "12a", "1e5", "NaN", "Infinity", "--1", "1-", "1..2", "1,23,456.00",
        "12.34.56", "1.234,56,7", "1 23", "1.2.345,6", "1\t234", "€ 12", "12 EUR", "٣", "１２",
        "5.", ".", "1,2.3,4", "1 234 56",
    ],
)  # fmt: skip
def test_what_is_no_figure_is_refused_with_an_example(text: str):
    with pytest.raises(FigureError) as caught:
        parse_decimal(text)
    assert caught.value.code == "invalid"
    assert "1234.50" in str(caught.value)


def test_too_many_decimals_are_refused_not_rounded():
    with pytest.raises(FigureError) as caught:
        parse_decimal("12.3456")
    assert caught.value.code == "places"


@given(text=st.text(alphabet="0123456789.,' -+\u2212\u00a0eE", max_size=14))
def test_any_text_is_read_or_refused(text: str):
    try:
        value = parse_decimal(text)
    except FigureError:
        return
    assert value.is_finite()
    assert value == value.quantize(Decimal("0.01"))
