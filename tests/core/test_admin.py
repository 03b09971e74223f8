"""The administration: settings are audited, history only reads, nobody lifts themselves."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.urls import reverse

from approvals.models import ApprovalAuthority
from core import audit
from core.models import AuditEvent, Company, Currency, User
from core.roles import roles_sync
from tests.factories.approvals import RequestFactory
from tests.factories.core import CompanyFactory, CurrencyFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client):
    """A user with the role of administrators, no superuser."""
    roles_sync()
    user = UserFactory(username="admin", role="admin", is_staff=True)
    client.force_login(user)
    return user


def change_url(row) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def add_url(model) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add")


def company_form(company: Company, **changes) -> dict[str, str]:
    return {
        "code": company.code,
        "name": company.name,
        "currency": company.currency_id,
        "address": "",
        "vat_number": "",
        "is_active": "on",
        **changes,
    }


def test_a_changed_setting_is_one_event_in_words(client, administrator):
    company = CompanyFactory(code="IT09", name="Old name")
    CurrencyFactory(code="USD")
    answer = client.post(change_url(company), company_form(company, name="New", currency="USD"))
    assert answer.status_code == 302
    event = AuditEvent.objects.get()
    assert event.actor == administrator
    assert audit.sentence(event) == (
        "Setting changed: company New: name Old name → New, currency EUR → USD"
    )


def test_saving_without_a_change_records_nothing(client, administrator):
    company = CompanyFactory()
    assert client.post(change_url(company), company_form(company)).status_code == 302
    assert not AuditEvent.objects.exists()


def test_a_refused_change_records_nothing(client, administrator):
    company = CompanyFactory()
    answer = client.post(change_url(company), company_form(company, name=""))
    assert answer.status_code == 200
    assert not AuditEvent.objects.exists()


def test_an_added_setting_is_one_event(client, administrator):
    client.post(add_url(Currency), {"code": "CHF", "name": "Franc", "is_active": "on"})
    assert audit.sentence(AuditEvent.objects.get()) == "Setting added: currency CHF"


def test_removing_is_for_superusers_and_leaves_an_event(client, administrator):
    currency = CurrencyFactory(code="XTS")
    url = reverse("admin:core_currency_delete", args=["XTS"])
    assert client.post(url, {"post": "yes"}).status_code == 403
    assert Currency.objects.filter(pk=currency.pk).exists()
    assert not AuditEvent.objects.exists()
    client.force_login(UserFactory(is_superuser=True, is_staff=True))
    assert client.post(url, {"post": "yes"}).status_code == 302
    assert audit.sentence(AuditEvent.objects.get()) == "Setting removed: currency XTS"


def test_removing_several_leaves_one_event_each(client):
    client.force_login(UserFactory(is_superuser=True, is_staff=True))
    rows = [CurrencyFactory(code="XTA"), CurrencyFactory(code="XTB")]
    data = {
        "action": "delete_selected",
        "_selected_action": [row.pk for row in rows],
        "post": "yes",
    }
    client.post(reverse("admin:core_currency_changelist"), data)
    assert not Currency.objects.filter(pk__startswith="XT").exists()
    assert AuditEvent.objects.filter(action="core.setting.removed").count() == 2


def test_an_authority_is_set_here_and_audited(client, administrator):
    group = Group.objects.get(name="approver")
    data = {
        "kind": "document_release",
        "group": group.pk,
        "max_amount": "5000",
        "currency": CurrencyFactory().pk,
    }
    assert client.post(add_url(ApprovalAuthority), data).status_code == 302
    authority = ApprovalAuthority.objects.get()
    assert authority.max_amount == Decimal(5000)
    client.post(change_url(authority), {**data, "max_amount": "7000"})
    event = AuditEvent.objects.order_by("-pk")[0]
    assert "up to 5000.00 → 7000" in audit.sentence(event)


def test_history_is_only_read(client, administrator):
    request = RequestFactory()
    client.post(add_url(Currency), {"code": "CHF", "name": "Franc"})
    event = AuditEvent.objects.get()
    for row in (request, event):
        assert client.get(change_url(row)).status_code == 200
        assert client.post(change_url(row), {"status": "approved"}).status_code == 403
    for model in (type(request), AuditEvent):
        assert client.get(add_url(model)).status_code == 403
    request.refresh_from_db()
    assert request.status == "open"


def test_every_page_opens_for_the_administrator(client, administrator):
    RequestFactory()
    shown = client.get(reverse("admin:index")).content.decode()
    for model in ("Company", "Currency", "ExchangeRate", "User", "AuditEvent", "NumberSequence"):
        url = reverse(f"admin:core_{model.lower()}_changelist")
        assert url in shown, model
        assert client.get(url).status_code == 200, model
    for name in ("approvalauthority", "approvalrequest"):
        assert client.get(reverse(f"admin:approvals_{name}_changelist")).status_code == 200
    assert client.get(reverse("admin:auth_group_changelist")).status_code == 200


def test_others_stay_outside(client):
    client.force_login(UserFactory(role="credit_manager"))
    assert client.get(reverse("admin:index")).status_code == 302


def test_the_roles_of_the_application_are_shown_others_are_made_here(client, administrator):
    sales = Group.objects.get(name="sales")
    assert client.get(change_url(sales)).status_code == 200
    assert client.post(change_url(sales), {"name": "sellers"}).status_code == 403
    client.post(add_url(Group), {"name": "second level"})
    own = Group.objects.get(name="second level")
    assert client.post(change_url(own), {"name": "third level"}).status_code == 302


def user_form(user: User, **changes) -> dict[str, object]:
    return {
        "username": user.username,
        "theme": "auto",
        "is_active": "on",
        "groups": [group.pk for group in user.groups.all()],
        "companies": [company.pk for company in user.companies.all()],
        **changes,
    }


def test_people_get_roles_here_and_it_is_audited(client, administrator):
    user = UserFactory(username="new", first_name="")
    role = Group.objects.get(name="sales")
    answer = client.post(change_url(user), user_form(user, groups=[role.pk], email=user.email))
    assert answer.status_code == 302
    assert list(user.groups.all()) == [role]
    assert "groups – → sales" in audit.sentence(AuditEvent.objects.get())


def test_nobody_makes_superusers_but_superusers(client, administrator):
    user = UserFactory(username="new")
    client.post(change_url(user), user_form(user, is_superuser="on"))
    user.refresh_from_db()
    assert not user.is_superuser
    client.force_login(UserFactory(is_superuser=True, is_staff=True))
    client.post(change_url(user), user_form(user, is_superuser="on"))
    user.refresh_from_db()
    assert user.is_superuser


def test_an_administrator_changes_neither_themselves_nor_a_superuser(client, administrator):
    root = UserFactory(is_superuser=True)
    for user in (administrator, root):
        form = user_form(user, first_name="Changed")
        assert client.post(change_url(user), form).status_code == 403
        user.refresh_from_db()
        assert user.first_name != "Changed"
        url = reverse("admin:auth_user_password_change", args=[user.pk])
        assert client.get(url).status_code == 403


def test_a_new_password_is_audited_without_the_password(client, administrator):
    user = UserFactory(username="new")
    url = reverse("admin:auth_user_password_change", args=[user.pk])
    secret = "a-Long-new-secret-42"
    data = {"password1": secret, "password2": secret, "usable_password": "true"}
    assert client.post(url, data).status_code == 302
    user.refresh_from_db()
    assert user.check_password(secret)
    event = AuditEvent.objects.get()
    assert audit.sentence(event) == "Setting changed: user New: password"
    assert secret not in str(event.data)


def test_people_are_never_deleted():
    site = admin.site._registry[User]
    assert not site.has_delete_permission(None)
