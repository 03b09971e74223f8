"""How dates are written: one style, in sentences and in markup, in every language."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentTypeError
from typing import Final

from django.utils.formats import date_format

DAY: Final = "j M Y"
DAY_AND_MONTH: Final = "j M"
MOMENT: Final = "j M Y, H:i"


def day_text(value: dt.date | str) -> str:
    """A day as `22 Nov 2026`, for sentences; takes the ISO text of stored data, too."""
    on = dt.date.fromisoformat(value) if isinstance(value, str) else value
    return date_format(on, DAY)


def day_argument(text: str) -> dt.date:
    """The day of a command line; ArgumentTypeError with a sentence when it is none."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        msg = f"“{text}” is not a date; write it like 2026-03-31."
        raise ArgumentTypeError(msg) from error


def day_and_month(value: dt.date) -> str:
    """A day of a year that is known, such as `22 Nov`."""
    return date_format(value, DAY_AND_MONTH)


def moment_text(value: dt.datetime) -> str:
    """A local moment as `22 Nov 2026, 14:05`."""
    return date_format(value, MOMENT)
