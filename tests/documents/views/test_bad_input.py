"""Wrong input: a message beside the field, what was typed stays, nothing is stored."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from core.errors import Invalid
from core.models import AuditEvent, Company, ExchangeRate
from documents.models import Document, DocumentAttachment, DocumentNote, DocumentType
from documents.services.submit import document_submit
from tests.documents.views.conftest import edit_data, errors_of, form_data
from tests.factories.core import CompanyFactory, CurrencyFactory
from tests.factories.customers import CustomerAccountFactory
from tests.world import World

pytestmark = pytest.mark.django_db

LINE = {"description": "Pump", "quantity": "5", "unit_price": "100"}


def refused(client: Client, data: dict[str, Any]) -> tuple[dict[str, list[str]], str]:
    """Post a faulty form; returns the messages by field and the page. Nothing may be stored."""
    response = client.post("/orders/new/", data)
    assert response.status_code == 422
    assert not Document.objects.exists()
    assert not DocumentNote.objects.exists()
    assert not AuditEvent.objects.filter(subject_type="documents.document").exists()
    return errors_of(response), response.content.decode()


@pytest.mark.parametrize("typed", ["31.02.2026", "tomorrow", "2026-13-01", "01/02/26"])
def test_a_wrong_date(world: World, clerk: Client, typed: str) -> None:
    errors, page = refused(clerk, form_data(world, document_on=typed))

    assert list(errors) == ["document_on"]
    assert "is not a date" in errors["document_on"][0]
    assert f'value="{typed}"' in page
    assert 'value="Pump"' in page


def test_a_year_that_is_a_slip(world: World, clerk: Client) -> None:
    errors, _page = refused(clerk, form_data(world, document_on="0206-03-01"))

    assert "year 0206 looks wrong" in errors["document_on"][0]


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("1.234,56", "1234.56"), ("1,234.56", "1234.56"), ("12,5", "12.5"), ("1 234.50", "1234.50")],
)
def test_clear_decimals_are_understood(
    world: World, clerk: Client, typed: str, stored: str
) -> None:
    clerk.post("/orders/new/", form_data(world, LINE | {"quantity": "1", "unit_price": typed}))

    assert str(Document.objects.get().lines.get().unit_price.normalize()) == stored.rstrip("0")


@pytest.mark.parametrize("typed", ["1,234", "1,2,3", "ten", "1.2.3,4"])
def test_unclear_decimals_are_refused_at_the_field(world: World, clerk: Client, typed: str) -> None:
    errors, page = refused(clerk, form_data(world, LINE | {"unit_price": typed}))

    assert list(errors) == ["lines-0-unit_price"]
    assert f'value="{typed}"' in page
    assert 'href="#id_lines-0-unit_price"' in page


@pytest.mark.parametrize("typed", ["0", "-1", "-0,5", "0.0000"])
def test_a_quantity_must_be_more_than_zero(world: World, clerk: Client, typed: str) -> None:
    errors, page = refused(clerk, form_data(world, LINE, LINE | {"quantity": typed}))

    assert errors == {"lines-1-quantity": ["The quantity must be more than zero."]}
    assert "Line 2, Quantity" in page
    assert f'value="{typed}"' in page


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("unit_price", "-3", "cannot be below zero"),
        ("discount_percent", "101", "between 0 and 100"),
        ("tax_percent", "-1", "between 0 and 100"),
        ("quantity", "99999999999", "no more than"),
        ("unit_price", "1.23456", "more than 4 decimals"),
    ],
)
def test_figures_outside_their_bounds(
    world: World, clerk: Client, field: str, typed: str, message: str
) -> None:
    errors, page = refused(clerk, form_data(world, LINE | {field: typed}))

    assert list(errors) == [f"lines-0-{field}"]
    assert message in errors[f"lines-0-{field}"][0]
    assert f'value="{typed}"' in page


def test_a_line_without_its_item(world: World, clerk: Client) -> None:
    errors, _page = refused(clerk, form_data(world, LINE | {"description": "  "}))

    assert errors == {"lines-0-description": ["Say what is sold, or empty the whole line."]}


def test_a_line_without_figures(world: World, clerk: Client) -> None:
    errors, _page = refused(clerk, form_data(world, {"description": "Pump"}))

    assert set(errors) == {"lines-0-quantity", "lines-0-unit_price"}


def test_no_lines_at_all(world: World, clerk: Client) -> None:
    errors, page = refused(clerk, form_data(world, {"tax_percent": "22"}))

    assert errors == {"lines": ["Add at least one line."]}
    assert "Add at least one line" in page


def test_an_unknown_currency(world: World, clerk: Client) -> None:
    CurrencyFactory(code="XAU", is_active=False)

    for code in ("ZZZ", "XAU", "Bitcoin"):
        errors, _page = refused(clerk, form_data(world, currency=code))
        assert list(errors) == ["currency"], code


def test_no_customer(world: World, clerk: Client) -> None:
    errors, page = refused(clerk, form_data(world, account=""))

    assert errors == {"account": ["Choose the customer who is billed."]}
    assert 'href="#id_account_search"' in page


def test_an_account_the_user_may_not_see_is_refused_like_one_that_is_not_there(
    world: World, clerk: Client
) -> None:
    foreign = CustomerAccountFactory(company=CompanyFactory(code="FR01"))

    here, _page = refused(clerk, form_data(world, account=str(foreign.pk)))
    nowhere, _page = refused(clerk, form_data(world, account="987654"))
    garbage, _page = refused(clerk, form_data(world, account="x' or 1=1"))

    assert here == nowhere == garbage
    assert "not among those you may bill" in here["account"][0]


def test_an_inactive_account_takes_no_new_order(world: World, clerk: Client) -> None:
    asleep = CustomerAccountFactory(company=world.company, is_active=False)

    errors, _page = refused(clerk, form_data(world, account=str(asleep.pk)))

    assert "account" in errors


def test_all_faults_are_shown_at_once(world: World, clerk: Client) -> None:
    data = form_data(
        world, LINE | {"quantity": "-1"}, {"description": "x"}, document_on="", currency="ZZZ"
    )

    errors, page = refused(clerk, data)

    assert set(errors) == {
        "document_on",
        "currency",
        "lines-0-quantity",
        "lines-1-quantity",
        "lines-1-unit_price",
    }
    assert "5 things need your attention" in page
    assert "<title>Error" in page


def test_a_line_worth_more_than_an_amount_may_be(world: World, clerk: Client) -> None:
    huge = {"description": "Pump", "quantity": "9999999999", "unit_price": "99999999999"}

    errors, page = refused(clerk, form_data(world, LINE, huge, reference="keep me"))

    assert list(errors) == ["lines-1-unit_price"]
    assert "999,999,999,890,000,000,001.00; at most 9,999,999,999,999.99" in str(errors)
    assert "Line 2, Unit price" in page
    for typed in ("9999999999", "99999999999", "keep me"):
        assert f'value="{typed}"' in page


def test_tax_counts_for_what_a_line_may_be(world: World, clerk: Client) -> None:
    huge = {"description": "Pump", "quantity": "1", "unit_price": "9999999999999.99"}

    errors, _page = refused(clerk, form_data(world, huge | {"tax_percent": "22"}))

    assert list(errors) == ["lines-0-unit_price"]
    assert clerk.post("/orders/new/", form_data(world, huge)).status_code == 302


def test_lines_that_are_too_much_only_together(world: World, clerk: Client) -> None:
    half = {"description": "Pump", "quantity": "1", "unit_price": "6000000000000"}

    errors, page = refused(clerk, form_data(world, half, half, action="submit"))

    assert list(errors) == ["lines"]
    assert "The lines come to 12,000,000,000,000.00 together" in errors["lines"][0]
    assert page.count('value="6000000000000"') == 2
    # The live strip stays calm as well.
    strip = clerk.post("/orders/credit-strip/", form_data(world, half, half))
    assert strip.status_code == 200
    assert "12,000,000,000,000.00 together" in strip.content.decode()


@pytest.mark.parametrize("amount", ["9999999999999.99", "10000000000000", "9999999999999999999"])
def test_the_largest_amount_goes_through_and_one_more_does_not(
    world: World, clerk: Client, amount: str
) -> None:
    line = {"description": "Pump", "quantity": "1", "unit_price": amount}
    fits = amount == "9999999999999.99"

    response = clerk.post("/orders/new/", form_data(world, line, action="submit"))

    assert response.status_code == (302 if fits else 422)
    assert Document.objects.count() == fits


def test_a_change_of_what_counts_may_not_grow_beyond(world: World, clerk: Client) -> None:
    document = world.order(500)
    document_submit(document=document, actor=world.clerk)
    data = edit_data(clerk, document)
    data["lines-0-unit_price"] = "99999999999999"

    response = clerk.post(f"/orders/{document.pk}/edit/", data)

    assert response.status_code == 422
    assert "lines-0-unit_price" in errors_of(response)
    document.refresh_from_db()
    assert document.gross_amount == 500


def test_an_amount_too_large_in_the_currency_of_the_company(world: World, clerk: Client) -> None:
    ExchangeRate.objects.create(
        from_currency=CurrencyFactory(code="GBP"),
        to_currency=world.company.currency,
        valid_on=world.header().document_on,
        rate="1.5",
    )
    line = {"description": "Pump", "quantity": "1", "unit_price": "9000000000000"}

    errors, _page = refused(clerk, form_data(world, line, currency="GBP"))

    assert "too large an amount in EUR" in str(errors["lines"])


@pytest.mark.parametrize("code", ["quote", "delivery", "invoice", "counter", "move"])
def test_every_kind_of_document_has_the_same_bound(world: World, clerk: Client, code: str) -> None:
    type_ = DocumentType.objects.get(code=code)
    huge = {"description": "Pump", "quantity": "9999999999", "unit_price": "99999999999"}
    path = "/orders/counter/new/" if code == "counter" else "/orders/new/"

    response = clerk.post(path, form_data(world, huge, type=str(type_.pk), action="submit"))

    assert response.status_code == 422
    assert "lines-0-unit_price" in errors_of(response)
    assert not Document.objects.exists()


def test_services_refuse_it_as_well(world: World) -> None:
    with pytest.raises(Invalid) as caught:
        world.order("10000000000000")
    assert (caught.value.code, caught.value.field) == ("documents.line_too_large", "lines")
    assert "Line 1 comes to" in str(caught.value)


def test_a_text_longer_than_its_column(world: World, clerk: Client) -> None:
    errors, _page = refused(
        clerk,
        form_data(world, LINE | {"description": "x" * 201}, reference="y" * 81, ship_to="z" * 201),
    )

    assert set(errors) == {"reference", "ship_to", "lines-0-description"}


def test_more_lines_than_an_order_may_have(world: World, clerk: Client) -> None:
    data = form_data(world, *([LINE] * 3))
    data["lines-TOTAL_FORMS"] = "100000"

    response = clerk.post("/orders/new/", data)

    assert response.status_code == 422
    assert "lines" in errors_of(response)
    assert not Document.objects.exists()


def test_a_damaged_form_is_refused_in_words(world: World, clerk: Client) -> None:
    data = form_data(world)
    del data["lines-TOTAL_FORMS"]

    response = clerk.post("/orders/new/", data)

    assert response.status_code == 422
    assert not Document.objects.exists()


def test_a_file_that_is_too_large(world: World, clerk: Client, settings: Any) -> None:
    settings.AFFIDO_ATTACHMENT_MAX_BYTES = 1024
    files = [SimpleUploadedFile("ok.txt", b"ok"), SimpleUploadedFile("plan.pdf", b"x" * 1025)]

    errors, page = refused(clerk, form_data(world, note="keep me", attachments=files))

    assert list(errors) == ["attachments"]
    assert "plan.pdf" in errors["attachments"][0]
    assert "keep me" in page
    assert "Choose the files again" in page
    assert not DocumentAttachment.objects.exists()


def test_an_empty_file(world: World, clerk: Client) -> None:
    errors, _page = refused(
        clerk, form_data(world, attachments=[SimpleUploadedFile("empty.txt", b"")])
    )

    assert errors == {"attachments": ["The file is empty."]}


def test_a_draft_cannot_move_to_another_company(world: World, clerk: Client) -> None:
    other: Company = CompanyFactory(code="FR01")
    world.clerk.companies.add(other)
    foreign = CustomerAccountFactory(company=other)
    document = world.order(500)

    response = clerk.post(
        f"/orders/{document.pk}/edit/", edit_data(clerk, document, account=str(foreign.pk))
    )

    assert response.status_code == 422
    assert "account" in errors_of(response)
    document.refresh_from_db()
    assert (document.account, document.company) == (world.account, world.company)


def test_a_fault_in_an_edit_changes_nothing(world: World, clerk: Client) -> None:
    document = world.order(500)
    data = edit_data(clerk, document, reference="new")
    data["lines-0-quantity"] = "-4"

    response = clerk.post(f"/orders/{document.pk}/edit/", data)

    assert response.status_code == 422
    assert 'value="new"' in response.content.decode()
    document.refresh_from_db()
    assert (document.reference, document.version, document.gross_amount) == ("", 1, 500)
