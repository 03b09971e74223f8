"""What the administration refuses is said in words, at its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import pytest
from django import forms
from django.contrib import admin
from django.db import models
from django.test import Client
from django.urls import reverse

from approvals.models import ApprovalAuthority
from core.admin_base import ReadOnlyAdmin
from core.forms import LocalDateField
from core.models import Company, Currency, ExchangeRate
from credit_limits.models import CreditPolicy
from credit_limits.services.policies import policies_install_defaults
from customers.models import PaymentTerm
from documents.models import DocumentType
from ledger.models import LedgerSettings
from tests.factories.core import CompanyFactory, CurrencyFactory, UserFactory

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db

YEARS: Final = "Use a year between 1950 and 2150."


@pytest.fixture
def client() -> Client:
    client = Client()
    client.force_login(UserFactory(username="root", role="admin", is_staff=True, is_superuser=True))
    return client


@dataclass(frozen=True)
class Refused:
    """Values of a form that stands empty otherwise, and what is said about them where."""

    constraint: str
    model: type[models.Model]
    values: dict[str, Any]
    at: str
    """The field, with its row where it stands in one; empty for the form as a whole."""
    words: str
    change: bool = field(default=False, kw_only=True)


TERM: Final = {
    "code": "t",
    "name": "T",
    "lines-TOTAL_FORMS": "1",
    "lines-INITIAL_FORMS": "0",
    "lines-0-position": "1",
    "lines-0-percent": "100",
    "lines-0-months": "0",
    "lines-0-days": "30",
}
TYPE: Final = {
    "code": "x",
    "name": "X",
    "kind": "order",
    "nature": "normal",
    "sequence_code": "x",
    "number_prefix": "X-",
    "over_delivery_percent": "0",
}
REFUSED: Final = (
    Refused(
        "currency_code_is_iso", Currency, {"code": "eu", "name": "E"}, "code", "capital letters"
    ),
    Refused("company_iban_is_compact", Company, {"iban": "IT"}, "iban", "IBAN"),
    Refused("company_bic_is_compact", Company, {"bic": "ÄÖ"}, "bic", "BIC"),
    Refused(
        "rate_is_positive",
        ExchangeRate,
        {"from_currency": "EUR", "to_currency": "USD", "valid_on": "2026-11-02", "rate": "0"},
        "rate",
        "A rate is above zero.",
    ),
    Refused(
        "rate_between_two_currencies",
        ExchangeRate,
        {"from_currency": "EUR", "to_currency": "EUR", "valid_on": "2026-11-02", "rate": "2"},
        "",
        "A rate leads from one currency to another.",
    ),
    Refused(
        "instalment_share_within_bounds",
        PaymentTerm,
        {**TERM, "lines-0-percent": "0"},
        "lines-0-percent",
        "above zero",
    ),
    Refused(
        "instalment_day_is_a_day",
        PaymentTerm,
        {**TERM, "lines-0-fixed_day": "32"},
        "lines-0-fixed_day",
        "less than or equal to 31",
    ),
    Refused(
        "instalment_within_years",
        PaymentTerm,
        {**TERM, "lines-0-months": "61"},
        "lines-0-months",
        "less than or equal to 60",
    ),
    Refused(
        "tolerance_not_negative",
        LedgerSettings,
        {"difference_tolerance": "-1", "discount_percent": "3"},
        "difference_tolerance",
        "greater than or equal to 0",
    ),
    Refused(
        "discount_percent_within_bounds",
        LedgerSettings,
        {"difference_tolerance": "1", "discount_percent": "101"},
        "discount_percent",
        "less than or equal to 100",
    ),
    Refused(
        "authority_of_person_or_role",
        ApprovalAuthority,
        {"kind": "limit_change", "max_amount": "10", "currency": "EUR"},
        "",
        "Name a role or a person, one of them.",
    ),
    Refused(
        "authority_amount_not_negative",
        ApprovalAuthority,
        {"kind": "limit_change", "max_amount": "-1", "currency": "EUR"},
        "max_amount",
        "greater than or equal to 0",
    ),
    Refused(
        "type_reverse_is_return_or_credit_note",
        DocumentType,
        {**TYPE, "nature": "reverse"},
        "nature",
        "have a way back",
    ),
    Refused(
        "type_pro_forma_is_an_invoice",
        DocumentType,
        {**TYPE, "is_pro_forma": "on"},
        "is_pro_forma",
        "can be pro-forma",
    ),
    Refused(
        "type_of_goods_in_never_counts",
        DocumentType,
        {**TYPE, "kind": "receipt", "counts_as_credit": "on"},
        "counts_as_credit",
        "never count",
    ),
    Refused(
        "type_over_delivery_within_bounds",
        DocumentType,
        {**TYPE, "over_delivery_percent": "101"},
        "over_delivery_percent",
        "less than or equal to 100",
    ),
    Refused(
        "type_tolerance_is_of_what_goes_out",
        DocumentType,
        {**TYPE, "kind": "invoice", "nature": "reverse", "over_delivery_percent": "5"},
        "",
        "leave the tolerance at 0",
    ),
    Refused(
        "one_default_policy",
        CreditPolicy,
        {"name": "Second", "release_valid_days": "30", "release_tolerance_percent": "0"},
        "company",
        "There is a policy for every company already",
    ),
    Refused(
        "rule_threshold_not_negative",
        CreditPolicy,
        {"rules-TOTAL_FORMS": "1", "rules-INITIAL_FORMS": "1", "rules-0-threshold": "-1"},
        "rules-0-threshold",
        "greater than or equal to 0",
        change=True,
    ),
)


def said(page: Any) -> dict[str, str]:
    """What a page refuses, by the name of the control."""
    found: dict[str, str] = {}
    rows: list[forms.BaseForm] = [page.context["adminform"].form]
    for inline in page.context["inline_admin_formsets"]:
        rows += inline.formset.forms
    for form in rows:
        for name, errors in form.errors.items():
            own = "" if name == "__all__" else form.add_prefix(name)
            found[own] = " ".join([found.get(own, ""), *errors]).strip()
    return found


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.constraint)
def test_what_the_database_would_refuse_is_said_in_words(client: Client, case: Refused) -> None:
    for code in ("EUR", "USD"):
        CurrencyFactory(code=code)
    CompanyFactory()
    values = case.values
    policy = policies_install_defaults()
    name = f"admin:{case.model._meta.app_label}_{case.model._meta.model_name}"
    url = reverse(f"{name}_add")
    if case.change:
        url = reverse(f"{name}_change", args=[policy.pk])
        rule = policy.rules.get(rule="near_limit")
        values = {**values, "rules-0-id": rule.pk, "rules-0-policy": policy.pk}
    before = case.model._default_manager.count()

    page = client.post(url, values)

    assert page.status_code == 200
    errors = said(page)
    assert case.words in errors.get(case.at, ""), errors
    assert "onstraint" not in str(errors)
    assert case.model._default_manager.count() == before


def settings_models() -> Iterator[type[models.Model]]:
    """Every model whose rows somebody edits in the administration."""
    for model, page in admin.site._registry.items():
        if isinstance(page, ReadOnlyAdmin):
            continue
        yield model
        for inline in page.inlines:
            yield inline.model


def test_no_constraint_of_a_settings_page_is_left_out() -> None:
    """Django names the fields of a plain unique constraint by itself."""
    speaking = {
        constraint.name
        for model in settings_models()
        for constraint in model._meta.constraints
        if not isinstance(constraint, models.UniqueConstraint) or constraint.condition is not None
    }
    assert {case.constraint for case in REFUSED} == speaking


def test_dates_of_the_settings_are_dates_of_business(
    client: Client, rf: Any, admin_user: Any
) -> None:
    request = rf.get("/")
    request.user = admin_user
    fields = [
        (model._meta.label, name, form_field)
        for model, page in admin.site._registry.items()
        if not isinstance(page, ReadOnlyAdmin)
        for name, form_field in page.get_form(request).base_fields.items()
        if isinstance(form_field, forms.DateField)
    ]
    assert {name for _model, name, _field in fields} >= {"start_on", "review_on", "valid_on"}
    for model, name, form_field in fields:
        assert isinstance(form_field, LocalDateField), f"{model}.{name}"


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_policy_does_not_start_at_the_end_of_time(client: Client, day: str) -> None:
    policies_install_defaults()
    url = reverse("admin:credit_limits_creditpolicy_add")
    values = {"name": "New", "company": CompanyFactory().pk, "start_on": day}

    page = client.post(url, values)

    assert YEARS in said(page)["start_on"]
    assert f'value="{day}"' in page.content.decode()
    assert CreditPolicy.objects.count() == 1


def test_a_policy_starts_on_a_day_of_business(client: Client) -> None:
    policy = policies_install_defaults()
    url = reverse("admin:credit_limits_creditpolicy_add")
    form = client.get(url).context["adminform"].form
    values = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    values.update(name="New", company=CompanyFactory().pk, start_on="2026-01-15")

    assert client.post(url, values).status_code == 302

    made = CreditPolicy.objects.exclude(pk=policy.pk).get()
    assert made.start_on == date(2026, 1, 15)
