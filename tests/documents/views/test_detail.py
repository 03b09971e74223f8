"""The page of an order: state, figures, why it is held, who can release it, what would help."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
from django.test import Client

from approvals.models import ApprovalAuthority
from approvals.services import step_refuse
from core.models import User
from customers.models import Customer
from documents.models import Document, HoldCase
from documents.services.recheck import held_recheck
from documents.services.remarks import note_add
from documents.services.submit import document_submit
from tests.factories.core import CompanyFactory
from tests.factories.customers import CustomerAccountFactory
from tests.factories.documents import OrderFactory
from tests.world import TODAY, World

pytestmark = pytest.mark.django_db


def page_of(client: Client, document: Document) -> str:
    response = client.get(f"/orders/{document.pk}/")
    assert response.status_code == 200
    return response.content.decode()


def held(world: World, gross: int = 1100) -> Document:
    document = world.order(gross, reference="PO 77", ship_to="Site Bergamo")
    result = document_submit(document=document, actor=world.clerk, as_of=TODAY)
    assert result.case is not None
    return result.document


def test_a_held_order_says_why_who_since_when_and_what_would_help(
    world: World, clerk: Client
) -> None:
    world.item(200, due_on=TODAY - datetime.timedelta(days=21))
    document = held(world)

    page = page_of(clerk, document)

    assert f"Order {document} is held" in page
    assert "by 300.00 EUR" in page
    assert "limit 1,000.00; used 200.00; this document 1,100.00" in page
    assert "since 21 days" in page
    assert "Anna, Carla" in page
    assert "31 Mar 2026" in page
    assert "Sent off by" in page
    assert "What would make it pass" in page
    assert "ayment of debit-1 (200.00 EUR)" in page
    case = HoldCase.objects.get()
    assert f'href="/credit/checks/{case.check_run_id}/"' in page


def test_a_held_order_keeps_everything_typed_on_its_page(world: World, clerk: Client) -> None:
    page = page_of(clerk, held(world))

    for words in ("PO 77", "Site Bergamo", "Goods", "1,100.00"):
        assert words in page


def test_an_amount_nobody_may_decide_is_said(world: World, clerk: Client) -> None:
    ApprovalAuthority.objects.all().delete()

    page = page_of(clerk, held(world))

    assert "Nobody may decide this amount" in page


def test_a_refusal_is_released_by_nobody(world: World, clerk: Client) -> None:
    Customer.objects.filter(pk=world.account.customer_id).update(status="blocked")

    page = page_of(clerk, held(world, 10))

    assert "Nobody: it ends when its cause ends." in page
    assert "Customer blocked" in page
    assert "they have been told" not in page


def test_when_the_cause_is_gone_the_page_says_submit_again(world: World, clerk: Client) -> None:
    document = held(world)
    world.limit(5000, valid_from=TODAY)

    assert "Nothing is in the way any more" in page_of(clerk, document)

    held_recheck()
    page = page_of(clerk, document)
    assert "is held" not in page
    assert "Earlier holds" in page
    assert "Cause gone" in page


def test_a_refused_order_says_who_and_why(world: World, clerk: Client) -> None:
    document = held(world)
    request = HoldCase.objects.get().request
    assert request is not None
    step_refuse(request=request, actor=world.manager, comment="Pays late since spring")

    page = page_of(clerk, document)

    assert "Refused by Carla" in page
    assert "Pays late since spring" in page


@pytest.mark.parametrize(
    ("status", "there", "absent"),
    [
        ("draft", {"submit", "edit", "copy", "cancel"}, {"close", "reopen"}),
        ("held", {"submit", "edit", "copy", "cancel"}, {"close", "reopen"}),
        ("refused", {"submit", "edit", "copy", "cancel"}, {"close", "reopen"}),
        ("submitted", {"edit", "copy", "cancel", "close"}, {"submit", "reopen"}),
        ("released", {"edit", "copy", "cancel", "close"}, {"submit", "reopen"}),
        ("cancelled", {"copy", "reopen"}, {"submit", "edit", "cancel", "close"}),
        ("closed", {"copy", "reopen"}, {"submit", "edit", "cancel", "close"}),
    ],
)
def test_only_the_steps_the_status_allows_have_buttons(
    world: World, clerk: Client, status: str, there: set[str], absent: set[str]
) -> None:
    document = world.order(100)
    Document.objects.filter(pk=document.pk).update(status=status, accepted_on=TODAY)

    page = page_of(clerk, document)

    for step in there:
        assert f"/orders/{document.pk}/{step}/" in page, step
    for step in absent:
        assert f"/orders/{document.pk}/{step}/" not in page, step


def test_somebody_who_only_reads_gets_no_buttons(
    world: World, login: Callable[[User], Client]
) -> None:
    document = held(world)

    page = page_of(login(world.approver), document)

    for step in ("submit", "edit", "copy", "cancel", "notes/add", "files/add"):
        assert f"/orders/{document.pk}/{step}/" not in page
    assert f"Order {document} is held" in page


def test_the_history_tells_what_happened(world: World, clerk: Client) -> None:
    document = held(world)
    note_add(document=document, text="Called them", actor=world.clerk)

    page = page_of(clerk, document)

    assert "Draft saved" in page
    assert "Held: Over the limit" in page
    assert "Note: Called them" in page


def test_an_accepted_order_shows_that_it_counts(world: World, clerk: Client) -> None:
    document = world.order(400)
    document_submit(document=document, actor=world.clerk, as_of=TODAY)

    page = page_of(clerk, document)

    assert "Where its value sits now" in page
    assert f'href="/reports/exposure/{document.account_id}/order_open/"' in page
    assert "400.00" in page
    assert "600.00" in page


def test_an_order_of_another_company_is_not_found(world: World, clerk: Client) -> None:
    foreign = OrderFactory(account=CustomerAccountFactory(company=CompanyFactory(code="FR01")))

    for path in ("", "edit/", "cancel/", "close/", "reopen/"):
        assert clerk.get(f"/orders/{foreign.pk}/{path}").status_code == 404, path
    for path in ("edit/", "submit/", "cancel/", "close/", "reopen/", "copy/", "notes/add/"):
        assert clerk.post(f"/orders/{foreign.pk}/{path}").status_code == 404, path
    foreign.refresh_from_db()
    assert (foreign.status, foreign.version) == ("draft", 1)
    assert Document.objects.count() == 1


def test_a_text_with_markup_is_shown_as_text(world: World, clerk: Client) -> None:
    document = world.order(100, reference="<script>alert(1)</script>")

    page = page_of(clerk, document)

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
