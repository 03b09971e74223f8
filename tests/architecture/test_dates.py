"""Dates are written in one way, on every page and in every sentence: 22 Nov 2026."""

from __future__ import annotations

import ast
import datetime
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.utils import formats, translation

from config.env import BASE_DIR
from core.dates import DAY, MOMENT, day_text, moment_text
from core.errors import Invalid
from core.templatetags.ui import day
from tests.architecture.pages import NOBODY, pages
from tests.architecture.site import make_site
from tests.documents.views.conftest import form_data
from tests.world import TODAY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django import DjangoDbBlocker

pytestmark = pytest.mark.django_db

NOON = datetime.datetime.combine(TODAY, datetime.time(10), tzinfo=datetime.UTC)
# 2026-11-23, 11/23/2026, 23.11.2026, Nov. 23, 2026, 01 Mar 2026.
OTHER_STYLE = re.compile(
    r"\b\d{4}-\d\d-\d\d\b|\b\d{1,2}[/.]\d{1,2}[/.]\d{4}\b"
    r"|\b[A-Z][a-z]{2,8}\.? \d{1,2}, \d{4}\b|\b0\d [A-Z][a-z]{2} \d{4}\b"
)
# What a machine reads: form fields and addresses; months without a day.
IN_TEMPLATES = {"Y-m-d", "Y-m", "F Y"}
ROOMS = ("approvals", "core", "credit_limits", "customers", "documents", "ledger", "reports")


class _Shown(HTMLParser):
    """The text of a page; values of fields, addresses and scripts are not text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in {"script", "style"}
        self.texts += [
            value for name, value in attrs if value and name in {"aria-label", "title", "alt"}
        ]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in {"script", "style"}

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.texts.append(data)


def other_styles(page: str) -> list[str]:
    """Dates on a page that are written in another way."""
    parser = _Shown()
    parser.feed(page)
    return OTHER_STYLE.findall("\n".join(parser.texts))


@pytest.mark.parametrize(
    ("page", "found"),
    [
        ("<p>until 22 Nov 2026</p>", []),
        ("<p>until 2026-11-22</p>", ["2026-11-22"]),
        ("<p>Nov. 22, 2026 and 11/22/2026</p>", ["Nov. 22, 2026", "11/22/2026"]),
        ('<time datetime="2026-11-22">1 Nov 2026</time>', []),
        ('<input type="date" value="2026-11-22"><script>"2026-11-22"</script>', []),
        ('<a aria-label="Week from November 2, 2026">1</a>', ["November 2, 2026"]),
        ("<p>SO-2026-00012, 03 Nov 2026</p>", ["03 Nov 2026"]),
    ],
)
def test_the_finder_finds(page: str, found: list[str]) -> None:
    assert other_styles(page) == found


def test_every_page_writes_dates_alike(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> None:
    found: dict[str, list[str]] = {}
    with (
        django_db_blocker.unblock(),
        time_machine.travel(NOON, tick=False),
        transaction.atomic(),
    ):
        site = make_site()
        clients = {NOBODY: Client()}
        for role, user in site.people.items():
            clients[role] = Client()
            clients[role].force_login(user)
        dated = 0
        for page in pages():
            data = form_data(site.world) if page.method == "post" else None
            answer = getattr(clients[page.role], page.method)(page.url(site), data)
            if not answer["Content-Type"].startswith("text/html"):
                continue  # a paper; tests of papers read its dates
            html = answer.content.decode()
            dated += bool(re.search(r"\d{1,2} Mar 2026", html))
            # The file that was imported is shown as it is written; a field shows how to type.
            if not page.name.startswith("ledger:import") and (other := other_styles(html)):
                found[page.key] = other
        transaction.set_rollback(True)
    assert found == {}
    assert dated > 30


def test_no_template_chooses_a_style_of_its_own() -> None:
    found = [
        f"{path.relative_to(BASE_DIR)}: {style}"
        for path in sorted((BASE_DIR / "templates").rglob("*"))
        if path.is_file()
        for style in re.findall(r"""\|date(?::["']([^"']*)["'])?""", path.read_text())
        if style not in IN_TEMPLATES
    ]
    assert found == []


def _dates_in_code(tree: ast.AST) -> Iterator[str]:
    """Calls that write a date for people without `core.dates`."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        name = node.func.id if isinstance(node.func, ast.Name) else name
        if name in {"date_format", "time_format"}:
            yield f"{node.lineno}: {name}"
        for keyword in node.keywords:
            # The parameters of a sentence.
            if keyword.arg == "params" and "isoformat" in ast.dump(keyword.value):
                yield f"{node.lineno}: isoformat in params"


def test_no_code_chooses_a_style_of_its_own() -> None:
    assert list(
        _dates_in_code(ast.parse('date_format(on, "j")\nInvalid(params={"a": b.isoformat()})'))
    )
    found = [
        f"{path.relative_to(BASE_DIR)}:{place}"
        for room in ROOMS
        for path in sorted((BASE_DIR / room).rglob("*.py"))
        if "migrations" not in path.parts and path != BASE_DIR / Path("core/dates.py")
        for place in _dates_in_code(ast.parse(path.read_text()))
    ]
    assert found == []


@pytest.mark.parametrize("language", ["en", "it", "es", "fr", "pt-br"])
def test_what_django_writes_by_itself_follows(language: str) -> None:
    with translation.override(language):
        assert formats.get_format("DATE_FORMAT") == formats.get_format("SHORT_DATE_FORMAT") == DAY
        assert formats.get_format("DATETIME_FORMAT") == MOMENT
        assert formats.date_format(TODAY) == day_text(TODAY)
        assert f">{day_text(TODAY)}<" in day(TODAY)


def test_sentences_of_errors_write_their_days_out() -> None:
    error = Invalid("a.b", "Take %(first)s, not %(what)s.", params={"first": TODAY, "what": 3})

    assert str(error) == "Take 31 Mar 2026, not 3."
    assert error.params["first"] == TODAY
    assert moment_text(NOON) == "31 Mar 2026, 10:00"
