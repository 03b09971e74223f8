"""The migration to double entry, on a ledger that was there before it."""

from __future__ import annotations

import datetime
from decimal import Decimal
from importlib import import_module

import pytest
from django.db import connection

from ledger.models import JournalEntry, JournalLine, OpenItem
from ledger.selectors import balance_proof, control_proof
from ledger.services import payment_record
from tests.factories.core import ExchangeRateFactory
from tests.factories.customers import CustomerAccountFactory
from tests.factories.ledger import JournalEntryFactory, PaymentFactory

pytestmark = pytest.mark.django_db

D = datetime.date
FILL = import_module("ledger.migrations.0008_lines_of_earlier_entries")


def run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def forget_double_entry() -> None:
    """The ledger as it was before: no lines, no values of items, no exchange differences."""
    run("SET CONSTRAINTS ALL IMMEDIATE", "SET CONSTRAINTS ALL DEFERRED")
    guarded = ("ledger_journalline", "ledger_journalentry", "ledger_openitem")
    run(*(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in guarded))
    run(
        "ALTER TABLE ledger_openitem DROP CONSTRAINT item_company_amount_iff_rate",
        "DELETE FROM ledger_journalline",
        "DELETE FROM ledger_journalentry WHERE kind = 'exchange'",
        "DELETE FROM ledger_ledgeraccount",
        "UPDATE ledger_openitem SET company_amount = NULL",
        "SET CONSTRAINTS ALL IMMEDIATE",
        "SET CONSTRAINTS ALL DEFERRED",
    )


def lines() -> list[tuple[object, ...]]:
    return sorted(
        JournalLine.objects.exclude(entry__kind="exchange").values_list(
            "entry__number",
            "ledger_account__role",
            "account_id",
            "debit",
            "credit",
            "company_debit",
            "company_credit",
        ),
        key=str,
    )


def test_entries_of_before_get_the_lines_they_would_have_today():
    ExchangeRateFactory(valid_on=D(2026, 1, 1), rate=Decimal("0.90"))
    ExchangeRateFactory(valid_on=D(2026, 2, 1), rate=Decimal("0.81"))
    account = CustomerAccountFactory()
    thirds = [(D(2026, 2, 1), Decimal("33.33"))] * 3
    for currency in ("EUR", "USD"):
        for kind in ("invoice", "opening", "credit_note"):
            JournalEntryFactory(account=account, kind=kind, currency=currency, instalments=thirds)
    JournalEntryFactory(account=account, provisional=True)
    JournalEntryFactory(account=account, currency="USD", document_on=D(2025, 1, 1))
    other = CustomerAccountFactory(company=account.company)
    item = JournalEntryFactory(account=other, currency="USD", instalments=thirds).items.first()
    payment_record(
        account=other,
        received_on=D(2026, 2, 10),
        amount=Decimal(50),
        allocations=[(item, Decimal(20))],
        currency="USD",
        actor=None,
    )
    PaymentFactory(account=other)
    before, values = lines(), dict(OpenItem.objects.values_list("pk", "company_amount"))
    difference = JournalEntry.objects.get(kind="exchange").company_amount

    forget_double_entry()
    run(*FILL.STATEMENTS)

    assert lines() == before
    assert dict(OpenItem.objects.values_list("pk", "company_amount")) == values
    assert control_proof() == []
    assert balance_proof() == []
    assert (
        JournalEntry.objects.get(kind="exchange").company_amount == difference == Decimal("-1.80")
    )
    count = JournalLine.objects.count()
    run(*FILL.STATEMENTS)
    assert JournalLine.objects.count() == count


def test_an_empty_ledger_stays_empty():
    run(*FILL.STATEMENTS, FILL.DISPUTES)
    assert not JournalLine.objects.exists()
    assert not JournalEntry.objects.exists()
