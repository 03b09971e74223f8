"""For every test: the database runs, and browser tests are honest about a missing browser."""

import os
import shutil

import pytest
from django.utils import translation

from config.embedded import ensure_postgres

_NO_BROWSER = "Chromium is not installed"


def find_chromium() -> str | None:
    """Path of Chromium: CHROMIUM, else the system's; None when there is none."""
    named = os.environ.get("CHROMIUM")
    candidates = [named] if named else ["chromium", "chromium-browser", "google-chrome"]
    return next(filter(None, map(shutil.which, candidates)), None)


def pytest_configure(config: pytest.Config) -> None:
    if os.environ.get("REQUIRE_BROWSER") and not find_chromium():
        raise pytest.UsageError(f"{_NO_BROWSER}, and REQUIRE_BROWSER is set.")
    if not config.option.collectonly:
        ensure_postgres()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    browser_tests = [item for item in items if item.get_closest_marker("browser")]
    if not browser_tests or find_chromium():
        return
    for item in browser_tests:
        item.add_marker(pytest.mark.skip(reason=_NO_BROWSER))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = [
        report
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple) and _NO_BROWSER in report.longrepr[2]
    ]
    if skipped:
        terminalreporter.section("browser tests were skipped", yellow=True)
        terminalreporter.line(
            f"{len(skipped)} browser tests did not run: {_NO_BROWSER}. "
            "Install it (Debian, Ubuntu: apt install chromium) or name it with CHROMIUM=/path."
        )


@pytest.fixture(autouse=True)
def _source_language() -> None:
    """Every test begins in the source language, whatever the one before it switched to."""
    translation.activate("en")
