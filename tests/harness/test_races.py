"""The race harness itself: it finds races, sees through idle controls, and names what fails."""

from __future__ import annotations

import time
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

import pytest
from django.db import connection, transaction

from core.errors import Invalid
from core.models import Company
from tests.factories.core import CompanyFactory
from tests.harness.races import (
    Control,
    ControlFailedError,
    Outcome,
    Scene,
    Uncontrolled,
    boundaries,
    paused,
    race,
    together,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

pytestmark = pytest.mark.django_db(transaction=True)

READ = r'^SELECT .*"core_company"'
LOST = "an addition was lost"


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


def two_adders() -> Scene:
    counter = Counter()

    def holds(outcomes: Sequence[Outcome]) -> None:
        assert counter.value() == 2, "an addition was lost"
        assert sorted(outcome.value for outcome in outcomes) == [1, 2]

    return Scene([counter.add, counter.add], holds)


@contextmanager
def unlocked() -> Iterator[None]:
    Counter.locks = False
    try:
        yield
    finally:
        Counter.locks = True


def test_a_race_holds_with_its_lock_and_the_control_breaks_without_it() -> None:
    race(two_adders, control=Control(unlocked, breach=LOST, meet=READ), rounds=5)


def test_a_control_that_takes_no_lock_away_is_refused() -> None:
    with pytest.raises(ControlFailedError, match="holds without its lock, in 3 rounds"):
        race(two_adders, control=Control(nullcontext, breach=LOST, rounds=3))


def test_a_control_that_ends_in_errors_is_refused() -> None:
    """The lock still there, the second cannot come to the meeting: an error is no breach."""
    with pytest.raises(ControlFailedError, match="ended in errors"):
        race(two_adders, control=Control(nullcontext, breach=LOST, meet=READ, patience=0.5))


def test_a_control_that_breaks_something_else_is_refused() -> None:
    with pytest.raises(ControlFailedError, match="not as “money was lost”"):
        race(two_adders, control=Control(unlocked, breach="money was lost", meet=READ))


def test_a_race_without_its_lock_is_found() -> None:
    Counter.locks = False
    try:
        with pytest.raises(AssertionError):
            race(two_adders, control=Uncontrolled("the lock is gone already"), rounds=200)
    finally:
        Counter.locks = True


def test_a_race_without_control_says_why() -> None:
    with pytest.raises(ControlFailedError, match="needs a reason"):
        race(two_adders, control=Uncontrolled(" "))


def test_errors_of_the_domain_are_outcomes_and_others_name_their_work() -> None:
    def refused() -> None:
        raise Invalid("test.refused", "no")

    def broken() -> None:
        raise ZeroDivisionError

    [outcome, fine] = together([refused, lambda: 7])
    assert (outcome.code, fine.code, fine.value) == ("test.refused", None, 7)
    with pytest.raises(ExceptionGroup, match="1 of 2 works failed") as caught:
        together([refused, broken])
    [error] = caught.value.exceptions
    assert isinstance(error, ZeroDivisionError)
    assert error.__notes__ == ["in work 2 (broken)"]


def test_a_work_that_hangs_is_named_and_its_statement_ends() -> None:
    def hang() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(30)")

    def dream() -> None:
        time.sleep(3)

    with pytest.raises(ExceptionGroup) as caught:
        together([hang, dream], patience=1)
    slow, asleep = caught.value.exceptions
    assert "statement timeout" in str(slow)
    assert slow.__notes__ == ["in work 1 (hang)"]
    assert isinstance(asleep, TimeoutError)
    assert asleep.__notes__ == ["in work 2 (dream)"]


def test_every_boundary_of_a_work_can_be_stood_at() -> None:
    """Beside a paused work nothing of it is seen before its commit, and all of it after."""

    def make() -> Callable[[], int]:
        return Counter().add

    stops = boundaries(make)
    assert [stop.event.sql.split()[0] for stop in stops] == ["SELECT", "UPDATE", "COMMIT", "COMMIT"]
    assert [stop.when for stop in stops] == ["before"] * 3 + ["after"]
    seen = []
    for stop in stops:
        counter = Counter()
        with paused(counter.add, at=stop) as held:
            probe = held.probe(counter.value)
            seen.append((probe.value, probe.waited, counter.value()))
        assert held.outcome.value == counter.value() == 1
    assert seen == [(0, False, 0)] * 3 + [(1, False, 1)]


def test_a_probe_that_meets_a_lock_waits_for_the_paused_work() -> None:
    stops = boundaries(lambda: Counter().add)
    answers = []
    for stop in stops:
        counter = Counter()
        with paused(counter.add, at=stop) as held:
            probe = held.probe(counter.add)
        answers.append((probe.value, probe.waited))
    # Before its first statement the paused work holds nothing, after its commit no more.
    assert answers == [(1, False), (2, True), (2, True), (2, False)]


def test_a_work_that_raises_or_goes_another_way_is_told() -> None:
    [first, *_rest] = boundaries(lambda: Counter().add)

    def quiet() -> None:
        pass

    def other() -> None:
        Company.objects.count()

    def late() -> None:
        Company.objects.get(pk=0)

    with pytest.raises(AssertionError, match="never came to before #1"), paused(quiet, at=first):
        pytest.fail("nothing to see here")
    with pytest.raises(AssertionError, match="is at #1 SELECT COUNT"), paused(other, at=first):
        pytest.fail("nothing to see here")
    with pytest.raises(ExceptionGroup) as caught:
        boundaries(lambda: late)
    [error] = caught.value.exceptions
    assert isinstance(error, Company.DoesNotExist)
    assert error.__notes__ == ["in work 1 (late)"]
