"""Files of open items under kills: checked, imported, taken up again, forgotten; profiles."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from ledger.models import ImportProfile, ImportRun
from ledger.services.imports import (
    ImportSettings,
    import_commit,
    import_discard,
    import_preview,
    import_resume,
    import_upload,
)
from ledger.services.profiles import profile_save, profiles_install_defaults
from tests.harness.scenes import furnished
from tests.ledger.files import standard

if TYPE_CHECKING:
    from tests.harness.lab import Arguments

Status = ImportRun.Status


def file_uploaded() -> Arguments:
    """A file of three open items, two of them of a new customer."""
    world = furnished()
    profiles_install_defaults()
    code = world.account.customer.code
    rows = [
        [code, "OPEN-1", "2026-02-01", "2026-03-03", "110.00"],
        ["NEWCOMER", "OPEN-2", "2026-02-02", "2026-03-04", "70.00"],
        ["NEWCOMER", "OPEN-3", "2026-03-01", "2026-04-30", "30.50"],
    ]
    run = import_upload(
        company=world.company,
        file=io.BytesIO(standard(*rows)),
        name="open.csv",
        profile=ImportProfile.objects.get(name="standard"),
        actor=None,
    )
    return {"run": run.pk}


def _run(key: int) -> ImportRun:
    return ImportRun.objects.get(pk=key)


def check_file(run: int) -> None:
    """Check the file."""
    import_preview(run=_run(run), actor=None, wait=True)


def check_taken_up(run: int) -> None:
    """A person looks whether the file was checked, or what had it is gone."""
    found = _run(run)
    if found.status == Status.CHECKING:
        import_resume(run=found, actor=None)
    elif found.status != Status.PREVIEWED:
        check_file(run)


def file_checked() -> Arguments:
    """The same, checked."""
    made = file_uploaded()
    check_file(**made)
    return made


def import_file(run: int) -> None:
    """Import the open items."""
    import_commit(run=_run(run), actor=None, wait=True)


def file_left_behind() -> Arguments:
    """A file that a worker had begun to import when it was lost."""
    made = file_checked()
    ImportRun.objects.update(status=Status.RUNNING, phase=ImportRun.Phase.READING)
    return made


def resume_file(run: int) -> None:
    """Take it up where it was left."""
    found = _run(run)
    if found.status != Status.DONE:
        import_resume(run=found, actor=None)


def forget_file(run: int) -> None:
    """Forget the file."""
    import_discard(run=_run(run), actor=None)


def save_profile(run: int) -> None:
    """Keep the settings of the file under a name."""
    settings = ImportSettings.from_json(_run(run).settings_used)
    profile_save(name="ours", settings=settings, actor=None)
