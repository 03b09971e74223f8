"""Is the application alive, and are the servers it needs there?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import structlog
from celery import current_app
from django.db import DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)

OK: Final = "ok"
DOWN: Final = "down"
MIGRATIONS_MISSING: Final = "migrations missing"
BROKER_SECONDS: Final = 1


@dataclass(frozen=True, slots=True)
class Readiness:
    """The state of each part, in a word."""

    database: str
    broker: str

    @property
    def status(self) -> str:
        """ok · degraded (pages work, background work waits) · down."""
        if self.database != OK:
            return DOWN
        return OK if self.broker == OK else "degraded"


def readiness(alias: str = "default") -> Readiness:
    """Ask database `alias` and the broker whether they are there."""
    return Readiness(database=_database(alias), broker=_broker())


def _database(alias: str) -> str:
    try:
        executor = MigrationExecutor(connections[alias])
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return MIGRATIONS_MISSING
    except DatabaseError as error:
        log.warning("health_database_down", error=str(error))
        return DOWN
    return OK


def _broker() -> str:
    try:
        with current_app.connection_for_write(connect_timeout=BROKER_SECONDS) as connection:
            connection.ensure_connection(
                max_retries=1, interval_start=0, interval_step=0, timeout=BROKER_SECONDS
            )
    except (OSError, OperationalError) as error:
        log.warning("health_broker_down", error=str(error))
        return DOWN
    return OK
