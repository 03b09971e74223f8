"""The commands of an import: check, import, take up again, forget."""

from __future__ import annotations

from typing import Any, Final

import structlog
from django.db import transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from core.errors import Conflict
from core.models import User
from core.permissions import require
from ledger.models import ImportProfile, ImportRun
from ledger.services.imports.progress import is_worked_on
from ledger.services.imports.settings import ImportSettings
from ledger.services.imports.upload import files_forget
from ledger.services.imports.work import INLINE_ROWS, import_continue

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
