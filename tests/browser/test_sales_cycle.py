"""The sales cycle in a real browser, by keyboard alone: from the quote to the payment.

Every page on the way is checked with axe and leaves the console empty. After each step the
customer's exposure is compared: the value moves from component to component and is never lost or
doubled. With UPDATE_SCREENSHOTS=1 the pictures of the README are made anew.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from core.models import User
from credit_limits.engine.types import Component
from credit_limits.selectors import credit_position
from customers.models import CustomerAccount
from documents.models import Document
from reports.demo.load import demo_load
from tests.browser.test_inbox import sign_in
from tests.browser.test_main_line import CUSTOMER, picture

pytestmark = pytest.mark.django_db(transaction=True)

O = Component.ORDER_OPEN  # noqa: E741 - the letter of the component
N = Component.DELIVERED_UNINVOICED
F = Component.INVOICE_DRAFT
B = Component.INVOICE_OPEN
STORED = re.compile(r"/orders/\d+/$")
TOTAL = Decimal("549.00")  # 10 × 40.00 and 20 × 2.50, with 22 % of tax


@pytest.fixture(autouse=True)
def _patience() -> Iterator[None]:
    """A busy machine is no fault of the page."""
    expect.set_options(timeout=20_000)
    yield
    expect.set_options(timeout=5_000)


@pytest.fixture
def account() -> CustomerAccount:
    """The demo portfolio's customer through whom the line runs."""
    call_command("install_defaults", verbosity=0)
    demo_load(say=lambda _text: None)
    return CustomerAccount.objects.select_related("company", "customer").get(
        customer__name=CUSTOMER
    )


class Moves:
    """The exposure of an account since it was first looked at."""

    def __init__(self, account: CustomerAccount) -> None:
        self.account = account
        self.before = self._now()

    def _now(self) -> dict[Component, Decimal]:
        position = credit_position(account=self.account, as_of=timezone.localdate())
        return dict(position.components)

    def since(self) -> dict[Component, Decimal]:
        """What changed, by component; nothing for what did not."""
        now = self._now()
        return {key: now[key] - was for key, was in self.before.items() if now[key] != was}


def reach(page: Page, target: Locator) -> Locator:
    """Tab until the target has the focus."""
    expect(target).to_be_visible()
    for _step in range(150):
        if target.evaluate("element => element === document.activeElement"):
            return target
        page.keyboard.press("Tab")
    raise AssertionError(f"{target} cannot be reached with the Tab key")


def press(page: Page, target: Locator, key: str = "Enter") -> None:
    """Reach the target and press a key on it."""
    reach(page, target)
    page.keyboard.press(key)


def write(page: Page, target: Locator, text: str) -> None:
    """Reach a field and type over what it holds."""
    reach(page, target)
    page.keyboard.press("Control+a")
    page.keyboard.type(text)


def newest(account: CustomerAccount, code: str) -> Document:
    return Document.objects.filter(account=account, type__code=code).latest("pk")


def on_page_of(page: Page, document: Document) -> None:
    """The page of the document is shown, with its number."""
    page.wait_for_url(f"**/orders/{document.pk}/")
    expect(page.locator("h1")).to_contain_text(str(document.number or document.pk))


def test_from_the_quote_to_the_payment_by_keyboard(
    browser: Browser,
    page: Page,
    live_server: LiveServer,
    account: CustomerAccount,
    assert_accessible: Callable[[Page], None],
) -> None:
    moves = Moves(account)
    page.set_default_timeout(30_000)
    sign_in(page.context, User.objects.get(username="sara"), live_server)

    # The quote: it counts nothing.
    page.goto(f"{live_server.url}/orders/new/?type=quote")
    reach(page, page.locator("#id_account_search"))
    page.keyboard.type("Garda", delay=30)
    expect(page.locator("[data-result]")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("#id_account")).to_have_value(str(account.pk))
    for index, (goods, quantity, price) in enumerate(
        (("Steel beam HEB 120", "10", "40"), ("Bolt M16, galvanised", "20", "2.50"))
    ):
        for name, text in (
            ("description", goods),
            ("quantity", quantity),
            ("unit_price", price),
            ("tax_percent", "22"),
        ):
            write(page, page.locator(f"#id_lines-{index}-{name}"), text)
    press(page, page.get_by_role("button", name="Submit").last)
    page.wait_for_url(STORED)
    quote = newest(account, "quote")
    on_page_of(page, quote)
    assert (quote.status, quote.gross_amount) == ("submitted", TOTAL)
    assert moves.since() == {}
    assert_accessible(page)

    # The customer says yes: the order asks for credit.
    press(page, page.get_by_role("link", name="Accept: make the order"))
    expect(page.locator("[data-verdict]")).to_contain_text("If you submit now")
    assert_accessible(page)
    press(page, page.get_by_role("button", name="Accept and submit the order"))
    page.wait_for_url(STORED)
    order = newest(account, "order")
    on_page_of(page, order)
    assert order.status == "submitted"
    assert moves.since() == {O: TOTAL}

    # A first delivery: four beams of ten, all the bolts. More than is left is said at once.
    press(page, page.get_by_role("link", name="Deliver", exact=True))
    beams = page.get_by_label("Quantity of Steel beam HEB 120")
    expect(beams).to_have_value("10")
    write(page, beams, "11")
    expect(page.get_by_text("11 is too much, 10 of 10 are left.").first).to_be_visible()
    write(page, beams, "4")
    expect(page.locator("#convert-sum")).to_contain_text("256.20")
    expect(page.locator("#credit-strip")).to_contain_text("nothing new is asked for")
    assert_accessible(page)
    picture(page, "conversion")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Quantity of Bolt M16, galvanised")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Create and submit")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(STORED)
    first = newest(account, "delivery")
    on_page_of(page, first)
    assert (first.status, first.gross_amount) == ("submitted", Decimal("256.20"))
    assert moves.since() == {O: Decimal("292.80"), N: Decimal("256.20")}

    # The rest follows.
    page.goto(f"{live_server.url}/orders/{order.pk}/")
    press(page, page.get_by_role("link", name="Deliver", exact=True))
    expect(page.get_by_label("Quantity of Steel beam HEB 120")).to_have_value("6")
    press(page, page.get_by_role("button", name="Create and submit"))
    page.wait_for_url(STORED)
    second = newest(account, "delivery")
    on_page_of(page, second)
    assert second.pk != first.pk
    assert moves.since() == {N: TOTAL}

    # One invoice of both deliveries, chosen in the list.
    page.goto(f"{live_server.url}/orders/deliveries/?customer={account.customer_id}")
    for delivery in (second, first):
        press(page, page.get_by_role("checkbox", name=f"{delivery.number}"), "Space")
    press(page, page.locator("#together").get_by_role("button").first)
    page.wait_for_url("**/orders/convert/**")
    expect(page.locator("main")).to_contain_text(first.number)
    expect(page.locator("#convert-sum")).to_contain_text("549.00")
    assert_accessible(page)
    press(page, page.get_by_role("button", name="Create and submit"))
    page.wait_for_url(STORED)
    invoice = newest(account, "invoice")
    on_page_of(page, invoice)
    assert (invoice.status, invoice.gross_amount) == ("submitted", TOTAL)
    assert invoice.number
    assert moves.since() == {F: TOTAL}
    assert_accessible(page)
    picture(page, "invoice")

    # Treasury posts it and enters the payment.
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    context.set_default_timeout(30_000)
    problems: list[str] = []
    books = context.new_page()
    books.on(
        "console",
        lambda message: problems.append(message.text) if message.type == "error" else None,
    )
    sign_in(context, User.objects.get(username="teo"), live_server)
    books.goto(f"{live_server.url}/orders/{invoice.pk}/")
    press(books, books.get_by_role("link", name="Post", exact=True))
    expect(books.locator("[data-verdict]")).to_contain_text("If you post now: it passes")
    assert_accessible(books)
    press(books, books.get_by_role("button", name="Post", exact=True))
    on_page_of(books, invoice)
    invoice.refresh_from_db()
    assert invoice.status == "posted"
    assert invoice.entry is not None
    assert moves.since() == {B: TOTAL}
    assert_accessible(books)

    item = invoice.entry.items.get()
    books.goto(f"{live_server.url}/ledger/items/{item.pk}/")
    press(books, books.get_by_role("link", name="Record a payment"))
    expect(books.get_by_label("Amount").first).to_have_value("549.00")
    part = books.get_by_label(f"Part of {item.number}")
    write(books, part, "549.00")
    press(books, books.get_by_role("button", name="Record the payment"))
    expect(books.get_by_role("heading", name="Payment PAY-")).to_be_visible()
    item.refresh_from_db()
    assert item.open_amount == 0
    assert moves.since() == {}
    assert problems == []
    context.close()


def test_a_delivery_without_a_script(
    browser: Browser, live_server: LiveServer, account: CustomerAccount
) -> None:
    """The same page, JavaScript off: nothing, all, check, too much, and then as it should be."""
    from documents.amounts import LineInput
    from documents.inputs import OrderHeader
    from documents.models import DocumentType
    from documents.services.save import order_create
    from documents.services.submit import document_submit

    sara = User.objects.get(username="sara")
    order = order_create(
        header=OrderHeader(
            account=account,
            document_on=timezone.localdate(),
            type=DocumentType.objects.get(code="order"),
            currency=account.currency,
        ),
        lines=[LineInput("Valve block", Decimal(5), Decimal(10))],
        actor=sara,
    )
    assert document_submit(document=order, actor=sara).passed
    context = browser.new_context(
        java_script_enabled=False, locale="en-GB", viewport={"width": 390, "height": 844}
    )
    sign_in(context, sara, live_server)
    page = context.new_page()
    page.goto(f"{live_server.url}/orders/convert/?type=delivery&document={order.pk}")
    box = page.get_by_label("Quantity of Valve block")
    page.get_by_role("button", name="None").click()
    expect(box).to_have_value("")
    page.get_by_role("button", name="All that is left").click()
    expect(box).to_have_value("5")
    box.fill("6")
    page.get_by_role("button", name="Check credit").click()
    expect(page.locator("main")).to_contain_text("6 is too much, 5 of 5 are left.")
    page.get_by_role("button", name="Create and submit").click()
    expect(box).to_have_value("6")
    assert not order.lines.get().continued_by.exists()
    box.fill("2")
    page.get_by_role("button", name="Create and submit").click()
    page.wait_for_url(STORED)

    assert order.lines.get().continued_by.get().quantity == 2
    context.close()
