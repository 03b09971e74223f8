"""The business day: today in the company's time zone, unless a piece of work says another day.

Commands take their day as an argument. Work that follows them after commit has no caller to ask;
it takes the day from here, so that a run for another day (the night repeated for a date, an
acceptance case) stays on that day throughout.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from django.utils import timezone

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

_day: ContextVar[date | None] = ContextVar("business_day", default=None)


def today() -> date:
    """The business day of the running piece of work."""
    return _day.get() or timezone.localdate()


@contextmanager
def business_day(day: date) -> Iterator[None]:
    """Let `today()` be `day` inside, for this thread or task only."""
    token = _day.set(day)
    try:
        yield
    finally:
        _day.reset(token)
