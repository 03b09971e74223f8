"""A double click makes one order, whichever of the two requests is first, and even side by side."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client

from approvals.models import ApprovalRequest
from core.models import AuditEvent, User
from credit_limits.models import CreditCheck
from customers.models import CustomerAccount
from documents.models import Document, HoldCase
from tests.documents.views.conftest import edit_data, form_data, texts
from tests.factories.core import CompanyFactory
from tests.factories.customers import CustomerAccountFactory
from tests.world import World

PUMP = {"description": "Pump", "unit_price": "100"}


def side_by_side(works: list[Callable[[], Any]]) -> list[Any]:
    """Run the works in threads started together, each with its own connection."""
    barrier = threading.Barrier(len(works))
    results: dict[int, Any] = {}

    def run(index: int) -> None:
        try:
            barrier.wait(timeout=10)
            results[index] = works[index]()
        except BaseException as error:
            results[index] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
    return [results[index] for index in range(len(works))]


@pytest.mark.django_db
def test_the_second_of_two_clicks_finds_the_first_ones_order(world: World, clerk: Client) -> None:
    data = form_data(world, action="submit", note="once")

    first = clerk.post("/orders/new/", data)
    second = clerk.post("/orders/new/", data, follow=True)

    document = Document.objects.get()
    assert first["Location"] == second.redirect_chain[0][0] == f"/orders/{document.pk}/"
    assert document.status == "submitted"
    assert document.notes.count() == 1
    assert CreditCheck.objects.count() == 1
    assert not [text for text in texts(second) if "not" in text]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["new", "edit"])
def test_the_second_click_does_not_ask_again_about_a_held_order(
    world: World, clerk: Client, path: str
) -> None:
    if path == "new":
        url = "/orders/new/"
        data = form_data(world, PUMP | {"quantity": "11"}, action="submit")
    else:
        document = world.order(1100)
        url = f"/orders/{document.pk}/edit/"
        data = edit_data(clerk, document, action="submit", ship_to="Site")

    for _click in range(2):
        assert clerk.post(url, data).status_code == 302

    assert Document.objects.get().status == "held"
    assert CreditCheck.objects.count() == 1
    assert HoldCase.objects.count() == ApprovalRequest.objects.count() == 1


@pytest.mark.django_db
def test_files_of_a_second_click_are_not_kept_twice(world: World, clerk: Client) -> None:
    data = form_data(world)

    for _click in range(2):
        data["attachments"] = [SimpleUploadedFile("plan.pdf", b"plan")]
        clerk.post("/orders/new/", data)

    assert Document.objects.get().attachments.count() == 1


@pytest.mark.django_db
def test_two_forms_with_the_same_words_are_two_orders(world: World, clerk: Client) -> None:
    clerk.post("/orders/new/", form_data(world))
    clerk.post("/orders/new/", form_data(world))

    assert Document.objects.count() == 2


@pytest.mark.django_db
def test_a_key_is_only_known_in_its_own_company(
    world: World, clerk: Client, login: Callable[[User], Client]
) -> None:
    data = form_data(world)
    clerk.post("/orders/new/", data)
    other = CompanyFactory(code="FR01")
    world.clerk.companies.add(other)
    account: CustomerAccount = CustomerAccountFactory(company=other)

    clerk.post("/orders/new/", data | {"account": str(account.pk)})

    assert Document.objects.count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("quantity", ["5", "11"])
def test_two_clicks_side_by_side_make_one_order(
    world: World, login: Callable[[User], Client], quantity: str
) -> None:
    data = form_data(world, PUMP | {"quantity": quantity}, action="submit", note="once")
    clients = [login(world.clerk), login(world.clerk)]

    responses = side_by_side([partial(client.post, "/orders/new/", data) for client in clients])

    document = Document.objects.get()
    assert [response.status_code for response in responses] == [302, 302]
    assert {response["Location"] for response in responses} == {f"/orders/{document.pk}/"}
    assert document.status == ("submitted" if quantity == "5" else "held")
    assert CreditCheck.objects.count() == 1
    assert HoldCase.objects.count() == ApprovalRequest.objects.count() == (quantity == "11")
    assert document.notes.count() == 1
    assert AuditEvent.objects.filter(action="documents.document.created").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_clicks_on_an_edit_side_by_side_save_once(
    world: World, login: Callable[[User], Client]
) -> None:
    document = world.order(500)
    clients = [login(world.clerk), login(world.clerk)]
    data = edit_data(clients[0], document, ship_to="Site", note="once", action="submit")

    responses = side_by_side(
        [partial(client.post, f"/orders/{document.pk}/edit/", data) for client in clients]
    )

    assert [response.status_code for response in responses] == [302, 302]
    document.refresh_from_db()
    assert (document.status, document.ship_to) == ("submitted", "Site")
    assert document.notes.count() == 1
    assert AuditEvent.objects.filter(action="documents.document.edited").count() == 1
    assert CreditCheck.objects.count() == 1
