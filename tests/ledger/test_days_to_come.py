"""No day of the books lies in the future, nor before the document or the money it is about."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from django.urls import reverse

from core.clock import business_day, today
from core.errors import Invalid
from ledger.models import Allocation, JournalEntry
from ledger.services import (
    entry_confirm,
    item_write_off,
    payment_allocate,
    payment_record,
    payment_reverse,
)
from tests.factories.core import UserFactory
from tests.factories.customers import CustomerAccountFactory
from tests.factories.ledger import JournalEntryFactory, OpenItemFactory, PaymentFactory

pytestmark = pytest.mark.django_db

TODAY = datetime.date(2026, 3, 10)
TOMORROW = TODAY + datetime.timedelta(days=1)


@pytest.fixture(autouse=True)
def _on_the_day():
    with business_day(TODAY):
        yield


@pytest.fixture
def account():
    return CustomerAccountFactory()


def _refused(code, field):
    return pytest.raises(Invalid, check=lambda error: (error.code, error.field) == (code, field))


@pytest.mark.parametrize("provisional", [False, True])
def test_a_posting_day_after_today_is_refused_and_today_is_not(account, provisional):
    with _refused("ledger.day_to_come", "posted_on"):
        JournalEntryFactory(
            account=account, document_on=TODAY, posted_on=TOMORROW, provisional=provisional
        )
    with _refused("ledger.day_to_come", "document_on"):  # the day that was given
        JournalEntryFactory(account=account, document_on=TOMORROW, provisional=provisional)
    assert not JournalEntry.objects.exists()
    JournalEntryFactory(account=account, document_on=TODAY, provisional=provisional)


def test_a_payment_is_not_posted_before_the_money_came(account):
    with _refused("ledger.posted_before_money", "posted_on"):
        payment_record(
            account=account,
            received_on=TODAY,
            posted_on=TODAY - datetime.timedelta(days=1),
            amount=Decimal(10),
            actor=None,
        )
    assert not JournalEntry.objects.exists()
    payment_record(
        account=account, received_on=TODAY, posted_on=TODAY, amount=Decimal(10), actor=None
    )


def test_an_invoice_may_be_booked_on_an_earlier_day_than_its_own(account):
    earlier = TODAY - datetime.timedelta(days=1)
    entry = JournalEntryFactory(account=account, document_on=TODAY, posted_on=earlier)
    assert entry.posted_on == earlier


def test_confirming_applying_and_taking_back_keep_to_days_that_have_come(account):
    debit = OpenItemFactory(account=account, document_on=TODAY, amount="50")
    credit = PaymentFactory(account=account, received_on=TODAY, amount="30")
    waiting = PaymentFactory(account=account, received_on=TODAY, provisional=True).entry
    with _refused("ledger.day_to_come", "posted_on"):
        entry_confirm(entry=waiting, actor=None, posted_on=TOMORROW)
    with _refused("ledger.posted_before_money", "posted_on"):
        entry_confirm(entry=waiting, actor=None, posted_on=TODAY - datetime.timedelta(days=1))
    with _refused("ledger.day_to_come", "on"):
        payment_allocate(
            credit_item=credit, debit_item=debit, amount=Decimal(1), on=TOMORROW, actor=None
        )
    with _refused("ledger.day_to_come", "on"):
        payment_reverse(payment=credit.entry, on=TOMORROW, reason="returned", actor=None)
    with pytest.raises(Invalid):
        item_write_off(item=debit, on=TOMORROW, reason="lost", actor=None)
    waiting.refresh_from_db()
    assert waiting.state == JournalEntry.State.PROVISIONAL
    assert not Allocation.objects.exists()
    assert JournalEntry.objects.count() == 3


def test_the_form_says_it_at_the_posting_date_and_keeps_what_was_typed(client, account):
    user = UserFactory(role="treasury")
    client.force_login(user)
    address = reverse("ledger:payment_create") + f"?account={account.pk}"
    day = today()
    answer = client.post(
        address,
        {
            "received_on": day.isoformat(),
            "amount": "77.10",
            "posted_on": (day + datetime.timedelta(days=40000)).isoformat(),
            "text": "typed",
            "token": "3f0c9b1e-6f0e-4e0f-9a44-1df6d9f7f6a1",
        },
    )
    assert answer.status_code == 422
    assert "posted_on" in answer.context["form"].errors
    assert "typed" in answer.text
    assert not JournalEntry.objects.exists()
