"""Closed periods: refused by the services with a clear reason, and by the database."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from core.audit import sentence
from core.errors import Conflict, Invalid, NotAllowed
from core.models import AuditEvent
from ledger.models import Allocation, JournalEntry, LedgerSettings
from ledger.services import (
    entry_confirm,
    payment_allocate,
    payment_reverse,
    period_close,
    period_reopen,
)
from tests.factories.core import CompanyFactory, UserFactory
from tests.factories.customers import CustomerAccountFactory
from tests.factories.ledger import JournalEntryFactory, OpenItemFactory, PaymentFactory
from tests.ledger.test_double_entry import bare_entry, item, line

pytestmark = pytest.mark.django_db

D = datetime.date
END = D(2026, 1, 31)


@pytest.fixture
def account():
    """An account of a company that closed January."""
    account = CustomerAccountFactory()
    period_close(company=account.company, through=END, actor=UserFactory(role="treasury"))
    return account


def test_nothing_is_posted_in_a_closed_period(account):
    with pytest.raises(Invalid) as caught:
        JournalEntryFactory(account=account, document_on=END)
    assert (caught.value.code, caught.value.field) == ("ledger.period_closed", "document_on")
    assert str(caught.value) == (
        "The books are closed through 31 Jan 2026. Take 1 Feb 2026 or a later day."
    )
    assert not JournalEntry.objects.exists()
    with pytest.raises(Invalid) as caught:
        PaymentFactory(account=account, received_on=D(2026, 1, 20))
    assert caught.value.field == "received_on"
    # Where the day of the books was typed, the fault is there.
    with pytest.raises(Invalid) as caught:
        PaymentFactory(account=account, received_on=D(2026, 2, 2), posted_on=END)
    assert caught.value.field == "posted_on"
    assert not JournalEntry.objects.exists()


def test_the_day_of_the_books_may_be_later_than_the_document(account):
    entry = JournalEntryFactory(account=account, document_on=END, posted_on=D(2026, 2, 1))
    assert entry.document_on == END
    JournalEntryFactory(account=account, document_on=D(2026, 2, 1))


def test_other_companies_post_as_before(account):
    elsewhere = CustomerAccountFactory(company=CompanyFactory(code="ELSE"))
    JournalEntryFactory(account=elsewhere, document_on=END)
    assert account.company != elsewhere.company


def test_applying_in_a_closed_period_is_refused_and_without_a_day_taken_later(account):
    company = account.company
    period_reopen(company=company, through=None, reason="test", actor=None)
    debit = OpenItemFactory(account=account, document_on=D(2026, 1, 5))
    credit = PaymentFactory(account=account, received_on=D(2026, 1, 20))
    period_close(company=company, through=END, actor=None)
    values: dict[str, Any] = {
        "credit_item": credit,
        "debit_item": debit,
        "amount": Decimal(40),
        "actor": None,
    }
    with pytest.raises(Invalid) as caught:
        payment_allocate(**values, on=D(2026, 1, 25))
    assert (caught.value.code, caught.value.field) == ("ledger.period_closed", "on")
    assert not Allocation.objects.exists()
    payment_allocate(**values)
    assert Allocation.objects.get().allocated_on == D(2026, 2, 1)
    with pytest.raises(Invalid) as caught:
        payment_reverse(payment=credit.entry, on=END, reason="x", actor=None)
    assert caught.value.field == "on"


def test_a_provisional_entry_needs_an_open_day_when_it_is_confirmed(account):
    entry = JournalEntryFactory(account=account, document_on=END, provisional=True)
    with pytest.raises(Invalid) as caught:
        entry_confirm(entry=entry, actor=None)
    assert caught.value.field == "posted_on"
    entry.refresh_from_db()
    assert entry.state == "provisional"
    entry_confirm(entry=entry, actor=None, posted_on=D(2026, 2, 1))


def test_the_database_refuses_it_whoever_writes_the_sql(account):
    with pytest.raises(IntegrityError, match="closed through 2026-01-31"), transaction.atomic():
        bare_entry(account)
    provisional = JournalEntryFactory(account=account, document_on=END, provisional=True)
    with pytest.raises(IntegrityError, match="closed"), transaction.atomic():
        JournalEntry.objects.filter(pk=provisional.pk).update(state="posted")
    debit = OpenItemFactory(account=account, document_on=D(2026, 2, 1))
    credit = PaymentFactory(account=account, received_on=D(2026, 2, 1))
    with pytest.raises(DatabaseError, match="closed"), transaction.atomic():
        Allocation.objects.create(
            account=account, debit_item=debit, credit_item=credit, amount=1, allocated_on=END
        )
    with transaction.atomic():
        LedgerSettings.objects.update(closed_through=None)
        entry = bare_entry(account)
        item(entry)
        line(entry, "receivable", debit=10).save()
        line(entry, credit=10).save()


def test_closing_goes_forward_and_reopening_back():
    company = CompanyFactory()
    treasury = UserFactory(role="treasury")
    with pytest.raises(Invalid) as caught:
        period_close(company=company, through=D(2999, 1, 1), actor=treasury)
    assert caught.value.field == "through"
    with pytest.raises(Conflict):
        period_reopen(company=company, through=None, reason="x", actor=treasury)
    period_close(company=company, through=END, actor=treasury)
    with pytest.raises(Conflict):
        period_close(company=company, through=END, actor=treasury)
    with pytest.raises(Conflict):
        period_reopen(company=company, through=END, reason="x", actor=treasury)
    with pytest.raises(Invalid):
        period_reopen(company=company, through=None, reason=" ", actor=treasury)
    period_reopen(company=company, through=D(2025, 12, 31), reason="late invoice", actor=treasury)
    settings = LedgerSettings.objects.get(company=company)
    assert settings.closed_through == D(2025, 12, 31)
    period_reopen(company=company, through=None, reason="all of it", actor=treasury)
    assert [sentence(event) for event in AuditEvent.objects.order_by("pk")] == [
        "The books were closed through 31 Jan 2026.",
        "The books were opened again; they are closed through 31 Dec 2025: late invoice.",
        "The books were opened again: all of it.",
    ]


@pytest.mark.parametrize("role", ["sales", "credit_manager", "auditor"])
def test_closing_needs_the_right(role):
    company = CompanyFactory()
    actor = UserFactory(role=role)
    with pytest.raises(NotAllowed):
        period_close(company=company, through=END, actor=actor)
    with pytest.raises(NotAllowed):
        period_reopen(company=company, through=None, reason="x", actor=actor)
