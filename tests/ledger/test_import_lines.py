"""What an import writes behind the items: lines, exchange differences, disputes; and when not."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from ledger.models import Dispute, JournalEntry, OpenItem
from ledger.selectors import balance_proof, control_proof, residual_proof
from ledger.services import period_close, period_reopen
from tests.factories.core import CompanyFactory, ExchangeRateFactory
from tests.ledger.files import History, faults, load, preview, standard

pytestmark = pytest.mark.django_db

D = datetime.date
SETTLED = ("currency", "settled_date", "settled_amount", "disputed")


@pytest.fixture(autouse=True)
def _proved():
    yield
    assert control_proof() == []
    assert balance_proof() == []
    assert residual_proof() == []


def test_every_imported_entry_has_its_lines():
    history = History()
    load(history.csv(), "ibm_ar")
    entries = JournalEntry.objects.all()
    assert entries
    roles = {entry.kind: set() for entry in entries}  # type: ignore[var-annotated]
    for entry in entries.prefetch_related("lines__ledger_account"):
        assert entry.posted_on == entry.document_on
        assert len(entry.lines.all()) == 2
        roles[entry.kind] |= {line.ledger_account.role for line in entry.lines.all()}
    assert roles == {"invoice": {"receivable", "revenue"}, "payment": {"receivable", "bank"}}


def test_two_rates_and_parts_and_credits_stay_in_balance():
    ExchangeRateFactory(valid_on=D(2025, 1, 1), rate=Decimal("0.90"))
    ExchangeRateFactory(valid_on=D(2025, 3, 1), rate=Decimal("0.80"))
    rows = [
        ("C1", "1", "2025-02-01", "2025-03-01", "100", "USD", "2025-03-05", "60", "", "invoice"),
        (
            "C1",
            "2",
            "2025-02-01",
            "2025-03-01",
            "33.33",
            "USD",
            "2025-03-05",
            "33.33",
            "",
            "invoice",
        ),
        ("C1", "3", "2025-02-01", "2025-03-01", "50", "USD", "2025-03-05", "20", "", "credit note"),
    ]
    load(standard(*rows, more=(*SETTLED, "kind")))
    differences = JournalEntry.objects.filter(kind="exchange").order_by("pk")
    assert sorted(entry.company_amount for entry in differences) == [
        Decimal("-6.00"),
        Decimal("-3.34"),
        Decimal("2.00"),
    ]
    # The same items paid further, at the rate of that day.
    paid = [(*row[:6], "2025-03-08", row[4], *row[8:]) for row in rows]
    load(standard(*paid, more=(*SETTLED, "kind")))
    assert not OpenItem.objects.unsettled().exists()


def test_disputes_of_a_file_become_rows_and_end_when_the_file_says_so():
    row = ("C1", "1", "2025-02-01", "2025-03-01", "100", "EUR", "", "")
    load(standard((*row, "yes"), more=SETTLED), name="first.csv")
    dispute = Dispute.objects.get()
    assert (dispute.opened_on, dispute.reason) == (D(2025, 2, 1), "first.csv")
    load(standard((*row, "yes"), more=SETTLED))
    assert Dispute.objects.count() == 1
    load(standard((*row, "no"), more=SETTLED), name="second.csv")
    dispute.refresh_from_db()
    assert dispute.closed_at is not None
    assert dispute.outcome == "second.csv"
    assert not OpenItem.objects.get().is_disputed


def test_a_closed_period_takes_no_rows_and_says_which():
    company = CompanyFactory()
    rows = (
        ("C1", "1", "2025-01-10", "2025-02-01", "100", "EUR", "", "", ""),
        ("C1", "2", "2025-02-10", "2025-03-01", "100", "EUR", "", "", ""),
    )
    period_close(company=company, through=D(2025, 1, 31), actor=None)
    run = preview(standard(*rows, more=SETTLED), company=company)
    assert faults(run) == [(2, "invoice_date", "period_closed")]
    load(standard(rows[1], more=SETTLED), company=company)
    period_reopen(company=company, through=None, reason="import", actor=None)
    load(standard(*rows, more=SETTLED), company=company)
    period_close(company=company, through=D(2025, 3, 31), actor=None)
    # What is known already is compared, not posted.
    load(standard(*rows, more=SETTLED), company=company)
    paid = (*rows[0][:6], "2025-03-05", "100", "")
    run = preview(standard(paid, more=SETTLED), company=company)
    assert faults(run) == [(2, "settled_date", "period_closed")]
