"""The administration under our strict content security policy."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.factories.approvals import AuthorityFactory, RequestFactory
from tests.factories.core import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


def test_pages_work_without_a_word_from_the_console(page: Page, live_server: LiveServer) -> None:
    user = UserFactory(is_superuser=True, is_staff=True)
    authority, request = AuthorityFactory(), RequestFactory()
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    cookie = {"name": name, "value": client.cookies[name].value, "url": live_server.url}
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    for path in (
        "",
        "core/user/",
        f"core/user/{user.pk}/change/",
        "core/exchangerate/add/",
        "core/auditevent/",
        f"approvals/approvalauthority/{authority.pk}/change/",
        f"approvals/approvalrequest/{request.pk}/change/",
    ):
        page.goto(f"{live_server.url}/admin/{path}")
        expect(page.locator("#content h1")).to_be_visible()
