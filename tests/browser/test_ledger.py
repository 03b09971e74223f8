"""Imports and payments in a browser: a file is led in page by page, money is applied."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from core.clock import today
from core.models import User
from ledger.models import OpenItem
from ledger.services.accounts import delay_causes_install_defaults
from ledger.services.profiles import profiles_install_defaults
from tests.factories.core import CompanyFactory, UserFactory
from tests.factories.customers import CustomerAccountFactory, CustomerFactory
from tests.factories.ledger import OpenItemFactory
from tests.ledger.files import History, table

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def treasurer() -> User:
    CompanyFactory()
    profiles_install_defaults()
    return UserFactory(username="teo", role="treasury")


def sign_in(context: BrowserContext, user: User, live_server: LiveServer) -> None:
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    cookie = {"name": name, "value": client.cookies[name].value, "url": live_server.url}
    context.add_cookies([cookie])  # type: ignore[list-item]


def choose_file(page: Page, name: str, data: bytes) -> None:
    page.get_by_label("File", exact=True).set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": data}
    )


def test_a_history_is_led_in_page_by_page(
    page: Page,
    live_server: LiveServer,
    treasurer: User,
    assert_accessible: Callable[[Page], None],
) -> None:
    sign_in(page.context, treasurer, live_server)
    page.goto(f"{live_server.url}/ledger/imports/")
    page.get_by_role("link", name="Import a history").first.click()
    assert_accessible(page)
    data = table(
        ["Codice cliente", "Numero fattura", "Data fattura", "Scadenza", "Importo"],
        [
            ["C1", "A1", "31.12.2025", "30.01.2026", "1.234,50"],
            ["C1", "A2", "31.12.2025", "30.01.2026", "1,234.50"],
            ["C1", "A3", "31.12.2025", "30.01.2026", "7,5"],
        ],
        delimiter=";",
    )
    choose_file(page, "fatture.csv", data)
    page.get_by_role("button", name="Upload").click()

    expect(page.get_by_label("Amount", exact=True)).to_have_value("Importo")
    expect(page.get_by_label("Dates look like")).to_have_value("%d.%m.%Y")
    assert_accessible(page)
    page.get_by_label("Save as profile").fill("Gestionale")
    page.get_by_role("button", name="Check the file").click()

    expect(page.get_by_text("“1,234.50” is not an amount like 1234,50.")).to_be_visible()
    expect(page.get_by_role("button", name="Import", exact=True)).to_have_count(0)
    assert_accessible(page)

    page.goto(f"{live_server.url}/ledger/imports/new/")
    choose_file(page, "fatture.csv", data.replace(b"1,234.50", b"10,00"))
    page.get_by_label("Profile (optional)").select_option(label="Gestionale")
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("Nothing has been written yet.")).to_be_visible()
    assert not OpenItem.objects.exists()
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("agree to the cent")).to_be_visible()
    assert_accessible(page)
    assert sorted(OpenItem.objects.values_list("amount", flat=True)) == [
        Decimal("7.50"),
        Decimal("10.00"),
        Decimal("1234.50"),
    ]


def test_money_is_applied_oldest_first(
    page: Page,
    live_server: LiveServer,
    treasurer: User,
    assert_accessible: Callable[[Page], None],
) -> None:
    account = CustomerAccountFactory(customer=CustomerFactory(code="C1", name="Rossi"))
    for number, days in (("YOUNG", 5), ("OLD", 50)):
        due_on = today() - datetime.timedelta(days=days)
        OpenItemFactory(
            account=account,
            number=number,
            amount=100,
            document_on=due_on - datetime.timedelta(days=30),
            due_on=due_on,
        )
    sign_in(page.context, treasurer, live_server)
    page.goto(f"{live_server.url}/ledger/")
    assert_accessible(page)
    page.get_by_label("State").select_option(label="Overdue")
    expect(page.get_by_text("2 results")).to_be_visible()
    page.get_by_role("link", name="OLD").first.click()
    assert_accessible(page)
    page.get_by_role("link", name="Record a payment").click()
    expect(page.get_by_label("Amount")).to_have_value("100.00")

    page.get_by_label("Amount").fill("120,50")
    page.get_by_role("button", name="Fill in, the oldest first").click()
    expect(page.get_by_label("Part of OLD")).to_have_value("100.00")
    expect(page.get_by_label("Part of YOUNG")).to_have_value("20.50")
    assert_accessible(page)
    page.get_by_role("button", name="Record the payment").click()
    expect(page.get_by_role("heading", name="Payment PAY-")).to_be_visible()
    assert_accessible(page)
    assert OpenItem.objects.get(number="YOUNG").open_amount == Decimal("79.50")
    assert OpenItem.objects.get(number="OLD").open_amount == 0


def test_all_of_it_works_without_a_script(
    browser: Browser, live_server: LiveServer, treasurer: User
) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    try:
        sign_in(context, treasurer, live_server)
        page = context.new_page()
        page.goto(f"{live_server.url}/ledger/imports/new/")
        choose_file(page, "history.csv", History().csv())
        page.get_by_label("Profile (optional)").select_option(label="ibm_ar")
        page.get_by_role("button", name="Upload").click()
        page.get_by_role("button", name="Import", exact=True).click()
        expect(page.get_by_text("agree to the cent")).to_be_visible()
        page.goto(f"{live_server.url}/ledger/?state=settled")
        expect(page.get_by_text("120 results")).to_be_visible()
    finally:
        context.close()


def test_the_pages_of_the_books(
    page: Page,
    live_server: LiveServer,
    treasurer: User,
    assert_accessible: Callable[[Page], None],
) -> None:
    """Contest an item, pay with a discount, reverse the payment, read the statement."""
    account = CustomerAccountFactory(customer=CustomerFactory(code="C1", name="Rossi Impianti"))
    delay_causes_install_defaults()
    item = OpenItemFactory(
        account=account,
        number="IN-77",
        amount=Decimal(1000),
        document_on=today() - datetime.timedelta(days=60),
        due_on=today() - datetime.timedelta(days=30),
    )
    sign_in(page.context, treasurer, live_server)
    page.goto(f"{live_server.url}/ledger/items/{item.pk}/")
    page.get_by_label("Cause of delay").select_option(label="Customer has no money")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The cause of delay was saved.")).to_be_visible()
    page.get_by_role("link", name="Contested", exact=True).click()
    assert_accessible(page)
    page.get_by_label("What the customer says").fill("Two boxes were broken")
    page.get_by_label("Contested amount").fill("120")
    page.get_by_role("button", name="Mark as contested").click()
    expect(page.locator("#disputes-title")).to_be_visible()
    expect(page.get_by_text("Two boxes were broken").first).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="Record a payment").click()
    page.get_by_label("Amount", exact=True).fill("970")
    page.get_by_label("Part of IN-77").fill("970")
    page.get_by_label("Cash discount on IN-77").fill("30")
    assert_accessible(page)
    page.get_by_role("button", name="Record the payment").click()
    page.get_by_role("link", name="Entry and its lines").click()
    expect(page.get_by_role("cell", name="Bank")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="Reverse", exact=True).click()
    expect(page.get_by_text("970.00 EUR of IN-77 are open again")).to_be_visible()
    assert_accessible(page)
    page.get_by_label("Reason").fill("Returned by the bank")
    page.get_by_role("button", name="Reverse").click()
    expect(page.get_by_text("Reversed by")).to_be_visible()
    page.get_by_role("link", name="Statement").first.click()
    expect(page.get_by_role("cell", name="1,000.00").first).to_be_visible()
    assert_accessible(page)
    page.goto(f"{live_server.url}/ledger/items/{item.pk}/write-off/")
    assert_accessible(page)
    page.goto(f"{live_server.url}/ledger/periods/")
    page.get_by_role("link", name="Close the books").click()
    page.get_by_label("Close through").fill("2026-01-31")
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_text("31 Jan 2026").first).to_be_visible()
    assert_accessible(page)
    item.refresh_from_db()
    assert item.open_amount == 1000
