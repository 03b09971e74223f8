"""The customer list: search, filters, order, pages, totals, and what it works out."""

from __future__ import annotations

import datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

import pytest

from customers.models import Customer
from reports.queries import customers as queries
from tests.factories.core import CompanyFactory, CurrencyFactory, ExchangeRateFactory, UserFactory
from tests.factories.customers import CustomerAccountFactory, CustomerGroupFactory
from tests.reports.books import account_in, portfolio_of, statements
from tests.world import TODAY, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

URL = "/customers/"


@pytest.fixture
def client(world: World, as_user: Callable[..., Client]) -> Client:
    return as_user(UserFactory(username="sam", role="sales"))


def names(response) -> list[str]:
    return [row.name for row in response.context["found"].rows]


def test_search_and_filters(world: World, client: Client) -> None:
    rossi = account_in(world, "Rossi Impianti").customer
    rossi.vat_number = "IT00743110157"
    rossi.status = Customer.Status.BLOCKED
    rossi.group = CustomerGroupFactory(name="Holding")
    rossi.save()
    account_in(world, "Bianchi")
    for query in ("q=impianti", "q=00743110157", "status=blocked", f"group={rossi.group_id}"):
        assert names(client.get(f"{URL}?{query}")) == ["Rossi Impianti"], query
    assert names(client.get(f"{URL}?q=nobody")) == []


def test_over_and_overdue_keep_customers_with_such_an_account(world: World, client) -> None:
    portfolio_of(world, 7)
    assert names(client.get(f"{URL}?over=1")) == ["Customer 000 "]
    assert names(client.get(f"{URL}?overdue=1")) == ["Customer 003 "]


def test_only_the_page_is_worked_out_unless_all_is_asked(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "PER_PAGE", 5)
    portfolio_of(world, 14)
    page = client.get(URL).context["found"]
    assert len(page.book.positions) == 5
    assert not page.is_whole
    assert page.page.paginator.count == 15
    every = client.get(f"{URL}?totals=1").context["found"]
    assert len(every.book.positions) == 15
    assert every.is_whole
    assert len(every.rows) == 5
    sorted_ = client.get(f"{URL}?sort=-exposure").context["found"]
    assert len(sorted_.book.positions) == 15
    second = client.get(f"{URL}?sort=-exposure&page=2").context["found"]
    assert sorted_.rows[-1].exposure >= second.rows[0].exposure
    assert every.totals["exposure"].amount == sorted_.totals["exposure"].amount
    assert page.totals["exposure"].amount == sum((row.exposure for row in page.rows), Decimal(0))


@pytest.mark.parametrize("field", ["name", "status", "group", "limit", "exposure", "headroom"])
def test_orders(world: World, client: Client, field: str) -> None:
    portfolio_of(world, 10)
    up, down = names(client.get(f"{URL}?sort={field}")), names(client.get(f"{URL}?sort=-{field}"))
    assert sorted(up) == sorted(down)
    assert len(up) == 11
    if field == "name":
        assert up == sorted(up) == down[::-1]


def test_orders_by_days_and_overdue_put_the_latest_first(world: World, client: Client) -> None:
    portfolio_of(world, 24)
    for field in ("days", "overdue"):
        rows = client.get(f"{URL}?sort=-{field}").context["found"].rows
        values = [getattr(row, field) for row in rows]
        assert values == sorted(values, reverse=True)
        assert values[0] > 0


def test_a_customer_of_two_companies_is_one_row_that_hides_no_overrun(
    world: World, as_user
) -> None:
    other = CompanyFactory(code="IT02")
    second = CustomerAccountFactory(company=other, customer=world.account.customer)
    world.limit(100, account=second)
    world.item(150, account=second)
    world.item(10)
    client = as_user(UserFactory(role="sales", companies=[world.company, other]))
    (row,) = client.get(URL).context["found"].rows
    assert row.exposure == Decimal(160)
    assert row.limit == Decimal(1100)
    assert row.band == "over"
    assert row.percent == Decimal(150)
    (row,) = client.get(f"{URL}?company={other.pk}").context["found"].rows
    assert row.exposure == Decimal(150)
    alone = as_user(UserFactory(role="sales"))
    (row,) = alone.get(URL).context["found"].rows
    assert row.exposure == Decimal(10)


def test_currencies_are_converted_in_totals_and_a_missing_rate_is_said(
    world: World, client: Client
) -> None:
    dollars = CustomerAccountFactory(company=world.company, currency=CurrencyFactory(code="USD"))
    world.item(200, account=dollars)
    world.item(100)
    response = client.get(URL)
    assert response.context["found"].totals["exposure"].amount == Decimal(100)
    assert "Without 1 account: rate missing" in response.content.decode()
    ExchangeRateFactory(
        from_currency=CurrencyFactory(code="USD"),
        to_currency=CurrencyFactory(code="EUR"),
        rate=Decimal("0.5"),
    )
    response = client.get(URL)
    assert response.context["found"].totals["exposure"].amount == Decimal(200)


def test_visibility(world: World, as_user) -> None:
    account_in(world, "Hidden", CompanyFactory(code="XX"))
    agent = UserFactory(role="sales", own_accounts_only=True)
    assert names(as_user(agent).get(URL)) == []
    assert names(as_user(UserFactory(role="sales")).get(URL)) == [world.account.customer.name]
    assert "Hidden" in names(as_user(UserFactory(is_superuser=True)).get(URL))
    assert as_user(UserFactory()).get(URL).status_code == 403


def test_htmx_gets_only_the_results(world: World, client: Client) -> None:
    part = client.get(URL, headers={"HX-Request": "true"}).content
    assert b"<html" not in part
    assert b'id="results"' in part


def test_the_number_of_statements_does_not_grow(world: World, client: Client) -> None:
    portfolio_of(world, 3)
    urls = (URL, f"{URL}?sort=-exposure", f"{URL}?overdue=1&totals=1")
    client.get(URL)
    few = [statements(partial(client.get, url)) for url in urls]
    portfolio_of(world, 30, world.company)
    assert [statements(partial(client.get, url)) for url in urls] == few


def test_groups_show_members_head_and_shared_limit(world: World, client: Client, as_user) -> None:
    group = CustomerGroupFactory(name="Holding", head=world.account.customer)
    hidden = account_in(world, "Hidden", CompanyFactory(code="XX"))
    for account in (world.account, hidden):
        account.customer.group = group
        account.customer.save()
    world.limit(500, account=None, group=group)
    world.item(70, TODAY - datetime.timedelta(days=2))
    world.item(30, account=hidden)
    assert b"Holding" in client.get("/customers/groups/").content
    response = client.get(f"/customers/groups/{group.pk}/")
    assert [row.name for row in response.context["found"].rows] == [world.account.customer.name]
    assert response.context["hidden"] == 1
    assert "Hidden" not in response.content.decode()
    (wide,) = response.context["wide"]
    assert (wide.used, wide.headroom) == (Decimal(100), Decimal(400))
    stranger = as_user(UserFactory(role="sales", companies=[CompanyFactory(code="YY")]))
    assert stranger.get(f"/customers/groups/{group.pk}/").status_code == 404
