"""The lists of every kind: what stands in each, what is to be done, several of one customer."""

from __future__ import annotations

import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.models import User
from documents.amounts import LineInput
from documents.models import Document, DocumentLine
from documents.registers import REGISTERS
from documents.services.convert import credit_note_create, delivery_create, return_create
from documents.services.posting import invoice_post
from documents.services.steps import document_cancel
from tests.documents.views.story import accepted, draft, line_of, tell, type_of
from tests.factories.core import CompanyFactory
from tests.factories.customers import CustomerAccountFactory
from tests.factories.documents import OrderFactory
from tests.world import TODAY, World

pytestmark = pytest.mark.django_db

PATHS = {
    "quote": "/orders/quotes/",
    "order": "/orders/",
    "delivery": "/orders/deliveries/",
    "invoice": "/orders/invoices/",
    "counter": "/orders/counter/",
    "goods": "/orders/goods/",
    "document": "/orders/all/",
}
STANDS_IN = {
    "quote": "quote",
    "order": "order",
    "delivery": "delivery",
    "return": "delivery",
    "invoice": "invoice",
    "credit_note": "invoice",
    "advance": "invoice",
    "pro_forma": "invoice",
    "counter": "counter",
    "receipt": "goods",
    "move": "goods",
    "charge": "document",
}


def listed(client: Client, key: str, **query: Any) -> set[Document]:
    response = client.get(PATHS[key], query)
    assert response.status_code == 200
    return {row.record for row in response.context["table"].paginated_rows}


def test_every_kind_stands_in_its_own_list_and_in_the_list_of_all(
    world: World, clerk: Client
) -> None:
    made = {code: draft(world, code) for code in STANDS_IN}

    for key in PATHS:
        own = {made[code] for code, place in STANDS_IN.items() if place == key}
        assert listed(clerk, key) == (set(made.values()) if key == "document" else own), key


@pytest.mark.parametrize("register", REGISTERS, ids=lambda register: register.key)
def test_an_empty_list_says_what_belongs_there(
    clerk: Client, billing: Client, register: Any
) -> None:
    for browser in (clerk, billing):
        page = browser.get(PATHS[register.key]).content.decode()

        assert str(register.none_yet) in page
        for family in register.families:
            offered = browser is billing or family not in {"return", "credit_note"}
            assert (f'href="/orders/new/?type={family}"' in page) is offered, family


def test_who_only_reads_is_offered_nothing_new(
    world: World, login: Callable[[User], Client]
) -> None:
    accepted(draft(world, "order"), world)
    reader = login(world.approver)

    for path in PATHS.values():
        page = reader.get(path).content.decode()
        assert "/orders/new/" not in page
        assert 'type="checkbox" class="form-check-input" name="document"' not in page


def test_documents_of_other_companies_are_in_no_list(world: World, clerk: Client) -> None:
    foreign = OrderFactory(account=CustomerAccountFactory(company=CompanyFactory(code="FR01")))

    for key, path in PATHS.items():
        assert foreign not in listed(clerk, key)
        assert foreign.number not in clerk.get(path).content.decode()


def test_what_is_to_be_delivered(world: World, clerk: Client) -> None:
    open_, begun, drafted, gone, cancelled = (
        accepted(draft(world, "order", LineInput("Pump", Decimal(4), Decimal(10))), world)
        for _ in range(5)
    )
    draft(world, "order")

    def deliver(order: Document, quantity: int) -> Document:
        part = [(line_of(order, "Pump"), Decimal(quantity))]
        return delivery_create(lines=part, on=TODAY, actor=world.clerk)

    accepted(deliver(begun, 1), world)
    deliver(drafted, 4)  # nothing is left for another, though it is a draft
    note = accepted(deliver(gone, 4), world)
    document_cancel(document=cancelled, actor=world.clerk, as_of=TODAY)

    assert listed(clerk, "order", todo="deliver") == {open_, begun}
    assert listed(clerk, "document", todo="deliver") == {open_, begun}

    back = [(line_of(note, "Pump"), Decimal(2))]
    accepted(return_create(lines=back, on=TODAY, actor=world.clerk), world)
    assert listed(clerk, "order", todo="deliver") == {open_, begun, gone}


def test_what_is_to_be_invoiced_credited_posted_and_printed(world: World, clerk: Client) -> None:
    story = tell(world)
    back = [(line_of(story.delivery, "Pumps"), Decimal(1))]
    note = accepted(return_create(lines=back, on=TODAY, actor=world.clerk, reopens=False), world)
    free = draft(world, "invoice", LineInput("Service", Decimal(1), Decimal(20)))
    pro_forma = accepted(draft(world, "pro_forma"), world)

    assert listed(clerk, "delivery", todo="invoice") == {story.delivery}
    assert listed(clerk, "delivery", todo="credit") == set()  # it was to be invoiced still
    assert listed(clerk, "invoice", todo="post") == {free}
    assert listed(clerk, "invoice", todo="print") == {story.invoice, pro_forma}
    Document.objects.filter(pk=story.invoice.pk).update(printed_on=TODAY, printed_by=world.clerk)
    assert listed(clerk, "invoice", todo="print") == {pro_forma}

    more = [(line_of(story.delivery, "Pumps"), Decimal(2))]
    note = accepted(return_create(lines=more, on=TODAY, actor=world.clerk, reopens=False), world)
    assert note in listed(clerk, "delivery", todo="credit")
    assert listed(clerk, "delivery", todo="invoice") == set()
    credit = credit_note_create(
        lines=[(line_of(note, "Pumps"), Decimal(1))], on=TODAY, actor=world.clerk
    )
    assert listed(clerk, "delivery", todo="credit") == set()
    assert listed(clerk, "invoice", todo="post") == {free, credit}
    invoice_post(document=free, actor=world.manager, on=TODAY, as_of=TODAY)
    assert listed(clerk, "invoice", todo="post") == {credit}


def test_goods_invoiced_before_they_go_out_are_not_invoiced_again(
    world: World, clerk: Client
) -> None:
    invoice = draft(world, "invoice", LineInput("Pump", Decimal(2), Decimal(10)))
    invoice = invoice_post(document=invoice, actor=world.manager, on=TODAY, as_of=TODAY).document
    goods = [(line_of(invoice, "Pump"), Decimal(2))]
    accepted(delivery_create(lines=goods, on=TODAY, actor=world.clerk), world)

    assert listed(clerk, "delivery", todo="invoice") == set()


def test_a_quote_is_to_be_ordered_until_it_is(world: World, clerk: Client) -> None:
    waiting = accepted(draft(world, "quote"), world)
    tell(world)

    assert listed(clerk, "quote", todo="order") == {waiting}


def test_an_unknown_thing_to_do_is_refused(world: World, clerk: Client) -> None:
    response = clerk.get("/orders/", {"todo": "post"})

    assert response.status_code == 200
    assert not response.context["filter"].is_valid()


def test_the_chips_keep_the_other_filters_and_take_themselves_away(
    world: World, clerk: Client
) -> None:
    chips = clerk.get("/orders/", {"q": "SO", "todo": "deliver", "page": "1"}).context["todo"]

    assert [(chip["url"], chip["active"]) for chip in chips] == [
        ("?q=SO", True),
        ("?q=SO&todo=print", False),
    ]


def test_filtering_by_type(world: World, clerk: Client) -> None:
    note, invoice = draft(world, "credit_note"), draft(world, "invoice")

    assert listed(clerk, "invoice", type=type_of("credit_note").pk) == {note}
    assert listed(clerk, "invoice", type=type_of("invoice").pk) == {invoice}
    wrong = clerk.get(PATHS["invoice"], {"type": type_of("order").pk})
    assert not wrong.context["filter"].is_valid()


def test_what_comes_back_stands_below_zero_and_is_taken_off_the_total(
    world: World, clerk: Client
) -> None:
    draft(world, "invoice")
    draft(world, "credit_note", LineInput("Goodwill", Decimal(1), Decimal(20)))
    draft(world, "pro_forma")

    response = clerk.get(PATHS["invoice"])

    assert response.context["totals"] == [{"currency": "EUR", "count": 3, "amount": 480}]
    assert "−20.00" in response.content.decode()


def test_documents_that_stand_can_be_chosen_to_go_on_together(world: World, clerk: Client) -> None:
    order, waiting = accepted(draft(world, "order"), world), draft(world, "order")
    note = accepted(draft(world, "delivery"), world)
    back = accepted(draft(world, "return"), world)

    orders = clerk.get(PATHS["order"]).content.decode()
    notes = clerk.get(PATHS["delivery"]).content.decode()

    for page, there, absent in ((orders, order, waiting), (notes, note, back)):
        assert f'name="document" value="{there.pk}"' in page
        assert f'name="document" value="{absent.pk}"' not in page
        assert '<form id="together"' in page
        assert 'method="get"' in page
        assert 'name="type" value="invoice"' in page
    assert 'name="type" value="delivery"' in orders
    assert 'name="type" value="delivery"' not in notes
    answer = clerk.get(f"/orders/convert/?type=invoice&document={note.pk}")
    assert answer.status_code == 200


def test_newest_first_also_within_a_day(world: World, clerk: Client) -> None:
    made = [draft(world, "order") for _ in range(4)]

    response = clerk.get(PATHS["order"])

    assert [row.record for row in response.context["table"].paginated_rows] == made[::-1]


def test_the_navigation_marks_the_list_a_document_stands_in(world: World, clerk: Client) -> None:
    for code, word in (("credit_note", "Invoices"), ("move", "Receipts and moves")):
        page = clerk.get(f"/orders/{draft(world, code).pk}/").content.decode()
        nav = page.partition("data-nav")[2].partition("</nav>")[0]
        assert nav.count('aria-current="page"') == 1
        assert word in nav.partition('aria-current="page"')[2].partition("</a>")[0]


def test_ten_documents_cost_as_many_statements_as_one(world: World, clerk: Client) -> None:
    for key, code in (("delivery", "delivery"), ("invoice", "invoice"), ("document", "quote")):
        draft(world, code)
        clerk.get(PATHS[key])
        with CaptureQueriesContext(connection) as one:
            clerk.get(PATHS[key])
        for _ in range(9):
            draft(world, code)
        with CaptureQueriesContext(connection) as ten:
            clerk.get(PATHS[key])
        assert len(ten) == len(one), key


def test_a_customer_with_ten_thousand_documents(world: World, clerk: Client) -> None:
    order = accepted(draft(world, "order", LineInput("Pump", Decimal(1), Decimal("0.01"))), world)
    [line] = order.lines.all()
    names = [field.attname for field in Document._meta.concrete_fields if not field.primary_key]
    values = {name: getattr(order, name) for name in names}
    rows = [Document(**values | {"number": f"SO-X-{number:05d}"}) for number in range(10_000)]
    Document.objects.bulk_create(rows, batch_size=2000)
    DocumentLine.objects.bulk_create(
        [
            DocumentLine(
                document=row,
                description=line.description,
                quantity=line.quantity,
                unit_price=line.unit_price,
                net_amount=line.net_amount,
                gross_amount=line.gross_amount,
            )
            for row in rows
        ],
        batch_size=2000,
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE documents_document; ANALYZE documents_documentline")
    customer = world.account.customer_id

    queries: tuple[dict[str, str], ...] = (
        {},
        {"todo": "deliver"},
        {"q": "X-09"},
        {"sort": "gross_amount", "page": "200"},
    )
    for query in queries:
        began = time.perf_counter()
        with CaptureQueriesContext(connection) as asked:
            response = clerk.get(PATHS["order"], {"customer": str(customer), **query})
        seconds = time.perf_counter() - began
        assert len(response.context["table"].paginated_rows) == 50
        assert len(asked) <= 16
        assert seconds < 5, query  # a guard against growth, not a promise
