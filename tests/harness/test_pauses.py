"""The pauses themselves: a work stands where it is told to, and others see what is committed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.models import Company
from tests.harness.pauses import boundaries, paused, stepped
from tests.harness.samples import Counter

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db(transaction=True)


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


def test_one_work_can_be_walked_through() -> None:
    counter = Counter()
    seen = [(str(place).split()[2], counter.value()) for place in stepped(counter.add)]
    assert seen == [("SELECT", 0), ("UPDATE", 0), ("COMMIT", 0), ("COMMIT", 1)]


def test_a_walk_that_is_left_takes_the_work_back() -> None:
    counter = Counter()
    for place in stepped(counter.add):
        if place.event.is_commit:
            break
    del place
    assert counter.add() == 1


def test_a_walk_raises_what_its_work_raises() -> None:
    def late() -> None:
        Company.objects.get(pk=0)

    with pytest.raises(Company.DoesNotExist):
        assert len(list(stepped(late))) == 1
