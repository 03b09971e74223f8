"""Background work of the ledger."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from celery.signals import worker_ready

from ledger.services.imports import import_continue as continue_import
from ledger.services.imports import imports_resume


@shared_task(name="ledger.tasks.import_continue")
def import_continue(run_id: int) -> None:
    """Check or import a stored file, as its run says."""
    continue_import(run_id)


@shared_task(name="ledger.tasks.imports_take_up")
def imports_take_up() -> int:
    """Take up imports that a lost worker or broker left behind."""
    return imports_resume()


@worker_ready.connect
def _take_up_at_start(**_kwargs: Any) -> None:
    imports_take_up.delay()
