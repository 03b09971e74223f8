"""Importing whole histories: every cent arrives once, and only once."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from django.db.models import Sum

from core.audit import sentence
from core.models import AuditEvent
from customers.models import Customer, CustomerAccount
from ledger import metrics
from ledger.models import Allocation, ImportRun, JournalEntry, OpenItem
from ledger.selectors import behaviour_rows, items_as_of, paid_rows, residual_proof
from ledger.services import payment_record
from tests.factories.core import CompanyFactory
from tests.factories.customers import CustomerFactory
from tests.ledger.files import (
    DDMMYYYY,
    IBM_HEADINGS,
    REAL,
    History,
    faults,
    load,
    preview,
    standard,
    workbook,
)

pytestmark = pytest.mark.django_db

needs_real_files = pytest.mark.skipif(not REAL.is_dir(), reason="the real histories are not here")
D = datetime.date


def ledger():
    """Everything an import can change, row by row."""
    return (
        sorted(Customer.objects.values_list("code", "name", "country")),
        CustomerAccount.objects.count(),
        sorted(JournalEntry.objects.values_list()),
        sorted(OpenItem.objects.values_list(), key=str),
        sorted(Allocation.objects.values_list()),
    )


def test_a_history_arrives_to_the_cent():
    history = History()
    run = load(history.csv(), "ibm_ar")
    invoices = OpenItem.objects.debits()
    assert invoices.aggregate(Sum("amount"))["amount__sum"] == history.total
    assert invoices.count() == len(history.rows) == run.totals["entries_new"]
    assert Customer.objects.count() == CustomerAccount.objects.count() == 7
    assert Customer.objects.get(code="0003-ABCDE").country == "394"
    assert not OpenItem.objects.unsettled().exists()
    assert residual_proof() == []
    assert run.totals["currencies"]["EUR"] == {
        "amount": str(history.total),
        "debit": str(history.total),
        "credit": "0",
        "amount_new": str(history.total),
        "payments": str(history.total),
    }
    for row in history.rows:
        item = invoices.get(number=row["number"])
        assert item.account.customer.code == row["customer"]
        assert (item.document_on, item.due_on, item.amount, item.is_disputed) == (
            row["issued"],
            row["due"],
            row["amount"],
            row["disputed"],
        )
        (allocation,) = item.debit_allocations.select_related("credit_item__entry")
        assert item.settled_on == allocation.allocated_on == row["settled"]
        assert allocation.credit_item.entry.kind == "payment"
        assert allocation.credit_item.document_on == row["settled"]


def test_one_event_tells_of_the_import():
    run = load(History().csv(), "ibm_ar", name="histories/ar.csv")
    event = AuditEvent.objects.get()
    assert event.action == "ledger.history.imported"
    assert (event.subject_type, event.subject_id) == ("ledger.importrun", run.pk)
    assert event.data["company_id"] == run.company_id == event.company_id
    assert sentence(event) == "ar.csv was imported: 60 new documents, 60 payments, 7 new customers."


def test_the_same_file_again_changes_nothing():
    history = History()
    load(history.csv(), "ibm_ar")
    before = ledger()
    again = load(history.csv(), "ibm_ar")
    assert ledger() == before
    assert again.totals["entries_known"] == 60
    assert again.totals["entries_new"] == again.totals["payments_new"] == 0
    assert [notice["code"] for notice in again.totals["notices"]] == [
        "columns_ignored",
        "imported_before",
    ]


def test_another_copy_with_other_dates_headings_and_lost_zeros_changes_nothing():
    history = History()
    load(history.csv(), "ibm_ar")
    before = ledger()
    history.rows.reverse()
    copy = history.csv(day=DDMMYYYY, headings=["countrycode", *IBM_HEADINGS[1:]], zeros=False)
    load(copy, "ibm_ar_ddmmyyyy")
    assert ledger() == before


def test_the_order_of_the_copies_does_not_matter():
    history = History()
    load(history.csv(day=DDMMYYYY, zeros=False), "ibm_ar_ddmmyyyy")
    before = ledger()
    load(history.csv(), "ibm_ar")
    assert ledger() == before


def test_without_the_option_numbers_are_text_and_zeros_count():
    load(standard(["C1", "007", "2026-01-01", "2026-01-31", "10.00"]))
    run = load(standard(["C1", "7", "2026-01-01", "2026-01-31", "10.00"]))
    assert run.totals["entries_new"] == 1
    assert set(OpenItem.objects.values_list("number", flat=True)) == {"007", "7"}


def test_empty_columns_that_nobody_maps_do_not_matter():
    history = History()
    load(history.csv(), "ibm_ar")
    more = History(invoices=12, seed=2)
    history.rows += more.rows
    run = load(history.csv(paperless=False), "ibm_ar")
    assert (run.totals["entries_known"], run.totals["entries_new"]) == (60, 12)
    assert run.totals["currencies"]["EUR"]["amount_new"] == str(more.total)
    assert OpenItem.objects.debits().aggregate(Sum("amount"))["amount__sum"] == history.total


def test_a_workbook_holds_the_same_history():
    history = History(invoices=10)
    rows = [
        [
            row["country"],
            row["customer"],
            row["issued"],
            row["number"],
            row["issued"],
            row["due"],
            float(str(row["amount"])),
            "Yes" if row["disputed"] else "No",
            row["settled"],
            "Paper",
            row["days"],
            0,
        ]
        for row in history.rows
    ]
    load(workbook(IBM_HEADINGS, rows), "ibm_ar", name="history.xlsx")
    before = ledger()
    load(history.csv(), "ibm_ar")
    assert ledger() == before
    assert OpenItem.objects.debits().count() == 10


def test_a_past_day_shows_what_was_open_then():
    history = History()
    load(history.csv(), "ibm_ar")
    for day in (D(2012, 6, 1), D(2012, 12, 31), D(2013, 5, 5)):
        expected = sum(
            row["amount"] for row in history.rows if row["issued"] <= day < row["settled"]
        )
        residuals = items_as_of(day, OpenItem.objects.debits()).aggregate(Sum("residual"))
        assert (residuals["residual__sum"] or 0) == expected


def test_payment_behaviour_comes_out_as_the_file_says():
    history = History()
    load(history.csv(), "ibm_ar")
    as_of = D(2014, 12, 31)
    rows = [row for paid in paid_rows(None, as_of, 60).values() for row in paid]
    figures = metrics.behaviour(rows, as_of, 60)
    late = [max(0, row["days"] - 30) for row in history.rows]
    assert figures.settled_count == len(late)
    assert figures.late_count == sum(1 for days in late if days)
    assert figures.mean_days_late == Decimal(sum(late)) / len(late)


# --- later files ---------------------------------------------------------------------------------

OPEN = ["C1", "A1", "2026-01-01", "2026-01-31", "100.00", ""]


def test_a_later_file_adds_just_the_payment():
    load(standard(OPEN, more=["settled_date"]))
    assert OpenItem.objects.get().open_amount == 100
    run = load(standard([*OPEN[:5], "2026-02-10"], more=["settled_date"]))
    assert (run.totals["entries_new"], run.totals["payments_new"]) == (0, 1)
    item = OpenItem.objects.debits().get()
    assert (item.open_amount, item.settled_on) == (0, D(2026, 2, 10))
    assert JournalEntry.objects.filter(kind="payment", import_run=run).count() == 1
    assert residual_proof() == []


def test_part_payments_add_up_over_several_files():
    more = ["settled_date", "settled_amount"]
    base = OPEN[:5]
    load(standard([*base, "", ""], more=more))
    for paid_on, so_far, still_open in (
        ("2026-02-01", "30.00", 70),
        ("2026-02-01", "30.00", 70),
        ("2026-02-01", "40.00", 60),
        ("2026-03-01", "100.00", 0),
    ):
        load(standard([*base, paid_on, so_far], more=more))
        assert OpenItem.objects.debits().get().open_amount == still_open
    assert [str(a.amount) for a in Allocation.objects.order_by("pk")] == ["30.00", "10.00", "60.00"]
    assert OpenItem.objects.debits().get().settled_on == D(2026, 3, 1)
    assert residual_proof() == []


def test_a_file_that_knows_less_than_the_ledger_takes_nothing_back():
    load(standard(OPEN, more=["settled_date"]))
    item = OpenItem.objects.get()
    payment_record(
        account=item.account,
        received_on=D(2026, 1, 20),
        amount=Decimal(60),
        allocations=[(item, Decimal(60))],
        actor=None,
    )
    before = ledger()
    run = load(standard(OPEN, more=["settled_date"]))
    assert ledger() == before
    assert [notice["code"] for notice in run.totals["notices"]] == [
        "imported_before",
        "known_more_paid",
    ]
    load(standard([*OPEN[:5], "2026-02-10"], more=["settled_date"]))
    assert [str(a.amount) for a in Allocation.objects.order_by("pk")] == ["60.00", "40.00"]


def test_a_dispute_that_ends_is_no_new_document():
    load(standard([*OPEN[:5], "yes"], more=["disputed"]))
    assert OpenItem.objects.get().is_disputed
    run = load(standard([*OPEN[:5], "no"], more=["disputed"]))
    assert run.totals["disputes_changed"] == 1
    assert not OpenItem.objects.get().is_disputed
    load(standard(OPEN[:5]))
    assert not OpenItem.objects.get().is_disputed


@pytest.mark.parametrize(
    ("position", "value", "column", "code"),
    [
        (4, "100.01", "amount", "known_amount"),
        (2, "2026-01-02", "invoice_date", "known_document_date"),
        (3, "2026-02-01", "due_date", "known_due_date"),
    ],
)
def test_a_known_document_that_differs_is_an_error(position, value, column, code):
    load(standard(OPEN[:5], ["C1", "A2", "2026-01-01", "2026-01-31", "5"]))
    before = ledger()
    changed = list(OPEN[:5])
    changed[position] = value
    run = preview(
        standard(
            ["C1", "A2", "2026-01-01", "2026-01-31", "5"],
            changed,
            ["C2", "B1", "2026-01-01", "2026-01-31", "7"],
        )
    )
    assert faults(run) == [(3, column, code)]
    assert ledger() == before


def test_customers_keep_what_we_know_of_them():
    CustomerFactory(code="C1", name="Ours", country="DE")
    load(
        standard(
            [*OPEN[:5], "Theirs", "IT"],
            ["C2", "B", "2026-01-01", "2026-01-31", "5", "", ""],
            ["C2", "C", "2026-01-01", "2026-01-31", "5", "New Ltd", "fr"],
            ["C3", "D", "2026-01-01", "2026-01-31", "5", "", ""],
            more=["customer_name", "country"],
        )
    )
    assert list(Customer.objects.order_by("code").values_list("code", "name", "country")) == [
        ("C1", "Ours", "DE"),
        ("C2", "New Ltd", "FR"),
        ("C3", "C3", ""),
    ]


def test_companies_have_their_own_ledgers():
    load(standard(OPEN[:5]))
    other = CompanyFactory(code="DE01")
    run = load(standard(OPEN[:5]), company=other)
    assert run.totals["entries_new"] == 1
    assert Customer.objects.count() == 1
    assert JournalEntry.objects.filter(company=other).count() == 1


# --- the real files ------------------------------------------------------------------------------


@needs_real_files
def test_the_real_history_and_its_copies():
    data = (REAL / "WA_Fn-UseC_-Accounts-Receivable.csv").read_bytes()
    run = load(data, "ibm_ar")
    assert run.totals["entries_new"] == run.totals["payments_new"] == 2466
    assert run.totals["customers_new"] == Customer.objects.count() == 100
    assert run.totals["currencies"]["EUR"]["amount"] == "147703.18"
    items = OpenItem.objects.debits()
    assert items.aggregate(Sum("amount"))["amount__sum"] == Decimal("147703.18")
    assert items.filter(is_disputed=True).count() == 561
    assert residual_proof() == []

    as_of = D(2014, 12, 31)
    rows = [row for paid in paid_rows(None, as_of, 60).values() for row in paid]
    whole = metrics.behaviour(rows, as_of, 60)
    assert (whole.settled_count, whole.late_count) == (2466, 877)
    assert whole.late_count_percent is not None
    assert whole.mean_days_late is not None
    assert round(whole.late_count_percent, 2) == Decimal("35.56")
    assert round(whole.mean_days_late, 4) == Decimal("3.4424")
    assert (
        sum(row.settled_amount for row in behaviour_rows(None, as_of, 60)) == whole.settled_amount
    )

    before = ledger()
    for name, profile in (
        ("WA_Fn-UseC_-Accounts-Receivable.csv", "ibm_ar"),
        ("variant_ddmmyyyy.csv", "ibm_ar_ddmmyyyy"),
    ):
        load((REAL / name).read_bytes(), profile)
        assert ledger() == before
    run = load((REAL / "variant_dirty_with_missing.csv").read_bytes(), "ibm_ar")
    assert (run.totals["entries_known"], run.totals["entries_new"]) == (2466, 120)
    assert items.aggregate(Sum("amount"))["amount__sum"] == Decimal("155658.78")
    assert Customer.objects.count() == 100
    assert ImportRun.objects.filter(status="done").count() == 4
