"""Checking and importing a stored file: claimed, run here or in the background, taken up again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import structlog
from django.db import connection, transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from core.clock import today
from core.errors import Busy, Conflict, DomainError
from core.events import record
from core.importing import Problem, ReadError
from core.locks import busy_on_timeout
from core.models import Currency, User
from core.permissions import require
from ledger.models import ImportProfile, ImportRun
from ledger.services.imports.compare import (
    accounts_look_up,
    rows_compare,
    rows_look_up,
    rows_totals,
)
from ledger.services.imports.findings import Findings
from ledger.services.imports.progress import Progress, is_worked_on
from ledger.services.imports.rows import RowReader
from ledger.services.imports.settings import ImportSettings
from ledger.services.imports.staging import rows_stage, staging_table
from ledger.services.imports.totals import totals_assert
from ledger.services.imports.upload import files_forget, shape_of, stored_file
from ledger.services.imports.write import (
    accounts_prepare,
    items_lock,
    rates_stage,
    rows_write,
    scopes_lock,
)

INLINE_ROWS: Final = 5_000
"""Longer files are checked and imported in the background."""
TASK: Final = "ledger.tasks.import_continue"

_log = structlog.get_logger(__name__)
Status = ImportRun.Status


def import_preview(
    *,
    run: ImportRun,
    settings: ImportSettings | None = None,
    profile: ImportProfile | None = None,
    actor: User | None,
    wait: bool = False,
) -> ImportRun:
    """Check a file against the ledger without writing anything; totals and problems are in the run.

    `settings` (and the profile they came from) replace those of the run. `wait` runs long files
    here, too. Returns the run as it stands: PREVIEWED, or CHECKING while a worker has it. Raises
    Conflict when the run is being worked on or done, NotAllowed.
    """
    if actor is not None:
        require(actor, "ledger.import_history")
    changes: dict[str, Any] = {"row_errors": [], "error_count": 0, "totals": {}}
    if settings is not None:
        changes |= {"settings_used": settings.as_json(), "profile": profile}
    _claim(run, (Status.UPLOADED, Status.PREVIEWED, Status.FAILED), Status.CHECKING, changes)
    return _start(run, wait=wait)


def import_commit(*, run: ImportRun, actor: User | None, wait: bool = False) -> ImportRun:
    """Import a checked file, all of it or nothing. `wait` runs long files here, too.

    The file is checked again under the locks, so a ledger that moved since the preview cannot be
    written over. Returns the run: DONE, FAILED with its problems, or RUNNING while a worker has it.
    Raises Conflict when it was not checked, has errors, runs, or is done; NotAllowed.
    """
    if actor is not None:
        require(actor, "ledger.import_history")
    if run.error_count:
        raise Conflict(
            "ledger.import.has_errors", _("The file has errors. Nothing can be imported yet.")
        )
    _claim(run, (Status.PREVIEWED,), Status.RUNNING, {"started_by": actor, "finished_at": None})
    return _start(run, wait=wait)


def import_resume(*, run: ImportRun, actor: User | None) -> ImportRun:
    """Take up a run that a lost worker left behind. Raises Conflict when somebody works on it."""
    if actor is not None:
        require(actor, "ledger.import_history")
    run.refresh_from_db()
    if run.status not in {Status.CHECKING, Status.RUNNING} or is_worked_on(run.pk):
        raise Conflict("ledger.import.not_stuck", _("This import needs no restart."))
    return _start(run, wait=False)


def imports_resume() -> int:
    """Enqueue every run that was begun and that nobody works on; return how many."""
    runs = ImportRun.objects.filter(status__in=(Status.CHECKING, Status.RUNNING))
    left = [run for run in runs if not is_worked_on(run.pk)]
    for run in left:
        _enqueue(run.pk)
    return len(left)


def import_discard(*, run: ImportRun, actor: User | None) -> None:
    """Forget a file that was not imported. Raises Conflict when it was, or is being."""
    if actor is not None:
        require(actor, "ledger.import_history")
    deleted, _rows = ImportRun.objects.filter(
        pk=run.pk, status__in=(Status.UPLOADED, Status.PREVIEWED, Status.FAILED)
    ).delete()
    if not deleted:
        raise Conflict("ledger.import.in_use", _("This file is being imported or was imported."))
    files_forget([run.stored_path])


def _claim(run: ImportRun, before: tuple[str, ...], after: str, changes: dict[str, Any]) -> None:
    """Compare and set the status. Raises Conflict when somebody was faster."""
    claimed = ImportRun.objects.filter(pk=run.pk, status__in=before).update(
        status=after, phase=ImportRun.Phase.READING, rows_done=0, **changes
    )
    run.refresh_from_db()
    if claimed:
        return
    messages = {
        Status.DONE: _("This file was imported already."),
        Status.RUNNING: _("This file is being imported already."),
        Status.CHECKING: _("This file is being checked already."),
    }
    raise Conflict(
        "ledger.import.state",
        messages.get(Status(run.status), _("Check the file before you import it.")),
    )


def _start(run: ImportRun, *, wait: bool) -> ImportRun:
    if wait or run.rows_total <= INLINE_ROWS:
        import_continue(run.pk)
    else:
        transaction.on_commit(lambda: _enqueue(run.pk), robust=True)
    run.refresh_from_db()
    return run


def _enqueue(run_id: int) -> None:
    # A broker that is away loses nothing: the run waits, and a starting worker takes it up.
    try:
        import_string(TASK).delay(run_id)
    except Exception:
        _log.exception("import_not_enqueued", run=run_id)


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
        _refuse(run, Status.FAILED, [Problem(code, params=error.params)])
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
    rows_compare(reader=readers[0], findings=findings)
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
    rows_compare(reader=reader, findings=Findings(errors=findings.errors))
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
        cursor.execute("ANALYZE ledger_journalentry, ledger_openitem, ledger_allocation")
