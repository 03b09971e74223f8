"""A check that cannot get its lock loses nothing: the draft is there, the message says so."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction
from django.test import Client

from core import locks
from core.models import User
from credit_limits.models import CreditCheck
from customers.locks import scope_lock
from documents.models import Document, DocumentRevision
from documents.services.base import document_lock
from documents.services.submit import document_submit
from tests.documents.views.conftest import edit_data, form_data, texts
from tests.world import TODAY, World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "LOCK_TIMEOUT", "200ms")
    monkeypatch.setattr(locks.set_lock_timeout, "__defaults__", ("200ms",))


@contextmanager
def held_by_somebody(take: Callable[[], object]) -> Iterator[None]:
    """Another connection takes a lock and keeps it while the block runs."""
    taken, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            take()
            taken.set()
            done.wait(timeout=30)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert taken.wait(timeout=10)
        yield
    finally:
        done.set()
        thread.join(timeout=30)


def test_a_busy_check_leaves_the_draft(world: World, login: Callable[[User], Client]) -> None:
    client = login(world.clerk)
    data = form_data(world, action="submit", note="kept")

    with held_by_somebody(lambda: scope_lock(account_ids=[world.account.pk])):
        response = client.post("/orders/new/", data, follow=True)

    document = Document.objects.get()
    assert response.redirect_chain == [(f"/orders/{document.pk}/", 302)]
    assert document.status == "draft"
    assert document.lines.get().quantity == 5
    assert document.notes.get().text == "kept"
    assert not CreditCheck.objects.exists()
    [message] = texts(response)
    assert "is saved, but not submitted yet" in message

    again = client.post(f"/orders/{document.pk}/submit/", {"version": "1"}, follow=True)
    document.refresh_from_db()
    assert document.status == "submitted"
    assert "is submitted" in texts(again)[0]


def test_a_busy_order_keeps_what_was_typed(world: World, login: Callable[[User], Client]) -> None:
    client = login(world.clerk)
    document = world.order(500)
    data = edit_data(client, document, ship_to="My site")

    with held_by_somebody(lambda: document_lock(document.pk)):
        response = client.post(f"/orders/{document.pk}/edit/", data)

    assert response.status_code == 409
    page = response.content.decode()
    assert "try again in a moment" in page
    assert 'value="My site"' in page
    document.refresh_from_db()
    assert (document.ship_to, document.version) == ("", 1)


def test_a_busy_change_of_an_accepted_order_keeps_what_was_typed(
    world: World, login: Callable[[User], Client]
) -> None:
    client = login(world.clerk)
    document = world.order(500)
    document_submit(document=document, actor=world.clerk, as_of=TODAY)
    data = edit_data(client, document, ship_to="My site")

    with held_by_somebody(lambda: scope_lock(account_ids=[world.account.pk])):
        response = client.post(f"/orders/{document.pk}/edit/", data)

    assert response.status_code == 409
    assert 'value="My site"' in response.content.decode()
    document.refresh_from_db()
    assert document.ship_to == ""
    assert not DocumentRevision.objects.exists()


def test_a_busy_cancellation_says_so(world: World, login: Callable[[User], Client]) -> None:
    client = login(world.clerk)
    document = world.order(500)

    with held_by_somebody(lambda: document_lock(document.pk)):
        response = client.post(f"/orders/{document.pk}/cancel/", {"version": "1"}, follow=True)

    document.refresh_from_db()
    assert document.status == "draft"
    assert "try again in a moment" in texts(response)[0]
