"""The order list: what is in it, filters, sorting, paging, totals, and the part for htmx."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from documents.models import Document
from documents.services.submit import document_submit
from tests.factories.core import CompanyFactory, CurrencyFactory
from tests.factories.customers import CustomerAccountFactory, CustomerFactory
from tests.factories.documents import OrderFactory
from tests.world import TODAY, World

pytestmark = pytest.mark.django_db


def listed(client: Client, **query: Any) -> list[Document]:
    response = client.get("/orders/", query)
    assert response.status_code == 200
    return [row.record for row in response.context["table"].paginated_rows]


def submitted(world: World, gross: int, **values: Any) -> Document:
    document = world.order(gross, **values)
    result = document_submit(document=document, actor=world.clerk, as_of=TODAY)
    return result.document


def test_every_order_with_its_status_in_word_and_colour(world: World, clerk: Client) -> None:
    draft, accepted, held = world.order(100), submitted(world, 200), submitted(world, 1000)

    response = clerk.get("/orders/")

    page = response.content.decode()
    for document in (draft, accepted, held):
        assert str(document) in page
        assert f'href="/orders/{document.pk}/"' in page
    assert 'tone-mute">Draft' in page
    assert 'tone-ok">Submitted' in page
    assert 'tone-warn">Held' in page
    assert "Over the limit" in page


def test_searching_by_number_reference_and_customer(world: World, clerk: Client) -> None:
    first = world.order(100, reference="PO 4711")
    other = OrderFactory(
        account=CustomerAccountFactory(
            company=world.company, customer=CustomerFactory(name="Bianchi Costruzioni")
        )
    )

    assert listed(clerk, q="4711") == [first]
    assert listed(clerk, q=first.number) == [first]
    assert listed(clerk, q="bianchi cost") == [other]
    assert listed(clerk, q="nobody") == []


def test_filtering_by_status(world: World, clerk: Client) -> None:
    draft, accepted, held = world.order(100), submitted(world, 200), submitted(world, 1000)
    gone = world.order(50)
    Document.objects.filter(pk=gone.pk).update(status="cancelled")

    assert listed(clerk, status="held") == [held]
    assert listed(clerk, status="counting") == [accepted]
    assert set(listed(clerk, status="unfinished")) == {draft, accepted, held}
    page = clerk.get("/orders/", {"status": "nonsense"}).content.decode()
    assert "nonsense is not one of the available choices" in page


def test_filtering_by_an_open_hold(world: World, clerk: Client) -> None:
    world.order(100)
    held = submitted(world, 1100)

    assert listed(clerk, held="on") == [held]
    assert len(listed(clerk, held="")) == 2


def test_filtering_by_customer_from_a_link(world: World, clerk: Client) -> None:
    world.order(100)
    other = OrderFactory(account=CustomerAccountFactory(company=world.company))

    response = clerk.get("/orders/", {"customer": other.account.customer_id})

    assert [row.record for row in response.context["table"].paginated_rows] == [other]
    assert other.account.customer.name in [item.value for item in response.context["filter"].active]


def test_filtering_by_date(world: World, clerk: Client) -> None:
    old = world.order(100, document_on=TODAY - datetime.timedelta(days=40))
    new = world.order(100)

    assert listed(clerk, since="2026-03-01") == [new]
    assert listed(clerk, until="2026-03-01") == [old]
    response = clerk.get("/orders/", {"since": "31.02.2026"})
    assert "is not a date" in response.content.decode()


def test_filtering_by_company(world: World, clerk: Client) -> None:
    world.order(100)
    other = CompanyFactory(code="FR01")
    world.clerk.companies.add(other)
    foreign = OrderFactory(account=CustomerAccountFactory(company=other), actor=world.clerk)

    assert listed(clerk, company=other.pk) == [foreign]
    assert "FR01" in clerk.get("/orders/").content.decode()


def test_with_one_company_its_column_and_filter_are_left_out(world: World, clerk: Client) -> None:
    world.order(100)

    response = clerk.get("/orders/")

    assert "company" not in [column.name for column in response.context["table"].columns]
    assert "company" not in response.context["filter"].form.fields


def test_sorting(world: World, clerk: Client) -> None:
    small, large = world.order(10), world.order(90)

    assert listed(clerk, sort="gross_amount") == [small, large]
    assert listed(clerk, sort="-gross_amount") == [large, small]
    assert listed(clerk, sort="number") == [small, large]


def test_paging_and_totals_of_all_pages(world: World, clerk: Client) -> None:
    for _ in range(52):
        world.order(10)
    world.order(7, currency=CurrencyFactory(code="USD"))

    response = clerk.get("/orders/")

    assert len(response.context["table"].paginated_rows) == 50
    assert response.context["totals"] == [
        {"currency": "EUR", "count": 52, "amount": 520},
        {"currency": "USD", "count": 1, "amount": 7},
    ]
    assert len(listed(clerk, page=2)) == 3


def test_orders_of_other_companies_are_not_there(world: World, clerk: Client) -> None:
    foreign = OrderFactory(
        account=CustomerAccountFactory(company=CompanyFactory(code="FR01")),
    )

    response = clerk.get("/orders/")

    assert listed(clerk) == []
    assert foreign.number not in response.content.decode()
    assert "No orders yet" in response.content.decode()


def test_htmx_gets_the_results_and_a_browser_the_page(world: World, clerk: Client) -> None:
    world.order(100)

    part = clerk.get("/orders/", {"q": "SO"}, headers={"HX-Request": "true"}).content.decode()
    page = clerk.get("/orders/", {"q": "SO"}).content.decode()

    assert part.strip().startswith('<div id="results"')
    assert "<html" not in part
    assert "<html" in page
    assert 'id="results"' in page


def test_ten_orders_cost_as_many_statements_as_one(world: World, clerk: Client) -> None:
    submitted(world, 1100)
    clerk.get("/orders/")
    with CaptureQueriesContext(connection) as one:
        clerk.get("/orders/")
    for _ in range(9):
        submitted(world, 1100)
    with CaptureQueriesContext(connection) as ten:
        clerk.get("/orders/")

    assert len(ten) == len(one)
