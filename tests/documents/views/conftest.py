"""One company and its people on a fixed day, and forms as a browser would send them."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client

from core.models import User
from documents.models import Document
from tests.factories.core import UserFactory
from tests.world import TODAY, World, make_world

MORNING = datetime.datetime.combine(TODAY, datetime.time(8), tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def _on_the_day() -> Iterator[None]:
    with time_machine.travel(MORNING, tick=True):
        yield


@pytest.fixture
def world(db: None) -> World:
    return make_world(limit=1000)


@pytest.fixture
def login() -> Callable[[User], Client]:
    """A client signed in as the user."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def treasurer(world: World) -> User:
    """Who records payments and settles charges."""
    user: User = UserFactory(username="teo", role="treasury")
    return user


@pytest.fixture
def treasury(treasurer: User, login: Callable[[User], Client]) -> Client:
    """The treasurer's browser."""
    return login(treasurer)


@pytest.fixture
def billing(world: World, login: Callable[[User], Client]) -> Client:
    """The browser of billing, who may give credit freely."""
    return login(world.biller)


@pytest.fixture
def clerk(world: World, login: Callable[[User], Client]) -> Client:
    """The sales clerk's browser."""
    return login(world.clerk)


def form_data(world: World, *lines: dict[str, str], **head: Any) -> dict[str, Any]:
    """A new order's form as the browser sends it: one line worth 500 unless told otherwise."""
    rows = lines or ({"description": "Pump", "quantity": "5", "unit_price": "100"},)
    data: dict[str, Any] = {
        "action": "save",
        "document": "",
        "account": str(world.account.pk),
        "ordered_by": "",
        "type": "",
        "document_on": TODAY.isoformat(),
        "reference": "PO 77",
        "ship_to": "Site Bergamo",
        "payment_term": str(world.account.payment_term_id),
        "payment_method": str(world.account.payment_method_id),
        "currency": "EUR",
        "version": "",
        "submission_key": str(uuid.uuid4()),
        "base": "",
        "note": "",
        "lines-TOTAL_FORMS": str(len(rows)),
        "lines-INITIAL_FORMS": "0",
        "lines-MIN_NUM_FORMS": "0",
        "lines-MAX_NUM_FORMS": "500",
    }
    blank = dict.fromkeys(
        ("description", "quantity", "unit_price", "discount_percent", "tax_percent"), ""
    )
    for index, row in enumerate(rows):
        for name, value in (blank | row).items():
            data[f"lines-{index}-{name}"] = value
    from documents.models import DocumentType

    data["type"] = str(DocumentType.objects.get(code="order").pk)
    return data | head


def edit_data(client: Client, document: Document, **changes: Any) -> dict[str, Any]:
    """The edit form of an order exactly as its page fills it in, with `changes` typed over it."""
    page = client.get(f"/orders/{document.pk}/edit/")
    assert page.status_code == 200, page.status_code
    entry = page.context["entry"]
    data: dict[str, Any] = {"action": "save", "document": str(document.pk)}
    for bound in entry.form:
        value = bound.value()
        if bound.name != "attachments":
            data[bound.html_name] = "" if value is None else str(value)
    for form in [entry.lines.management_form, *entry.lines.forms]:
        for bound in form:
            value = bound.value()
            if bound.name != "DELETE":
                data[bound.html_name] = "" if value is None else str(value)
    return data | changes


def errors_of(response: Any) -> dict[str, list[str]]:
    """Every message of a refused form by the name of its control; "" for the whole form."""
    entry = response.context["entry"]
    found: dict[str, list[str]] = {}
    for name, messages in entry.form.errors.items():
        found["" if name == "__all__" else name] = [str(message) for message in messages]
    for form in entry.lines.forms:
        for name, messages in form.errors.items():
            found[form.add_prefix(name)] = [str(message) for message in messages]
    if entry.lines.non_form_errors():
        found["lines"] = [str(message) for message in entry.lines.non_form_errors()]
    return found


def texts(response: Any) -> list[str]:
    """The messages shown after a redirect (follow it first)."""
    return [str(message) for message in response.context["messages"]]
