"""Credit with nothing behind it: a right of its own, on every way a line can come to give it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group

from core.errors import Conflict, Invalid
from credit_limits.selectors import credit_position
from documents.amounts import LineInput
from documents.models import Document
from documents.services.change import order_change
from documents.services.convert import (
    credit_note_create,
    delivery_create,
    invoice_create,
    return_create,
)
from documents.services.posting import invoice_post
from documents.services.save import order_create, order_update
from documents.services.steps import document_cancel, document_copy, document_reopen
from documents.services.submit import document_submit
from tests.documents.views.story import accepted, draft, line_of, type_of
from tests.factories.core import CurrencyFactory, ExchangeRateFactory
from tests.factories.customers import CustomerAccountFactory
from tests.world import TODAY, World, make_world

pytestmark = pytest.mark.django_db

GOODS = LineInput("Pump", Decimal(1), Decimal(100))
REFUSED = "takes the right of billing"


@pytest.fixture
def world(db: None) -> World:
    return make_world(limit=1000)


def total(world: World) -> Decimal:
    return credit_position(account=world.account, as_of=TODAY).total


def rows(document: Document) -> list[LineInput]:
    return [
        LineInput(row.description, row.quantity, row.unit_price, line_id=row.pk)
        for row in document.lines.order_by("position")
    ]


def rewritten(world: World, document: Document, *lines: LineInput, **head: Any) -> Document:
    """A draft edited, or a submitted document changed, by the clerk."""
    document.refresh_from_db()
    order: dict[str, Any] = {
        "document": document,
        "header": world.header(**{"type": document.type, **head}),
        "lines": lines,
        "version": document.version,
        "actor": world.clerk,
        "as_of": TODAY,
    }
    return order_update(**order) if document.status == "draft" else order_change(**order).document


@pytest.fixture
def back(world: World) -> Document:
    """A return of one of four pumps that were billed, written by the clerk."""
    order = accepted(draft(world, "order", replace(GOODS, quantity=Decimal(4))), world)
    parts = [(line_of(order, "Pump"), Decimal(4))]
    sent = accepted(delivery_create(lines=parts, on=TODAY, actor=world.clerk), world)
    parts = [(line_of(sent, "Pump"), Decimal(4))]
    bill = accepted(invoice_create(lines=parts, on=TODAY, actor=world.clerk), world)
    invoice_post(document=bill, actor=world.manager, on=TODAY, as_of=TODAY)
    parts = [(line_of(sent, "Pump"), Decimal(1))]
    return accepted(return_create(lines=parts, on=TODAY, actor=world.clerk, reopens=False), world)


@pytest.mark.parametrize("code", ["credit_note", "return"])
def test_only_billing_enters_what_gives_back_freely(world: World, code: str) -> None:
    with pytest.raises(Invalid, match=REFUSED):
        order_create(header=world.header(type=type_of(code)), lines=[GOODS], actor=world.clerk)
    assert not Document.objects.exists()
    assert total(world) == 0

    note = draft(world, code, GOODS)
    assert note.created_by == world.biller
    accepted(note, world)  # the clerk may send off what billing wrote
    assert total(world) == -100


def test_a_role_of_both_kinds_may(world: World) -> None:
    world.clerk.groups.add(Group.objects.get(name="billing"))
    clerk = type(world.clerk).objects.get(pk=world.clerk.pk)
    order_create(header=world.header(type=type_of("credit_note")), lines=[GOODS], actor=clerk)


def test_a_free_line_beside_what_came_back(world: World, back: Document) -> None:
    extra = LineInput("Extra", Decimal(1), Decimal(3000), line_id=0)
    before = total(world)
    with pytest.raises(Invalid, match=REFUSED):
        rewritten(world, back, *rows(back), extra)
    assert total(world) == before

    # What is linked needs nobody: fewer, more again, and the credit note of it.
    note = credit_note_create(
        lines=[(line_of(back, "Pump"), Decimal(1))], on=TODAY, actor=world.clerk
    )
    with pytest.raises(Invalid, match=REFUSED):
        rewritten(world, note, *rows(note), extra)
    rewritten(world, note, replace(rows(note)[0], unit_price=Decimal(60)))


@pytest.mark.parametrize("state", ["draft", "submitted"])
def test_what_billing_gave_is_not_made_more_by_others(world: World, state: str) -> None:
    note = draft(world, "credit_note", GOODS)
    if state == "submitted":
        accepted(note, world)
    [line] = rows(note)
    with pytest.raises(Invalid, match=REFUSED):
        rewritten(world, note, replace(line, unit_price=Decimal("100.01")))
    rewritten(world, note, replace(line, unit_price=Decimal(99)), reference="PO 1")
    note.refresh_from_db()
    assert (note.gross_amount, note.reference) == (99, "PO 1")


def test_nor_is_it_moved_to_another_customer_or_currency_or_type(world: World) -> None:
    other = CustomerAccountFactory(company=world.company)
    dollars = CurrencyFactory(code="USD")
    note = draft(world, "credit_note", GOODS)
    heads: list[dict[str, Any]] = [{"account": other}, {"currency": dollars}]
    for head in heads:
        with pytest.raises(Invalid, match=REFUSED):
            rewritten(world, note, *rows(note), **head)

    bill = draft(world, "invoice", GOODS)
    with pytest.raises(Invalid, match=REFUSED):
        rewritten(world, bill, *rows(bill), type=type_of("credit_note"))
    bill.refresh_from_db()
    assert (bill.type.code, total(world)) == ("invoice", 0)


def test_nor_copied_nor_reopened(world: World, back: Document) -> None:
    with pytest.raises(Invalid, match=REFUSED):
        document_copy(document=back, actor=world.clerk, on=TODAY)
    note = accepted(draft(world, "credit_note", GOODS), world)
    document_cancel(document=note, actor=world.clerk, as_of=TODAY)
    before = total(world)
    with pytest.raises(Invalid, match=REFUSED):
        document_reopen(document=note, actor=world.clerk, as_of=TODAY)
    assert total(world) == before
    document_reopen(document=note, actor=world.biller, as_of=TODAY)
    assert total(world) == before - 100

    document_cancel(document=back, actor=world.clerk, as_of=TODAY)
    document_reopen(document=back, actor=world.clerk, as_of=TODAY)  # bounded by its delivery


@pytest.mark.parametrize(
    "change", [{"unit_price": 900}, {"discount_percent": 5}, {"tax_percent": 22}]
)
def test_goods_come_back_at_what_they_went_out_with(
    world: World, back: Document, change: dict[str, int]
) -> None:
    [line] = rows(back)
    before = total(world)
    changed: dict[str, Any] = {name: Decimal(value) for name, value in change.items()}
    wish = replace(line, **changed)
    with pytest.raises(
        Invalid, match=r"comes back at what it went out with: 100\.00, 0 % off"
    ) as e:
        rewritten(world, back, wish)
    assert (e.value.field, e.value.params["line_id"]) == (*change, line.line_id)
    assert total(world) == before
    rewritten(world, back, replace(line, quantity=Decimal(2)))
    assert total(world) == before - 100


def test_a_credit_note_of_an_unknown_amount_is_not_even_kept(world: World) -> None:
    """Its draft would count at once."""
    with pytest.raises(Invalid, match="no exchange rate for JPY/EUR"):
        draft(world, "credit_note", GOODS, currency=CurrencyFactory(code="JPY"))


def test_an_unknown_amount_is_not_given_back(world: World) -> None:
    yen = CurrencyFactory(code="JPY")
    note = draft(world, "return", GOODS, currency=yen)
    with pytest.raises(Conflict, match="no exchange rate for JPY/EUR"):
        document_submit(document=note, actor=world.clerk, as_of=TODAY)
    note.refresh_from_db()
    assert note.status == "draft"
    accepted(draft(world, "order", GOODS), world)  # and it holds up nobody

    ExchangeRateFactory(
        from_currency=yen, to_currency=world.company.currency, rate="0.01", valid_on=TODAY
    )
    accepted(note, world)
    assert total(world) == 99


def test_the_credit_of_a_free_return_is_bounded_by_it(world: World) -> None:
    back = accepted(draft(world, "return", GOODS), world)
    parts = [(line_of(back, "Pump"), Decimal(1))]
    note = accepted(credit_note_create(lines=parts, on=TODAY, actor=world.clerk), world)
    assert total(world) == -100
    [line] = rows(note)
    with pytest.raises(Conflict, match=r"5,000\.00 is too much, 100\.00 of 100\.00"):
        rewritten(world, note, replace(line, unit_price=Decimal(5000)))
    assert total(world) == -100
