"""install_defaults: what a new installation needs; nothing that an admin changed is touched."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection

from approvals.models import ApprovalAuthority
from core.models import Company, Currency
from core.permissions import ROLES
from credit_limits.models import CreditPolicy, PolicyRule, PolicyVersion
from customers.models import PaymentMethod, PaymentTerm
from documents.models import DocumentType
from ledger.models import ImportProfile
from reports.services.defaults import defaults_install

pytestmark = pytest.mark.django_db


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of ours, with the transaction that wrote it."""
    result = {}
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            table = model._meta.db_table
            cursor.execute(f'SELECT xmin::text, t::text FROM "{table}" t ORDER BY 2')  # noqa: S608
            result[table] = cursor.fetchall()
    return result


def test_a_new_installation_can_work() -> None:
    call_command("install_defaults", verbosity=0)

    assert set(Group.objects.values_list("name", flat=True)) >= set(ROLES)
    assert Company.objects.get().currency_id == "EUR"
    assert Currency.objects.filter(code__in=("EUR", "USD", "GBP", "BRL")).count() == 4
    assert DocumentType.objects.filter(code="order", counts_as_credit=True).exists()
    policy = CreditPolicy.objects.get()
    assert policy.company is None
    assert PolicyVersion.objects.get().policy == policy
    assert policy.rules.count() == 12
    assert dict(ApprovalAuthority.objects.values_list("group__name", "max_amount")) == {
        "approver": 5000,
        "credit_manager": None,
    }
    assert {*ImportProfile.objects.values_list("name", flat=True)} >= {"standard", "ibm_ar"}
    assert PaymentMethod.objects.get(code="cash").treatment == "passes"
    assert PaymentMethod.objects.get(code="cheque").treatment == "analysis"
    for term in PaymentTerm.objects.all():
        assert sum(line.percent for line in term.lines.all()) == 100


def test_twice_changes_no_row() -> None:
    defaults_install()
    before = everything()

    defaults_install()

    assert everything() == before


def test_what_an_admin_changed_or_removed_stays_so() -> None:
    defaults_install()
    Company.objects.update(name="Our name", code="OURS")
    Currency.objects.filter(code="JPY").update(is_active=False, name="Japanese yen")
    PaymentMethod.objects.filter(code="cheque").update(treatment="normal")
    term = PaymentTerm.objects.get(code="rate3")
    term.lines.filter(position=3).delete()
    term.lines.filter(position=2).update(percent=100 - term.lines.get(position=1).percent)
    DocumentType.objects.filter(code="order").update(number_prefix="A-")
    rule = PolicyRule.objects.get(rule="near_limit")
    rule.threshold = 75
    rule.save()
    ApprovalAuthority.objects.filter(max_amount=None).delete()
    ImportProfile.objects.filter(name="standard").update(date_format="%d.%m.%Y")
    before = everything()

    defaults_install()

    assert everything() == before


def test_a_role_is_set_right_but_other_groups_are_left_alone() -> None:
    """Roles are the one thing that is written again: their rights stand in the code."""
    defaults_install()
    sales = Group.objects.get(name="sales")
    sales.permissions.clear()
    own = Group.objects.create(name="our own group")

    defaults_install()

    assert sales.permissions.count() == len(ROLES["sales"])
    assert own.permissions.count() == 0


def test_the_first_company_is_the_one_of_the_settings(settings: Any) -> None:
    settings.AFFIDO_COMPANY = {"code": "BR", "name": "Nossa Empresa", "currency_id": "BRL"}

    defaults_install()

    company = Company.objects.get()
    assert (company.code, company.name, company.currency_id) == ("BR", "Nossa Empresa", "BRL")
    assert {*ApprovalAuthority.objects.values_list("currency", flat=True)} == {"BRL"}
