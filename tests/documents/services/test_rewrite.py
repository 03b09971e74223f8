"""Rewriting documents that are linked: lines keep who they are, and nothing slips through."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.errors import Conflict, Invalid
from documents.amounts import LineInput
from documents.models import Document, DocumentRevision
from documents.services.advances import advance_create
from documents.services.change import order_change
from documents.services.convert import (
    credit_note_create,
    delivery_create,
    invoice_create,
    price_credit_create,
    return_create,
)
from documents.services.posting import invoice_post
from documents.services.save import order_update
from tests.documents.views.story import accepted, draft, line_of, type_of
from tests.factories.core import CurrencyFactory
from tests.factories.customers import CustomerAccountFactory
from tests.world import TODAY, World, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    return make_world(limit=1000)


@pytest.fixture
def order(world: World) -> Document:
    """Ten pumps and ten pipes, accepted; four of the pumps are delivered."""
    items = [LineInput(item, Decimal(10), Decimal(10)) for item in ("Pump", "Pipe")]
    made = accepted(draft(world, "order", *items), world)
    part = [(line_of(made, "Pump"), Decimal(4))]
    accepted(delivery_create(lines=part, on=TODAY, actor=world.clerk), world)
    return made


def stored(document: Document, **quantities: Decimal | int) -> list[LineInput]:
    """The document's lines as a form sends them, with other quantities."""
    return [
        LineInput(
            description=line.description,
            quantity=Decimal(quantities.get(line.description, line.quantity)),
            unit_price=line.unit_price,
            line_id=line.pk,
        )
        for line in document.lines.order_by("position")
    ]


def change(world: World, document: Document, lines: list[LineInput]) -> None:
    document.refresh_from_db()
    order_change(
        document=document,
        header=world.header(type=document.type),
        lines=lines,
        version=document.version,
        actor=world.clerk,
        as_of=TODAY,
    )


def test_lines_that_say_nothing_are_matched_by_place_and_guarded_all_the_same(
    world: World, order: Document
) -> None:
    by_place = [replace(line, line_id=None) for line in stored(order, Pump=3)]

    with pytest.raises(Conflict, match="4 went on already") as error:
        change(world, order, by_place)

    assert error.value.params["line_id"] == line_of(order, "Pump").pk
    with pytest.raises(Conflict, match="cannot be taken away"):
        change(world, order, [replace(line, line_id=0) for line in stored(order)])


def test_a_wish_that_could_never_be_taken_is_not_kept(world: World, order: Document) -> None:
    """Over the limit and without the delivered line: refused now, not when somebody releases it."""
    without = [line for line in stored(order, Pipe=500) if line.description == "Pipe"]

    with pytest.raises(Conflict, match="cannot be taken away"):
        change(world, order, without)

    assert not DocumentRevision.objects.exists()
    assert not order.hold_cases.exists()


def test_a_return_counts_for_what_a_delivery_cannot_go_below(world: World, order: Document) -> None:
    note = Document.objects.get(type__code="delivery")
    back = [(line_of(note, "Pump"), Decimal(3))]
    accepted(return_create(lines=back, on=TODAY, actor=world.clerk), world)

    with pytest.raises(Conflict, match="3 went on already"):
        change(world, note, stored(note, Pump=2))

    change(world, note, stored(note, Pump=3))
    assert line_of(note, "Pump").quantity == 3


def test_a_delivery_grows_as_far_as_its_order_goes(world: World, order: Document) -> None:
    note = Document.objects.get(type__code="delivery")

    with pytest.raises(Conflict, match="11 is too much") as error:
        change(world, note, stored(note, Pump=11))
    assert error.value.params["source_line_id"] == line_of(order, "Pump").pk
    change(world, note, stored(note, Pump=10))

    assert line_of(note, "Pump").source_line == line_of(order, "Pump")


def test_less_is_possible_though_the_order_is_closed(world: World, order: Document) -> None:
    note = Document.objects.get(type__code="delivery")
    Document.objects.filter(pk=order.pk).update(status="closed", ended_on=TODAY)

    change(world, note, stored(note, Pump=2))
    with pytest.raises(Conflict, match="“Closed”"):
        change(world, note, stored(note, Pump=3))

    assert line_of(note, "Pump").quantity == 2


def test_a_draft_invoice_takes_no_line_of_somebody_else(world: World, order: Document) -> None:
    other = CustomerAccountFactory(company=world.company)
    world.limit(1000, account=other)
    foreign = accepted(draft(world, "delivery", account=other), world)
    invoice = draft(world, "invoice")
    lines = [replace(stored(invoice)[0], line_id=0, source_id=foreign.lines.first().pk)]

    with pytest.raises(Invalid, match="billed to another customer"):
        order_update(
            document=invoice,
            header=world.header(type=type_of("invoice")),
            lines=lines,
            version=1,
            actor=world.clerk,
        )

    assert {line.source_line for line in invoice.lines.all()} == {None}


@pytest.mark.parametrize("what", ["account", "currency"])
def test_what_is_linked_is_billed_to_one_account_in_one_currency(
    world: World, order: Document, what: str
) -> None:
    note = Document.objects.get(type__code="delivery")
    part = [(line_of(note, "Pump"), Decimal(4))]
    invoice = invoice_create(lines=part, on=TODAY, actor=world.clerk)
    header = world.header(type=invoice.type)
    header = (
        replace(header, account=CustomerAccountFactory(company=world.company))
        if what == "account"
        else replace(header, currency=CurrencyFactory(code="USD"))
    )

    with pytest.raises(Invalid, match="same customer in the same currency") as error:
        order_update(
            document=invoice,
            header=header,
            lines=stored(invoice),
            version=invoice.version,
            actor=world.clerk,
        )

    assert error.value.field == what
    invoice.refresh_from_db()
    assert (invoice.account, invoice.currency_id) == (world.account, "EUR")


def test_only_lines_that_changed_are_written(world: World, order: Document) -> None:
    with CaptureQueriesContext(connection) as same:
        change(world, order, stored(order))
    with CaptureQueriesContext(connection) as other:
        change(world, order, stored(order, Pipe=11))

    def rewrites(asked: CaptureQueriesContext) -> bool:
        return any("UPDATE documents_documentline" in row["sql"] for row in asked.captured_queries)

    assert (rewrites(same), rewrites(other)) == (False, True)
    assert line_of(order, "Pipe").gross_amount == 110


def credited(world: World, order: Document) -> tuple[Document, Document]:
    """The invoice of ten pipes at 10.00, posted, and a credit note of one of them."""
    pipes = [(line_of(order, "Pipe"), Decimal(10))]
    bill = invoice_create(lines=pipes, on=TODAY, actor=world.clerk)
    accepted(bill, world)
    invoice_post(document=bill, actor=world.manager, on=TODAY, as_of=TODAY)
    note = credit_note_create(
        lines=[(line_of(bill, "Pipe"), Decimal(1))], on=TODAY, actor=world.clerk
    )
    return bill, accepted(note, world)


@pytest.mark.parametrize(("quantity", "price"), [(1, 101), (4, 900), (10, "10.01")])
def test_a_submitted_credit_note_is_not_raised_beyond_its_invoice(
    world: World, order: Document, quantity: int, price: int | str
) -> None:
    _bill, note = credited(world, order)
    [row] = stored(note)
    wish = replace(row, quantity=Decimal(quantity), unit_price=Decimal(price))
    with pytest.raises(Conflict, match=r"is too much, 100\.00 of 100\.00 before tax are left"):
        change(world, note, [wish])
    note.refresh_from_db()
    assert note.gross_amount == 10

    change(world, note, [replace(row, quantity=Decimal(5), unit_price=Decimal(20))])
    note.refresh_from_db()
    assert note.gross_amount == 100


def test_the_credit_note_of_a_return_is_not_raised_to_the_price_before_it_was_lowered(
    world: World, order: Document
) -> None:
    sent = accepted(
        delivery_create(lines=[(line_of(order, "Pipe"), Decimal(10))], on=TODAY, actor=world.clerk),
        world,
    )
    goods = [(line_of(sent, "Pipe"), Decimal(10))]
    bill = accepted(invoice_create(lines=goods, on=TODAY, actor=world.clerk), world)
    invoice_post(document=bill, actor=world.manager, on=TODAY, as_of=TODAY)
    price_credit_create(amounts=[(line_of(bill, "Pipe"), Decimal(40))], on=TODAY, actor=world.clerk)
    back = accepted(return_create(lines=goods, on=TODAY, actor=world.clerk), world)
    note = accepted(
        credit_note_create(
            lines=[(line_of(back, "Pipe"), Decimal(10))], on=TODAY, actor=world.clerk
        ),
        world,
    )
    assert note.gross_amount == 60
    [row] = stored(note)
    with pytest.raises(Conflict, match=r"100\.00 is too much, 60\.00"):
        change(world, note, [replace(row, unit_price=Decimal(10))])


def test_a_submitted_advance_is_not_raised_beyond_its_order(world: World, order: Document) -> None:
    advance = accepted(
        advance_create(order=order, percent=Decimal(30), on=TODAY, actor=world.clerk), world
    )
    rows = stored(advance)
    with pytest.raises(Conflict, match="is too much"):
        change(world, advance, [replace(row, unit_price=Decimal(200)) for row in rows])
    advance.refresh_from_db()
    assert advance.gross_amount == 60

    # Beyond the limit the door is the first to speak, and nothing is written either.
    change(world, advance, [replace(row, unit_price=Decimal(600)) for row in rows])
    advance.refresh_from_db()
    assert (advance.gross_amount, advance.revisions.get().gross_amount) == (60, 1200)
