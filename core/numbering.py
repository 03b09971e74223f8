"""Gapless numbers: the sequence row is locked last, inside the command that uses the number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.locks import require_atomic
from core.models import NumberSequence

if TYPE_CHECKING:
    from datetime import date

    from core.models import Company


def number_next(*, company: Company, code: str, on: date, prefix: str = "") -> str:
    """The next number of sequence `code` in the year of `on`, such as "SO-2026-00042".

    The caller's transaction holds the counter until it ends, so a rollback leaves no gap.
    """
    require_atomic()
    NumberSequence.objects.get_or_create(
        company=company, code=code, year=on.year, defaults={"prefix": prefix}
    )
    sequence = NumberSequence.objects.select_for_update(of=("self",)).get(
        company=company, code=code, year=on.year
    )
    number = sequence.next_number
    NumberSequence.objects.filter(pk=sequence.pk).update(next_number=number + 1)
    return f"{sequence.prefix}{sequence.year}-{number:05d}"
