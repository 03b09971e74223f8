"""The browser fixtures themselves: they see what a strict policy forbids."""

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer


@pytest.mark.django_db(transaction=True)
def test_inline_scripts_are_refused_and_noticed(
    live_server: LiveServer, page: Page, console_problems: list[str]
) -> None:
    page.goto(f"{live_server.url}/admin/login/")
    page.evaluate(
        "const s = document.createElement('script'); s.textContent = 'window.ran = 1';"
        "document.body.append(s)"
    )
    assert page.evaluate("window.ran") is None
    assert any("Content Security Policy" in problem for problem in console_problems)
    console_problems.clear()
