"""Row locks with a timeout, inside a transaction, in one order (law L10)."""

from __future__ import annotations

from contextlib import contextmanager
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from django.db import OperationalError, connection, models
from django.utils.translation import gettext_lazy as _

from core.errors import Busy

if TYPE_CHECKING:
    from collections.abc import Iterator

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
