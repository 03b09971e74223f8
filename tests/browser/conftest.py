"""A real browser for the tests of this folder, which are all marked `browser`."""

import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.signals import request_finished, request_started
from django.db import connection
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from conftest import find_chromium

_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# An answer such as 409 or 422 is part of the conversation and no fault of the page.
_EXPECTED = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")
# Waits for every movement that comes to an end.
_MOVED = """() => Promise.allSettled(
    document.getAnimations()
        .filter((moving) => moving.effect.getComputedTiming().endTime < Infinity)
        .map((moving) => moving.finished)
)"""


REST = 0.1
"""Seconds without a request, after which no page asks any more."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    # Playwright's synchronous API keeps an event loop in this thread; Django must not mind.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=_FLAGS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


class _UnderWay:
    """How many requests the server is answering. The database alone does not show them all: one
    that was just accepted, or is between two statements, looks idle there."""

    def __init__(self) -> None:
        self.count = 0
        self._lock = threading.Lock()

    def begin(self, **_kwargs: object) -> None:
        with self._lock:
            self.count += 1

    def end(self, **_kwargs: object) -> None:
        with self._lock:
            self.count -= 1


@pytest.fixture
def _under_way() -> Iterator[_UnderWay]:
    found = _UnderWay()
    request_started.connect(found.begin)
    request_finished.connect(found.end)
    yield found
    request_started.disconnect(found.begin)
    request_finished.disconnect(found.end)


@pytest.fixture(autouse=True)
def _server_at_rest(request: pytest.FixtureRequest, _under_way: _UnderWay) -> Iterator[None]:
    """The tables are emptied only when the server has answered what a closed page still asked,
    and has been at rest for a moment."""
    if "live_server" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("transactional_db")
    yield
    until = time.monotonic() + 10
    rest_since = None
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND state <> 'idle'"
            )
            is_at_rest = cursor.fetchone() == (0,) and _under_way.count <= 0
            now = time.monotonic()
            rest_since = (rest_since or now) if is_at_rest else None
            if rest_since is not None and now - rest_since >= REST:
                return
            time.sleep(0.02)


@pytest.fixture
def console_problems() -> list[str]:
    """What the browser complained about, CSP violations included; empty at the end of a test."""
    return []


@pytest.fixture
def page(browser: Browser, console_problems: list[str]) -> Iterator[Page]:
    """A fresh page in a fresh profile; the test fails when the console shows a problem."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    context.set_default_timeout(10_000)
    page = context.new_page()

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not _EXPECTED.search(message.text):
            console_problems.append(f"{message.type}: {message.text}")

    page.on("console", note)
    page.on("pageerror", lambda error: console_problems.append(f"exception: {error}"))
    yield page
    context.close()
    assert console_problems == []


@pytest.fixture
def assert_accessible() -> Callable[[Page], None]:
    """Callable that checks a page with axe (WCAG 2.2 AA) and names every violation."""

    def check(page: Page) -> None:
        # A note that is still fading in has the contrast of that moment.
        page.evaluate(_MOVED)
        tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
        found = Axe().run(page, options={"runOnly": tags}).response["violations"]
        described = [
            f"{rule['id']}: {rule['help']}: {node['html']}"
            for rule in found
            for node in rule["nodes"]
        ]
        assert described == [], "\n".join(described)

    return check
