"""An order of 500 lines: as many statements as a short one, and no more time than a person has."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.http import urlencode

from core.errors import Invalid
from documents.amounts import LineInput
from documents.models import Document
from tests.documents.views.conftest import edit_data, errors_of, form_data
from tests.documents.views.story import accepted, draft, line_of
from tests.world import TODAY, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

pytestmark = pytest.mark.django_db

SECONDS = 4
"""Of the processor, not of the clock: tests share it with others. A page takes about one."""


def long_order(world: World, count: int) -> Document:
    world.limit(10_000_000, valid_from=TODAY)
    lines = [
        LineInput(f"Item {number}", Decimal(2), Decimal(3), tax_percent=Decimal(22))
        for number in range(1, count + 1)
    ]
    return accepted(draft(world, "order", *lines), world)


def asked(step: Callable[[], Any]) -> tuple[Any, int, float]:
    """What the step answers, its statements and its processor time."""
    began = time.process_time()
    with CaptureQueriesContext(connection) as queries:
        answer = step()
    return answer, len(queries), time.process_time() - began


def posted(client: Client, path: str, data: dict[str, Any], **headers: str) -> Any:
    """The form as a script sends it: no files, so no parts."""
    return client.post(
        path,
        urlencode(data),
        content_type="application/x-www-form-urlencoded",
        headers=headers,
    )


def test_the_form_the_strip_and_saving(world: World, clerk: Client) -> None:
    statements: dict[int, tuple[int, int, int]] = {}
    for count in (5, 500):
        order = long_order(world, count)
        path = f"/orders/{order.pk}/edit/"
        clerk.get(path)

        page, opening, seconds = asked(lambda path=path: clerk.get(path))  # type: ignore[misc]
        rows = min(count + 1, 500) + 1  # with a blank one where it fits, and the pattern of a row
        assert page.content.decode().count("data-formset-row>") == rows
        assert seconds < SECONDS

        data = edit_data(clerk, order) | {"lines-0-quantity": "3"}
        strip, counting, seconds = asked(
            lambda data=data: posted(clerk, "/orders/credit-strip/", data, **{"HX-Request": "true"})  # type: ignore[misc]
        )
        assert strip.context["totals"].net == 6 * count + 3
        assert strip.context["box"].outcome == "pass"
        assert seconds < SECONDS

        saved, saving, seconds = asked(lambda path=path, data=data: clerk.post(path, data))  # type: ignore[misc]
        assert saved.status_code == 302
        assert seconds < SECONDS
        assert line_of(order, "Item 1").quantity == 3
        assert order.lines.count() == count
        statements[count] = (opening, counting, saving)

    assert statements[500] == statements[5]


def test_removing_the_first_line_moves_the_others_up(world: World, clerk: Client) -> None:
    order = long_order(world, 100)
    keys = dict(order.lines.values_list("description", "pk"))

    clerk.post(f"/orders/{order.pk}/edit/", edit_data(clerk, order) | {"lines-0-DELETE": "on"})

    lines = list(order.lines.order_by("position"))
    assert [line.position for line in lines] == list(range(1, 100))
    assert [line.description for line in lines] == [f"Item {number}" for number in range(2, 101)]
    assert {line.description: line.pk for line in lines}.items() <= keys.items()
    order.refresh_from_db()
    assert order.gross_amount == Decimal("7.32") * 99


def test_rows_say_their_faults_and_keep_what_was_typed(world: World, clerk: Client) -> None:
    order = long_order(world, 3)
    data = edit_data(clerk, order)
    data |= {"lines-1-quantity": "<b>many</b>", "lines-1-description": 'Pump "X" & <i>Y</i>'}

    page = clerk.post(f"/orders/{order.pk}/edit/", data).content.decode()

    assert 'value="&lt;b&gt;many&lt;/b&gt;"' in page
    assert "Pump &quot;X&quot; &amp; &lt;i&gt;Y&lt;/i&gt;" in page
    assert "<b>many" not in page
    assert 'aria-describedby="id_lines-1-quantity_error"' in page
    assert 'id="id_lines-1-quantity_error"' in page
    assert 'aria-invalid="true"' in page
    assert '<label class="form-label visually-hidden" for="id_lines-1-quantity">Quantity' in page


def rows_of(count: int) -> list[dict[str, str]]:
    return [
        {"description": f"Item {number}", "quantity": "1", "unit_price": "2"}
        for number in range(1, count + 1)
    ]


def test_one_line_more_than_a_document_takes(world: World, clerk: Client) -> None:
    response = clerk.post("/orders/new/", form_data(world, *rows_of(601), reference="keep me"))

    page = response.content.decode()
    assert response.status_code == 422
    assert errors_of(response) == {
        "lines": [
            "One document takes at most 500 lines, and these are 601. "
            "Take 101 away, or enter them as another document."
        ]
    }
    assert 'value="keep me"' in page
    assert all(f'value="Item {number}"' in page for number in (1, 500, 501, 601))
    assert not Document.objects.exists()


@pytest.mark.parametrize("action", ["add_lines", "check", "find_account"])
def test_steps_in_between_lose_no_line_either(world: World, clerk: Client, action: str) -> None:
    data = form_data(world, *rows_of(520), action=action)

    page = clerk.post("/orders/new/", data).content.decode()

    assert all(f'value="Item {number}"' in page for number in (1, 500, 520))


def test_blank_and_removed_rows_are_no_lines(world: World, clerk: Client) -> None:
    data = form_data(world, *rows_of(500), {}, rows_of(1)[0])
    data["lines-501-DELETE"] = "on"

    assert clerk.post("/orders/new/", data).status_code == 302
    assert Document.objects.get().lines.count() == 500


def test_no_other_way_makes_a_longer_document(world: World) -> None:
    with pytest.raises(Invalid) as caught:
        draft(world, "order", *[LineInput("Item", Decimal(1), Decimal(1))] * 501)
    assert (caught.value.code, caught.value.field) == ("documents.too_many_lines", "lines")
