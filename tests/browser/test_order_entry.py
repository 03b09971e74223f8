"""Order entry in a browser: by keyboard, live, on a phone, in the dark, and read by axe."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

import tests.world
from core.models import User
from core.models.users import Theme
from documents.models import Document, HoldCase
from documents.services.change import order_change
from documents.services.submit import document_submit
from tests.browser.test_inbox import sign_in
from tests.factories.customers import CustomerAccountFactory, CustomerFactory
from tests.world import World, line, make_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """The small world, on the day the browser lives in."""
    monkeypatch.setattr(tests.world, "TODAY", timezone.localdate())
    made = make_world(limit=1000)
    customer = made.account.customer
    customer.name = "Rossi Impianti"
    customer.save()
    with transaction.atomic():
        made.item(200, due_on=timezone.localdate() - datetime.timedelta(days=21))
    CustomerAccountFactory(
        company=made.company, customer=CustomerFactory(name="Bianchi Costruzioni")
    )
    return made


@pytest.fixture
def entry(page: Page, live_server: LiveServer, world: World) -> Page:
    """A blank order."""
    sign_in(page.context, world.clerk, live_server)
    page.goto(f"{live_server.url}/orders/new/")
    return page


def fill_line(page: Page, index: int, item: str, quantity: str, price: str) -> None:
    page.fill(f"#id_lines-{index}-description", item)
    page.fill(f"#id_lines-{index}-quantity", quantity)
    page.fill(f"#id_lines-{index}-unit_price", price)


# Chooses the first customer in the very moment in which it is on the page.
_AT_ONCE = """() => new MutationObserver((_changes, watching) => {
    const first = document.querySelector("[data-result]");
    if (first) { watching.disconnect(); first.click(); }
}).observe(document.body, {childList: true, subtree: true})"""


def test_a_customer_chosen_in_the_moment_it_appears_is_chosen_on_this_page(entry: Page) -> None:
    """Else the form is sent as a whole: what was typed stays, but the cursor starts anew."""
    entry.evaluate(_AT_ONCE)

    entry.focus("#id_account_search")

    expect(entry.locator(".order-chosen")).to_contain_text("Bianchi Costruzioni")
    expect(entry.locator("#id_ordered_by_search")).to_be_focused()


def test_a_whole_order_by_keyboard(entry: Page, world: World) -> None:
    entry.focus("#id_account_search")
    entry.keyboard.type("rossi")
    expect(entry.locator("[data-result]")).to_have_count(1)
    entry.keyboard.press("Enter")
    expect(entry.locator(".order-chosen")).to_contain_text("Rossi Impianti")
    expect(entry.locator("#id_ordered_by_search")).to_be_focused()
    expect(entry.locator("#id_payment_term")).to_have_value(str(world.account.payment_term_id))
    expect(entry.locator("#credit-strip")).to_contain_text("1,000.00")

    fill_line(entry, 0, "Pump", "5", "1.234,50")
    entry.fill("#id_lines-0-tax_percent", "22")
    expect(entry.locator("#lines-0-total")).to_have_text("7,530.45")
    expect(entry.locator("#order-totals")).to_contain_text("7,530.45")
    expect(entry.locator("#credit-strip")).to_contain_text("held for approval")
    expect(entry.locator("#credit-status")).to_contain_text("held for approval")
    expect(entry.locator("#credit-outcome")).to_contain_text("Could release it: Carla")
    assert not Document.objects.exists()

    # Enter walks down the column and past the last line makes a new one, taxed alike.
    for _line in range(3):
        entry.keyboard.press("Enter")
    expect(entry.locator("#id_lines-3-description")).to_be_focused()
    expect(entry.locator("#id_lines-3-tax_percent")).to_have_value("22")

    entry.get_by_role("button", name="Submit").first.click()
    expect(entry.locator("h1")).to_contain_text("SO-")
    document = Document.objects.get()
    assert (document.status, document.lines.count()) == ("held", 1)
    expect(entry.locator(".order-hold")).to_contain_text("is held")


def test_the_arrow_keys_walk_through_the_customers(entry: Page) -> None:
    entry.focus("#id_account_search")
    expect(entry.locator("[data-result]")).to_have_count(2)
    entry.keyboard.press("ArrowDown")
    entry.keyboard.press("ArrowDown")
    expect(entry.locator("[data-result]").nth(1)).to_be_focused()
    entry.keyboard.press("ArrowUp")
    entry.keyboard.press("ArrowUp")
    expect(entry.locator("#id_account_search")).to_be_focused()
    entry.keyboard.press("Escape")
    expect(entry.locator("[data-result]")).to_have_count(0)


def test_choosing_a_customer_keeps_what_was_typed(entry: Page) -> None:
    fill_line(entry, 1, "Pipe", "2", "10")
    entry.fill("#id_reference", "PO 77")
    entry.fill("#id_account_search", "bianchi")
    entry.get_by_role("button", name="Bianchi Costruzioni").click()

    expect(entry.locator(".order-chosen")).to_contain_text("Bianchi")
    expect(entry.locator("#id_reference")).to_have_value("PO 77")
    expect(entry.locator("#id_lines-1-description")).to_have_value("Pipe")
    expect(entry.locator("#credit-strip")).to_contain_text("none set")


def test_an_answer_that_comes_late_does_not_take_the_chosen_customer_away(entry: Page) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    entry.route(re.compile("q=bianchi"), hold)
    entry.focus("#id_account_search")
    offered = entry.get_by_role("button", name="Bianchi Costruzioni")
    offered.hover()
    with entry.expect_request(re.compile("q=bianchi")):
        entry.keyboard.type("bianchi")
    entry.mouse.down()
    with entry.expect_response(re.compile("q=bianchi")):
        held[0].continue_()
    entry.wait_for_timeout(300)  # until the answer would have been shown
    entry.mouse.up()

    expect(entry.locator(".order-chosen")).to_contain_text("Bianchi")


def test_a_removed_line_no_longer_counts_and_the_rest_is_numbered_anew(entry: Page) -> None:
    fill_line(entry, 0, "Pump", "1", "100")
    fill_line(entry, 1, "Pipe", "1", "10")
    expect(entry.locator("#order-totals")).to_contain_text("110.00")

    entry.locator("[data-formset-row]").nth(0).locator("[data-formset-remove]").click()

    expect(entry.locator("#order-totals")).to_contain_text("10.00")
    expect(entry.locator("#order-totals")).not_to_contain_text("110.00")
    expect(entry.locator("[data-formset-row]:visible [data-line-number]")).to_have_text(["1", "2"])


def test_a_fault_gets_the_focus_and_stays_in_sight_of_its_field(entry: Page) -> None:
    entry.fill("#id_account_search", "rossi")
    entry.get_by_role("button", name="Rossi Impianti").click()
    expect(entry.locator("#credit-strip")).to_contain_text("1,000.00")
    fill_line(entry, 0, "Pump", "-3", "100")
    entry.get_by_role("button", name="Save draft").first.click()

    summary = entry.locator("[data-error-summary]")
    expect(summary).to_be_focused()
    summary.get_by_role("link").click()
    field = entry.locator("#id_lines-0-quantity")
    expect(field).to_be_focused()
    expect(field).to_have_value("-3")
    expect(field).to_have_attribute("aria-invalid", "true")
    assert not Document.objects.exists()


def test_two_quick_clicks_make_one_order(entry: Page) -> None:
    entry.fill("#id_account_search", "rossi")
    entry.get_by_role("button", name="Rossi Impianti").click()
    expect(entry.locator("#credit-strip")).to_contain_text("1,000.00")
    fill_line(entry, 0, "Pump", "1", "100")

    entry.get_by_role("button", name="Submit").first.dblclick()
    expect(entry.locator("h1")).to_contain_text("SO-")

    assert Document.objects.count() == 1


@pytest.mark.parametrize(("theme", "width"), [(Theme.LIGHT, 1280), (Theme.DARK, 390)])
def test_every_screen_is_accessible_and_fits(
    page: Page,
    live_server: LiveServer,
    world: World,
    assert_accessible: Callable[[Page], None],
    theme: str,
    width: int,
) -> None:
    held = world.order(1500, reference="PO 77")
    check = document_submit(document=held, actor=world.clerk).check
    HoldCase.objects.all().update(opened_at=timezone.now())
    world.rule("overdue_days", "warn", grace_days=10)
    accepted = world.order(300)
    document_submit(document=accepted, actor=world.clerk)
    accepted.refresh_from_db()
    order_change(
        document=accepted,
        header=world.header(document_on=accepted.document_on),
        lines=[line(900)],
        version=accepted.version,
        actor=world.clerk,
    )
    boss = User.objects.get(username="carla")
    boss.is_superuser = True
    boss.theme = theme
    boss.save()
    sign_in(page.context, boss, live_server)
    page.set_viewport_size({"width": width, "height": 844})

    def look() -> None:
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url
        page.evaluate("window.scrollTo(0, 0)")
        assert_accessible(page)

    for path in (
        "/orders/",
        "/orders/?q=nothing",
        "/orders/new/",
        f"/orders/{held.pk}/",
        f"/orders/{held.pk}/edit/",
        f"/orders/{accepted.pk}/",
        f"/orders/{held.pk}/cancel/",
        f"/credit/checks/{check.pk}/?replay=1",
        f"/credit/accounts/{world.account.pk}/limit/",
    ):
        page.goto(f"{live_server.url}{path}")
        expect(page.locator("html")).to_have_attribute("data-bs-theme", theme)
        look()

    page.goto(f"{live_server.url}/orders/{held.pk}/edit/")
    Document.objects.filter(pk=held.pk).update(version=50, reference="overtaken")
    page.fill("#id_ship_to", "Warehouse 2")
    page.get_by_role("button", name="Save").first.click()
    expect(page.locator(".order-stale")).to_contain_text("overtaken")
    look()
    page.fill("#id_lines-0-quantity", "0")
    page.get_by_role("button", name="Save").first.click()
    expect(page.locator("[data-error-summary]")).to_contain_text("Line 1, Quantity")
    look()
