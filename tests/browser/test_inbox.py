"""The approver's inbox in a browser: by keyboard, without a script, accessible."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from approvals.models import ApprovalRequest
from approvals.services import step_refuse
from config import wiring
from core.models import User
from tests.factories.approvals import AuthorityFactory, RequestFactory
from tests.factories.core import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _handler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        wiring.APPROVAL_HANDLERS, "document_release", "tests.approvals.handlers.customer_decided"
    )


@pytest.fixture
def approver() -> User:
    AuthorityFactory()
    return UserFactory(username="aldo", role="approver")


@pytest.fixture
def requests(approver: User) -> list[ApprovalRequest]:
    """Three waiting requests, and a decision on the first one's customer."""
    past = RequestFactory(subject_text="SO-0")
    step_refuse(request=past, actor=approver, comment="two invoices were open")
    return [
        RequestFactory(account=past.account, subject_text="SO-1"),
        RequestFactory(subject_text="SO-2"),
        RequestFactory(subject_text="SO-3"),
    ]


def sign_in(context: BrowserContext, user: User, live_server: LiveServer) -> None:
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    cookie = {"name": name, "value": client.cookies[name].value, "url": live_server.url}
    context.add_cookies([cookie])  # type: ignore[list-item]


@pytest.fixture
def inbox(
    page: Page, live_server: LiveServer, approver: User, requests: list[ApprovalRequest]
) -> Page:
    sign_in(page.context, approver, live_server)
    page.goto(f"{live_server.url}/inbox/")
    return page


@pytest.fixture
def bare(
    browser: Browser, live_server: LiveServer, approver: User, requests: list[ApprovalRequest]
) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=False)
    sign_in(context, approver, live_server)
    page = context.new_page()
    page.goto(f"{live_server.url}/inbox/")
    yield page
    context.close()


def statuses() -> list[str]:
    return list(
        ApprovalRequest.objects.filter(subject_text__in=["SO-1", "SO-2", "SO-3"])
        .order_by("subject_text")
        .values_list("status", flat=True)
    )


def test_the_page_is_accessible(inbox: Page, assert_accessible: Callable[[Page], None]) -> None:
    expect(inbox.locator("#selected")).to_contain_text("SO-1")
    assert_accessible(inbox)


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_fits(inbox: Page, width: int) -> None:
    inbox.set_viewport_size({"width": width, "height": 900})
    wide = inbox.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0


def test_by_keyboard_only(inbox: Page) -> None:
    inbox.keyboard.press("j")
    expect(inbox.locator("#selected")).to_contain_text("SO-2")
    inbox.keyboard.press("k")
    expect(inbox.locator("#selected")).to_contain_text("SO-1")
    inbox.keyboard.press("r")
    reason = inbox.locator("[data-decide] textarea")
    expect(reason).to_be_focused()
    expect(inbox.locator("[data-decide-hint]")).to_contain_text("refuses it")
    inbox.keyboard.type("pays too late, a j k r are letters here")
    inbox.keyboard.press("Control+Enter")
    expect(inbox.get_by_text("Refused: SO-1 of")).to_be_visible()
    # The focus is on the next one, and one more goes without touching the mouse.
    expect(inbox.locator("#selected")).to_contain_text("SO-2")
    expect(inbox.locator("#selected")).to_be_focused()
    inbox.keyboard.press("a")
    inbox.keyboard.type("good customer")
    inbox.keyboard.press("Control+Enter")
    expect(inbox.get_by_text("Approved: SO-2 of")).to_be_visible()
    expect(inbox.locator("#selected")).to_contain_text("SO-3")
    assert statuses() == ["refused", "approved", "open"]


def test_ctrl_enter_decides_nothing_before_a_verdict_is_chosen(inbox: Page) -> None:
    reason = inbox.locator("[data-decide] textarea")
    reason.fill("written first")
    reason.press("Control+Enter")
    expect(inbox.locator("#selected")).to_contain_text("SO-1")
    assert statuses() == ["open", "open", "open"]


def test_without_a_script_everything_works(bare: Page) -> None:
    bare.get_by_role("link", name="SO-2").first.click()
    expect(bare.locator("#selected")).to_contain_text("SO-2")
    bare.get_by_role("button", name="Release").click()
    expect(bare.locator("[data-decide]")).to_contain_text("Say why, in a few words")
    bare.locator("[data-decide] textarea").fill("good customer")
    bare.get_by_role("button", name="Release").click()
    expect(bare.get_by_text("Approved: SO-2 of")).to_be_visible()
    assert statuses() == ["open", "approved", "open"]


def test_who_comes_late_is_told(inbox: Page, requests: list[ApprovalRequest]) -> None:
    luisa = UserFactory(username="luisa", role="approver")
    step_refuse(request=requests[0], actor=luisa, comment="pays too late")
    inbox.locator("[data-decide] textarea").fill("good customer")
    inbox.get_by_role("button", name="Release").click()
    expect(inbox.get_by_text("Luisa was faster: refused")).to_be_visible()
    assert statuses()[0] == "refused"


def test_a_long_list_scrolls_and_hides_no_request(
    page: Page, live_server: LiveServer, approver: User
) -> None:
    """The list is kept short so that the selected request is in sight; its end stays in reach."""
    for number in range(15):
        RequestFactory(subject_text=f"SO-{number:03d}")
    sign_in(page.context, approver, live_server)
    page.goto(f"{live_server.url}/inbox/")
    frame = page.locator(".af-scroll")
    heights = frame.evaluate("e => [e.clientHeight, e.scrollHeight]")
    assert heights[0] < heights[1]
    last = frame.locator("tbody tr").last

    last.get_by_role("link").first.click()

    expect(page.get_by_role("heading", name="SO-014")).to_be_visible()
    assert frame.evaluate("e => getComputedStyle(e).overflowY") == "auto"
