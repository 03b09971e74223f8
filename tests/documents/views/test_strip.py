"""The live credit: what it says, that it stores nothing, and that it understands half a form."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from credit_limits.models import CreditCheck
from documents.models import Document
from documents.services.submit import document_submit
from tests.documents.views.conftest import edit_data, form_data
from tests.factories.core import CompanyFactory, CurrencyFactory, ExchangeRateFactory
from tests.factories.customers import (
    CustomerAccountFactory,
    CustomerGroupFactory,
    PaymentMethodFactory,
)
from tests.world import TODAY, World

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
URL = "/orders/credit-strip/"


def row(quantity: int | str, price: int | str = 100) -> dict[str, str]:
    return {"description": "Pump", "quantity": str(quantity), "unit_price": str(price)}


def strip(client: Client, data: dict[str, Any]) -> Any:
    response = client.post(URL, data, headers=HTMX)
    assert response.status_code == 200
    return response


def test_it_shows_limit_used_this_order_and_what_is_left(world: World, clerk: Client) -> None:
    world.item(300)

    response = strip(clerk, form_data(world, row(5)))

    box = response.context["box"]
    assert (box.limit, box.used, box.this_amount, box.headroom) == (1000, 300, 500, 200)
    assert (box.outcome, box.reasons, box.ways) == ("pass", (), ())
    page = response.content.decode()
    for figure in ("1,000.00", "300.00", "500.00", "200.00"):
        assert figure in page
    assert "If you submit now: it passes." in page


def test_it_says_why_it_would_be_held_and_what_would_help(world: World, clerk: Client) -> None:
    world.item(300, due_on=TODAY - datetime.timedelta(days=21))

    response = strip(clerk, form_data(world, row(9)))

    box = response.context["box"]
    assert (box.outcome, box.headroom, box.over) == ("hold", -200, 200)
    assert (box.overdue_amount, box.overdue_days) == (300, 21)
    assert {reason.label for reason in box.reasons} == {"Over the limit", "Overdue too long"}
    page = response.content.decode()
    assert "by 200.00 EUR" in page
    assert "since 21 days" in page
    assert "ayment of debit-1 (300.00 EUR)" in page
    assert "Could release it: Anna, Carla" in page
    assert not CreditCheck.objects.exists()
    assert not Document.objects.exists()


def test_only_people_with_the_authority_are_named(world: World, clerk: Client) -> None:
    response = strip(clerk, form_data(world, row(100)))

    assert [str(person) for person in response.context["approvers"]] == ["Carla"]


def test_a_blocked_customer_can_be_released_by_nobody(world: World, clerk: Client) -> None:
    customer = world.account.customer
    customer.status = "blocked"
    customer.save()

    response = strip(clerk, form_data(world, row(1)))

    assert response.context["box"].outcome == "refuse"
    page = response.content.decode()
    assert "nobody can release it" in page
    assert "Could release it" not in page


def test_half_a_form_is_understood_as_far_as_it_goes(world: World, clerk: Client) -> None:
    data = form_data(world, row(5), row("oops"), {"description": "only a name"}, {})

    response = strip(clerk, data)

    assert response.context["box"].this_amount == 500
    assert response.context["unclear"] == [2, 3]
    assert response.context["line_totals"] == [Decimal(500), None, None, None]
    page = response.content.decode()
    assert "Lines 2, 3 are not complete and not counted." in page


def test_line_totals_and_sums_come_from_the_server(world: World, clerk: Client) -> None:
    line = row("2,5", "1.234,56") | {"discount_percent": "10", "tax_percent": "22"}

    page = strip(clerk, form_data(world, line, row(1))).content.decode()

    assert 'id="lines-0-total" hx-swap-oob="true">3,388.87</output>' in page
    assert 'id="lines-1-total" hx-swap-oob="true">100.00</output>' in page
    assert "3,488.87" in page


def test_removed_lines_do_not_count(world: World, clerk: Client) -> None:
    data = form_data(world, row(5), row(4)) | {"lines-0-DELETE": "on"}

    response = strip(clerk, data)

    assert response.context["box"].this_amount == 400
    assert response.context["line_totals"] == [None, Decimal(400)]


def test_without_a_customer_it_says_what_to_do(world: World, clerk: Client) -> None:
    response = strip(clerk, form_data(world, row(5), account=""))

    assert response.context["box"] is None
    assert "Choose the customer" in response.content.decode()
    assert response.context["totals"].gross == 500


def test_a_wrong_date_asks_for_it_instead_of_guessing(world: World, clerk: Client) -> None:
    response = strip(clerk, form_data(world, row(5), document_on="soon"))

    assert response.context["box"] is None
    assert "Complete date and currency" in response.content.decode()


@pytest.mark.parametrize("state", ["zero", "unlimited", "none"])
def test_a_limit_that_is_no_amount_is_said_in_words(
    world: World, clerk: Client, state: str
) -> None:
    world.limit(None, state=state, valid_from=datetime.date(2026, 2, 1))

    response = strip(clerk, form_data(world, row(1)))

    box = response.context["box"]
    assert box.limit_state == state
    assert box.headroom == {"zero": -100, "unlimited": None, "none": None}[state]
    words = {"zero": "0.00", "unlimited": "unlimited", "none": "none set"}
    assert words[state] in response.content.decode()


def test_an_order_in_another_currency_is_shown_in_both(world: World, clerk: Client) -> None:
    ExchangeRateFactory()

    response = strip(clerk, form_data(world, row(5), currency="USD"))

    box = response.context["box"]
    assert (box.this_amount, box.currency) == (450, "EUR")
    assert (box.order_amount, box.order_currency) == (500, "USD")
    assert "USD" in response.content.decode()


def test_a_missing_rate_is_a_reason_and_never_nothing(world: World, clerk: Client) -> None:
    ExchangeRateFactory(valid_on=TODAY + datetime.timedelta(days=1))

    box = strip(clerk, form_data(world, row(5), currency="USD")).context["box"]

    assert box.outcome == "hold"
    assert "Exchange rate missing" in {reason.label for reason in box.reasons}


def test_a_method_that_always_passes(world: World, clerk: Client) -> None:
    cash = PaymentMethodFactory(code="cash", treatment="passes", is_immediate=True)

    box = strip(clerk, form_data(world, row(50), payment_method=str(cash.pk))).context["box"]

    assert box.outcome == "pass"


def test_the_stored_order_is_not_counted_twice(world: World, clerk: Client) -> None:
    document = world.order(500)
    document_submit(document=document, actor=world.clerk, as_of=TODAY)
    data = edit_data(clerk, document)
    data["lines-0-unit_price"] = "1100"

    box = strip(clerk, data).context["box"]

    assert (box.used, box.this_amount, box.headroom) == (0, 1100, -100)
    assert box.is_change
    assert box.verdict == "If you save now: the change is held for approval."


def test_a_wider_limit_is_named_beside_the_own_one(world: World, clerk: Client) -> None:
    group = CustomerGroupFactory(name="Rossi Holding")
    world.account.customer.group = group
    world.account.customer.save()
    world.limit(300, account=None, group=group)

    response = strip(clerk, form_data(world, row(5)))

    [wider] = response.context["box"].wider
    assert (wider.name, wider.headroom) == ("Group Rossi Holding", -200)
    assert "Group Rossi Holding" in response.content.decode()


def test_the_part_is_for_htmx_and_the_page_for_everybody_else(world: World, clerk: Client) -> None:
    data = form_data(world, row(5))

    part = clerk.post(URL, data, headers=HTMX)
    page = clerk.post(URL, data)

    assert "<html" not in part.content.decode()
    assert "hx-swap-oob" in part.content.decode()
    assert "<html" in page.content.decode()
    assert "hx-swap-oob" not in page.content.decode()
    assert "500.00" in page.content.decode()
    assert "HX-Request" in part["Vary"]


def test_an_account_of_another_company_says_nothing_about_its_credit(
    world: World, clerk: Client
) -> None:
    foreign = CustomerAccountFactory(company=CompanyFactory(code="FR01"))

    response = strip(clerk, form_data(world, row(5), account=str(foreign.pk)))

    assert response.context["box"] is None
    assert foreign.customer.name not in response.content.decode()


def test_an_order_of_another_company_is_not_found(world: World, clerk: Client) -> None:
    document = world.order(500)
    Document.objects.filter(pk=document.pk).update(
        account=CustomerAccountFactory(company=CompanyFactory(code="FR01"))
    )

    response = clerk.post(URL, form_data(world, document=str(document.pk)), headers=HTMX)

    assert response.status_code == 404


def test_it_costs_the_same_for_one_line_and_for_many(world: World, clerk: Client) -> None:
    strip(clerk, form_data(world, row(1)))
    with CaptureQueriesContext(
        connection,
    ) as one:
        strip(clerk, form_data(world, row(1)))
    with CaptureQueriesContext(connection) as many:
        strip(clerk, form_data(world, *([row(1, "0.10")] * 40)))

    assert len(many) == len(one) <= 22, [query["sql"] for query in one]


def test_the_page_of_what_has_no_rate_says_what_is_missing(world: World, clerk: Client) -> None:
    order = world.order(1000, currency=CurrencyFactory(code="JPY"))
    document_submit(document=order, actor=world.clerk, as_of=TODAY)
    page = clerk.get(f"/orders/{order.pk}/").content.decode()
    assert "Nobody: how much this is about is not known." in page
    assert "The missing exchange rate, entered by an administrator." in page
    assert "No amount helps here" not in page
