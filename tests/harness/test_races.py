"""The race harness itself: it finds races, sees through idle controls, and names what fails."""

from __future__ import annotations

import time
from contextlib import nullcontext
from typing import TYPE_CHECKING

import pytest
from django.db import connection

from core.errors import Invalid
from tests.harness.races import Control, ControlFailedError, Scene, Uncontrolled, race
from tests.harness.runs import Outcome, together
from tests.harness.samples import Counter, unlocked

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = pytest.mark.django_db(transaction=True)

READ = r'^SELECT .*"core_company"'
LOST = "an addition was lost"


def two_adders() -> Scene:
    counter = Counter()

    def holds(outcomes: Sequence[Outcome]) -> None:
        assert counter.value() == 2, "an addition was lost"
        assert sorted(outcome.value for outcome in outcomes) == [1, 2]

    return Scene([counter.add, counter.add], holds)


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
    with unlocked(), pytest.raises(AssertionError):
        race(two_adders, control=Uncontrolled("the lock is gone already"), rounds=200)


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
