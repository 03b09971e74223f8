"""Instalments of payment terms: due dates and amounts. Pure: plain rows in, dates and cents out."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Protocol

CENT: Final = Decimal("0.01")
HUNDRED: Final = Decimal(100)


class TermLine(Protocol):
    """One instalment of payment terms, such as a row of `customers.PaymentTermLine`."""

    @property
    def percent(self) -> Decimal:
        """Share of the amount; the shares of a term add up to 100."""

    @property
    def months(self) -> int:
        """Whole months after the document date."""

    @property
    def days(self) -> int:
        """Days after that."""

    @property
    def end_of_month(self) -> bool:
        """Then the last day of that month."""

    @property
    def fixed_day(self) -> int | None:
        """Then the next such day of a month, on or after."""


class Term(Protocol):
    """Payment terms: anything with `lines` of which `all()` gives the instalments in order."""

    @property
    def lines(self) -> Lines:
        """The instalments."""


class Lines(Protocol):
    """A manager of lines."""

    def all(self) -> Iterable[TermLine]:
        """All of them, in order."""


def due_day(line: TermLine, document_on: date) -> date:
    """When an instalment falls due: months, days, end of month, fixed day, in this order.

    The last day of a shorter month stands in for a day that it lacks (31 January plus one month is
    28 or 29 February). Never before `document_on`. Raises OverflowError past the last day there is.
    """
    day = months_after(document_on, line.months) + timedelta(days=line.days)
    if line.end_of_month:
        day = _in_month(day.year, day.month, 31)
    if line.fixed_day is not None:
        wanted = _in_month(day.year, day.month, line.fixed_day)
        if wanted < day:
            later = months_after(day.replace(day=1), 1)
            wanted = _in_month(later.year, later.month, line.fixed_day)
        day = wanted
    return day


def months_after(day: date, months: int) -> date:
    """`day` so many months later, the last day of a shorter month where it lacks the day."""
    index = day.year * 12 + day.month - 1 + months
    return _in_month(index // 12, index % 12 + 1, day.day)


def _in_month(year: int, month: int, day: int) -> date:
    if year > date.max.year:
        msg = "the due date lies past the last day there is"
        raise OverflowError(msg)
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def instalments(
    lines: Sequence[TermLine], document_on: date, amount: Decimal
) -> list[tuple[date, Decimal]]:
    """`amount` in instalments (due date, amount), in the order of `lines`.

    Each share is rounded half up to the cent and never takes more than is left; the last one takes
    what is left, so the parts add up to `amount` exactly. A part of nothing (an amount of a few
    cents in many shares) is left out. Without lines everything is due on the document date. Raises
    ValueError unless `amount` is whole cents above zero and the shares add up to 100.
    """
    if amount <= 0 or amount != amount.quantize(CENT):
        msg = "only an amount of whole cents above zero has instalments"
        raise ValueError(msg)
    if not lines:
        return [(document_on, amount)]
    if sum((line.percent for line in lines), Decimal(0)) != HUNDRED:
        msg = "the shares of the instalments must add up to 100"
        raise ValueError(msg)
    rest = amount
    result = []
    for line in lines[:-1]:
        share = (amount * line.percent / HUNDRED).quantize(CENT, rounding=ROUND_HALF_UP)
        part = min(share, rest)
        rest -= part
        result.append((due_day(line, document_on), part))
    result.append((due_day(lines[-1], document_on), rest))
    return [(due_on, part) for due_on, part in result if part]


def term_instalments(
    term: Term | None, document_on: date, amount: Decimal
) -> list[tuple[date, Decimal]]:
    """`amount` by payment terms; without terms everything is due on the document date."""
    return instalments(list(term.lines.all()) if term else [], document_on, amount)
