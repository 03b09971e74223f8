"""Row locks with a timeout, inside a transaction, in one order (law L10)."""

from __future__ import annotations

import time
from contextlib import contextmanager
from datetime import timedelta
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final

from django.db import OperationalError, connection, models
from django.utils.translation import gettext_lazy as _

from core.errors import Busy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

LOCK_TIMEOUT = "3s"
LOCK_NOT_AVAILABLE = "55P03"
DEADLOCK_DETECTED = "40P01"


def require_atomic() -> None:
    """Raise RuntimeError outside a transaction: a lock there would be gone at once."""
    if not connection.in_atomic_block:
        msg = "a row lock needs a surrounding transaction"
        raise RuntimeError(msg)


def set_lock_timeout(timeout: str = LOCK_TIMEOUT) -> None:
    """Let every later lock of this transaction wait at most `timeout`."""
    require_atomic()
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [timeout])


def lock_rows[M: models.Model](queryset: models.QuerySet[M]) -> list[M]:
    """Lock the rows of `queryset` in key order (FOR NO KEY UPDATE) and return them fresh."""
    require_atomic()
    return list(queryset.order_by("pk").select_for_update(of=("self",), no_key=True))


def lock_keys[M: models.Model](queryset: models.QuerySet[M]) -> list[Any]:
    """Lock the rows of `queryset` (of one table) like `lock_rows`; return their keys only."""
    require_atomic()
    keys = queryset.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True)
    return list(keys)


@contextmanager
def busy_on_timeout() -> Iterator[None]:
    """Turn a lock that could not be had into `Busy`. Wrap the whole transaction with it.

    The transaction is aborted by then, so this must stand outside `atomic`.
    """
    try:
        yield
    except OperationalError as error:
        state = getattr(error.__cause__, "sqlstate", None)
        if state in {LOCK_NOT_AVAILABLE, DEADLOCK_DETECTED}:
            raise Busy(
                "core.busy",
                _(
                    "Another credit check for this customer is running. "
                    "Nothing was lost; try again in a moment."
                ),
            ) from error
        raise


class JobKey(IntEnum):
    """Advisory locks of jobs of which one at a time may run. Never reuse or renumber."""

    NIGHTLY = 1001


@contextmanager
def job_lock(key: JobKey) -> Iterator[bool]:
    """Hold the lock of a job for the session; yields False when another process holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [int(key)])
        (got,) = cursor.fetchone()
    try:
        yield bool(got)
    finally:
        if got:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [int(key)])


PATIENCE: Final = 5.0  # seconds
# The transaction that began first of those that may still write: whoever has written nothing for so
# long only reads (a copy of the database, say).
_UNDER_WAY: Final = """
SELECT clock_timestamp(), MIN(xact_start) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
  AND backend_type = 'client backend'
  AND (backend_xid IS NOT NULL OR xact_start > clock_timestamp() - interval '5 minutes')
"""


def settled_moment(*, patience: float = PATIENCE) -> datetime:
    """A moment, now if possible, before which nothing more can be entered.

    What is entered carries the moment of its entering and is seen when its transaction ends, so a
    reading of "now" may miss what was entered before it. Waits up to `patience` seconds for the
    transactions under way; where one goes on, the moment lies just before it began. By the clock
    of the database: those of the other machines must agree with it.
    """
    moment, oldest = under_way()
    until = time.monotonic() + patience
    while oldest is not None and oldest <= moment:
        if time.monotonic() >= until:
            return oldest - timedelta(microseconds=1)
        time.sleep(0.02)
        _now, oldest = under_way()
    return moment


def under_way() -> tuple[datetime, datetime | None]:
    """The clock of the database, and when the oldest transaction began that may still write."""
    with connection.cursor() as cursor:
        # Within a transaction what is under way is read once unless it is let go.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(_UNDER_WAY)
        now, oldest = cursor.fetchone()
    return now, oldest
