"""The main line in a real browser: an order is entered, held, released, and the night passes.

Every page on the way is checked with axe and must leave the console empty (CSP included). With
UPDATE_SCREENSHOTS=1 the pictures of the README are made anew.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from core.models import AuditEvent, User
from credit_limits.models import ExposureSnapshot
from credit_limits.selectors import credit_position
from customers.models import CustomerAccount
from documents.models import Document
from reports.demo.load import demo_load
from reports.services.nightly import nightly_run
from tests.browser.test_inbox import sign_in

pytestmark = pytest.mark.django_db(transaction=True)

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
CUSTOMER = "Carpenterie del Garda S.r.l."


def picture(page: Page, name: str) -> None:
    if os.environ.get("UPDATE_SCREENSHOTS"):
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.mouse.move(0, 0)
        page.screenshot(path=PICTURES / f"{name}.png", scale="css")


@pytest.fixture
def portfolio() -> CustomerAccount:
    """The demo portfolio, and the account the line runs through."""
    call_command("install_defaults", verbosity=0)
    demo_load(say=lambda _text: None)
    return CustomerAccount.objects.select_related("company", "customer").get(
        customer__name=CUSTOMER
    )


def enter(page: Page, live_server: LiveServer, description: str, price: str) -> None:
    """Fill in an order for the customer, as a clerk does."""
    page.goto(f"{live_server.url}/orders/new/")
    page.locator("#id_account_search").press_sequentially("Garda", delay=30)
    page.get_by_role("button", name=CUSTOMER).click()
    expect(page.locator("#id_account")).not_to_have_value("")
    page.fill("#id_lines-0-description", description)
    page.fill("#id_lines-0-quantity", "1")
    page.fill("#id_lines-0-unit_price", price)
    page.locator("#id_lines-0-unit_price").press("Tab")


def test_the_main_line(
    browser: Browser,
    page: Page,
    live_server: LiveServer,
    portfolio: CustomerAccount,
    assert_accessible: Callable[[Page], None],
) -> None:
    today = timezone.localdate()
    before = credit_position(account=portfolio, as_of=today)
    assert before.headroom is not None
    documents = Document.objects.count()
    sign_in(page.context, User.objects.get(username="sara"), live_server)

    # The clerk types; the strip says what would happen; nothing is stored yet.
    enter(page, live_server, "Heat pump 12 kW", str(int(before.headroom) + 500))
    strip = page.locator("#credit-strip")
    expect(strip).to_contain_text("held for approval", timeout=15_000)
    expect(page.locator("#credit-outcome")).to_contain_text("Over the limit")
    assert_accessible(page)
    picture(page, "order-entry")
    assert Document.objects.count() == documents

    # Submitting holds it whole, with reasons, people and ways out.
    page.get_by_role("button", name="Submit").first.click()
    page.wait_for_url("**/orders/*/")
    document = Document.objects.filter(account=portfolio).latest("pk")
    assert document.status == "held"
    assert document.lines.get().description == "Heat pump 12 kW"
    expect(page.locator("main")).to_contain_text("Held")
    expect(page.locator("main")).to_contain_text("Carla Monti")
    assert_accessible(page)
    picture(page, "order-held")
    assert credit_position(account=portfolio, as_of=today).total == before.total

    # The approver finds it in the inbox and releases it with a reason.
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    problems: list[str] = []
    inbox = context.new_page()
    inbox.on(
        "console",
        lambda message: problems.append(message.text) if message.type == "error" else None,
    )
    sign_in(context, User.objects.get(username="aldo"), live_server)
    request = document.hold_cases.get().request
    assert request is not None
    inbox.goto(f"{live_server.url}/inbox/?id={request.pk}")
    expect(inbox.locator("main")).to_contain_text(document.number)
    assert_accessible(inbox)
    picture(inbox, "inbox")
    inbox.get_by_label("Reason", exact=True).last.fill("Paid on time for years.")
    inbox.get_by_role("button", name="Release").click()
    expect(inbox.locator("body")).to_contain_text(f"Approved: {document.number}")
    document.refresh_from_db()
    assert document.status == "released"
    assert problems == []

    # The order goes on with nothing retyped, and counts now.
    page.reload()
    expect(page.locator("main")).to_contain_text("Released")
    expect(page.locator("main")).to_contain_text("Paid on time for years.")
    after = credit_position(account=portfolio, as_of=today)
    assert after.total == before.total + document.gross_amount
    story = AuditEvent.objects.filter(
        subject_type="documents.document", subject_id=document.pk
    ).order_by("pk")
    assert [event.action.rsplit(".", 1)[1] for event in story] == ["created", "held", "released"]

    # The night writes it down; treasury sees it.
    run = nightly_run(as_of=today)
    assert run.status == "done", run.errors
    snapshot = ExposureSnapshot.objects.get(account=portfolio, as_of=today)
    assert snapshot.total == after.total
    assert snapshot.is_over_limit
    sign_in(inbox.context, User.objects.get(username="teo"), live_server)
    for path, name in (
        ("/reports/", "treasury"),
        (f"/reports/credit-file/{portfolio.customer_id}/", "credit-file"),
    ):
        inbox.goto(f"{live_server.url}{path}")
        expect(inbox.locator("main")).to_be_visible()
        assert_accessible(inbox)
        picture(inbox, name)
    assert problems == []
    context.close()


def test_an_order_can_be_entered_without_a_script(
    browser: Browser, live_server: LiveServer, portfolio: CustomerAccount
) -> None:
    """The same page, JavaScript off: find, choose, fill in, check, submit."""
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    sign_in(context, User.objects.get(username="sara"), live_server)
    page = context.new_page()
    page.goto(f"{live_server.url}/orders/new/")
    page.fill("#id_account_search", "Garda")
    page.get_by_role("button", name="Find").first.click()
    page.get_by_role("button", name=CUSTOMER).click()
    page.fill("#id_lines-0-description", "Valve block")
    page.fill("#id_lines-0-quantity", "2")
    page.fill("#id_lines-0-unit_price", "50")
    page.get_by_role("button", name="Check credit").click()
    expect(page.locator("#credit-strip")).to_contain_text("100")
    page.get_by_role("button", name="Submit").first.click()

    document = Document.objects.get(lines__description="Valve block", account=portfolio)
    assert document.status == "submitted"
    context.close()
