"""Fields and bases of forms: what is accepted, what is said when not."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django import forms
from django.utils import translation

from core.forms import (
    BaseForm,
    BaseModelForm,
    DateInput,
    LocalDateField,
    LocalDecimalField,
    ReasonForm,
)
from core.models import ExchangeRate


class Sample(BaseForm):
    amount = LocalDecimalField(label="Amount", max_digits=8, decimal_places=2, min_value=0)
    due = LocalDateField(label="Due", required=False)
    kind = forms.ChoiceField(
        label="Kind", choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect
    )


def test_a_figure_in_either_notation_becomes_a_decimal():
    for text in ("1.234,56", "1,234.56"):
        form = Sample({"amount": text, "kind": "a"})
        assert form.is_valid(), form.errors
        assert form.cleaned_data["amount"] == Decimal("1234.56")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1.234", "ambiguous"),
        ("12x", "invalid"),
        ("-1", "min_value"),
        ("1.239,123", "places"),
        ("12345678", "max_whole_digits"),
        ("", "required"),
    ],
)
def test_a_wrong_figure_says_what_is_wrong_and_is_shown_again_as_typed(text: str, code: str):
    form = Sample({"amount": text, "kind": "a"})

    assert [error.code for error in form.errors.as_data()["amount"]] == [code]
    assert form["amount"].value() == text


@pytest.mark.parametrize(
    ("language", "shown"), [("en", "1234.50"), ("it", "1234,50"), ("fr", "1234,50")]
)
def test_a_stored_amount_is_edited_in_the_language(language: str, shown: str):
    with translation.override(language):
        html = str(Sample(initial={"amount": Decimal("1234.5")})["amount"])
        assert f'value="{shown}"' in html
        assert 'inputmode="decimal"' in html
        assert "type=number" not in html

        form = Sample(
            {"amount": shown, "kind": "a"}, initial={"amount": Decimal("1234.50"), "kind": "a"}
        )
        assert not form.has_changed()


def test_a_rate_shows_just_the_digits_it_has():
    class RateForm(BaseForm):
        rate = LocalDecimalField(max_digits=18, decimal_places=8)

    for stored, shown in (("1.08500000", "1.085"), ("100.00000000", "100")):
        assert f'value="{shown}"' in str(RateForm(initial={"rate": Decimal(stored)})["rate"])


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "2026-11-30"), ("it", "2026-11-30"), ("it", "30/11/2026"), ("fr", "30/11/2026")],
)
def test_dates_are_read_in_iso_and_in_the_language(language: str, text: str):
    with translation.override(language):
        assert LocalDateField().clean(text) == dt.date(2026, 11, 30)


def test_one_field_serves_several_languages_in_turn():
    field = LocalDateField()
    with translation.override("it"):
        assert field.clean("03/04/2026") == dt.date(2026, 4, 3)
    with translation.override("en"):
        assert field.clean("03/04/2026") == dt.date(2026, 3, 4)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("31/02/2026", "invalid"),
        ("2026-02-31", "invalid"),
        ("30/11/26", "invalid"),
        ("tomorrow", "invalid"),
        ("0206-01-05", "year"),
        ("9999-12-31", "year"),
    ],
)
def test_a_wrong_date_says_how_to_write_it(text: str, code: str):
    with translation.override("it"), pytest.raises(forms.ValidationError) as caught:
        LocalDateField().clean(text)
    assert caught.value.code == code


def test_the_date_box_holds_iso_in_every_language():
    with translation.override("it"):
        html = DateInput().render("due", dt.date(2026, 11, 30))
    assert 'type="date"' in html
    assert 'value="2026-11-30"' in html


def test_the_error_summary_lists_every_error_with_its_control():
    class Strict(Sample):
        def clean(self):
            raise forms.ValidationError("Both together are not possible.")

    summary = Strict({"amount": "x"}).error_summary

    assert [(line.target, line.label) for line in summary] == [
        ("", ""),
        ("id_amount", "Amount"),
        ("id_kind_0", "Kind"),
    ]
    assert summary[0].message == "Both together are not possible."
    assert Sample().error_summary == []
    assert Sample({"amount": "1", "kind": "a"}).error_summary == []


def test_model_forms_read_figures_and_dates_our_way():
    class RateForm(BaseModelForm[ExchangeRate]):
        class Meta:
            model = ExchangeRate
            fields = ("valid_on", "rate")

    form = RateForm()

    assert isinstance(form.fields["rate"], LocalDecimalField)
    assert form.fields["rate"].decimal_places == 8
    assert isinstance(form.fields["valid_on"], LocalDateField)


def test_a_reason_of_blanks_is_no_reason():
    assert not ReasonForm({"reason": "   "}).is_valid()
    assert ReasonForm({"reason": "Paid this morning"}).is_valid()
