"""VAT numbers: what is refused, what only warns, and in which form they are kept."""

from __future__ import annotations

import pytest

from customers.vat import vat_check


@pytest.mark.parametrize(
    ("number", "country", "kept"),
    [
        ("IT 00743110157", "IT", "IT00743110157"),
        ("00743110157", "it", "00743110157"),
        ("el 094259216", "GR", "EL094259216"),
        ("CHE-107.787.577 IVA", "CH", "CHE107787577IVA"),
        ("ATU13585627", "AT", "ATU13585627"),
        ("DE136695976", "", "DE136695976"),
        ("", "IT", ""),
    ],
)
def test_possible_numbers_pass_without_a_word(number, country, kept):
    verdict = vat_check(number, country)
    assert (verdict.number, verdict.problem, verdict.warning) == (kept, None, None)


@pytest.mark.parametrize(
    ("number", "country", "word"),
    [
        ("IT00743110158", "IT", "check digit"),
        ("IT0074311015", "IT", "too few or too many"),
        ("ITABCDEFGHIJK", "IT", "form"),
        ("DE1", "IT", "too few or too many"),
        ("DE1", "", "too few or too many"),
        ("1", "GR", "too few or too many"),
    ],
)
def test_impossible_numbers_are_refused_and_say_why(number, country, word):
    verdict = vat_check(number, country)
    assert verdict.problem is not None
    assert word in str(verdict.problem)


@pytest.mark.parametrize(
    ("number", "country", "word"),
    [
        ("AB12", "391", "not verified"),
        ("DE1", "391", "not verified"),
        ("12-3456789", "US", "not verified"),
        ("DE136695976", "IT", "another country"),
        ("DK13585628", "CN", "another country"),
    ],
)
def test_what_cannot_be_judged_only_warns(number, country, word):
    verdict = vat_check(number, country)
    assert verdict.problem is None
    assert word in str(verdict.warning)
