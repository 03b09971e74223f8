"""Imports that run long, beside each other, or are left behind: on real, committed transactions."""

from __future__ import annotations

import threading
import time

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from core.errors import Conflict
from core.models import AuditEvent
from customers.locks import scope_lock
from customers.models import Customer
from ledger.models import Allocation, ImportRun, JournalEntry, OpenItem
from ledger.selectors import residual_proof
from ledger.services.imports import (
    INLINE_ROWS,
    import_commit,
    import_continue,
    import_discard,
    import_preview,
    import_resume,
    imports_resume,
)
from ledger.services.imports.progress import Progress, is_worked_on
from tests.factories.core import CompanyFactory
from tests.factories.customers import CustomerAccountFactory, CustomerFactory
from tests.ledger.files import History, load, preview, standard, upload

pytestmark = pytest.mark.django_db(transaction=True)

GOOD = ["C1", "A1", "2026-01-01", "2026-01-31", "100.00"]


@pytest.fixture
def queued(monkeypatch):
    """What is handed to the worker, instead of a broker that nobody reads."""
    from ledger import tasks

    sent: list[int] = []
    monkeypatch.setattr(tasks.import_continue, "delay", sent.append)
    return sent


def in_thread(work):
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_two_people_importing_one_file_at_once_import_it_once():
    data = History(invoices=300).csv()
    runs = [preview(data, "ibm_ar") for _ in range(2)]
    threads = [
        in_thread(lambda run=run: import_commit(run=run, actor=None, wait=True)) for run in runs
    ]
    for thread in threads:
        thread.join()
    for run in runs:
        run.refresh_from_db()
    assert [run.status for run in runs] == ["done", "done"]
    assert sorted(run.totals["entries_new"] for run in runs) == [0, 300]
    assert OpenItem.objects.debits().count() == Allocation.objects.count() == 300
    assert Customer.objects.count() == 7
    assert residual_proof() == []


def test_a_double_click_imports_once():
    run = preview(standard(GOOD))
    codes = []

    def click() -> None:
        try:
            import_commit(run=ImportRun.objects.get(pk=run.pk), actor=None, wait=True)
        except Conflict as error:
            codes.append(error.code)

    threads = [in_thread(click) for _ in range(2)]
    for thread in threads:
        thread.join()
    assert codes == ["ledger.import.state"]
    assert JournalEntry.objects.count() == 1
    assert AuditEvent.objects.filter(action="ledger.history.imported").count() == 1


def test_progress_is_seen_while_the_ledger_still_shows_nothing():
    account = CustomerAccountFactory(customer=CustomerFactory(code="0000-ABCDE"))
    run = preview(History(invoices=500).csv(), "ibm_ar", company=account.company)
    with transaction.atomic():
        scope_lock(account_ids=[account.pk])  # a clerk at work: the import must wait for the scope
        thread = in_thread(lambda: import_commit(run=run, actor=None, wait=True))
        deadline = time.monotonic() + 15
        seen = None
        while time.monotonic() < deadline:
            seen = ImportRun.objects.get(pk=run.pk)
            if seen.phase == ImportRun.Phase.COMPARING and is_worked_on(run.pk):
                break
            time.sleep(0.05)
        assert seen is not None
        assert (seen.status, seen.phase) == ("running", "comparing")
        assert (seen.rows_done, seen.rows_total) == (500, 500)
        assert not JournalEntry.objects.exists()
        assert Customer.objects.count() == 1
    thread.join()
    run.refresh_from_db()
    assert (run.status, run.phase, run.rows_done) == ("done", "", 500)
    assert JournalEntry.objects.filter(kind="invoice").count() == 500
    assert not is_worked_on(run.pk)


def test_a_scope_that_stays_locked_ends_in_a_message_and_can_be_tried_again(monkeypatch):
    from ledger.services.imports import write

    monkeypatch.setattr(write, "LOCK_TIMEOUT", "100ms")
    account = CustomerAccountFactory(customer=CustomerFactory(code="C1"))
    run = preview(standard(GOOD))
    with transaction.atomic():
        scope_lock(account_ids=[account.pk])
        thread = in_thread(lambda: import_commit(run=run, actor=None, wait=True))
        thread.join()
    run.refresh_from_db()
    assert run.status == "failed"
    assert [error["code"] for error in run.row_errors] == ["busy"]
    assert not JournalEntry.objects.exists()
    run = import_commit(run=import_preview(run=run, actor=None), actor=None)
    assert run.status == "done"


def test_long_files_go_to_the_worker(queued):
    rows = [["C1", f"A{n}", "2026-01-01", "2026-01-31", "1.00"] for n in range(INLINE_ROWS + 1)]
    run = import_preview(run=upload(standard(*rows)), actor=None)
    assert run.status == "checking"
    assert queued == [run.pk]
    import_continue(run.pk)
    run.refresh_from_db()
    assert (run.status, run.rows_total, run.error_count) == ("previewed", INLINE_ROWS + 1, 0)
    run = import_commit(run=run, actor=None)
    assert run.status == "running"
    assert not JournalEntry.objects.exists()
    assert queued == [run.pk] * 2
    import_continue(run.pk)
    import_continue(run.pk)  # delivered twice
    run.refresh_from_db()
    assert run.status == "done"
    assert JournalEntry.objects.count() == INLINE_ROWS + 1
    assert AuditEvent.objects.filter(action="ledger.history.imported").count() == 1


def test_a_run_that_a_lost_worker_left_behind_is_taken_up_again(queued):
    run = preview(standard(GOOD))
    ImportRun.objects.filter(pk=run.pk).update(status="running", phase="writing", rows_done=1)
    assert imports_resume() == 1
    assert queued == [run.pk]
    import_continue(run.pk)
    run.refresh_from_db()
    assert run.status == "done"
    assert JournalEntry.objects.count() == 1
    assert imports_resume() == 0
    with pytest.raises(Conflict):
        import_resume(run=run, actor=None)


def test_a_run_that_somebody_works_on_is_left_alone(queued):
    run = preview(standard(GOOD))
    ImportRun.objects.filter(pk=run.pk).update(status="running")
    with Progress(run.pk) as progress:
        assert progress.owns
        assert is_worked_on(run.pk)
        assert imports_resume() == 0
        with pytest.raises(Conflict):
            import_resume(run=run, actor=None)
        import_continue(run.pk)
    run.refresh_from_db()
    assert run.status == "running"
    assert not JournalEntry.objects.exists()
    import_resume(run=run, actor=None)
    run.refresh_from_db()
    assert run.status == "done"


def test_a_file_can_be_forgotten_until_it_is_imported():
    run = preview(standard(GOOD))
    import_discard(run=run, actor=None)
    assert not ImportRun.objects.exists()
    run = load(standard(GOOD))
    with pytest.raises(Conflict):
        import_discard(run=run, actor=None)
    with pytest.raises(Conflict):
        import_commit(run=run, actor=None)
    with pytest.raises(Conflict):
        import_preview(run=run, actor=None)
    assert JournalEntry.objects.count() == 1


# --- the command ---------------------------------------------------------------------------------


def test_the_command_imports_and_prints_what_it_did(tmp_path, capsys):
    CompanyFactory()
    history = History()
    path = tmp_path / "history.csv"
    path.write_bytes(history.csv())
    call_command("import_history", str(path), "--profile", "ibm_ar")
    printed = capsys.readouterr().out
    assert f"{history.total:,.2f} EUR" in printed
    assert "Control totals agree" in printed
    assert OpenItem.objects.debits().count() == 60
    call_command("import_history", str(path), "--profile", "ibm_ar")
    assert OpenItem.objects.debits().count() == 60


def test_a_dry_run_leaves_nothing(tmp_path, capsys):
    CompanyFactory()
    path = tmp_path / "history.csv"
    path.write_bytes(History().csv())
    call_command("import_history", str(path), "--profile", "ibm_ar", "--dry-run")
    assert "Nothing was imported (dry run)" in capsys.readouterr().out
    assert not ImportRun.objects.exists()
    assert not Customer.objects.exists()


def test_the_command_names_errors_and_fails(tmp_path, capsys):
    CompanyFactory()
    path = tmp_path / "bad.csv"
    path.write_bytes(standard(GOOD, ["C1", "A2", "x", "2026-01-31", "1,5"]))
    with pytest.raises(CommandError, match=r"2 errors\. Nothing was imported\."):
        call_command("import_history", str(path), "--profile", "standard")
    printed = capsys.readouterr().err
    assert "row 3, amount: “1,5” is not an amount like 1234.50." in printed
    assert "row 3, invoice_date: “x” is not a date like 2026-11-30." in printed
    assert not JournalEntry.objects.exists()
    assert not ImportRun.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.csv", "--profile", "ibm_ar"], "No such file"),
        (["h.csv", "--profile", "nobody"], "Known: ibm_ar, ibm_ar_ddmmyyyy, standard"),
        (["h.csv", "--profile", "ibm_ar", "--company", "XX"], "Known: DE01, IT01"),
        (["h.csv", "--profile", "ibm_ar"], "Choose a company"),
        (["h.csv", "--profile", "ibm_ar", "--company", "IT01", "--user", "x"], "no user"),
        (["garbage.bin", "--profile", "ibm_ar", "--company", "IT01"], "binary data"),
    ],
)
def test_the_command_explains_what_it_lacks(arguments, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "h.csv").write_bytes(History().csv())
    (tmp_path / "garbage.bin").write_bytes(bytes(range(256)) * 1000)
    CompanyFactory()
    if "--company" in arguments or message == "Choose a company":
        CompanyFactory(code="DE01")
    with pytest.raises(CommandError, match=message):
        call_command("import_history", *arguments)
    assert not JournalEntry.objects.exists()
