"""The treasury overview: every number equals the total of the list it opens."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from credit_limits.models import Alert, CreditProfile, ExposureSnapshot
from credit_limits.services.snapshots import alerts_raise, exposure_snapshots_take
from customers.models import CustomerAccount
from customers.services import customer_status_set
from tests.factories.core import CompanyFactory, CurrencyFactory, ExchangeRateFactory, UserFactory
from tests.factories.customers import CustomerAccountFactory
from tests.reports.books import account_in, held, portfolio_of, statements
from tests.world import TODAY, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

URL = "/reports/"
YESTERDAY = TODAY - datetime.timedelta(days=1)


@pytest.fixture
def client(world: World, as_user: Callable[..., Client]) -> Client:
    return as_user(UserFactory(username="teo", role="treasury"))


def ids() -> list[int]:
    return list(CustomerAccount.objects.values_list("pk", flat=True))


def tiles(response) -> dict[str, dict[str, Any]]:
    return {str(tile["label"]): tile for tile in response.context["tiles"]}


def listed(client: Client, url: str):
    return client.get(url).context["found"]


def mixed_portfolio(world: World) -> None:
    portfolio_of(world, 21)
    ExchangeRateFactory(
        from_currency=CurrencyFactory(code="USD"),
        to_currency=CurrencyFactory(code="EUR"),
        rate=Decimal("0.913"),
    )
    dollars = CustomerAccountFactory(company=world.company, currency=CurrencyFactory(code="USD"))
    world.item("1000.55", TODAY - datetime.timedelta(days=40), account=dollars, rate=None)
    world.item("99.99", account=dollars, rate=None)
    held(world, dollars, "10.01")


def test_each_number_is_the_total_of_its_list(world: World, client: Client) -> None:
    mixed_portfolio(world)
    response = client.get(URL)
    shown = tiles(response)
    for label, key in (
        ("Exposure", "total"),
        ("Free headroom", "headroom"),
        ("Overdue", "overdue"),
        ("Held orders", "waiting"),
    ):
        found = listed(client, shown[label]["url"])
        assert shown[label]["value"] == found.totals[key].amount, label
        assert shown[label]["currency"] == found.totals[key].currency
        assert found.rows
    for label in ("Over the limit", "Near the limit"):
        assert int(shown[label]["text"]) == len(listed(client, shown[label]["url"]).rows) > 0
    assert shown["Over the limit"]["tone"] == "bad"
    for part in response.context["ageing_parts"]:
        assert part.amount == listed(client, part.url).totals["in_bucket"].amount, part.label
    for part in response.context["band_parts"]:
        assert part.amount == listed(client, part.url).totals["total"].amount, part.label
    assert sum(part.amount for part in response.context["band_parts"]) == shown["Exposure"]["value"]


def test_the_ageing_adds_up_to_the_open_items(world: World, client: Client) -> None:
    mixed_portfolio(world)
    found = listed(client, "/reports/exposure/")
    parts = client.get(URL).context["ageing_parts"]
    assert sum(part.amount for part in parts) == (
        found.totals["due"].amount + found.totals["overdue"].amount
    )


def test_the_company_filter_narrows_every_number_and_stays_in_the_links(
    world: World, as_user
) -> None:
    other = CompanyFactory(code="IT02")
    user = UserFactory(role="treasury", companies=[world.company, other])
    world.item(100)
    second = account_in(world, "Second", other)
    world.item(40, account=second)
    client = as_user(user)
    assert tiles(client.get(URL))["Exposure"]["value"] == Decimal(140)
    narrowed = client.get(f"{URL}?company={other.pk}")
    tile = tiles(narrowed)["Exposure"]
    assert tile["value"] == Decimal(40)
    assert f"company={other.pk}" in tile["url"]
    assert listed(client, tile["url"]).totals["total"].amount == Decimal(40)
    foreign = CompanyFactory(code="XX")
    assert client.get(f"{URL}?company={foreign.pk}").status_code == 404
    assert client.get(f"{URL}?company=x").status_code == 404


def test_the_change_is_against_the_last_stored_night(world: World, client: Client) -> None:
    world.item(100)
    assert tiles(client.get(URL))["Exposure"]["change"] is None
    exposure_snapshots_take(as_of=YESTERDAY, account_ids=ids())
    world.item(30, document_on=TODAY, due_on=TODAY + datetime.timedelta(days=5))
    held(world, world.account, 7)
    shown = tiles(client.get(URL))
    assert shown["Exposure"]["change"] == Decimal(30)
    assert shown["Free headroom"]["change"] == Decimal(-30)
    assert shown["Held orders"]["change"] == Decimal(7)
    assert shown["Overdue"]["change"] == Decimal(0)
    assert client.get(URL).context["found"].trend == [Decimal(100), Decimal(130)]


def test_what_changed_tells_alerts_and_decisions_of_visible_customers(
    world: World, client: Client
) -> None:
    hidden = account_in(world, "Hidden", CompanyFactory(code="XX"))
    for account in (world.account, hidden):
        world.item(5000, account=account)
        world.limit(10, account=account) if account == hidden else None
    exposure_snapshots_take(as_of=TODAY, account_ids=ids())
    alerts_raise(as_of=TODAY, account_ids=ids())
    assert Alert.objects.filter(account=hidden).exists()
    customer_status_set(
        customer=world.account.customer,
        status="blocked",
        reason="Cheque came back",
        actor=world.manager,
        on=TODAY,
    )
    text = " ".join(event["sentence"] for event in client.get(URL).context["events"])
    assert "5,000.00 of 1,000.00 EUR, over by 4,000.00" in text
    assert "from Released to Blocked" in text
    assert "Hidden" not in text


def test_reviews_and_ending_limits_come_up(world: World, client: Client) -> None:
    CreditProfile.objects.create(
        account=world.account, review_on=TODAY + datetime.timedelta(days=3)
    )
    world.limit(
        50,
        kind="temporary",
        valid_from=TODAY,
        valid_until=TODAY + datetime.timedelta(days=10),
    )
    context = client.get(URL).context
    assert [profile.account for profile in context["reviews"]] == [world.account]
    assert [limit.kind for limit in context["ending"]] == ["temporary"]
    world.limit(
        60,
        kind="temporary",
        valid_from=TODAY + datetime.timedelta(days=10),
        valid_until=TODAY + datetime.timedelta(days=300),
    )
    assert client.get(URL).context["ending"] == []


def test_a_missing_rate_is_said_and_never_counted_as_zero(world: World, client: Client) -> None:
    world.item(100)
    strange = CustomerAccountFactory(company=world.company, currency=CurrencyFactory(code="CHF"))
    world.item(999, account=strange)
    response = client.get(URL)
    assert tiles(response)["Exposure"]["value"] == Decimal(100)
    assert "totals are without 1 account" in response.content.decode()


def test_an_empty_house_says_what_to_do(as_user, db, today) -> None:
    response = as_user(UserFactory(role="admin")).get(URL)
    assert response.status_code == 200
    assert "No account yet" in response.content.decode()


def test_the_number_of_statements_does_not_grow(world: World, client: Client) -> None:
    portfolio_of(world, 3)
    exposure_snapshots_take(as_of=YESTERDAY, account_ids=ids())
    alerts_raise(as_of=YESTERDAY, account_ids=ids())
    client.get(URL)
    few = statements(lambda: client.get(URL))
    portfolio_of(world, 30, world.company)
    exposure_snapshots_take(as_of=YESTERDAY, account_ids=ids())
    alerts_raise(as_of=YESTERDAY, account_ids=ids())
    assert ExposureSnapshot.objects.count() > 30
    assert statements(lambda: client.get(URL)) == few


def test_who_may_open_it(world: World, as_user) -> None:
    assert as_user(UserFactory(role="sales")).get(URL).status_code == 403
    assert as_user(UserFactory(role="auditor")).get(URL).status_code == 200
