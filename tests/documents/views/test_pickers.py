"""Choosing customers by searching."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.documents.views.conftest import form_data
from tests.factories.core import CompanyFactory
from tests.factories.customers import CustomerAccountFactory, CustomerFactory
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def rossi(world: World) -> object:
    customer = CustomerFactory(
        code="R001", name="Rossi Impianti", legal_name="RI S.r.l.", vat_number="IT0123"
    )
    return CustomerAccountFactory(company=world.company, customer=customer)


@pytest.mark.parametrize("words", ["rossi", "ROSSI imp", "r001", "it0123", "RI S.r.l"])
def test_accounts_are_found_by_name_code_and_vat(clerk: Client, rossi: object, words: str) -> None:
    response = clerk.get("/orders/search/accounts/", {"account_q": words})

    assert response.context["results"] == [rossi]
    assert "1 customer found" in response.content.decode()


def test_what_does_not_fit_is_not_offered(clerk: Client, rossi: object) -> None:
    response = clerk.get("/orders/search/accounts/", {"account_q": "rossi verdi"})

    assert response.context["results"] == []
    assert "No customer fits “rossi verdi”." in response.content.decode()


def test_only_active_accounts_of_the_users_companies(world: World, clerk: Client) -> None:
    CustomerAccountFactory(company=CompanyFactory(code="FR01"))
    CustomerAccountFactory(company=world.company, is_active=False)

    response = clerk.get("/orders/search/accounts/")

    assert response.context["results"] == [world.account]


def test_own_customers_only(world: World, clerk: Client) -> None:
    mine = CustomerAccountFactory(company=world.company, agent=world.clerk)
    world.clerk.own_accounts_only = True
    world.clerk.save()

    assert clerk.get("/orders/search/accounts/").context["results"] == [mine]
    assert clerk.get("/orders/search/customers/").context["results"] == [mine.customer]


def test_a_stored_order_stays_in_its_company(world: World, clerk: Client) -> None:
    other = CompanyFactory(code="FR01")
    world.clerk.companies.add(other)
    CustomerAccountFactory(company=other)
    document = world.order(100)

    response = clerk.get("/orders/search/accounts/", {"document": document.pk})

    assert response.context["results"] == [world.account]


def test_a_long_list_is_cut_and_says_so(world: World, clerk: Client) -> None:
    for _ in range(13):
        CustomerAccountFactory(company=world.company)

    response = clerk.get("/orders/search/accounts/")

    assert len(response.context["results"]) == 12
    assert "there are more" in response.content.decode()


def test_choosing_fills_in_the_terms_and_keeps_what_was_typed(
    world: World, clerk: Client, rossi: object
) -> None:
    data = form_data(world, account="", payment_term="", reference="typed")
    data["pick_account"] = str(rossi.pk)  # type: ignore[attr-defined]

    response = clerk.post("/orders/head/", data, headers={"HX-Request": "true"})

    assert response.context["chosen"]["account"] == rossi
    page = response.content.decode()
    assert "Rossi Impianti" in page
    assert 'value="typed"' in page
    assert "<html" not in page
    assert "credit:refresh" in response["HX-Trigger-After-Settle"]
    assert (
        response.context["form"]["payment_term"].value() == rossi.payment_term_id  # type: ignore[attr-defined]
    )


def test_choosing_a_foreign_account_chooses_nothing(world: World, clerk: Client) -> None:
    foreign = CustomerAccountFactory(company=CompanyFactory(code="FR01"))
    data = form_data(world, account="") | {"pick_account": str(foreign.pk)}

    response = clerk.post("/orders/head/", data)

    assert response.context["chosen"]["account"] is None
    assert foreign.customer.name not in response.content.decode()
