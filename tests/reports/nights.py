"""What the tests of the night share: running it for a day, and reading all that it stored."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import time_machine
from django.db import connection

from reports.services.nightly import nightly_run
from tests.world import TODAY

if TYPE_CHECKING:
    from core.models import JobRun

DAY = datetime.timedelta(days=1)
TABLES = (
    "credit_limits_exposuresnapshot",
    "credit_limits_paymentbehaviour",
    "credit_limits_alert",
)


def at_night(day: datetime.date = TODAY) -> time_machine.travel:
    """A quarter past two in the business time zone, when the schedule starts the night of `day`."""
    return time_machine.travel(f"{day}T02:15:00+02:00")


def night(day: datetime.date = TODAY) -> JobRun:
    """The night of a day that is over."""
    return nightly_run(as_of=day)


def stored() -> dict[str, list[tuple[Any, ...]]]:
    """By table: account, the transaction that wrote the row (`xmin`), every column of the row.

    PostgreSQL keeps a new version, with another `xmin`, even of a row updated to what it was.
    """
    result = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(
                f"SELECT t.account_id, t.xmin::text, t::text FROM {table} t ORDER BY t.id"  # noqa: S608
            )
            result[table] = cursor.fetchall()
    return result


def figures() -> dict[str, list[tuple[Any, ...]]]:
    """What a night stored without keys and moments, to compare two ways of getting there."""
    result = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            row = "(to_jsonb(t) - 'id' - 'taken_at' - 'created_at')::text"
            cursor.execute(f"SELECT {row} FROM {table} t ORDER BY t.account_id, t.as_of, 1")  # noqa: S608
            result[table] = cursor.fetchall()
    return result
