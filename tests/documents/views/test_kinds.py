"""Entering and changing documents of every kind: what the form has, what is asked, what is kept."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from core.models import User
from credit_limits.models import CreditCheck
from documents.models import Document, DocumentType
from documents.services.convert import delivery_create, return_create
from documents.services.submit import document_submit
from tests.documents.views.conftest import edit_data, errors_of, form_data, texts
from tests.documents.views.story import accepted, draft, line_of, tell, type_of
from tests.factories.core import UserFactory
from tests.factories.customers import CustomerAccountFactory, CustomerFactory
from tests.world import TODAY, World

pytestmark = pytest.mark.django_db

# type code → (word for a new one, number prefix, whether it asks for credit)
KINDS = {
    "quote": ("New quote", "QU-", False),
    "order": ("New order", "SO-", True),
    "delivery": ("New delivery note", "DN-", True),
    "return": ("New return note", "RN-", True),
    "invoice": ("New invoice", "IN-", True),
    "credit_note": ("New credit note", "CN-", True),
    "pro_forma": ("New pro-forma invoice", "PF-", False),
    "receipt": ("New supplier receipt", "SR-", False),
    "move": ("New internal move", "MV-", False),
}


def entered(world: World, code: str, **head: Any) -> dict[str, Any]:
    """The form of a new document of this type, as a browser sends it."""
    return form_data(world, type=str(type_of(code).pk), **head)


@pytest.mark.parametrize("code", KINDS)
def test_every_kind_has_its_own_form_and_words(
    world: World, login: Callable[[User], Client], code: str
) -> None:
    page = login(world.writer(type_of(code))).get(f"/orders/new/?type={code}").content.decode()

    assert re.search(rf"<h1[^>]*>\s*{KINDS[code][0]}", page)
    for field, kinds in {
        "valid_until": {"quote"},
        "delivery_on": {"quote", "order"},
        "payment_term": set(KINDS) - {"receipt", "move"},
        "ordered_by": set(KINDS) - {"receipt", "move"},
        "ship_to_customer": set(KINDS),
    }.items():
        assert (f'name="{field}"' in page) is (code in kinds), field


@pytest.mark.parametrize("code", KINDS)
def test_every_kind_is_entered_and_submitted(
    world: World, login: Callable[[User], Client], code: str
) -> None:
    _word, prefix, asks = KINDS[code]
    writer = login(world.writer(type_of(code)))

    response = writer.post("/orders/new/", entered(world, code, action="submit"), follow=True)

    document = Document.objects.get()
    assert document.type.code == code
    assert document.status == "submitted"
    assert document.number.startswith(prefix)
    assert texts(response) == [f"{document.type} {document.number} is submitted."]
    assert CreditCheck.objects.exists() is asks
    assert f"{document.type} {document.number}" in response.content.decode()


@pytest.mark.parametrize("code", ["return", "credit_note"])
def test_what_gives_back_freely_is_for_billing(
    world: World, clerk: Client, billing: Client, code: str
) -> None:
    assert clerk.get(f"/orders/new/?type={code}").status_code == 403
    for action in ("save", "submit"):
        data = entered(world, code, action=action, reference="PO 4711")
        response = clerk.post("/orders/new/", data)
        page = response.content.decode()
        assert response.status_code == 422
        assert "which takes the right of billing" in page
        assert 'value="PO 4711"' in page, "nothing typed is lost"
    assert not Document.objects.exists()

    note = draft(world, code)
    for browser, may in ((clerk, False), (billing, True)):
        page = browser.get(f"/orders/{note.pk}/").content.decode()
        assert (f'action="/orders/{note.pk}/copy/"' in page) is may
    response = clerk.post(f"/orders/{note.pk}/copy/", follow=True)
    assert any("which takes the right of billing" in text for text in texts(response))
    assert Document.objects.get() == note


@pytest.mark.parametrize("code", ["advance", "charge", "nonsense"])
def test_other_types_are_not_typed_in_from_nothing(world: World, clerk: Client, code: str) -> None:
    assert clerk.get(f"/orders/new/?type={code}").status_code == 404


@pytest.mark.parametrize("code", ["advance", "charge"])
def test_nor_smuggled_in_by_the_form(world: World, clerk: Client, code: str) -> None:
    response = clerk.post("/orders/new/", entered(world, code))

    assert response.status_code == 422
    assert "type" in errors_of(response)
    assert not Document.objects.exists()


def test_the_days_of_quotes_and_orders_are_kept(world: World, clerk: Client) -> None:
    week = TODAY + datetime.timedelta(days=7)

    clerk.post(
        "/orders/new/",
        entered(world, "quote", valid_until=week.isoformat(), delivery_on=week.isoformat()),
    )

    quote = Document.objects.get()
    assert (quote.valid_until, quote.delivery_on) == (week, week)
    shown = clerk.get(f"/orders/{quote.pk}/").content.decode()
    assert "Valid until" in shown
    assert "7 Apr 2026" in shown


@pytest.mark.parametrize(
    ("code", "field"),
    [("quote", "valid_until"), ("quote", "delivery_on"), ("order", "delivery_on")],
)
def test_a_day_before_the_document_is_refused(
    world: World, clerk: Client, code: str, field: str
) -> None:
    response = clerk.post("/orders/new/", entered(world, code, **{field: "2026-03-30"}))

    assert response.status_code == 422
    assert list(errors_of(response)) == [field]
    assert not Document.objects.exists()


def test_parties_are_chosen_taken_out_and_told(world: World, clerk: Client) -> None:
    ordering, receiving = (
        CustomerAccountFactory(company=world.company, customer=CustomerFactory(name=name)).customer
        for name in ("Bianchi", "Verdi")
    )
    data = entered(world, "order", ordered_by=str(ordering.pk), pick_ship_to_customer=receiving.pk)

    head = clerk.post("/orders/head/", data)
    page = head.content.decode()
    assert head.context["chosen"]["ship_to_customer"] == receiving
    assert f"Bianchi orders, the goods go to Verdi; {world.account.customer} is billed" in page

    data |= {"ship_to_customer": str(receiving.pk)}
    del data["pick_ship_to_customer"]
    without = clerk.post("/orders/head/", data | {"pick_ordered_by": "0"})
    assert without.context["chosen"]["ordered_by"] is None
    assert without.context["chosen"]["ship_to_customer"] == receiving

    clerk.post("/orders/new/", data)
    document = Document.objects.get()
    assert (document.ordered_by, document.ship_to_customer) == (ordering, receiving)
    assert "it is their credit that counts" in clerk.get(f"/orders/{document.pk}/").content.decode()


def test_the_search_for_the_receiver_chooses_the_receiver(world: World, clerk: Client) -> None:
    found = clerk.get(
        "/orders/search/customers/", {"ship_to_customer_q": world.account.customer.code}
    )

    page = found.content.decode()
    assert f'name="pick_ship_to_customer" value="{world.account.customer_id}"' in page
    assert "pick_ordered_by" not in page


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("quote", "A quote does not count."),
        ("pro_forma", "A pro-forma invoice never counts."),
        ("receipt", "nobody is asked for credit"),
        ("move", "nobody is asked for credit"),
    ],
)
def test_the_strip_says_that_nobody_is_asked(
    world: World, clerk: Client, code: str, words: str
) -> None:
    response = clerk.post("/orders/credit-strip/", entered(world, code))

    assert words in response.content.decode()
    assert response.context["box"] is None
    assert response.context["totals"].gross == 500


def test_the_strip_counts_a_credit_note_below_zero(world: World, clerk: Client) -> None:
    accepted(draft(world, "order"), world)

    response = clerk.post("/orders/credit-strip/", entered(world, "credit_note"))

    box = response.context["box"]
    assert (box.used, box.this_amount, box.outcome) == (500, -500, "pass")


def test_saving_a_type_with_automatic_confirmation_submits_it(world: World, clerk: Client) -> None:
    DocumentType.objects.filter(code="delivery").update(automatic_confirmation=True)
    page = clerk.get("/orders/new/?type=delivery").content.decode()
    assert "Save and submit" in page
    assert "Save draft" not in page

    response = clerk.post("/orders/new/", entered(world, "delivery", action="save"), follow=True)

    document = Document.objects.get()
    assert document.status == "submitted"
    assert texts(response) == [f"Delivery note {document.number} is submitted."]


def test_without_the_right_to_submit_it_stays_a_draft(
    world: World, login: Callable[[User], Client]
) -> None:
    DocumentType.objects.filter(code="delivery").update(automatic_confirmation=True)
    writer = UserFactory(username="writer", role="sales")
    group = writer.groups.get()
    group.permissions.remove(*group.permissions.filter(codename="submit_document"))

    login(writer).post("/orders/new/", entered(world, "delivery"))

    assert Document.objects.get().status == "draft"


def test_a_printed_document_of_a_locking_type_is_not_edited(world: World, clerk: Client) -> None:
    order = accepted(draft(world, "order"), world)
    data = edit_data(clerk, order, reference="other")
    Document.objects.filter(pk=order.pk).update(printed_on=TODAY, printed_by=world.clerk)
    assert clerk.get(f"/orders/{order.pk}/edit/").status_code == 200  # its type does not lock
    DocumentType.objects.filter(code="order").update(block_printed=True)

    opened = clerk.get(f"/orders/{order.pk}/edit/", follow=True)
    sent = clerk.post(f"/orders/{order.pk}/edit/", data)

    assert texts(opened) == [
        f"Order {order.number} was printed for good and cannot be edited any more."
    ]
    assert f"/orders/{order.pk}/edit/" not in opened.content.decode()
    assert "it cannot be edited any more" in opened.content.decode()
    assert sent.status_code == 409
    assert "printed for good" in sent.content.decode()
    order.refresh_from_db()
    assert order.reference == ""


# --- lines that others continue ----------------------------------------------------------------


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


def test_a_receipt_is_changed_without_asking_anybody(world: World, clerk: Client) -> None:
    receipt = accepted(draft(world, "receipt"), world)
    data = edit_data(clerk, receipt) | {"lines-0-quantity": "400"}

    response = clerk.post(f"/orders/{receipt.pk}/edit/", data, follow=True)

    assert texts(response) == [f"Supplier receipt {receipt.number}: the change is saved."]
    receipt.refresh_from_db()
    assert receipt.gross_amount == 12200
    assert not CreditCheck.objects.exists()


def test_a_line_below_zero_that_was_made_so_stays_below_zero(world: World, clerk: Client) -> None:
    from documents.amounts import LineInput

    rebate = LineInput("Rebate", Decimal(-1), Decimal(50))
    order = draft(world, "order", LineInput("Pump", Decimal(1), Decimal(100)), rebate)
    data = edit_data(clerk, order)

    same = clerk.post(f"/orders/{order.pk}/edit/", data | {"reference": "again"})
    assert same.status_code == 302
    turned = clerk.post(
        f"/orders/{order.pk}/edit/", edit_data(clerk, order) | {"lines-1-quantity": "1"}
    )

    assert turned.status_code == 422
    assert list(errors_of(turned)) == ["lines-1-quantity"]
    order.refresh_from_db()
    assert order.gross_amount == 50


def test_submitting_on_the_page_of_a_delivery_note_names_it(world: World, clerk: Client) -> None:
    note = draft(world, "delivery")

    response = clerk.post(f"/orders/{note.pk}/submit/", {"version": "1"}, follow=True)

    note.refresh_from_db()
    assert note.status == "submitted"
    assert texts(response) == [f"Delivery note {note.number} is submitted."]


def test_a_held_delivery_note_is_held_by_its_name(world: World, clerk: Client) -> None:
    world.limit(100, valid_from=TODAY)
    note = draft(world, "delivery")
    result = document_submit(document=note, actor=world.clerk, as_of=TODAY)
    assert not result.passed

    page = clerk.get(f"/orders/{note.pk}/").content.decode()

    assert f"Delivery note (draft {note.pk}) is held" in page
    assert "Held, not counted" in page


def test_a_posted_invoice_is_not_edited(world: World, clerk: Client) -> None:
    story = tell(world)

    response = clerk.get(f"/orders/{story.invoice.pk}/edit/", follow=True)

    assert texts(response) == [
        f"Invoice {story.invoice.number} is “Posted” and cannot be edited any more."
    ]
