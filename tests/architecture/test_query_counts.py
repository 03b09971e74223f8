"""What every page asks of the database: a committed baseline, and no growth with the rows."""

from __future__ import annotations

import datetime
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.db import transaction

from tests.architecture.pages import Counts, measure
from tests.architecture.site import make_site
from tests.world import TODAY

if TYPE_CHECKING:
    from pytest_django import DjangoDbBlocker

# Without the mark there would be no test database, and the fixture would write into the real one.
pytestmark = pytest.mark.django_db

BASELINE = Path(__file__).with_name("query_counts.json")
NOON = datetime.datetime.combine(TODAY, datetime.time(10), tzinfo=datetime.UTC)
MOST = 25
"""Statements a page may take."""
MOST_TRIED = 75
"""Where a page makes the next document, asks about credit, and takes it back (a conversion): the
statements of the whole command are among them."""


@dataclass(frozen=True)
class Measured:
    """The same pages in a small world, and in one with three times as much of everything."""

    few: Counts
    many: Counts


@pytest.fixture(scope="module")
def measured(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Measured:
    """Both, measured once for the whole module; nothing of it stays in the database."""
    with (
        django_db_blocker.unblock(),
        time_machine.travel(NOON, tick=False),
        transaction.atomic(),
    ):
        site = make_site()
        few = measure(site)
        site.grow(2)
        many = measure(site)
        transaction.set_rollback(True)
    return Measured(few, many)


def test_every_page_asks_as_often_as_the_baseline_says(measured: Measured) -> None:
    """UPDATE_QUERY_COUNTS=1 writes the baseline anew; read the difference before you commit it."""
    if os.environ.get("UPDATE_QUERY_COUNTS"):
        BASELINE.write_text(json.dumps(measured.few, indent=2, sort_keys=True) + "\n")

    assert measured.few == json.loads(BASELINE.read_text())


def test_no_page_asks_too_often(measured: Measured) -> None:
    assert {
        page: row
        for page, row in measured.few.items()
        if int(row["queries"]) > (MOST_TRIED if page.startswith("documents:convert") else MOST)
    } == {}


def test_no_page_asks_more_often_when_there_is_more(measured: Measured) -> None:
    grown = {
        page: f"{measured.few[page]['queries']} → {row['queries']}"
        for page, row in measured.many.items()
        if row["queries"] != measured.few[page]["queries"]
    }
    assert grown == {}
