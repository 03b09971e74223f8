"""Posting pages: one document with its day of the books, and many with an answer each."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.clock import today
from credit_limits.models import CreditCheck
from documents.models import Document
from ledger.models import JournalEntry
from ledger.services.periods import period_close
from tests.documents.services.cycle import Cycle, fresh, item
from tests.factories.core import UserFactory
from tests.factories.customers import CustomerAccountFactory
from tests.world import TODAY, World

BATCH = reverse("documents:document_batch")
FEBRUARY = datetime.date(2026, 2, 28)


@pytest.fixture
def cycle(world: World) -> Cycle:
    world.limit(10_000)
    return Cycle(world, UserFactory(username="teo", role="treasury"))


@pytest.fixture
def treasurer(cycle: Cycle) -> Client:
    client = Client()
    client.force_login(cycle.treasurer)
    return client


def page_of(document: Document) -> str:
    return reverse("documents:document_post", args=[document.pk])


def texts(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def test_the_page_shows_the_items_to_come_and_posts(treasurer: Client, cycle: Cycle) -> None:
    invoice = cycle.draft("invoice", item(100, 3, tax=22))
    page = treasurer.get(page_of(invoice))
    text = page.content.decode()
    assert "366.00" in text
    assert "If you post now: it passes." in text
    assert page.context["form"]["posted_on"].value() == TODAY
    assert not CreditCheck.objects.exists()

    answer = treasurer.post(
        page_of(invoice), {"posted_on": TODAY.isoformat(), "version": invoice.version}, follow=True
    )

    assert f"Invoice {fresh(invoice).number} is posted." in texts(answer)
    assert cycle.figures() == {"B": 366}


def test_a_closed_period_is_said_at_the_day(treasurer: Client, cycle: Cycle) -> None:
    period_close(company=cycle.world.company, through=FEBRUARY, actor=None)
    invoice = cycle.draft("invoice", item(100))

    answer = treasurer.post(
        page_of(invoice), {"posted_on": FEBRUARY.isoformat(), "version": invoice.version}
    )

    assert answer.status_code == 422
    assert "closed through" in str(answer.context["form"].errors["posted_on"])
    assert fresh(invoice).status == "draft"
    for wrong in ("", "soon", "2026-13-01"):
        answer = treasurer.post(page_of(invoice), {"posted_on": wrong})
        assert answer.status_code == 422
        assert list(answer.context["form"].errors) == ["posted_on"]
    assert not JournalEntry.objects.exists()


def test_a_day_to_come_is_refused_at_the_day(treasurer: Client, cycle: Cycle) -> None:
    invoice = cycle.draft("invoice", item(100))
    tomorrow = today() + datetime.timedelta(days=1)
    answer = treasurer.post(
        page_of(invoice), {"posted_on": tomorrow.isoformat(), "version": invoice.version}
    )
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["posted_on"]
    assert fresh(invoice).status == "draft"
    assert not JournalEntry.objects.exists()
    assert cycle.figures() == {"F": 100}


def test_a_hold_is_foretold_kept_and_told(treasurer: Client, cycle: Cycle) -> None:
    cycle.world.limit(100, valid_from=TODAY)
    invoice = cycle.draft("invoice", item(150))
    page = treasurer.get(page_of(invoice))
    assert page.context["box"].outcome == "hold"
    assert cycle.world.approver in page.context["approvers"]

    answer = treasurer.post(page_of(invoice), {"posted_on": TODAY.isoformat()}, follow=True)

    assert any("held and waits for approval" in text for text in texts(answer))
    assert fresh(invoice).status == "draft"
    assert "Posting is held" in answer.content.decode()


def test_a_stale_page_and_a_second_click(treasurer: Client, cycle: Cycle) -> None:
    invoice = cycle.draft("invoice", item(150))
    data = {"posted_on": TODAY.isoformat(), "version": 99}
    stale = treasurer.post(page_of(invoice), data)
    assert stale.status_code == 409
    assert "changed meanwhile" in stale.content.decode()

    good = {"posted_on": TODAY.isoformat(), "version": invoice.version}
    first = treasurer.post(page_of(invoice), good)
    second = treasurer.get(page_of(invoice), follow=True)
    assert first.status_code == 302
    assert any("cannot be posted" in text for text in texts(second))
    assert JournalEntry.objects.count() == 1


def test_a_credit_note_says_what_it_settles(treasurer: Client, cycle: Cycle) -> None:
    invoice = cycle.posted(cycle.draft("invoice", item(100, 10)))
    note = cycle.credit(invoice, 4)
    page = treasurer.get(page_of(note))
    assert [row.number for row in page.context["settles"]] == [invoice.number]
    treasurer.post(page_of(note), {"posted_on": TODAY.isoformat()})
    assert cycle.figures() == {"B": 600}


@pytest.mark.parametrize("code", ["order", "delivery", "pro_forma", "quote"])
def test_what_is_not_posted_leads_back(treasurer: Client, cycle: Cycle, code: str) -> None:
    document = cycle.made(code, item(100))
    answer = treasurer.get(page_of(document), follow=True)
    assert any("cannot be posted" in text for text in texts(answer))
    treasurer.post(page_of(document), {"posted_on": TODAY.isoformat()})
    assert not JournalEntry.objects.exists()


def test_sales_do_not_post_and_foreign_documents_are_not_found(
    clerk: Client, treasurer: Client, cycle: Cycle
) -> None:
    from tests.factories.core import CompanyFactory

    invoice = cycle.draft("invoice", item(100))
    assert clerk.get(page_of(invoice)).status_code == 403
    assert clerk.post(page_of(invoice), {"posted_on": TODAY.isoformat()}).status_code == 403
    elsewhere = CustomerAccountFactory(company=CompanyFactory(code="XX99"))
    Document.objects.filter(pk=invoice.pk).update(account=elsewhere)
    assert treasurer.get(page_of(invoice)).status_code == 404


def test_many_are_posted_with_an_answer_each(treasurer: Client, cycle: Cycle) -> None:
    other = CustomerAccountFactory(company=cycle.world.company)
    good = cycle.draft("invoice", item(100))
    nolimit = cycle.draft("invoice", item(200), account=other)
    left_out = cycle.draft("invoice", item(300))
    cycle.draft("order", item(1))
    page = treasurer.get(BATCH, {"step": "post"})
    assert page.context["rows"] == [good, nolimit, left_out]

    answer = treasurer.post(
        BATCH, {"step": "post", "document": [good.pk, nolimit.pk], "posted_on": ""}
    )

    assert [(row.document.pk, row.outcome) for row, _name in answer.context["answers"]] == [
        (good.pk, "pass"),
        (nolimit.pk, "hold"),
    ]
    text = answer.content.decode()
    assert "1 of 2 documents done" in text
    assert str(other.customer) in text
    assert [fresh(row).status for row in (good, nolimit, left_out)] == ["posted", "draft", "draft"]
    assert answer.context["rows"] == [left_out]


def test_many_drafts_are_submitted(clerk: Client, cycle: Cycle) -> None:
    orders = [cycle.draft("order", item(price)) for price in (100, 20_000)]
    answer = clerk.post(BATCH, {"step": "submit", "document": [row.pk for row in orders]})
    assert [row.outcome for row, _name in answer.context["answers"]] == ["pass", "hold"]
    assert [fresh(row).status for row in orders] == ["submitted", "held"]


def test_batches_need_the_right_a_step_and_a_choice(
    clerk: Client, treasurer: Client, cycle: Cycle
) -> None:
    invoice = cycle.draft("invoice", item(100))
    assert clerk.get(BATCH, {"step": "post"}).status_code == 403
    assert treasurer.get(BATCH, {"step": "submit"}).status_code == 403
    assert treasurer.get(BATCH, {"step": "nonsense"}).status_code == 404
    assert treasurer.get(BATCH).context["step"] == "post"
    assert clerk.get(BATCH).context["step"] == "submit"
    none = treasurer.post(BATCH, {"step": "post"})
    assert none.status_code == 422
    assert "Choose at least one document" in none.content.decode()
    odd = treasurer.post(BATCH, {"step": "post", "document": "x", "posted_on": "soon"})
    assert odd.status_code == 422
    order = cycle.draft("order", item(1))
    treasurer.post(BATCH, {"step": "post", "document": [order.pk]})
    assert (fresh(invoice).status, fresh(order).status) == ("draft", "draft")
    assert not JournalEntry.objects.exists()


def test_nothing_waiting_says_so(treasurer: Client, cycle: Cycle) -> None:
    assert "Nothing waits" in treasurer.get(BATCH, {"step": "post"}).content.decode()


def test_the_pages_ask_as_often_for_many_rows_as_for_few(treasurer: Client, cycle: Cycle) -> None:
    few = cycle.draft("invoice", item(1))
    with CaptureQueriesContext(connection) as one:
        treasurer.get(page_of(few))
    with CaptureQueriesContext(connection) as short:
        treasurer.get(BATCH, {"step": "post"})
    many = cycle.draft("invoice", *(item(1, name=f"Part {n}") for n in range(60)))
    for _n in range(10):
        cycle.draft("invoice", item(1))
    with CaptureQueriesContext(connection) as whole:
        treasurer.get(page_of(many))
    with CaptureQueriesContext(connection) as long:
        treasurer.get(BATCH, {"step": "post"})
    assert len(whole) == len(one) <= 25
    assert len(long) == len(short) <= 12
