"""The UI kit in a browser: with and without JavaScript, by keyboard, light and dark, on a phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from core.models.users import Theme
from tests.factories.core import CompanyFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def address(live_server: LiveServer) -> str:
    """The address of the style guide."""
    return f"{live_server.url}/styleguide/"


def session_cookie(live_server: LiveServer, theme: str = "light") -> dict[str, str]:
    user = UserFactory(is_superuser=True, is_staff=True, theme=theme, companies=[CompanyFactory()])
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value, "url": live_server.url}


@pytest.fixture
def guide(page: Page, live_server: LiveServer, address: str) -> Page:
    """The style guide, signed in."""
    page.context.add_cookies([session_cookie(live_server)])  # type: ignore[list-item]
    page.goto(address)
    return page


@pytest.fixture
def bare(browser: Browser, live_server: LiveServer, address: str) -> Iterator[Page]:
    """The style guide in a browser without JavaScript."""
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([session_cookie(live_server)])  # type: ignore[list-item]
    page = context.new_page()
    page.goto(address)
    yield page
    context.close()


@pytest.mark.parametrize("theme", [Theme.LIGHT, Theme.DARK])
@pytest.mark.parametrize("width", [1280, 390])
def test_every_component_is_accessible_and_fits(
    page: Page,
    live_server: LiveServer,
    address: str,
    assert_accessible: Callable[[Page], None],
    theme: str,
    width: int,
):
    page.context.add_cookies([session_cookie(live_server, theme)])  # type: ignore[list-item]
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(address)

    expect(page.locator("html")).to_have_attribute("data-bs-theme", theme)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    # From the top: sticky bars hide no target there.
    page.evaluate("window.scrollTo(0, 0)")
    assert_accessible(page)


@pytest.mark.parametrize(("device", "colour"), [("light", 244), ("dark", 14)])
def test_the_automatic_theme_follows_the_device(
    page: Page, live_server: LiveServer, address: str, device: str, colour: int
):
    page.context.add_cookies([session_cookie(live_server, Theme.AUTO)])  # type: ignore[list-item]
    page.emulate_media(color_scheme="dark" if device == "dark" else "light")
    page.goto(address)

    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background.startswith(f"rgb({colour}, ")


def test_sorting_swaps_the_part_and_says_so(guide: Page):
    guide.get_by_role("link", name="Total EUR").click()

    header = guide.get_by_role("columnheader", name="Total EUR")
    expect(header).to_have_attribute("aria-sort", "ascending")
    assert guide.url.endswith("?sort=total")
    expect(guide.locator("[data-live]")).to_have_text("57 results")

    guide.go_back()
    expect(header).not_to_have_attribute("aria-sort", "ascending")


def test_the_keyboard_reaches_search_and_navigation(guide: Page):
    guide.evaluate("document.activeElement.blur()")
    guide.keyboard.press("/")
    expect(guide.get_by_role("searchbox", name="Search customers")).to_be_focused()

    guide.keyboard.press("Escape")
    guide.get_by_role("searchbox", name="Search customers").blur()
    guide.get_by_text("Your account").locator("..").click()
    expect(guide.get_by_role("button", name="Sign out")).to_be_visible()
    guide.keyboard.press("Escape")
    expect(guide.get_by_role("button", name="Sign out")).to_be_hidden()


def test_errors_take_the_focus_and_lead_to_their_controls(guide: Page):
    expect(guide.locator("[data-error-summary]")).to_be_focused()
    guide.get_by_role("link", name="Customer: This field is required.").click()
    expect(guide.locator("#id_wrong-customer")).to_be_focused()


def test_lines_are_added_and_removed(guide: Page):
    lines = guide.locator("[data-formset-row]:visible")
    expect(lines).to_have_count(2)

    guide.get_by_role("button", name="Add a line").click()
    expect(lines).to_have_count(3)
    expect(guide.locator("#id_form-2-description")).to_be_focused()
    expect(guide.locator("#id_form-TOTAL_FORMS")).to_have_value("3")

    guide.get_by_role("button", name="Remove this line").first.click()
    expect(lines).to_have_count(2)
    expect(guide.locator("#id_form-0-DELETE")).to_be_checked()
    expect(guide.locator("#id_form-TOTAL_FORMS")).to_have_value("3")


def test_a_question_comes_before_the_command_and_can_be_declined(guide: Page):
    posts: list[str] = []
    guide.on("request", lambda r: posts.append(r.url) if r.method == "POST" else None)
    command = guide.locator("form[method=post] [data-confirm]")
    guide.locator("form[method=post] #id_scope_0").check()

    command.click()
    expect(guide.get_by_role("dialog")).to_contain_text("Grant a limit of 50,000.00 EUR")
    guide.get_by_role("button", name="Keep as it is").click()
    expect(guide.get_by_role("dialog")).to_be_hidden()
    assert posts == []

    command.click()
    guide.get_by_role("dialog").get_by_role("button", name="Grant limit").click()
    # Success rises as a toast and leaves the page; the warning stays in it.
    expect(guide.locator("[data-toasts]")).to_contain_text("This is what success looks like.")
    expect(guide.locator("[data-messages]")).to_have_text("A warning stays on the page.")
    assert len(posts) == 1


def test_a_second_click_sends_nothing(guide: Page):
    posts: list[str] = []
    guide.on("request", lambda r: posts.append(r.url) if r.method == "POST" else None)
    guide.locator("form[method=post]:has(#id_amount)").evaluate(
        """form => {
            const button = form.querySelector("[data-confirm]");
            delete button.dataset.confirm;
            form.requestSubmit(button);
            form.requestSubmit(button);
        }"""
    )
    expect(guide.locator("[data-messages]")).to_contain_text("A warning stays")
    assert len(posts) == 1


def test_without_javascript_everything_is_there_and_works(bare: Page):
    expect(bare.get_by_role("navigation", name="Main")).to_be_visible()
    expect(bare.locator("[data-formset-delete]").first).to_be_visible()
    expect(bare.get_by_role("button", name="Remove this line")).to_have_count(0)

    bare.get_by_text("Your account").locator("..").click()
    expect(bare.get_by_role("button", name="Sign out")).to_be_visible()

    bare.locator("form[method=post] [data-confirm]").click()
    expect(bare.locator("[data-messages]")).to_contain_text("This is what success looks like.")
    bare.get_by_role("link", name="Total EUR").click()
    expect(bare.get_by_role("columnheader", name="Total EUR")).to_have_attribute(
        "aria-sort", "ascending"
    )


def test_on_a_phone_the_navigation_opens_from_its_button(guide: Page):
    guide.set_viewport_size({"width": 390, "height": 800})
    navigation = guide.get_by_role("navigation", name="Main")
    expect(navigation).to_be_hidden()

    guide.locator("summary[aria-label=Menu]").click()
    expect(navigation).to_be_visible()
