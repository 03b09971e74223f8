"""Small things to race and to pause: a number in a row."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import transaction

from core.models import Company
from tests.factories.core import CompanyFactory

if TYPE_CHECKING:
    from collections.abc import Iterator


class Counter:
    """A number in a row, read and written back by two statements, with or without a lock."""

    locks = True

    def __init__(self) -> None:
        self.pk = CompanyFactory(code="COUNT", name="0").pk
        Company.objects.update(name="0")

    def add(self) -> int:
        with transaction.atomic():
            rows = Company.objects.select_for_update() if Counter.locks else Company.objects.all()
            value = int(rows.get(pk=self.pk).name) + 1
            Company.objects.filter(pk=self.pk).update(name=str(value))
        return value

    def value(self) -> int:
        return int(Company.objects.get(pk=self.pk).name)


@contextmanager
def unlocked() -> Iterator[None]:
    """Let no counter lock its row."""
    Counter.locks = False
    try:
        yield
    finally:
        Counter.locks = True
