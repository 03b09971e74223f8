"""Pages that change parties: what is kept, what is refused, and where the refusal stands."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.models import AuditEvent
from customers.models import Customer, CustomerAccount, CustomerGroup
from tests.factories.core import CompanyFactory, UserFactory
from tests.factories.customers import (
    ContactFactory,
    CustomerAccountFactory,
    CustomerFactory,
    CustomerGroupFactory,
    PaymentTermFactory,
)

if TYPE_CHECKING:
    from core.models import User

pytestmark = pytest.mark.django_db


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def manager() -> User:
    return UserFactory(username="carla", role="credit_manager")


@pytest.fixture
def client(manager: User) -> Client:
    return browser(manager)


def form_data(**values: Any) -> dict[str, Any]:
    """A posted form: the party, one account in the default company, one contact."""
    company = values.pop("company", None) or CompanyFactory()
    accounts = values.pop("accounts", None)
    if accounts is None:
        accounts = [{"company": company.pk, "currency": "EUR", "is_active": "on"}]
    contacts = values.pop("contacts", [])
    initial = values.pop("initial", 0)
    data = {"code": "R1", "name": "Rossi", "country": "IT", "vat_number": "", **values}
    for prefix, rows, known in (
        ("accounts", accounts, initial),
        ("contacts", contacts, values.pop("known_contacts", 0)),
    ):
        data |= {
            f"{prefix}-TOTAL_FORMS": len(rows),
            f"{prefix}-INITIAL_FORMS": known,
            f"{prefix}-MIN_NUM_FORMS": 0,
            f"{prefix}-MAX_NUM_FORMS": 100,
        }
        for number, row in enumerate(rows):
            data |= {f"{prefix}-{number}-{key}": value for key, value in row.items()}
    return data


def test_create_saves_everything_and_opens_the_credit_file(client: Client) -> None:
    term = PaymentTermFactory()
    company = CompanyFactory()
    response = client.post(
        reverse("customers:customer_create"),
        form_data(
            vat_number="IT 00743110157",
            accounts=[
                {
                    "company": company.pk,
                    "currency": "EUR",
                    "payment_term": term.pk,
                    "is_active": "on",
                }
            ],
            contacts=[{"name": "Anna", "email": "anna@example.com"}, {"name": ""}],
        ),
    )
    customer = Customer.objects.get()
    assert response.status_code == 302
    assert response["Location"] == reverse("reports:credit_file", args=[customer.pk])
    assert customer.vat_number == "IT00743110157"
    assert customer.accounts.get().payment_term == term
    assert [contact.name for contact in customer.contacts.all()] == ["Anna"]
    assert AuditEvent.objects.get().action == "customers.customer.created"


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"vat_number": "IT00743110158"}, "vat_number", "check digit"),
        ({"name": ""}, "name", "required"),
        ({"code": "TAKEN"}, "code", "Another customer has this code"),
        ({"code": "taken"}, "code", "Another customer has this code"),
    ],
)
def test_wrong_input_is_shown_beside_its_field_and_nothing_is_written(
    client: Client, values: dict[str, str], field: str, words: str
) -> None:
    CustomerFactory(code="TAKEN")
    response = client.post(reverse("customers:customer_create"), form_data(**values))
    assert response.status_code == 422
    assert words in str(response.context["form"].errors[field])
    text = response.content.decode()
    assert f'href="#id_{field}"' in text  # the summary leads to the field
    assert Customer.objects.count() == 1
    assert not CustomerAccount.objects.exists()
    assert not AuditEvent.objects.exists()


def test_a_number_that_cannot_be_verified_is_saved_with_a_warning(client: Client) -> None:
    twin = CustomerFactory(name="Twin", vat_number="123456789", country="US")
    response = client.post(
        reverse("customers:customer_create"),
        form_data(country="US", vat_number="12-345 6789"),
        follow=True,
    )
    messages = [str(message) for message in response.context["messages"]]
    assert Customer.objects.count() == 2
    assert any("not verified" in message for message in messages)
    assert any(twin.name in message for message in messages)


def test_a_customer_needs_a_company(client: Client) -> None:
    response = client.post(reverse("customers:customer_create"), form_data(accounts=[]))
    assert response.status_code == 422
    assert "at least one company" in response.content.decode()
    assert not Customer.objects.exists()


def test_a_company_one_does_not_work_for_cannot_be_chosen(client: Client) -> None:
    foreign = CompanyFactory(code="XX")
    response = client.post(
        reverse("customers:customer_create"),
        form_data(accounts=[{"company": foreign.pk, "currency": "EUR"}]),
    )
    assert response.status_code == 422
    assert not Customer.objects.exists()


def test_the_form_of_a_new_customer_fills_in_the_only_company(client: Client) -> None:
    CompanyFactory()
    response = client.get(reverse("customers:customer_create"))
    (row,) = response.context["accounts"].forms
    assert row.initial["currency"] == "EUR"


def edit(client: Client, customer: Customer, **values: Any) -> Any:
    url = reverse("customers:customer_edit", args=[customer.pk])
    seen = client.get(url).context["form"].initial["seen"]
    return client.post(url, form_data(**{"code": customer.code, "seen": seen, **values}))


def test_edit_changes_what_was_changed(client: Client) -> None:
    account = CustomerAccountFactory()
    contact = ContactFactory(customer=account.customer, name="Anna")
    response = edit(
        client,
        account.customer,
        name="New name",
        initial=1,
        accounts=[{"currency": "EUR"}],
        contacts=[
            {"pk": contact.pk, "name": "Anna", "DELETE": "on"},
            {"name": "Bo", "phone": "123"},
        ],
        **{"contacts-INITIAL_FORMS": 1},
    )
    assert response.status_code == 302, response.context["summary"].error_summary
    account.refresh_from_db()
    assert account.customer.name == "New name"
    assert account.is_active is False
    assert [row.name for row in account.customer.contacts.all()] == ["Bo"]
    assert AuditEvent.objects.get().action == "customers.customer.updated"


def test_a_stale_form_keeps_what_was_typed_and_changes_nothing(client: Client) -> None:
    customer = CustomerAccountFactory().customer
    url = reverse("customers:customer_edit", args=[customer.pk])
    seen = client.get(url).context["form"].initial["seen"]
    Customer.objects.filter(pk=customer.pk).update(address="Moved")
    response = client.post(
        url,
        form_data(
            code=customer.code, name="Typed", seen=seen, initial=1, accounts=[{"currency": "EUR"}]
        ),
    )
    assert response.status_code == 422
    assert "Somebody changed this customer" in response.content.decode()
    assert response.context["form"]["name"].value() == "Typed"
    customer.refresh_from_db()
    assert customer.name != "Typed"


def test_strangers_find_nothing_to_edit() -> None:
    customer = CustomerAccountFactory().customer
    stranger = browser(UserFactory(role="credit_manager", companies=[CompanyFactory(code="XX")]))
    for name in ("customer_edit", "status_set"):
        assert stranger.get(reverse(f"customers:{name}", args=[customer.pk])).status_code == 404
    clerk = browser(UserFactory(role="sales"))
    for name in ("customer_edit", "status_set"):
        assert clerk.get(reverse(f"customers:{name}", args=[customer.pk])).status_code == 403


class TestStatus:
    def post(self, client: Client, customer: Customer, **values: Any) -> Any:
        data = {
            "status": "blocked",
            "reason": "Cheque came back",
            "on": timezone.localdate().isoformat(),
            "expected": customer.status,
            **values,
        }
        return client.post(reverse("customers:status_set", args=[customer.pk]), data)

    def test_blocks_with_reason_and_date(self, client: Client, manager: User) -> None:
        customer = CustomerAccountFactory().customer
        response = self.post(client, customer)
        assert response["Location"] == reverse("reports:credit_file", args=[customer.pk])
        customer.refresh_from_db()
        assert (customer.status, customer.status_reason) == ("blocked", "Cheque came back")
        event = AuditEvent.objects.get()
        assert (event.action, event.actor) == ("customers.customer.status_changed", manager)
        assert "Blocked" in client.get(response["Location"]).content.decode()

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"reason": " "}, "reason"),
            ({"status": "nonsense"}, "status"),
            ({"status": "released"}, "status"),
            ({"on": "31/31/2026"}, "on"),
            ({"on": "2199-01-01"}, "on"),
            (
                {"on": (datetime.date(2026, 1, 1) + datetime.timedelta(days=36500)).isoformat()},
                "on",
            ),
        ],
    )
    def test_refuses_beside_the_field(
        self, client: Client, values: dict[str, str], field: str
    ) -> None:
        customer = CustomerAccountFactory().customer
        response = self.post(client, customer, **values)
        assert response.status_code == 422
        assert field in response.context["form"].errors
        customer.refresh_from_db()
        assert customer.status == "released"
        assert not AuditEvent.objects.exists()

    def test_a_second_click_says_so_and_records_nothing_more(self, client: Client) -> None:
        customer = CustomerAccountFactory().customer
        self.post(client, customer)
        response = self.post(client, customer)
        assert response.status_code == 422
        assert "meanwhile" in response.content.decode()
        assert AuditEvent.objects.count() == 1


class TestGroups:
    def test_an_administrator_makes_and_changes_groups(self) -> None:
        admin = browser(UserFactory(role="admin"))
        head = CustomerAccountFactory().customer
        response = admin.post(
            reverse("customers:group_create"), {"code": "h", "name": "Holding", "head": head.pk}
        )
        group = CustomerGroup.objects.get()
        assert response["Location"] == reverse("customers:group_detail", args=[group.pk])
        head.refresh_from_db()
        assert (head.group, group.head) == (group, head)
        response = admin.post(
            reverse("customers:group_edit", args=[group.pk]), {"code": "h", "name": "New"}
        )
        group.refresh_from_db()
        assert (group.name, group.head) == ("New", None)

    def test_a_code_that_is_taken_is_refused(self) -> None:
        admin = browser(UserFactory(role="admin"))
        CustomerGroupFactory(code="h")
        response = admin.post(reverse("customers:group_create"), {"code": "h", "name": "Other"})
        assert response.status_code == 422
        assert "Another group has this code" in response.content.decode()
        assert CustomerGroup.objects.count() == 1
