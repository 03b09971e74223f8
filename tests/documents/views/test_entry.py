"""Entering and editing an order: stored whole, submitted, held; with a script and without."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from approvals.models import ApprovalRequest
from core.models import AuditEvent
from credit_limits.models import CreditCheck
from customers.models import Customer
from documents.models import Document, DocumentRevision, HoldCase
from documents.services.submit import document_submit
from tests.documents.views.conftest import edit_data, errors_of, form_data, texts
from tests.factories.customers import (
    CustomerAccountFactory,
    CustomerFactory,
    PaymentMethodFactory,
    PaymentTermFactory,
)
from tests.world import TODAY, World

pytestmark = pytest.mark.django_db


def test_a_new_order_is_saved_whole_as_a_draft(world: World, clerk: Client) -> None:
    data = form_data(
        world,
        {
            "description": "Pump",
            "quantity": "2,5",
            "unit_price": "1.234,56",
            "discount_percent": "10",
            "tax_percent": "22",
        },
        {"description": "Pipe", "quantity": "3", "unit_price": "0"},
        ordered_by=str(CustomerAccountFactory(company=world.company).customer_id),
        note="Call before delivery",
    )

    response = clerk.post("/orders/new/", data, follow=True)

    document = Document.objects.get()
    assert response.redirect_chain[-1][0] == f"/orders/{document.pk}/"
    assert document.status == "draft"
    assert (document.reference, document.ship_to) == ("PO 77", "Site Bergamo")
    assert document.ordered_by != world.account.customer
    assert document.import_key == f"web:{data['submission_key']}"
    first, second = document.lines.all()
    assert (first.quantity, first.unit_price) == (Decimal("2.5"), Decimal("1234.56"))
    assert (first.net_amount, first.tax_amount) == (Decimal("2777.76"), Decimal("611.11"))
    assert second.gross_amount == 0
    assert document.gross_amount == Decimal("3388.87")
    assert document.notes.get().text == "Call before delivery"
    assert not HoldCase.objects.exists()


def test_files_come_with_the_order(world: World, clerk: Client) -> None:
    files = [SimpleUploadedFile("plan.pdf", b"plan"), SimpleUploadedFile("offer.txt", b"offer")]

    clerk.post("/orders/new/", form_data(world, attachments=files))

    attached = Document.objects.get().attachments.all()
    assert {(item.name, item.size) for item in attached} == {("plan.pdf", 4), ("offer.txt", 5)}


def test_submit_stores_and_submits(world: World, clerk: Client) -> None:
    response = clerk.post("/orders/new/", form_data(world, action="submit"), follow=True)

    document = Document.objects.get()
    assert document.status == "submitted"
    assert texts(response) == [f"Order {document} is submitted."]


def test_submit_over_the_limit_holds_and_keeps_everything(world: World, clerk: Client) -> None:
    row = {"description": "Pump", "quantity": "11", "unit_price": "100"}

    response = clerk.post("/orders/new/", form_data(world, row, action="submit"), follow=True)

    document = Document.objects.get()
    assert document.status == "held"
    assert document.lines.get().quantity == 11
    page = response.content.decode()
    assert f"Order {document} is held" in page
    assert "by 100.00 EUR" in page


def test_a_warning_is_told_and_passes(world: World, clerk: Client) -> None:
    row = {"description": "Pump", "quantity": "9.5", "unit_price": "100"}

    response = clerk.post("/orders/new/", form_data(world, row, action="submit"), follow=True)

    assert Document.objects.get().status == "submitted"
    [message] = texts(response)
    assert "with a warning" in message
    assert "950.00" in message


def test_choosing_an_account_by_link_fills_in_its_terms(world: World, clerk: Client) -> None:
    response = clerk.get(f"/orders/new/?account={world.account.pk}")

    form = response.context["form"]
    assert form["account"].value() == world.account.pk
    assert form["payment_term"].value() == world.account.payment_term_id
    assert form["payment_method"].value() == world.account.payment_method_id
    assert form["currency"].value() == "EUR"
    assert response.context["box"].limit == 1000
    assert not Document.objects.exists()


def test_without_a_word_the_currency_is_the_customers(world: World, clerk: Client) -> None:
    page = clerk.get("/orders/new/").content.decode()
    assert '<option value="" selected>as the customer</option>' in page

    clerk.post("/orders/new/", form_data(world, currency=""))

    assert Document.objects.get().currency_id == world.account.currency_id


def test_more_lines_without_a_script_lose_nothing(world: World, clerk: Client) -> None:
    data = form_data(
        world,
        {"description": "Pump", "quantity": "oops", "unit_price": "1.234,5"},
        {"description": "Gone", "quantity": "1", "unit_price": "1"},
        action="add_lines",
        reference="typed",
        note="a note",
    )
    data["lines-1-DELETE"] = "on"

    response = clerk.post("/orders/new/", data)

    assert response.status_code == 200
    page = response.content.decode()
    assert 'value="oops"' in page
    assert 'value="1.234,5"' in page
    assert "Gone" not in page
    assert 'value="typed"' in page
    assert "a note" in page
    assert data["submission_key"] in page
    assert len(response.context["entry"].lines.forms) == 6
    assert "af-error" not in page
    assert not Document.objects.exists()


def test_finding_and_choosing_a_customer_without_a_script(world: World, clerk: Client) -> None:
    other = CustomerAccountFactory(
        company=world.company, customer=CustomerFactory(name="Bianchi Costruzioni")
    )
    data = form_data(world, account="", account_q="bian cost", action="find_account")

    found = clerk.post("/orders/new/", data)
    assert "Bianchi Costruzioni" in found.content.decode()
    assert 'value="Pump"' in found.content.decode()

    data |= {"pick_account": str(other.pk)}
    chosen = clerk.post("/orders/new/", data)
    assert chosen.context["chosen"]["account"] == other
    assert chosen.context["form"]["payment_term"].value() == other.payment_term_id
    assert 'value="Pump"' in chosen.content.decode()
    assert chosen.context["box"].account == other
    assert not Document.objects.exists()


def test_enter_in_the_search_box_searches_instead_of_complaining(
    world: World, clerk: Client
) -> None:
    data = form_data(world, account="", account_q=world.account.customer.name, action="save")

    response = clerk.post("/orders/new/", data)

    assert response.status_code == 200
    assert "1 customer found" in response.content.decode()
    assert not errors_of(response)


def test_choosing_who_ordered_without_a_script(world: World, clerk: Client) -> None:
    party = CustomerAccountFactory(company=world.company).customer
    data = form_data(world, ordered_by_q=party.code, action="find_ordered_by")

    found = clerk.post("/orders/new/", data)
    assert f'name="pick_ordered_by" value="{party.pk}"' in found.content.decode()

    data["pick_ordered_by"] = str(party.pk)
    chosen = clerk.post("/orders/new/", data)
    assert chosen.context["chosen"]["ordered_by"] == party
    assert chosen.context["chosen"]["account"] == world.account


def test_check_credit_without_a_script_shows_the_strip_and_stores_nothing(
    world: World, clerk: Client
) -> None:
    row = {"description": "Pump", "quantity": "12", "unit_price": "100"}

    response = clerk.post("/orders/new/", form_data(world, row, action="check"))

    page = response.content.decode()
    assert response.context["box"].outcome == "hold"
    assert "If you submit now: held for approval." in page
    assert "Over the limit" in page
    assert "1,200.00" in page
    assert not Document.objects.exists()
    assert not HoldCase.objects.exists()


def test_editing_a_draft_rewrites_it(world: World, clerk: Client) -> None:
    document = world.order(500)
    data = edit_data(clerk, document, reference="PO 78")
    data["lines-0-quantity"] = "3"

    response = clerk.post(f"/orders/{document.pk}/edit/", data)

    assert response.status_code == 302
    document.refresh_from_db()
    assert (document.reference, document.gross_amount, document.version) == ("PO 78", 1500, 2)
    assert document.lines.count() == 1


def test_emptying_a_line_removes_it_and_removing_all_is_refused(
    world: World, clerk: Client
) -> None:
    document = world.order(500)
    data = edit_data(clerk, document)
    data |= {"lines-0-DELETE": "on"}

    response = clerk.post(f"/orders/{document.pk}/edit/", data)

    assert response.status_code == 422
    assert errors_of(response) == {"lines": ["Add at least one line."]}
    assert document.lines.count() == 1


def test_a_held_order_can_be_reduced_and_submitted_again(world: World, clerk: Client) -> None:
    document = world.order(1100)
    document_submit(document=document, actor=world.clerk, as_of=TODAY)
    data = edit_data(clerk, document, action="submit")
    data["lines-0-unit_price"] = "900"

    clerk.post(f"/orders/{document.pk}/edit/", data)

    document.refresh_from_db()
    assert (document.status, document.gross_amount) == ("submitted", 900)
    assert not HoldCase.objects.filter(status="open").exists()


def test_saving_a_held_order_asks_again_once(world: World, clerk: Client) -> None:
    document = world.order(1100)
    document_submit(document=document, actor=world.clerk, as_of=TODAY)
    data = edit_data(clerk, document)
    data["lines-0-unit_price"] = "1200"
    page = clerk.get(f"/orders/{document.pk}/edit/").content.decode()
    assert "Save and ask again" in page
    assert 'value="submit"' not in page
    assert "If you save now: still held for approval." in page

    response = clerk.post(f"/orders/{document.pk}/edit/", data, follow=True)

    document.refresh_from_db()
    assert document.status == "held"
    assert texts(response) == [
        f"Order {document} is saved and asked about again. It is still held."
    ]
    assert CreditCheck.objects.count() == 2
    assert HoldCase.objects.filter(status="open").count() == 1
    assert ApprovalRequest.objects.filter(status="open").get().overrun == 200


def test_changing_an_accepted_order_within_the_limit_is_taken_over(
    world: World, clerk: Client
) -> None:
    document = world.order(500)
    document_submit(document=document, actor=world.clerk, as_of=TODAY)
    data = edit_data(clerk, document)
    data["lines-0-unit_price"] = "600"

    response = clerk.post(f"/orders/{document.pk}/edit/", data, follow=True)

    document.refresh_from_db()
    assert (document.status, document.gross_amount) == ("submitted", 600)
    assert texts(response) == [f"Order {document}: the change is saved."]


def test_a_held_change_keeps_the_accepted_version_and_shows_both(
    world: World, clerk: Client
) -> None:
    document = world.order(500)
    document_submit(document=document, actor=world.clerk, as_of=TODAY)
    data = edit_data(clerk, document)
    data["lines-0-unit_price"] = "1600"

    response = clerk.post(f"/orders/{document.pk}/edit/", data, follow=True)

    document.refresh_from_db()
    assert (document.status, document.gross_amount) == ("submitted", 500)
    assert DocumentRevision.objects.get().gross_amount == 1600
    page = response.content.decode()
    assert "The change is held" in page
    assert "Goods: 1 × 500" in page
    assert "Goods: 1 × 1600" in page


def test_the_customer_and_currency_of_an_accepted_order_stay(world: World, clerk: Client) -> None:
    other = CustomerAccountFactory(company=world.company)
    document = world.order(500)
    document_submit(document=document, actor=world.clerk, as_of=TODAY)
    data = edit_data(clerk, document, account=str(other.pk))

    clerk.post(f"/orders/{document.pk}/edit/", data)

    document.refresh_from_db()
    assert document.account == world.account


def test_a_finished_order_cannot_be_edited(world: World, clerk: Client) -> None:
    document = world.order(500)
    Document.objects.filter(pk=document.pk).update(status="cancelled")

    response = clerk.get(f"/orders/{document.pk}/edit/", follow=True)

    assert response.redirect_chain == [(f"/orders/{document.pk}/", 302)]
    assert "cannot be edited" in texts(response)[0]


def test_saving_is_one_event(world: World, clerk: Client) -> None:
    clerk.post("/orders/new/", form_data(world))

    assert [
        event.action for event in AuditEvent.objects.filter(subject_type="documents.document")
    ] == ["documents.document.created"]


def test_ordered_by_is_optional_and_only_of_visible_customers(world: World, clerk: Client) -> None:
    stranger: Customer = CustomerFactory()

    response = clerk.post("/orders/new/", form_data(world, ordered_by=str(stranger.pk)))

    assert response.status_code == 422
    assert "not among those you may see" in errors_of(response)["ordered_by"][0]


def test_what_is_not_said_about_payment_is_as_the_customer_agreed(
    clerk: Client, world: World
) -> None:
    """Left open, a document without a script was due on its own day."""
    world.account.payment_term = PaymentTermFactory()
    world.account.payment_method = PaymentMethodFactory()
    world.account.save()
    clerk.post("/orders/new/", form_data(world, payment_term="", payment_method=""))
    order = Document.objects.get()
    assert order.payment_term == world.account.payment_term
    assert order.payment_method == world.account.payment_method
