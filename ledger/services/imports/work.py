"""The work behind an import: checking a file or writing it, as its run says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import structlog
from django.db import connection, transaction
from django.utils import timezone

from core.clock import today
from core.errors import Busy, DomainError
from core.events import record
from core.importing import Problem, ReadError
from core.locks import busy_on_timeout
from core.models import Currency
from ledger.models import ImportRun
from ledger.services.calendar import closed_through
from ledger.services.imports.compare import (
    accounts_look_up,
    rows_compare,
    rows_look_up,
    rows_totals,
)
from ledger.services.imports.findings import Findings
from ledger.services.imports.progress import Progress
from ledger.services.imports.rows import RowReader
from ledger.services.imports.settings import ImportSettings
from ledger.services.imports.staging import rows_stage, staging_table
from ledger.services.imports.totals import totals_assert
from ledger.services.imports.upload import shape_of, stored_file
from ledger.services.imports.write import (
    accounts_prepare,
    items_lock,
    rates_stage,
    rows_write,
    scopes_lock,
)

INLINE_ROWS: Final = 5_000
"""Longer files are checked and imported in the background."""

_log = structlog.get_logger(__name__)
Status = ImportRun.Status


def import_continue(run_id: int) -> None:
    """Do what the status of a run asks for. Safe to call twice: the second call does nothing."""
    with Progress(run_id) as progress:
        if not progress.owns:
            return
        run = ImportRun.objects.select_related("company", "started_by").get(pk=run_id)
        if run.status == Status.CHECKING:
            _guarded(run, Status.PREVIEWED, lambda: _check(run, progress))
        elif run.status == Status.RUNNING:
            _guarded(run, Status.FAILED, lambda: _import(run, progress))


def _guarded(run: ImportRun, on_problem: str, work: Callable[[], None]) -> None:
    """Run `work`; whatever goes wrong ends in a run that says so."""
    try:
        work()
    except ReadError as error:
        _refuse(run, on_problem, [error.problem])
    except Busy:
        _refuse(run, Status.FAILED, [Problem("busy")])
    except DomainError as error:
        code = error.code.rpartition(".")[2]
        _refuse(run, Status.FAILED, [Problem(code, params=error.shown)])
    except Exception:
        _log.exception("import_failed", run=run.pk)
        _refuse(run, Status.FAILED, [Problem("internal")])


def _refuse(run: ImportRun, status: str, problems: list[Problem]) -> None:
    ImportRun.objects.filter(pk=run.pk).update(
        status=status,
        phase="",
        error_count=len(problems),
        row_errors=[problem.as_json() for problem in problems],
        finished_at=timezone.now() if status == Status.FAILED else None,
    )


def _check(run: ImportRun, progress: Progress) -> None:
    findings = Findings()
    with transaction.atomic(), staging_table():
        totals, _reader = _examine(run, findings, progress)
    run.refresh_from_db(fields=("rows_total",))
    _store(run, findings, totals)
    run.status = Status.PREVIEWED
    run.phase = ""
    run.save(update_fields=("status", "phase", "totals", "row_errors", "error_count"))


def _examine(
    run: ImportRun, findings: Findings, progress: Progress
) -> tuple[dict[str, Any], RowReader]:
    """Stage the rows and compare them with the ledger. Raises ReadError."""
    settings = ImportSettings.from_json(run.settings_used)
    currencies = frozenset(Currency.objects.filter(is_active=True).values_list("code", flat=True))
    readers: list[RowReader] = []

    def reader_of(headings: tuple[str, ...]) -> RowReader:
        readers.append(
            RowReader(
                headings=headings,
                settings=settings,
                currency=run.company.currency_id,
                currencies=currencies,
                today=today(),
                findings=findings,
            )
        )
        return readers[0]

    with stored_file(run) as file:
        rows = rows_stage(
            file=file,
            shape=shape_of(file, settings),
            reader_of=reader_of,
            findings=findings,
            progress=progress,
        )
    rows_look_up(company_id=run.company_id, ignore_leading_zeros=settings.ignore_leading_zeros)
    rows_compare(company_id=run.company_id, reader=readers[0], findings=findings)
    rates_stage(run, findings)
    return rows_totals() | {"rows_in_file": rows}, readers[0]


def _store(run: ImportRun, findings: Findings, totals: dict[str, Any]) -> None:
    earlier = (
        ImportRun.objects.filter(company=run.company_id, sha256=run.sha256, status=Status.DONE)
        .exclude(pk=run.pk)
        .order_by("-finished_at")
        .first()
    )
    if earlier is not None and earlier.finished_at is not None:
        day = timezone.localtime(earlier.finished_at).date()
        findings.notices.add(Problem("imported_before", params={"date": day}))
    run.row_errors = findings.errors.as_json()
    run.error_count = findings.errors.count
    run.totals = totals | {
        "notices": findings.notices.as_json(),
        "notice_count": findings.notices.count,
    }


def _import(run: ImportRun, progress: Progress) -> None:
    findings = Findings()
    try:
        with busy_on_timeout(), transaction.atomic(), staging_table():
            _import_staged(run, findings, progress)
    except _Refused as refused:
        _store(run, findings, refused.totals)
        run.status = Status.FAILED
        run.phase = ""
        run.finished_at = timezone.now()
        run.save(
            update_fields=(
                "status",
                "phase",
                "totals",
                "row_errors",
                "error_count",
                "finished_at",
            )
        )


class _Refused(Exception):
    def __init__(self, totals: dict[str, Any]) -> None:
        super().__init__()
        self.totals = totals


def _import_staged(run: ImportRun, findings: Findings, progress: Progress) -> None:
    """Write the file into the ledger. Raises _Refused when it does not fit, Conflict, Busy."""
    totals, reader = _examine(run, findings, progress)
    if findings.errors.count:
        raise _Refused(totals)
    zeros = reader.settings.ignore_leading_zeros
    if accounts_prepare(run):
        accounts_look_up(company_id=run.company_id)
    # Only what is read under the locks counts: scopes first, then the items to be paid.
    scopes_lock()
    rows_look_up(company_id=run.company_id, ignore_leading_zeros=zeros)
    if items_lock():
        rows_look_up(company_id=run.company_id, ignore_leading_zeros=zeros)
    # Nobody closes the period we write to from here on.
    closed_through(run.company_id)
    found = Findings(errors=findings.errors)
    rows_compare(company_id=run.company_id, reader=reader, findings=found)
    if findings.errors.count:
        raise _Refused(totals)
    totals |= rows_totals() | {"customers_new": totals["customers_new"]}
    run.refresh_from_db(fields=("rows_total",))
    rows_write(run, now=timezone.now(), progress=progress)
    totals_assert(run)
    _finish(run, findings, totals)


def _finish(run: ImportRun, findings: Findings, totals: dict[str, Any]) -> None:
    """Record the import and close the run, in the transaction that wrote the ledger."""
    _store(run, findings, totals)
    run.status = Status.DONE
    run.phase = ""
    run.rows_done = run.rows_total
    run.finished_at = timezone.now()
    run.save()
    record(
        "ledger.history.imported",
        run,
        actor=run.started_by,
        company=run.company,
        data={
            "company_id": run.company_id,
            "file": run.file_name,
            "sha256": run.sha256,
            "rows": totals["rows"],
            "entries_new": totals["entries_new"],
            "entries_known": totals["entries_known"],
            "payments_new": totals["payments_new"],
            "customers_new": totals["customers_new"],
            "currencies": totals["currencies"],
        },
    )
    if totals["rows"] > INLINE_ROWS:
        # Fresh statistics at once: the next credit check must not plan for an empty ledger.
        transaction.on_commit(_analyze)


def _analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "ANALYZE ledger_journalentry, ledger_journalline, ledger_openitem, ledger_allocation"
        )
