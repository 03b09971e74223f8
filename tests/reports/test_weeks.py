"""The coming weeks on the customer's file: bars, a table, and the lines behind each week."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from credit_limits.engine.flows import item_flow
from credit_limits.engine.limits import LimitKind, LimitRow
from credit_limits.engine.timeline import curve
from credit_limits.engine.types import Component, LimitState
from reports.curve_chart import bars
from tests.factories.core import CompanyFactory, UserFactory
from tests.reports.books import account_in
from tests.reports.cycle import Cycle
from tests.world import TODAY, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from core.models import User

type AsUser = Callable[[User], Client]


def day(number: int) -> datetime.date:
    return TODAY + datetime.timedelta(days=number)


def weeks_page(client: Client, world: World, query: str = "") -> str:
    url = reverse("reports:credit_file", args=[world.account.customer_id])
    response = client.get(f"{url}?tab=weeks{query}")
    assert response.status_code == 200
    return response.content.decode()


def week_page(client: Client, world: World, number: int, query: str = "") -> str:
    response = client.get(reverse("reports:curve_week", args=[world.account.pk, number]) + query)
    assert response.status_code == 200
    return response.content.decode()


def figures(html: str) -> list[list[str]]:
    """The amounts of each row of the first table."""
    body = html[html.index("<tbody>") : html.index("</tbody>")]
    rows = body.split("</tr>")[:-1]
    return [re.findall(r"−?[\d,]+\.\d\d", re.sub(r"<[^>]+>", "", row)) for row in rows]


def test_the_table_says_what_happens_in_each_week(world: World, as_user: AsUser) -> None:
    world.item(300, day(9))
    Cycle(world).order(1, "100", delivery_on=day(15))

    html = weeks_page(as_user(world.manager), world)

    rows = figures(html)
    assert len(rows) == 12
    # Opening, expected in, newly invoiced, exposure, limit, headroom, lowest headroom.
    assert rows[0] == ["400.00", "400.00", "1,000.00", "600.00", "600.00"]
    assert rows[1] == ["400.00", "300.00", "100.00", "1,000.00", "900.00", "600.00"]
    assert rows[2] == ["100.00", "100.00", "100.00", "1,000.00", "900.00", "900.00"]
    # Invoiced on day 15, due thirty days later, in the seventh week.
    assert rows[6] == ["100.00", "100.00", "0.00", "1,000.00", "1,000.00", "900.00"]
    assert html.count('<svg viewBox="0 0 100 100"') == 12
    assert "Lowest headroom: " in html
    assert "pays on time on average" in html


def test_each_bar_and_each_figure_opens_its_lines(world: World, as_user: AsUser) -> None:
    item = world.item(300, day(9))
    world.item(50, direction="credit")
    order = Cycle(world).order(1, "100", delivery_on=day(8))
    client = as_user(world.manager)

    html = weeks_page(client, world)
    assert html.count(reverse("reports:curve_week", args=[world.account.pk, 2])) >= 3

    week = week_page(client, world, 2)
    assert item.number in week
    assert order.number in week
    assert reverse("ledger:item_detail", args=[item.pk]) in week
    assert reverse("documents:order_detail", args=[order.pk]) in week
    # The credit is taken off what is paid first.
    assert figures(week) == [["250.00", "300.00"]]
    assert "of 300.00, the rest is covered by credits" in re.sub(r"<[^>]+>", "", week)

    quiet = week_page(client, world, 12)
    assert "No payment is expected in this week." in quiet
    assert "Nothing is to be invoiced in this week." in quiet


def test_weeks_that_do_not_exist_are_not_found(world: World, as_user: AsUser) -> None:
    client = as_user(world.manager)
    for number in (0, 13):
        url = reverse("reports:curve_week", args=[world.account.pk, number])
        assert client.get(url).status_code == 404


def test_a_past_day_is_reckoned_from_there(world: World, as_user: AsUser) -> None:
    world.item(300, day(9), document_on=day(-30))
    client = as_user(world.manager)
    before = f"&as_of={day(-20)}"

    rows = figures(weeks_page(client, world, before))

    assert [row[0] for row in rows[:6]] == [
        "300.00",
        "300.00",
        "300.00",
        "300.00",
        "300.00",
        "0.00",
    ]
    assert "300.00" in week_page(client, world, 5, f"?as_of={day(-20)}")


def test_several_companies_have_a_curve_each(world: World, as_user: AsUser) -> None:
    world.item(300, day(9))
    other = CompanyFactory(code="IT02")
    account = account_in(world, world.account.customer.name, other)
    world.item(70, day(9), account=account)
    client = as_user(
        UserFactory(username="both", role="treasury", companies=[world.company, other])
    )

    html = weeks_page(client, world)

    assert html.count('class="af-weeks"') == 2
    assert reverse("reports:curve_week", args=[account.pk, 1]) in html
    one = weeks_page(client, world, f"&account={account.pk}")
    assert one.count('class="af-weeks"') == 1


def test_an_account_of_another_company_is_not_found(world: World, as_user: AsUser) -> None:
    foreign = account_in(world, "Foreign", CompanyFactory(code="IT02"))
    client = as_user(UserFactory(username="own", role="treasury", companies=[world.company]))
    assert client.get(reverse("reports:curve_week", args=[foreign.pk, 1])).status_code == 404


@pytest.mark.parametrize("amounts", [(), ("100",), ("100", "2000")])
def test_bars_stay_within_their_frame(amounts: tuple[str, ...]) -> None:
    flows = [
        item_flow(
            ("i", number),
            "I",
            Decimal(amount),
            document_on=TODAY,
            due_on=day(9 * (number + 1)),
            as_of=TODAY,
            days_late=0,
        )
        for number, amount in enumerate(amounts)
    ]
    limit = LimitRow(LimitKind.PERMANENT, LimitState.AMOUNT, Decimal(500), TODAY, None, True)

    drawn = bars(curve(flows, as_of=TODAY, counted=frozenset(Component), limits=[limit]))

    for bar in drawn:
        for figure in (bar.top, bar.height, bar.paid_top, bar.paid_height, bar.limit_top):
            assert figure is not None
            assert 0 <= Decimal(figure) <= 100
        assert Decimal(bar.top) + Decimal(bar.height) == 100
    assert {bar.tone for bar in drawn} == ({"bad", "items"} if "2000" in amounts else {"items"})


def test_no_markup_gets_into_labels_and_titles(world: World, as_user: AsUser) -> None:
    world.item(300, day(9))
    client = as_user(world.manager)
    labels = re.findall(r'aria-label="([^"]*)"', weeks_page(client, world))
    assert sum(label.startswith("Week from ") for label in labels) == 12
    assert not [label for label in labels if "<" in label or ">" in label]
    (title,) = re.findall(r"<title>(.*?)</title>", week_page(client, world, 2), re.DOTALL)
    assert "<" not in title
    assert "Week from " in title
