"""Progress of an import, visible while its transaction still runs, and the sign that it lives.

Both live on a connection of their own: what it writes is committed at once, and its session lock
vanishes with the process, so that a run left behind by a crash can be taken up again.
"""

from __future__ import annotations

import time
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from django.db import DEFAULT_DB_ALIAS, connection, connections

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

LOCK_CLASS: Final = 0x4146_494D
"""First half of the advisory lock's key; the second half is the id of the run."""
_EVERY_SECONDS: Final = 0.5


class Progress:
    """Use as a context manager; `owns` says whether this process may work on the run.

    The import transaction must not write its run before the last call of `phase` or `tick`: the two
    connections would wait for each other.
    """

    def __init__(self, run_id: int) -> None:
        self.run_id = run_id
        self.owns = False
        self._connection: BaseDatabaseWrapper | None = None
        self._told_at = 0.0

    def __enter__(self) -> Self:
        self._connection = connections.create_connection(DEFAULT_DB_ALIAS)
        with self._connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK_CLASS, self.run_id])
            self.owns = bool(cursor.fetchone()[0])
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._connection is not None:
            if self.owns:
                # Closing alone would free the lock a moment later, when the server notices.
                with self._connection.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK_CLASS, self.run_id])
            self._connection.close()

    def phase(self, phase: str, *, done: int = 0, total: int | None = None) -> None:
        """Tell that a phase begins; `total` replaces the estimated number of rows."""
        self._tell(
            "UPDATE ledger_importrun SET phase = %s, rows_done = %s, "
            "rows_total = COALESCE(%s, rows_total) WHERE id = %s",
            [phase, done, total, self.run_id],
        )

    def tick(self, done: int) -> None:
        """Tell how many rows are done, at most twice a second."""
        if done % 200 == 0 and time.monotonic() - self._told_at > _EVERY_SECONDS:
            self._tell(
                "UPDATE ledger_importrun SET rows_done = %s, "
                "rows_total = GREATEST(rows_total, %s) WHERE id = %s",
                [done, done, self.run_id],
            )

    def _tell(self, sql: str, params: list[int | str | None]) -> None:
        if self._connection is not None:
            with self._connection.cursor() as cursor:
                cursor.execute(sql, params)
            self._told_at = time.monotonic()


def is_worked_on(run_id: int) -> bool:
    """Whether a living process holds the lock of the run."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted "
            "AND classid = %s AND objid = %s "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))",
            [LOCK_CLASS, run_id],
        )
        return bool(cursor.fetchone()[0])
