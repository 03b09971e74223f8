"""Gapless numbers: the sequence row is locked last, inside the command that uses the number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from core.locks import require_atomic
from core.models import NumberSequence

if TYPE_CHECKING:
    from datetime import date

    from core.models import Company


class UsedNumbers(Protocol):
    """What is numbered already, so that no number is given twice."""

    def has(self, number: str) -> bool:
        """Whether this very number exists."""
        ...

    def highest(self, head: str) -> int:
        """The highest n of the numbers `head` + n of the company; 0 without any."""
        ...


def number_next(
    *, company: Company, code: str, on: date, prefix: str = "", used: UsedNumbers | None = None
) -> str:
    """The next number of sequence `code` in the year of `on`, such as "SO-2026-00042".

    The caller's transaction holds the counter until it ends, so a rollback leaves no gap. A new
    sequence, and one that comes upon a number which exists, goes on above the highest in `used`.
    """
    require_atomic()
    _row, is_new = NumberSequence.objects.get_or_create(
        company=company, code=code, year=on.year, defaults={"prefix": prefix}
    )
    sequence = NumberSequence.objects.select_for_update(of=("self",)).get(
        company=company, code=code, year=on.year
    )
    head, number = f"{sequence.prefix}{sequence.year}-", sequence.next_number
    if used is not None and (is_new or used.has(_shown(head, number))):
        number = max(number, used.highest(head) + 1)
    NumberSequence.objects.filter(pk=sequence.pk).update(next_number=number + 1)
    return _shown(head, number)


def _shown(head: str, number: int) -> str:
    return f"{head}{number:05d}"
