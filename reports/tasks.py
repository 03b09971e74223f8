"""Scheduled work: three lines each."""

from __future__ import annotations

import structlog
from celery import shared_task

from core.errors import Conflict
from reports.services.nightly import nightly_run

log = structlog.get_logger(__name__)


@shared_task(name="reports.tasks.nightly")
def nightly() -> None:
    """The night of today; a second one beside it has nothing to do."""
    try:
        nightly_run()
    except Conflict:
        log.info("night_running_already")
