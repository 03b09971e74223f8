"""The coming weeks in a browser: a bar opens its lines, nothing is wider than a phone."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

import tests.world
from tests.browser.test_ledger import sign_in
from tests.world import make_world

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_bar_opens_its_lines(
    page: Page,
    live_server: LiveServer,
    monkeypatch: pytest.MonkeyPatch,
    assert_accessible: Callable[[Page], None],
) -> None:
    today = timezone.localdate()
    monkeypatch.setattr(tests.world, "TODAY", today)
    with transaction.atomic():
        world = make_world(limit=1500)
        item = world.item(700, today + datetime.timedelta(days=9))
    sign_in(page.context, world.manager, live_server)

    page.goto(f"{live_server.url}/reports/credit-file/{world.account.customer_id}/?tab=weeks")
    assert_accessible(page)
    page.locator(".af-weeks a").nth(1).click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("Week from")
    expect(page.get_by_role("link", name=item.number)).to_be_visible()
    assert_accessible(page)
    page.set_viewport_size({"width": 390, "height": 844})
    for number in range(2):
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wide) == 0, number
        page.go_back()
