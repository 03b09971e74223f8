"""Races: the works of a scene at the same moment, many times, after a control without the lock.

The tests that use them need `django_db(transaction=True)`.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from tests.harness.runs import PATIENCE, Outcome, Work, together
from tests.harness.taps import Event, Visit, When


class ControlFailedError(AssertionError):
    """The race went well without its lock, or not at all: it would prove nothing."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One round of a race: works on fresh rows, and what must be true when all have ended.

    `holds` gets the outcomes in the order of the works and raises AssertionError on a breach.
    """

    works: Sequence[Work]
    holds: Callable[[Sequence[Outcome]], None]


@dataclass(frozen=True, slots=True)
class Control:
    """The same race without its lock, which must break it, and in the way that is feared.

    `without` takes the lock away for a block. `breach` is a pattern that the AssertionError of
    the scene must then match, so that a control does not pass for a reason of its own. Every
    work waits after its first statement that matches `meet` until all works are there: so each
    has read before any has written, which the lock would forbid. An empty `meet` leaves the
    meeting to chance, for up to `rounds` rounds.
    """

    without: Callable[[], AbstractContextManager[Any]]
    breach: str
    meet: str = ""
    rounds: int = 1
    patience: float = PATIENCE / 3


@dataclass(frozen=True, slots=True)
class Uncontrolled:
    """Says why a race has no control: there is no single lock that could be taken away."""

    why: str


def race(make: Callable[[], Scene], *, control: Control | Uncontrolled, rounds: int = 20) -> None:
    """Run a race many times, each on a fresh scene, after its control has shown the breach.

    Raises ControlFailedError when the control does not break; whatever `holds` raises otherwise;
    an ExceptionGroup naming the works when they end in anything but errors of the domain.
    """
    if isinstance(control, Control):
        _insist(make, control)
    elif not control.why.strip():
        raise ControlFailedError("a race without a control needs a reason")
    for _round in range(rounds):
        scene = make()
        scene.holds(together(scene.works))


def _insist(make: Callable[[], Scene], control: Control) -> None:
    for _round in range(control.rounds):
        scene = make()
        visit = None
        if control.meet:
            visit = meeting(control.meet, len(scene.works), patience=control.patience)
        with control.without():
            try:
                outcomes = together(scene.works, visit=visit)
            except ExceptionGroup as errors:
                raise ControlFailedError("without its lock the race ended in errors") from errors
        try:
            scene.holds(outcomes)
        except AssertionError as error:
            if re.search(control.breach, str(error)):
                return
            raise ControlFailedError(
                f"without its lock the race broke, but not as “{control.breach}”"
            ) from error
    raise ControlFailedError(
        f"the race holds without its lock, in {control.rounds} rounds: it proves nothing"
    )


def meeting(pattern: str, parties: int, *, patience: float) -> Visit:
    """A visit that lets every work wait, after its first statement like `pattern`, for all."""
    place = threading.Barrier(parties)
    been = threading.local()

    def visit(event: Event, when: When) -> None:
        if when == "after" and not hasattr(been, "here") and re.search(pattern, event.sql):
            been.here = True
            place.wait(timeout=patience)

    return visit
