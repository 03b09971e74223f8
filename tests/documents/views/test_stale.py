"""A form that was overtaken: what changed is shown, what was typed is kept, nothing is stored."""

from __future__ import annotations

import dataclasses

import pytest
from django.test import Client

from documents.models import Document
from documents.services.save import order_update
from documents.services.steps import document_cancel
from documents.services.submit import document_submit
from tests.documents.views.conftest import edit_data, form_data, texts
from tests.world import TODAY, World, line

pytestmark = pytest.mark.django_db


def overtake(world: World, document: Document, reference: str = "") -> None:
    """Somebody else saves the order meanwhile."""
    header = dataclasses.replace(world.header(), reference=reference)
    order_update(document=document, header=header, lines=[line(700)], version=1, actor=world.clerk)


def test_what_changed_is_shown_and_what_was_typed_is_kept(world: World, clerk: Client) -> None:
    document = world.order(500, reference="first")
    data = edit_data(clerk, document, ship_to="My site", note="my note")
    overtake(world, document, reference="second")

    response = clerk.post(f"/orders/{document.pk}/edit/", data)

    assert response.status_code == 409
    stale = response.context["stale"]
    assert [(c.label, c.before, c.now, c.yours) for c in stale["changes"]] == [
        ("Customer's reference", "first", "second", "first"),
        ("Line 1", "Goods: 1 × 500", "Goods: 1 × 700", "Goods: 1 × 500"),
    ]
    page = response.content.decode()
    assert 'value="My site"' in page
    assert "my note" in page
    document.refresh_from_db()
    assert (document.reference, document.ship_to, document.version) == ("second", "", 2)
    assert not document.notes.exists()


def test_saving_again_is_a_conscious_decision(world: World, clerk: Client) -> None:
    document = world.order(500, reference="first")
    data = edit_data(clerk, document, ship_to="My site")
    overtake(world, document, reference="second")
    shown = clerk.post(f"/orders/{document.pk}/edit/", data)
    data["version"] = shown.context["form"]["version"].value()
    data["base"] = shown.context["form"]["base"].value()
    assert data["version"] == "2"

    response = clerk.post(f"/orders/{document.pk}/edit/", data)

    assert response.status_code == 302
    document.refresh_from_db()
    assert (document.reference, document.ship_to, document.version) == ("first", "My site", 3)


def test_without_the_way_it_was_the_two_versions_are_compared(world: World, clerk: Client) -> None:
    document = world.order(500, reference="first")
    data = edit_data(clerk, document, ship_to="My site", base="made up")
    overtake(world, document, reference="second")

    response = clerk.post(f"/orders/{document.pk}/edit/", data)

    assert response.status_code == 409
    assert not response.context["stale"]["knows_before"]
    assert {c.label for c in response.context["stale"]["changes"]} == {
        "Customer's reference",
        "Delivery address",
        "Line 1",
    }


def test_a_form_without_its_version_is_stale(world: World, clerk: Client) -> None:
    document = world.order(500)

    response = clerk.post(
        f"/orders/{document.pk}/edit/", edit_data(clerk, document, version="", ship_to="x")
    )

    assert response.status_code == 409
    document.refresh_from_db()
    assert document.ship_to == ""


def test_an_order_submitted_meanwhile(world: World, clerk: Client) -> None:
    document = world.order(500)
    data = edit_data(clerk, document, ship_to="My site")
    document_submit(document=document, actor=world.clerk, as_of=TODAY)

    response = clerk.post(f"/orders/{document.pk}/edit/", data)

    assert response.status_code == 409
    assert 'value="My site"' in response.content.decode()
    document.refresh_from_db()
    assert (document.status, document.ship_to) == ("submitted", "")


def test_an_order_cancelled_meanwhile(world: World, clerk: Client) -> None:
    document = world.order(500)
    data = edit_data(clerk, document)
    document_cancel(document=document, actor=world.clerk)

    response = clerk.post(f"/orders/{document.pk}/edit/", data)

    assert response.status_code == 409
    document.refresh_from_db()
    assert document.status == "cancelled"


def test_the_same_words_sent_twice_are_no_conflict(world: World, clerk: Client) -> None:
    document = world.order(500)
    data = edit_data(clerk, document, ship_to="My site", note="once")

    first = clerk.post(f"/orders/{document.pk}/edit/", data)
    second = clerk.post(f"/orders/{document.pk}/edit/", data)

    assert first.status_code == second.status_code == 302
    document.refresh_from_db()
    assert (document.ship_to, document.version) == ("My site", 2)
    assert document.notes.count() == 1


def test_a_change_of_language_is_no_change(world: World, clerk: Client) -> None:
    document = world.order("99.5")
    data = edit_data(clerk, document, ship_to="My site")
    clerk.post("/i18n/setlang/", {"language": "it"})
    order_update(
        document=document,
        header=world.header(reference="second"),
        lines=[line("99.5")],
        version=1,
        actor=world.clerk,
    )

    response = clerk.post(f"/orders/{document.pk}/edit/", data)

    assert response.status_code == 409
    assert len(response.context["stale"]["changes"]) == 1


def test_going_back_to_a_form_already_sent_and_typing_on(world: World, clerk: Client) -> None:
    data = form_data(world)
    clerk.post("/orders/new/", data)
    document = Document.objects.get()

    response = clerk.post("/orders/new/", data | {"reference": "typed later"})

    assert response.status_code == 409
    page = response.content.decode()
    assert 'value="typed later"' in page
    assert f'action="/orders/{document.pk}/edit/"' in page
    assert Document.objects.count() == 1
    document.refresh_from_db()
    assert document.reference == "PO 77"


def test_a_stale_submit_button_on_the_page_of_the_order(world: World, clerk: Client) -> None:
    document = world.order(500)
    overtake(world, document)

    response = clerk.post(f"/orders/{document.pk}/submit/", {"version": "1"}, follow=True)

    document.refresh_from_db()
    assert document.status == "draft"
    assert "changed meanwhile" in texts(response)[0]
