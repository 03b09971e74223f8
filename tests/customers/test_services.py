"""Commands on parties: effect, refusal without effect, and the one audit event of each."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from core import audit
from core.errors import Conflict, Invalid, NotAllowed
from core.models import AuditEvent
from customers.models import Contact, Customer, CustomerAccount, CustomerGroup
from customers.selectors import account_in_use, customer_fingerprint, customers_sharing_vat
from customers.services import (
    AccountInput,
    ContactInput,
    CustomerInput,
    GroupInput,
    customer_create,
    customer_status_set,
    customer_update,
    group_create,
    group_update,
)
from tests.factories.core import CompanyFactory, CurrencyFactory, UserFactory
from tests.factories.customers import (
    CustomerAccountFactory,
    CustomerFactory,
    CustomerGroupFactory,
    PaymentTermFactory,
)

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2026, 11, 22)


def account_input(**kwargs):
    company = kwargs.pop("company", None) or CompanyFactory()
    return AccountInput(company=company, currency=company.currency, **kwargs)


def only_event(action):
    (event,) = AuditEvent.objects.filter(action=action)
    return event


def test_create_writes_customer_accounts_contacts_and_one_event():
    manager = UserFactory(role="credit_manager")
    group = CustomerGroupFactory(name="Rossi Holding")
    customer = customer_create(
        fields=CustomerInput(
            code=" R1 ", name="Rossi", vat_number="IT 00743110157", country="it", group=group
        ),
        accounts=[account_input(payment_term=PaymentTermFactory())],
        contacts=[ContactInput(name="Anna", email="anna@example.com")],
        actor=manager,
    )
    customer.refresh_from_db()
    assert (customer.code, customer.country, customer.vat_number) == ("R1", "IT", "IT00743110157")
    assert customer.status == "released"
    assert customer.accounts.get().payment_term.code == "net30"
    assert customer.contacts.get().name == "Anna"
    event = only_event("customers.customer.created")
    assert event.customer_id == customer.pk
    assert event.actor == manager
    assert audit.sentence(event) == "Customer added with code R1, in IT01."


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"code": "", "name": "X"}, "code"),
        ({"code": "C1", "name": " "}, "name"),
        ({"code": "C1", "name": "X", "vat_number": "IT00743110158", "country": "IT"}, "vat_number"),
        ({"code": "TAKEN", "name": "X"}, "code"),
    ],
)
def test_create_refuses_bad_values_and_writes_nothing(values, field):
    CustomerFactory(code="TAKEN")
    manager = UserFactory(role="credit_manager")
    with pytest.raises(Invalid) as caught:
        customer_create(fields=CustomerInput(**values), accounts=[account_input()], actor=manager)
    assert caught.value.field == field
    assert Customer.objects.count() == 1
    assert CustomerAccount.objects.count() == 0
    assert not AuditEvent.objects.exists()


def test_create_and_update_need_the_right_and_the_company():
    clerk = UserFactory(role="sales")
    manager = UserFactory(role="credit_manager")
    with pytest.raises(NotAllowed):
        customer_create(fields=CustomerInput(code="C1", name="X"), actor=clerk)
    with pytest.raises(NotAllowed):
        customer_create(
            fields=CustomerInput(code="C1", name="X"),
            accounts=[account_input(company=CompanyFactory(code="DE01"))],
            actor=manager,
        )
    assert not Customer.objects.exists()


def test_two_accounts_in_one_company_are_refused():
    with pytest.raises(Invalid) as caught:
        customer_create(
            fields=CustomerInput(code="C1", name="X"),
            accounts=[account_input(), account_input()],
            actor=None,
        )
    assert caught.value.field == "accounts"
    assert not Customer.objects.exists()


def test_update_records_old_and_new_of_every_change():
    manager = UserFactory(role="credit_manager")
    account = CustomerAccountFactory()
    customer = account.customer
    contact = Contact.objects.create(customer=customer, name="Anna")
    group = CustomerGroupFactory(name="Holding")
    customer_update(
        customer=customer,
        fields=CustomerInput(code=customer.code, name="New name", country="IT", group=group),
        accounts=[
            account_input(
                payment_term=PaymentTermFactory(code="net60"),
                payment_method=account.payment_method,
                is_active=False,
            )
        ],
        contacts=[ContactInput(pk=contact.pk, name="Anna", remove=True), ContactInput(name="Bo")],
        actor=manager,
    )
    customer.refresh_from_db()
    account.refresh_from_db()
    assert (customer.name, customer.group) == ("New name", group)
    assert (account.payment_term.code, account.is_active) == ("net60", False)
    assert [c.name for c in customer.contacts.all()] == ["Bo"]
    event = only_event("customers.customer.updated")
    changes = event.data["changes"]
    assert changes["group"] == ["", "Holding"]
    assert changes["accounts"]["IT01"] == {
        "payment_term": ["net30", "net60"],
        "is_active": ["yes", "no"],
    }
    assert changes["contacts"] == [["Anna", ""], ["", "Bo"]]
    assert "name Customer" in audit.sentence(event)
    assert "payment terms net30 → net60" in audit.sentence(event)


def test_update_without_a_change_records_nothing():
    account = CustomerAccountFactory()
    customer = account.customer
    customer_update(
        customer=customer,
        fields=CustomerInput(code=customer.code, name=customer.name, country="IT"),
        accounts=[
            account_input(payment_term=account.payment_term, payment_method=account.payment_method)
        ],
        actor=UserFactory(role="credit_manager"),
    )
    assert not AuditEvent.objects.exists()


def test_update_leaves_accounts_of_other_companies_alone():
    account = CustomerAccountFactory()
    other = CustomerAccountFactory(
        customer=account.customer, company=CompanyFactory(code="DE01"), payment_term=None
    )
    customer_update(
        customer=account.customer,
        fields=CustomerInput(code=account.customer.code, name="New"),
        accounts=[account_input(is_active=False)],
        actor=UserFactory(role="credit_manager"),
    )
    other.refresh_from_db()
    assert other.is_active
    assert account.customer.accounts.count() == 2


def test_a_stale_form_is_refused_and_changes_nothing():
    manager = UserFactory(role="credit_manager")
    customer = CustomerAccountFactory().customer
    seen = customer_fingerprint(customer)
    Customer.objects.filter(pk=customer.pk).update(address="moved meanwhile")
    with pytest.raises(Conflict):
        customer_update(
            customer=customer,
            fields=CustomerInput(code=customer.code, name="Mine"),
            actor=manager,
            seen=seen,
        )
    customer.refresh_from_db()
    assert customer.name != "Mine"
    assert customer.address == "moved meanwhile"


def test_a_used_account_keeps_its_currency_and_its_row():
    manager = UserFactory(role="credit_manager")
    account = CustomerAccountFactory()
    usd = CurrencyFactory(code="USD")
    company = account.company
    assert not account_in_use(account)
    customer = account.customer
    fields = CustomerInput(code=customer.code, name=customer.name, country="IT")
    customer_update(
        customer=customer,
        fields=fields,
        accounts=[AccountInput(company=company, currency=usd)],
        actor=manager,
    )
    account.refresh_from_db()
    assert account.currency == usd

    from credit_limits.models import CreditLimit

    CreditLimit.objects.create(
        account=account,
        kind="permanent",
        state="zero",
        currency=usd,
        valid_during=(TODAY, None),
    )
    assert account_in_use(account)
    for given in (
        AccountInput(company=company, currency=company.currency),
        AccountInput(company=company, currency=usd, remove=True),
    ):
        with pytest.raises(Invalid) as caught:
            customer_update(customer=customer, fields=fields, accounts=[given], actor=manager)
        assert caught.value.field == "accounts"
    account.refresh_from_db()
    assert account.currency == usd


def test_an_unused_account_can_be_removed():
    account = CustomerAccountFactory()
    customer = account.customer
    customer_update(
        customer=customer,
        fields=CustomerInput(code=customer.code, name=customer.name, country="IT"),
        accounts=[account_input(remove=True)],
        actor=UserFactory(role="credit_manager"),
    )
    assert not CustomerAccount.objects.exists()


def test_the_head_cannot_leave_its_group():
    group = CustomerGroupFactory()
    head = CustomerFactory(group=group)
    CustomerGroup.objects.filter(pk=group.pk).update(head=head)
    with pytest.raises(Invalid) as caught:
        customer_update(
            customer=head,
            fields=CustomerInput(code=head.code, name=head.name, group=None),
            actor=None,
        )
    assert caught.value.field == "group"
    head.refresh_from_db()
    assert head.group == group


def test_vat_numbers_are_found_with_and_without_prefix():
    one = CustomerFactory(vat_number="IT00743110157")
    CustomerFactory(vat_number="IT11111111115")
    assert list(customers_sharing_vat("00743110157")) == [one]
    assert list(customers_sharing_vat("IT00743110157", but=one)) == []
    bare = CustomerFactory(vat_number="00743110157")
    assert set(customers_sharing_vat("IT00743110157")) == {one, bare}


class TestStatus:
    def test_sets_status_reason_and_day_with_one_event(self):
        manager = UserFactory(role="credit_manager")
        customer = CustomerFactory()
        today = timezone.localdate()
        customer_status_set(
            customer=customer,
            status="blocked",
            reason="Cheque returned",
            actor=manager,
            on=today,
            expected="released",
        )
        customer.refresh_from_db()
        assert (customer.status, customer.status_reason, customer.status_on) == (
            "blocked",
            "Cheque returned",
            today,
        )
        event = only_event("customers.customer.status_changed")
        assert event.data["status"] == ["released", "blocked"]
        assert "from Released to Blocked" in audit.sentence(event)

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"status": "blocked", "reason": "  "}, "reason"),
            ({"status": "sleeping", "reason": "x"}, "status"),
            ({"status": "released", "reason": "x"}, "status"),
            ({"status": "blocked", "reason": "x", "days": 1}, "on"),
            ({"status": "blocked", "reason": "x", "days": -20}, "on"),
        ],
    )
    def test_refuses_without_effect(self, values, field):
        today = timezone.localdate()
        customer = CustomerFactory(status_on=today - datetime.timedelta(days=10))
        with pytest.raises(Invalid) as caught:
            customer_status_set(
                customer=customer,
                status=values["status"],
                reason=values["reason"],
                on=today + datetime.timedelta(days=values.get("days", 0)),
                actor=UserFactory(role="credit_manager"),
            )
        assert caught.value.field == field
        customer.refresh_from_db()
        assert customer.status == "released"
        assert not AuditEvent.objects.exists()

    def test_a_stale_form_and_a_clerk_change_nothing(self):
        customer = CustomerFactory(status="debtor")
        today = timezone.localdate()
        with pytest.raises(Conflict):
            customer_status_set(
                customer=customer,
                status="blocked",
                reason="x",
                actor=UserFactory(role="credit_manager"),
                on=today,
                expected="released",
            )
        with pytest.raises(NotAllowed):
            customer_status_set(
                customer=customer,
                status="released",
                reason="x",
                actor=UserFactory(role="sales"),
                on=today,
            )
        customer.refresh_from_db()
        assert customer.status == "debtor"
        assert not AuditEvent.objects.exists()


class TestGroups:
    def test_a_new_group_takes_its_head_in(self):
        manager = UserFactory(role="admin")
        head = CustomerFactory()
        group = group_create(fields=GroupInput(code="h", name="Holding", head=head), actor=manager)
        head.refresh_from_db()
        assert head.group == group
        assert "head Customer" in audit.sentence(only_event("customers.group.created"))

    def test_the_head_must_be_a_member(self):
        manager = UserFactory(role="admin")
        group = CustomerGroupFactory()
        with pytest.raises(Invalid):
            group_update(
                group=group,
                fields=GroupInput(code=group.code, name="N", head=CustomerFactory()),
                actor=manager,
            )
        member = CustomerFactory(group=group)
        group_update(
            group=group, fields=GroupInput(code=group.code, name="N", head=member), actor=manager
        )
        group.refresh_from_db()
        assert (group.name, group.head) == ("N", member)
        assert audit.sentence(only_event("customers.group.updated")).startswith(
            "Customer group changed: head of the group – → "
        )
        with pytest.raises(Invalid):
            group_create(fields=GroupInput(code="other", name="Other", head=member), actor=manager)
        assert CustomerGroup.objects.count() == 1
