"""The exposure list: who sees what, filters, order, totals, downloads, and its cost."""

from __future__ import annotations

import csv
import datetime
import io
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from django.urls import reverse

from customers.models import CustomerAccount
from tests.factories.core import CompanyFactory, CurrencyFactory, ExchangeRateFactory, UserFactory
from tests.factories.customers import CustomerAccountFactory, CustomerGroupFactory
from tests.reports.books import account_in, portfolio_of, statements
from tests.world import TODAY, World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from django.test import Client

URL = "/reports/exposure/"


def streamed(answer: Any) -> Iterable[bytes]:
    """The parts of a streamed answer; the test client's type does not know them."""
    return answer.streaming_content


def names(response) -> list[str]:
    return [row.record.name for row in response.context["table"].rows]


@pytest.fixture
def client(world: World, as_user: Callable[..., Client]) -> Client:
    return as_user(UserFactory(username="teo", role="treasury"))


def test_rows_and_totals_agree(world: World, client: Client) -> None:
    portfolio_of(world, 14)
    response = client.get(URL)
    found = response.context["found"]
    assert len(found.rows) == 15  # fourteen and the world's own customer
    for key, figure in (
        ("total", lambda row: row.total),
        ("overdue", lambda row: row.overdue),
        ("waiting", lambda row: row.waiting),
        ("orders", lambda row: row.orders),
        ("credits", lambda row: row.credits),
    ):
        assert found.totals[key].amount == sum((figure(row) for row in found.rows), Decimal(0))
    assert b"<tfoot" in response.content
    assert b'class="af-table"' in response.content


@pytest.mark.parametrize(
    ("query", "shape"),
    [
        ("over=1", lambda row: row.headroom is not None and row.headroom < 0),
        ("near=1", lambda row: row.band == "near"),
        ("overdue=1", lambda row: row.overdue > 0),
        ("held=1", lambda row: row.waiting > 0),
        ("free=1", lambda row: row.headroom is not None and row.headroom > 0),
        ("band=unlimited", lambda row: row.limit.state.value == "unlimited"),
        ("component=order_open", lambda row: row.orders > 0),
        ("component=waiting", lambda row: row.waiting > 0),
        ("bucket=1-30", lambda row: row.overdue > 0 and row.days <= 30),
        ("over=1&overdue=1", lambda row: (row.headroom or 0) < 0 and row.overdue > 0),
    ],
)
def test_filters_keep_just_what_they_say(
    world: World, client: Client, query: str, shape: Callable[..., bool]
) -> None:
    portfolio_of(world, 14)
    every = client.get(URL).context["found"].rows
    kept = client.get(f"{URL}?{query}").context["found"].rows
    assert {row.account.pk for row in kept} == {row.account.pk for row in every if shape(row)}
    assert kept or query == "over=1&overdue=1"


def test_search_company_group_and_agent_narrow_the_rows(world: World, as_user) -> None:
    other = CompanyFactory(code="IT02")
    user = UserFactory(role="treasury", companies=[world.company, other])
    agent = UserFactory(username="vera", role="sales")
    account_in(world, "Rossi", other)
    bianchi = account_in(world, "Bianchi")
    bianchi.agent = agent
    bianchi.save()
    bianchi.customer.group = CustomerGroupFactory()
    bianchi.customer.save()
    client = as_user(user)
    assert names(client.get(f"{URL}?q=rossi")) == ["Rossi"]
    assert names(client.get(f"{URL}?company={other.pk}")) == ["Rossi"]
    assert names(client.get(f"{URL}?agent={agent.pk}")) == ["Bianchi"]
    assert names(client.get(f"{URL}?group={bianchi.customer.group_id}")) == ["Bianchi"]


def test_sorting_goes_by_figure_both_ways_and_nothing_is_lowest(world: World, client) -> None:
    portfolio_of(world, 7)
    for field in ("total", "headroom", "overdue", "limit", "percent", "name"):
        down = names(client.get(f"{URL}?sort=-{field}"))
        assert sorted(down) == sorted(names(client.get(f"{URL}?sort={field}")))
    rows = [row.record for row in client.get(f"{URL}?sort=-headroom").context["table"].rows]
    known = [row.headroom for row in rows if row.headroom is not None]
    assert known == sorted(known, reverse=True)
    assert all(row.headroom is None for row in rows[len(known) :])


def test_htmx_gets_only_the_results(world: World, client: Client) -> None:
    whole = client.get(URL)
    part = client.get(URL, headers={"HX-Request": "true"})
    assert b"<html" in whole.content
    assert b"<html" not in part.content
    assert b'id="results"' in part.content


def test_a_wrong_filter_says_so_and_a_day_to_come_is_refused(world: World, client) -> None:
    tomorrow = (TODAY + datetime.timedelta(days=1)).isoformat()
    response = client.get(f"{URL}?as_of={tomorrow}")
    assert "Figures of a day to come are not known" in response.content.decode()
    assert client.get(f"{URL}?as_of=rubbish").status_code == 200


def test_as_of_shows_the_past_and_keeps_it_in_the_links(world: World, client: Client) -> None:
    item = world.item(400, document_on=datetime.date(2026, 1, 10))
    payment = world.item(400, direction="credit", document_on=datetime.date(2026, 3, 1))
    world.allocate(item, payment, 400, datetime.date(2026, 3, 1))
    (now,) = client.get(URL).context["found"].rows
    past = client.get(f"{URL}?as_of=2026-02-01")
    (then,) = past.context["found"].rows
    assert (now.total, then.total) == (Decimal(0), Decimal(400))
    assert "as_of=2026-02-01" in then.url("total")
    assert "as_of=" not in now.url("total")


def test_people_see_their_companies_and_their_own_accounts_only(world: World, as_user) -> None:
    hidden = account_in(world, "Hidden", CompanyFactory(code="XX"))
    own = account_in(world, "Own")
    agent = UserFactory(role="treasury", own_accounts_only=True)
    own.agent = agent
    own.save()
    assert names(as_user(agent).get(URL)) == ["Own"]
    colleague = UserFactory(role="treasury")
    assert set(names(as_user(colleague).get(URL))) == {"Own", world.account.customer.name}
    everybody = UserFactory(is_superuser=True)
    assert hidden.customer.name in names(as_user(everybody).get(URL))
    assert as_user(UserFactory(role="sales")).get(URL).status_code == 403


def test_totals_in_the_company_currency_and_missing_rates_are_said(world: World, client) -> None:
    world.item(100)
    dollars = CustomerAccountFactory(company=world.company, currency=CurrencyFactory(code="USD"))
    world.item(200, account=dollars)
    response = client.get(URL)
    found = response.context["found"]
    assert (found.totals["total"].amount, found.totals["total"].currency) == (Decimal(100), "EUR")
    assert found.totals["total"].without == 1
    assert "Without 1 account: rate missing" in response.content.decode()

    ExchangeRateFactory(
        from_currency=CurrencyFactory(code="USD"),
        to_currency=CurrencyFactory(code="EUR"),
        rate=Decimal("0.9"),
    )
    response = client.get(URL)
    assert response.context["found"].totals["total"].amount == Decimal("280.00")
    assert response.context["found"].without == 0
    assert "rate missing" not in response.content.decode()


def test_downloads_hold_exactly_the_rows_of_the_screen(world: World, client: Client) -> None:
    portfolio_of(world, 9)
    query = "over=1&sort=-total"
    shown = [row.record for row in client.get(f"{URL}?{query}").context["table"].rows]
    answer = client.get(f"{URL}?{query}&export=csv")
    assert answer["Content-Type"].startswith("text/csv")
    text = b"".join(streamed(answer)).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["Customer"] for row in rows] == [row.name for row in shown]
    assert [Decimal(row["Exposure"]) for row in rows] == [row.total for row in shown]

    answer = client.get(f"{URL}?{query}&export=xlsx")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(streamed(answer))))
    header, *body = book.active.iter_rows(values_only=True)
    column = header.index("Exposure")
    assert [Decimal(str(row[column])).quantize(Decimal("0.01")) for row in body] == [
        row.total for row in shown
    ]


def test_a_name_that_looks_like_a_formula_stays_text(world: World, client: Client) -> None:
    account_in(world, "=1+1")
    answer = client.get(f"{URL}?q=%3D1&export=csv")
    assert "'=1+1" in b"".join(streamed(answer)).decode()


def test_the_number_of_statements_does_not_grow(world: World, client: Client) -> None:
    portfolio_of(world, 3)
    client.get(URL)
    few = statements(lambda: client.get(URL))
    few_aged = statements(lambda: client.get(f"{URL}?bucket=1-30"))
    portfolio_of(world, 30, CompanyFactory(code="IT01"))
    assert CustomerAccount.objects.count() > 30
    assert statements(lambda: client.get(URL)) == few
    assert statements(lambda: client.get(f"{URL}?bucket=1-30")) == few_aged


@pytest.mark.parametrize(
    "component", ["order_open", "invoice_open", "invoice_overdue", "credits", "waiting", "total"]
)
def test_the_figure_opens_its_lines(world: World, client: Client, component: str) -> None:
    for account in portfolio_of(world, 7):
        response = client.get(reverse("reports:component_detail", args=[account.pk, component]))
        assert response.status_code == 200
        assert response.context["figure"] == response.context["lines_total"]


def test_lines_of_strangers_and_unknown_components_are_not_there(world: World, as_user) -> None:
    url = reverse("reports:component_detail", args=[world.account.pk, "total"])
    stranger = UserFactory(role="treasury", companies=[CompanyFactory(code="XX")])
    assert as_user(stranger).get(url).status_code == 404
    own = as_user(UserFactory(role="sales"))
    assert own.get(url).status_code == 200
    assert own.get(url.replace("total", "nonsense")).status_code == 404
