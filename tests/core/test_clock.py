"""The business day: today unless a piece of work says another, and only for that work."""

from __future__ import annotations

from datetime import date
from threading import Thread

import pytest
from django.utils import timezone

from core.clock import business_day, today

DAY = date(2026, 3, 31)


def test_today_is_the_day_of_the_calendar() -> None:
    assert today() == timezone.localdate()


def test_a_piece_of_work_keeps_its_day_and_gives_it_back() -> None:
    with business_day(DAY):
        assert today() == DAY
        with business_day(date(2020, 2, 29)):
            assert today() == date(2020, 2, 29)
        assert today() == DAY
    assert today() == timezone.localdate()


def test_a_failure_gives_the_day_back_too() -> None:
    with pytest.raises(ValueError, match="no"), business_day(DAY):
        raise ValueError("no")
    assert today() == timezone.localdate()


def test_other_threads_keep_their_own_day() -> None:
    seen: list[date] = []
    with business_day(DAY):
        thread = Thread(target=lambda: seen.append(today()))
        thread.start()
        thread.join()
    assert seen == [timezone.localdate()]
