"""Whatever stands behind the question mark of an address, no page breaks."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Final

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.utils.http import urlencode

from tests.architecture.pages import Page, pages
from tests.architecture.site import Site, make_site
from tests.world import TODAY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django import DjangoDbBlocker

pytestmark = pytest.mark.django_db

NOON = datetime.datetime.combine(TODAY, datetime.time(10), tzinfo=datetime.UTC)
# What is read from addresses anywhere in the application.
NAMES: Final = tuple(
    """
    account account_q agreement as_of asked bucket charge company component country currency
    customer document document_on edition export from group id item kind level_name lines month
    next of ordered_by_q over page per_page print profile q reason role seen sort status tab to
    todo totals type user when
    """.split()  # noqa: SIM905 - a list of 45 words reads better so
)
ODD: Final = {
    "nothing": "",
    "a null character": "\x00",
    "a digit that is none": "²",
    "below zero": "-1",
    "no number": "NaN",
    "a huge number": "9" * 40,
    "a day that is none": "2026-02-31",
    "the last day": "9999-12-31",
    "the first day": "0001-01-01",
    "a half pair": "\ud83d",
    "marks": "'\"<%{}[](),;--",
}
OFTEN: Final = ("a null character", "a digit that is none", "below zero")


@pytest.fixture(scope="module")
def site(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Site]:
    with (
        django_db_blocker.unblock(),
        time_machine.travel(NOON, tick=False),
        transaction.atomic(),
    ):
        yield make_site()
        transaction.set_rollback(True)


def client_of(page: Page, site: Site) -> Client:
    client = Client(raise_request_exception=False)
    if user := site.people.get(page.role):
        client.force_login(user)
    return client


def odd(value: str) -> str:
    return value.encode("utf-8", "surrogatepass").decode("latin-1") if value == "\ud83d" else value


def each_once() -> Iterator[Page]:
    """Every page that GET opens, in one of the ways to see it."""
    seen = set()
    for page in pages():
        if page.method == "get" and page.name not in seen:
            seen.add(page.name)
            yield page


def broken(site: Site, wanted: list[dict[str, str]]) -> list[str]:
    """The addresses that answer with a fault of ours."""
    found = []
    for page in each_once():
        client = client_of(page, site)
        address = page.url(site)
        for values in wanted:
            more = urlencode({name: odd(value) for name, value in values.items()})
            response = client.get(f"{address}{'&' if '?' in address else '?'}{more}")
            if response.status_code >= 500:
                found.append(f"{address} {[*values][:2]}")
    return found


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(value, id=name, marks=() if name in OFTEN else pytest.mark.long)
        for name, value in ODD.items()
    ],
)
def test_no_page_breaks_on_odd_values(site: Site, value: str) -> None:
    assert broken(site, [dict.fromkeys(NAMES, value)]) == []


@pytest.mark.long
@pytest.mark.parametrize("value", ODD.values(), ids=ODD)
def test_no_page_breaks_on_one_odd_value(site: Site, value: str) -> None:
    assert broken(site, [{name: value} for name in NAMES]) == []
