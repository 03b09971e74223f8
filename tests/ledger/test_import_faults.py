"""Bad files: a clear message with row and column, and nothing half-written."""

from __future__ import annotations

import datetime
import io
import random
from decimal import Decimal

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from core.errors import Conflict, NotAllowed
from core.importing import Problem, ReadError
from core.models import AuditEvent
from customers.models import Customer
from ledger.import_texts import MESSAGES, problem_text
from ledger.models import ImportProfile, ImportRun, JournalEntry, OpenItem
from ledger.selectors import residual_proof
from ledger.services import entry_post
from ledger.services.imports import ImportSettings, import_commit, import_preview, import_upload
from ledger.services.imports.findings import KEPT
from ledger.services.profiles import profile_save, profiles_install_defaults
from tests.factories.core import CompanyFactory, CurrencyFactory, ExchangeRateFactory, UserFactory
from tests.factories.customers import CustomerAccountFactory, CustomerFactory
from tests.factories.ledger import JournalEntryFactory
from tests.ledger.files import STANDARD, faults, load, preview, standard, table, upload, workbook

pytestmark = pytest.mark.django_db

GOOD = ["C1", "A1", "2026-01-01", "2026-01-31", "100.00"]
MORE = ["kind", "instalment", "currency", "settled_date", "settled_amount", "disputed", "country"]
TOMORROW = timezone.localdate() + datetime.timedelta(days=1)


def nothing_written():
    return not (
        Customer.objects.exists() or JournalEntry.objects.exists() or AuditEvent.objects.exists()
    )


def row(**changes):
    """A good row with the columns of MORE, changed."""
    values = dict(zip((*STANDARD, *MORE), [*GOOD, *[""] * len(MORE)], strict=True))
    return list((values | changes).values())


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({"customer_code": ""}, "customer_code", "cell_empty"),
        ({"customer_code": "x" * 31}, "customer_code", "cell_too_long"),
        ({"customer_code": "a\x07b"}, "customer_code", "cell_control"),
        ({"invoice_number": "  "}, "invoice_number", "cell_empty"),
        ({"invoice_number": "x" * 61}, "invoice_number", "cell_too_long"),
        ({"invoice_date": ""}, "invoice_date", "cell_empty"),
        ({"invoice_date": "31/12/2025"}, "invoice_date", "cell_date"),
        ({"invoice_date": "2025-02-30"}, "invoice_date", "cell_date"),
        ({"invoice_date": "0206-01-01"}, "invoice_date", "cell_year"),
        ({"due_date": ""}, "due_date", "cell_empty"),
        ({"due_date": "2025-12-31"}, "due_date", "due_before_document"),
        ({"amount": ""}, "amount", "cell_empty"),
        ({"amount": "0.00"}, "amount", "amount_zero"),
        ({"amount": "-5"}, "amount", "amount_negative"),
        ({"amount": "12,50"}, "amount", "cell_amount"),
        ({"amount": "12.505"}, "amount", "cell_decimals"),
        ({"amount": "1" * 20}, "amount", "cell_large"),
        ({"amount": "=A1*2"}, "amount", "cell_amount"),
        ({"kind": "gift"}, "kind", "kind_unknown"),
        ({"instalment": "0"}, "instalment", "cell_whole"),
        ({"currency": "XXX"}, "currency", "currency_unknown"),
        ({"currency": "EURO"}, "currency", "cell_too_long"),
        ({"settled_date": "soon"}, "settled_date", "cell_date"),
        ({"settled_date": TOMORROW}, "settled_date", "settled_in_future"),
        (
            {"invoice_date": TOMORROW, "due_date": TOMORROW},
            "invoice_date",
            "document_in_future",
        ),
        ({"settled_amount": "5"}, "settled_date", "settled_without_date"),
        (
            {"settled_amount": "100.01", "settled_date": "2026-02-01"},
            "settled_amount",
            "settled_too_much",
        ),
        (
            {"settled_amount": "-1", "settled_date": "2026-02-01"},
            "settled_amount",
            "settled_negative",
        ),
        ({"disputed": "perhaps"}, "disputed", "cell_flag"),
        ({"country": "Italy"}, "country", "cell_too_long"),
    ],
)
def test_every_bad_cell_is_named(changes, column, code):
    other = row(customer_code="C9", invoice_number="Z")
    run = preview(standard(other, row(**changes), more=MORE))
    assert faults(run) == [(3, column, code)]
    assert run.status == ImportRun.Status.PREVIEWED
    text = problem_text(Problem.from_json(run.row_errors[0]))
    assert "%(" not in text
    assert text != code
    with pytest.raises(Conflict):
        import_commit(run=run, actor=None, wait=True)
    assert nothing_written()


def test_all_faults_of_a_row_are_named_at_once():
    run = preview(standard(["", "", "x", "y", "z"]))
    assert [(column, code) for _row, column, code in faults(run)] == [
        ("amount", "cell_amount"),
        ("customer_code", "cell_empty"),
        ("due_date", "cell_date"),
        ("invoice_date", "cell_date"),
        ("invoice_number", "cell_empty"),
    ]


def test_one_bad_row_at_the_end_stops_the_whole_file():
    rows = [["C1", f"A{n}", "2026-01-01", "2026-01-31", "1.00"] for n in range(500)]
    run = preview(standard(*rows, ["C1", "A500", "2026-01-01", "2026-01-31", "none"]))
    assert faults(run) == [(502, "amount", "cell_amount")]
    assert run.totals["rows_in_file"] == 501
    assert nothing_written()


def test_many_faults_are_counted_and_the_first_are_shown():
    run = preview(standard(*[["C1", f"A{n}", "x", "2026-01-31", "1"] for n in range(KEPT + 50)]))
    assert run.error_count == KEPT + 50
    assert len(run.row_errors) == KEPT


def test_duplicate_rows_are_named_with_the_row_they_repeat():
    run = preview(standard(GOOD, ["C2", *GOOD[1:]], GOOD))
    assert faults(run) == [(4, "invoice_number", "row_twice")]
    assert run.row_errors[0]["params"] == {"first": "2"}


def test_a_row_wider_than_the_headings_is_an_error():
    run = preview(standard([*GOOD, "more"]))
    assert faults(run) == [(2, "", "row_too_wide")]


def test_a_customer_that_differs_in_capitals_only_is_an_error():
    CustomerFactory(code="c1")
    assert faults(preview(standard(GOOD))) == [(2, "customer_code", "customer_case")]
    CustomerFactory(code="C1")
    assert faults(preview(standard(GOOD))) == []


def test_an_invoice_that_is_known_as_an_opening_item_is_an_error():
    account = CustomerAccountFactory(customer=CustomerFactory(code="C1"))
    JournalEntryFactory(account=account, kind="opening", number="A1")
    assert faults(preview(standard(GOOD))) == [(2, "invoice_number", "known_other_kind")]


def test_a_provisional_invoice_cannot_be_settled_by_import():
    account = CustomerAccountFactory(customer=CustomerFactory(code="C1"))
    JournalEntryFactory(
        account=account, number="A1", provisional=True, due_on=datetime.date(2026, 1, 31)
    )
    assert faults(preview(standard(GOOD))) == []
    run = preview(standard([*GOOD, "2026-02-01"], more=["settled_date"]))
    assert faults(run) == [(2, "settled_date", "known_provisional")]


def test_two_known_numbers_that_differ_in_zeros_are_not_guessed_between():
    load(standard(["C1", "07", *GOOD[2:]], ["C1", "7", *GOOD[2:]]))
    run = upload(standard(["C1", "007", *GOOD[2:]]))
    settings = ImportSettings.from_json(run.settings_used | {"ignore_leading_zeros": True})
    run = import_preview(run=run, settings=settings, actor=None, wait=True)
    assert faults(run) == [(2, "invoice_number", "number_ambiguous")]


# --- whole files ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_empty"),
        (b"\x00" * 100, "file_binary"),
        (random.Random(5).randbytes(5_000_000), "file_binary"),
        (b"PK\x03\x04" + b"\x00" * 50, "file_broken"),
    ],
    ids=["empty", "zeros", "garbage", "broken"],
)
def test_a_file_that_is_no_table_is_refused_at_the_door(data, code):
    def stored():
        return default_storage.listdir("imports")[1] if default_storage.exists("imports") else []

    before = stored()
    with pytest.raises(ReadError) as caught:
        upload(data)
    assert caught.value.problem.code == code
    assert caught.value.field == "file"
    assert not ImportRun.objects.exists()
    assert stored() == before


def test_a_file_that_is_too_large_is_refused_at_the_door(settings):
    settings.AFFIDO_IMPORT_MAX_BYTES = 1024 * 1024
    with pytest.raises(ReadError) as caught:
        upload(b"a,b\n" + b"1,2\n" * 300_000)
    assert caught.value.problem.code == "file_too_large"


@pytest.mark.parametrize("data", [standard(), workbook(STANDARD, [])], ids=["csv", "xlsx"])
def test_headings_without_rows(data):
    run = preview(data)
    assert faults(run) == [(None, "", "file_no_rows")]
    assert nothing_written()


def test_a_wrong_encoding_is_named_where_it_breaks():
    profiles_install_defaults()
    ImportProfile.objects.filter(name="standard").update(encoding="utf-8")
    data = standard(GOOD, ["Società", *GOOD[1:]], encoding="cp1252")
    run = preview(data)
    assert faults(run) == [(3, "", "file_encoding")]
    assert run.status == ImportRun.Status.PREVIEWED
    ImportProfile.objects.filter(name="standard").update(encoding="")
    assert faults(preview(data)) == []


def test_columns_that_are_missing_twice_or_unmapped():
    missing = preview(table(["customer_code", "amount"], [["C1", "5"]]))
    assert faults(missing) == [
        (None, "invoice_date", "column_missing"),
        (None, "invoice_number", "column_missing"),
    ]
    twice = preview(table([*STANDARD, "Amount"], [[*GOOD, "5"]]))
    assert faults(twice) == [(None, "amount", "column_twice")]
    run = upload(table(["a", "b"], [["1", "2"]]))
    run = import_preview(run=run, settings=ImportSettings(), actor=None, wait=True)
    assert {code for _row, _column, code in faults(run)} == {"field_unmapped"}
    assert nothing_written()


def test_headings_are_compared_without_case_and_blanks():
    run = preview(table([f"  {name.upper()} " for name in STANDARD], [GOOD]))
    assert faults(run) == []


def test_every_message_can_be_made_with_its_figures():
    for code, message in MESSAGES.items():
        assert str(message), code


# --- kinds, signs, currencies --------------------------------------------------------------------


def test_kinds_of_documents_and_their_sides():
    more = ["kind", "settled_date"]
    load(
        standard(
            ["C1", "1", "2026-01-01", "2026-01-31", "100", "Invoice", ""],
            ["C1", "2", "2026-01-02", "", "20", "credit note", ""],
            ["C1", "3", "2026-01-03", "", "-30", "Payment on account", ""],
            ["C1", "4", "2026-01-04", "2026-02-04", "40", "opening", ""],
            ["C1", "5", "2026-01-05", "", "-50", "CN", "2026-02-05"],
            more=more,
        )
    )
    items = {item.number: item for item in OpenItem.objects.select_related("entry")}
    assert {n: (i.entry.kind, i.direction, str(i.open_amount)) for n, i in items.items()} == {
        "1": ("invoice", "debit", "100.00"),
        "2": ("credit_note", "credit", "20.00"),
        "3": ("payment", "credit", "30.00"),
        "4": ("opening", "debit", "40.00"),
        "5": ("credit_note", "credit", "0.00"),
        "5 2026-02-05": ("adjustment", "debit", "0.00"),
    }
    assert items["2"].due_on == datetime.date(2026, 1, 2)
    assert residual_proof() == []


def test_amounts_below_zero_are_credit_notes_if_the_profile_says_so():
    run = upload(standard(["C1", "1", "2026-01-01", "", "-100"]))
    settings = ImportSettings.from_json(run.settings_used | {"negative_is_credit_note": True})
    run = import_preview(run=run, settings=settings, actor=None, wait=True)
    assert faults(run) == []
    import_commit(run=run, actor=None, wait=True)
    item = OpenItem.objects.get()
    assert (item.entry.kind, item.direction, item.amount) == ("credit_note", "credit", 100)


def test_instalments_of_one_invoice_are_one_document():
    more = ["instalment", "settled_date"]
    rows = [
        ["C1", "1", "2026-01-01", "2026-02-01", "33.33", "1", "2026-02-05"],
        ["C1", "1", "2026-01-01", "2026-03-01", "33.33", "2", ""],
        ["C1", "1", "2026-01-01", "2026-04-01", "33.34", "3", ""],
    ]
    load(standard(*rows, more=more))
    entry = JournalEntry.objects.get(kind="invoice")
    assert entry.amount == 100
    assert [str(i.open_amount) for i in entry.items.order_by("instalment")] == [
        "0.00",
        "33.33",
        "33.34",
    ]
    run = load(standard(*rows, more=more))
    assert run.totals["entries_new"] == run.totals["payments_new"] == 0
    rows.append(["C1", "1", "2026-01-01", "2026-05-01", "10", "4", ""])
    assert faults(preview(standard(*rows, more=more))) == [(5, "instalment", "known_instalment")]
    rows[1][0] = rows[2][0] = rows[0][0] = rows[3][0] = "C2"
    rows[2][2] = "2026-01-02"
    assert faults(preview(standard(*rows, more=more))) == [
        (4, "invoice_date", "instalments_differ")
    ]


def test_decimal_commas_semicolons_and_other_dates():
    run = upload(
        table(
            STANDARD,
            [["C1", "1", "31.12.2025", "30.01.2026", "1.234,56"]],
            delimiter=";",
            encoding="cp1252",
        )
    )
    settings = ImportSettings.from_json(
        run.settings_used | {"date_format": "%d.%m.%Y", "decimal_separator": ","}
    )
    run = import_preview(run=run, settings=settings, actor=None, wait=True)
    assert faults(run) == []
    import_commit(run=run, actor=None, wait=True)
    assert OpenItem.objects.get().amount == Decimal("1234.56")


def test_due_dates_can_be_made_from_the_terms():
    run = upload(standard(["C1", "1", "2026-01-01", "", "5"]))
    settings = ImportSettings.from_json(run.settings_used | {"default_days": 45})
    run = import_preview(run=run, settings=settings, actor=None, wait=True)
    import_commit(run=run, actor=None, wait=True)
    assert OpenItem.objects.get().due_on == datetime.date(2026, 2, 15)


def test_foreign_currency_takes_the_rate_of_each_day_and_tells_when_there_is_none():
    ExchangeRateFactory(valid_on=datetime.date(2026, 1, 10), rate=Decimal("0.9"))
    run = load(
        standard(
            ["C1", "1", "2026-01-15", "2026-02-15", "100", "USD", "2026-02-01"],
            ["C1", "2", "2026-01-05", "2026-02-05", "100", "usd", ""],
            ["C1", "3", "2026-01-05", "2026-02-05", "100", "", ""],
            more=["currency", "settled_date"],
        )
    )
    amounts = JournalEntry.objects.order_by("number").values_list("number", "company_amount")
    assert list(amounts) == [("1", 90), ("1 2026-02-01", 90), ("2", None), ("3", 100)]
    assert [n["code"] for n in run.totals["notices"]] == ["rate_missing"]
    assert set(run.totals["currencies"]) == {"EUR", "USD"}
    assert residual_proof() == []


def test_an_inactive_currency_is_unknown():
    CurrencyFactory(code="USD", is_active=False)
    run = preview(standard([*GOOD, "USD"], more=["currency"]))
    assert faults(run) == [(2, "currency", "currency_unknown")]


def test_paid_in_advance_is_accepted_and_said():
    run = load(standard([*GOOD, "2025-12-20"], more=["settled_date"]))
    assert [n["code"] for n in run.totals["notices"]] == ["paid_in_advance"]
    item = OpenItem.objects.debits().get()
    assert item.settled_on == datetime.date(2026, 1, 1)
    assert OpenItem.objects.credits().get().document_on == datetime.date(2025, 12, 20)


def test_names_of_payments_never_collide():
    load(
        standard(
            ["C1", "X" * 60, "2026-01-01", "2026-01-31", "1", "invoice", "2026-02-01"],
            ["C1", "X" * 59 + "Y", "2026-01-01", "2026-01-31", "1", "invoice", "2026-02-01"],
            ["C1", "Z 2026-02-01", "2026-02-01", "", "1", "payment", ""],
            ["C1", "Z", "2026-01-01", "2026-01-31", "1", "invoice", "2026-02-01"],
            more=["kind", "settled_date"],
        )
    )
    assert JournalEntry.objects.filter(kind="payment").count() == 4
    assert residual_proof() == []


# --- the last line of defence --------------------------------------------------------------------


def test_control_totals_refuse_what_does_not_arrive_whole():
    """A database that keeps a cent for itself: the import notices and takes everything back."""
    run = preview(standard(*[["C1", f"A{n}", "2026-01-01", "2026-01-31", "10"] for n in range(20)]))
    with connection.cursor() as cursor:
        cursor.execute(
            """
            CREATE FUNCTION keep_a_cent() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF NEW.number = 'A7' THEN
                    NEW.amount := NEW.amount - 0.01;
                    NEW.open_amount := NEW.open_amount - 0.01;
                END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER keep_a_cent BEFORE INSERT ON ledger_openitem
                FOR EACH ROW EXECUTE FUNCTION keep_a_cent();
            """
        )
    run = import_commit(run=run, actor=None, wait=True)
    assert run.status == ImportRun.Status.FAILED
    assert faults(run) == [(None, "", "totals_differ")]
    text = problem_text(Problem.from_json(run.row_errors[0]))
    assert "200.00" in text
    assert "199.99" in text
    assert nothing_written()


def test_a_ledger_that_moved_since_the_preview_is_not_written_over():
    run = preview(standard(GOOD, ["C1", "A2", *GOOD[2:]]))
    assert faults(run) == []
    account = CustomerAccountFactory(customer=CustomerFactory(code="C1"))
    entry_post(
        account=account,
        kind="invoice",
        number="A2",
        document_on=datetime.date(2026, 1, 1),
        instalments=[(datetime.date(2026, 1, 31), Decimal("99.00"))],
        actor=None,
    )
    run = import_commit(run=run, actor=None, wait=True)
    assert run.status == ImportRun.Status.FAILED
    assert faults(run) == [(3, "amount", "known_amount")]
    assert JournalEntry.objects.count() == 1
    run = import_preview(run=run, actor=None, wait=True)
    assert run.status == ImportRun.Status.PREVIEWED


def test_an_upload_that_is_gone_says_so():
    run = upload(standard(GOOD))
    default_storage.delete(run.stored_path)
    assert faults(import_preview(run=run, actor=None)) == [(None, "", "file_gone")]


def test_an_import_needs_the_right():
    sales = UserFactory(role="sales")
    with pytest.raises(NotAllowed):
        import_upload(
            company=CompanyFactory(), file=io.BytesIO(standard(GOOD)), name="x", actor=sales
        )
    run = preview(standard(GOOD))
    for command in (import_preview, import_commit):
        with pytest.raises(NotAllowed):
            command(run=run, actor=sales)
    with pytest.raises(NotAllowed):
        profile_save(name="x", settings=ImportSettings(), actor=sales)
    assert nothing_written()


def test_a_saved_profile_reads_the_next_file():
    settings = ImportSettings(
        mapping={"customer_code": ["Kunde"], "amount": ["Betrag"]},
        date_format="%d.%m.%Y",
        decimal_separator=",",
        delimiter=";",
        encoding="cp1252",
        sheet="Blatt1",
        ignore_leading_zeros=True,
        default_days=30,
        currency="EUR",
    )
    profile_save(name=" Sage ", settings=settings, actor=UserFactory(role="treasury"))
    assert ImportSettings.of_profile(ImportProfile.objects.get(name="Sage")) == settings
    assert AuditEvent.objects.get().action == "ledger.profile.saved"
    assert ImportSettings.from_json(settings.as_json()) == settings


def test_our_own_profiles_are_installed_once_and_then_left_alone():
    assert profiles_install_defaults() == 3
    ImportProfile.objects.filter(name="standard").update(date_format="%d/%m/%Y")
    assert profiles_install_defaults() == 0
    assert ImportProfile.objects.get(name="standard").date_format == "%d/%m/%Y"
