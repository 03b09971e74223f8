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
from documents.services.submit import document_submit
from tests.documents.views.conftest import edit_data, errors_of, form_data, texts
from tests.documents.views.story import accepted, draft, tell, type_of
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
