"""Lines that others continue: what of them may still be changed, and what is said at its place."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.test import Client

from documents.models import Document
from documents.services.convert import delivery_create, return_create
from tests.documents.views.conftest import edit_data, errors_of
from tests.documents.views.story import accepted, draft, line_of
from tests.factories.customers import CustomerAccountFactory
from tests.world import TODAY, World

pytestmark = pytest.mark.django_db


def three_lines(world: World) -> Document:
    from documents.amounts import LineInput

    lines = [LineInput(item, Decimal(10), Decimal(10)) for item in ("Pump", "Pipe", "Valve")]
    return accepted(draft(world, "order", *lines), world)


def delivered(world: World, order: Document, item: str, quantity: int) -> Document:
    return accepted(
        delivery_create(
            lines=[(line_of(order, item), Decimal(quantity))], on=TODAY, actor=world.clerk
        ),
        world,
    )


def test_taking_out_the_middle_line_keeps_the_links_of_the_others(
    world: World, clerk: Client
) -> None:
    order = three_lines(world)
    first, last = delivered(world, order, "Pump", 4), delivered(world, order, "Valve", 3)
    kept = {item: line_of(order, item).pk for item in ("Pump", "Valve")}
    data = edit_data(clerk, order) | {"lines-1-DELETE": "on"}

    response = clerk.post(f"/orders/{order.pk}/edit/", data)

    assert response.status_code == 302
    assert {line.description: line.pk for line in order.lines.all()} == kept
    assert first.lines.get().source_line_id == kept["Pump"]
    assert last.lines.get().source_line_id == kept["Valve"]
    page = clerk.get(f"/orders/{order.pk}/").context["progress"]
    assert [(row.went["delivered"].stood, row.left) for row in page.rows] == [(4, 6), (3, 7)]


@pytest.mark.parametrize("how", ["removed", "emptied"])
def test_a_delivered_line_cannot_go_and_says_so_in_its_place(
    world: World, clerk: Client, how: str
) -> None:
    order = three_lines(world)
    delivered(world, order, "Pipe", 4)
    data = edit_data(clerk, order, reference="typed")
    if how == "removed":
        data["lines-1-DELETE"] = "on"
    else:
        data |= {f"lines-1-{name}": "" for name in ("description", "quantity", "unit_price")}

    response = clerk.post(f"/orders/{order.pk}/edit/", data)

    assert response.status_code == 409
    assert errors_of(response) == {
        "lines-1-quantity": ["“Pipe” was delivered or invoiced: it cannot be taken away."]
    }
    page = response.content.decode()
    assert 'value="Pipe"' in page
    assert 'value="typed"' in page
    assert not response.context["entry"].lines.is_removed(response.context["lines"].forms[1])
    assert order.lines.count() == 3


def test_replacing_every_line_is_no_way_around_it(world: World, clerk: Client) -> None:
    order = three_lines(world)
    delivered(world, order, "Pump", 4)
    data = edit_data(clerk, order)
    for index in range(3):
        data |= {f"lines-{index}-line_id": "", f"lines-{index}-description": "Other"}

    response = clerk.post(f"/orders/{order.pk}/edit/", data)

    assert response.status_code == 409
    assert "“Pump” was delivered or invoiced" in response.content.decode()
    assert {line.description for line in order.lines.all()} == {"Pump", "Pipe", "Valve"}


def test_less_than_was_delivered_is_refused_at_the_line(world: World, clerk: Client) -> None:
    order = three_lines(world)
    delivered(world, order, "Pipe", 4)
    data = edit_data(clerk, order) | {"lines-1-quantity": "3"}

    response = clerk.post(f"/orders/{order.pk}/edit/", data)

    assert response.status_code == 409
    assert errors_of(response) == {
        "lines-1-quantity": ["Pipe: 4 went on already; it cannot be less."]
    }
    ok = clerk.post(f"/orders/{order.pk}/edit/", data | {"lines-1-quantity": "4"})
    assert ok.status_code == 302
    assert line_of(order, "Pipe").quantity == 4


@pytest.mark.parametrize("field", ["unit_price", "discount_percent", "tax_percent"])
def test_another_price_of_what_comes_back_is_refused_at_its_place(
    world: World, clerk: Client, field: str
) -> None:
    order = three_lines(world)
    delivered(world, order, "Pipe", 4)
    sent = Document.objects.get(type__code="delivery")
    parts = [(line_of(sent, "Pipe"), Decimal(1))]
    back = accepted(return_create(lines=parts, on=TODAY, actor=world.clerk), world)
    data = edit_data(clerk, back) | {f"lines-0-{field}": "7"}

    response = clerk.post(f"/orders/{back.pk}/edit/", data)

    assert response.status_code == 422
    [(place, [message])] = errors_of(response).items()
    assert place == f"lines-0-{field}"
    assert "comes back at what it went out with" in message


def test_the_price_of_what_comes_back_is_shown_and_cannot_be_typed(
    world: World, clerk: Client
) -> None:
    """On opening the page, after a fault elsewhere, and when lines are added in between."""
    order = three_lines(world)
    delivered(world, order, "Pipe", 4)
    sent = Document.objects.get(type__code="delivery")
    parts = [(line_of(sent, "Pipe"), Decimal(1))]
    back = accepted(return_create(lines=parts, on=TODAY, actor=world.clerk), world)
    data = edit_data(clerk, back)
    url = f"/orders/{back.pk}/edit/"

    pages = [
        clerk.get(url),
        clerk.post(url, data | {"lines-0-quantity": "x"}),
        clerk.post(url, data | {"action": "add_lines"}),
    ]

    for page in pages:
        fixed = set(
            re.findall(r'<input[^>]* name="lines-(\d+-\w+)"[^>]* readonly', page.content.decode())
        )
        assert fixed == {"0-unit_price", "0-discount_percent", "0-tax_percent"}
    ordered = clerk.get(f"/orders/{order.pk}/edit/").content.decode()
    assert not re.search(r'name="lines-\d+-unit_price"[^>]* readonly', ordered)


def test_more_than_is_left_is_refused_at_the_line_of_a_draft(world: World, clerk: Client) -> None:
    order = three_lines(world)
    note = delivery_create(
        lines=[(line_of(order, "Pump"), Decimal(6))], on=TODAY, actor=world.clerk
    )
    delivered(world, order, "Pump", 3)
    data = edit_data(clerk, note) | {"lines-0-quantity": "8"}

    response = clerk.post(f"/orders/{note.pk}/edit/", data)

    assert response.status_code == 409
    [(place, [message])] = errors_of(response).items()
    assert place == "lines-0-quantity"
    assert "8 is too much, 7 of 10 are left" in message
    assert note.lines.get().quantity == 6
    assert (
        clerk.post(f"/orders/{note.pk}/edit/", data | {"lines-0-quantity": "7"}).status_code == 302
    )
    assert note.lines.get().source_line == line_of(order, "Pump")


def test_a_line_of_another_document_cannot_be_named(world: World, clerk: Client) -> None:
    order, other = three_lines(world), draft(world, "order")
    foreign = line_of(order, "Pump")
    data = edit_data(clerk, other) | {"lines-0-line_id": str(foreign.pk)}

    clerk.post(f"/orders/{other.pk}/edit/", data)

    foreign.refresh_from_db()
    assert foreign.document == order
    assert foreign.position == 1
    assert other.lines.count() == 2


def test_a_linked_document_keeps_its_account_and_currency(world: World, clerk: Client) -> None:
    order = three_lines(world)
    note = delivery_create(
        lines=[(line_of(order, "Pump"), Decimal(6))], on=TODAY, actor=world.clerk
    )
    other = CustomerAccountFactory(company=world.company)
    data = edit_data(clerk, note, account=str(other.pk), reference="sent")

    clerk.post(f"/orders/{note.pk}/edit/", data)

    note.refresh_from_db()
    assert (note.account, note.reference) == (world.account, "sent")
    assert (
        "Choose another"
        not in clerk.get(f"/orders/{note.pk}/edit/")
        .content.decode()
        .split('id="id_ordered_by_search"')[0]
    )
