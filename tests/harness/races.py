"""Races and pauses: several works on connections of their own, committing for real.

`race` runs the works of a scene at the same moment, many times, after it has shown that the same
scene breaks without its lock. `paused` stops one work at a statement, so that others can be
tried in just that moment. The tests that use them need `django_db(transaction=True)`.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connection, connections

from core.errors import DomainError
from tests.harness.taps import Event, Tap, Visit, When

type Work = Callable[[], Any]

PATIENCE: Final = 30.0
"""Seconds a work may take; a single statement may take two thirds of it."""


class ControlFailedError(AssertionError):
    """The race went well without its lock, or not at all: it would prove nothing."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a work ended: with a value, or with an error of the domain."""

    name: str
    value: Any = None
    error: BaseException | None = None

    @property
    def code(self) -> str | None:
        """The code of the domain error; None when the work went well."""
        return self.error.code if isinstance(self.error, DomainError) else None


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


def together(
    works: Sequence[Work], *, visit: Visit | None = None, patience: float = PATIENCE
) -> list[Outcome]:
    """Run every work in a thread and connection of its own, started at the same moment.

    Errors of the domain are outcomes. Anything else, and a work that does not end in time, is
    raised as an ExceptionGroup whose members name their work. `visit` sees all statements.
    """
    barrier = threading.Barrier(len(works))

    def begin() -> None:
        barrier.wait(timeout=patience)

    runs = [
        _Run(work, f"work {number} ({_name(work)})", visit, begin, patience)
        for number, work in enumerate(works, start=1)
    ]
    for run in runs:
        run.start()
    until = time.monotonic() + patience
    outcomes = [run.end(until) for run in runs]
    wrong = [
        outcome.error
        for outcome in outcomes
        if isinstance(outcome.error, Exception) and outcome.code is None
    ]
    if wrong:
        raise ExceptionGroup(f"{len(wrong)} of {len(works)} works failed", wrong)
    return outcomes


def _name(work: Work) -> str:
    return str(getattr(work, "__name__", type(work).__name__))


class _Run:
    """A work in its thread, on a connection that is closed behind it."""

    def __init__(
        self, work: Work, name: str, visit: Visit | None, begin: Work, patience: float
    ) -> None:
        self.outcome = Outcome(name)
        self.backend = 0
        self._work, self._begin, self._patience = work, begin, patience
        self._tap = Tap(visit or (lambda _event, _when: None))
        self._thread = threading.Thread(target=self._live, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def end(self, until: float) -> Outcome:
        """Wait for the end until a moment of the monotonic clock."""
        self._thread.join(timeout=max(0.0, until - time.monotonic()))
        if self._thread.is_alive():
            return self._failed(TimeoutError(f"not done in {self._patience:g} s"))
        return self.outcome

    def _failed(self, error: BaseException) -> Outcome:
        error.add_note(f"in {self.outcome.name}")
        return Outcome(self.outcome.name, error=error)

    def _live(self) -> None:
        try:
            with connection.cursor() as cursor:
                limit = f"{self._patience * 2000 / 3:.0f}ms"
                cursor.execute("SELECT set_config('statement_timeout', %s, false)", [limit])
                cursor.execute("SELECT pg_backend_pid()")
                self.backend = cursor.fetchone()[0]
            with self._tap.laid_on(connection):
                self._begin()
                self.outcome = Outcome(self.outcome.name, value=self._work())
        except BaseException as error:
            self.outcome = self._failed(error)
        finally:
            connections.close_all()


# --- Pauses ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Boundary:
    """A place between two statements of a work: just before or just after one of its events."""

    event: Event
    when: When

    def __str__(self) -> str:
        return f"{self.when} {self.event}"


@dataclass(frozen=True, slots=True)
class Probe:
    """What a work tried beside a paused one came to; `waited` says it met a lock of it."""

    value: Any
    waited: bool


def boundaries(make: Callable[[], Work]) -> list[Boundary]:
    """Every place of a work where another connection could see something new.

    Runs one work of `make` to its end and raises what it raises. The places are: before each
    statement and each commit, and after the last of them.
    """
    seen: list[Event] = []

    def visit(event: Event, when: When) -> None:
        if when == "before":
            seen.append(event)

    [outcome] = together([make()], visit=visit)
    if outcome.error is not None:
        raise outcome.error
    if not seen:
        return []
    return [*(Boundary(event, "before") for event in seen), Boundary(seen[-1], "after")]


@dataclass
class Paused:
    """A work that stands at a boundary. `outcome` is known after the block of `paused`."""

    at: Boundary
    outcome: Outcome | None = None
    _go: threading.Event = field(default_factory=threading.Event)
    _patience: float = PATIENCE

    def go_on(self) -> None:
        """Let the work run on; the block of `paused` does this at its end, too."""
        self._go.set()

    def probe(self, work: Work) -> Probe:
        """Run another work beside the paused one, on a connection of its own, to its end.

        A work that meets a lock of the paused one waits until that one has gone on and ended.
        Raises what the work raises.
        """
        run = _Run(work, f"probe ({_name(work)})", None, lambda: None, self._patience)
        run.start()
        until = time.monotonic() + self._patience
        waited = False
        while run.is_alive and not waited and time.monotonic() < until:
            waited = bool(run.backend) and _waits_for_a_lock(run.backend)
            if not waited:
                time.sleep(0.002)
        if waited:
            self.go_on()
        outcome = run.end(until)
        if outcome.error is not None:
            raise outcome.error
        return Probe(outcome.value, waited)


@contextmanager
def paused(work: Work, *, at: Boundary, patience: float = PATIENCE) -> Iterator[Paused]:
    """Run `work` in a connection of its own up to a boundary; inside the block it stands there.

    At the end of the block it goes on to its end; whatever it raises is raised here. Raises
    AssertionError when the work never comes to the boundary or says something else there.
    """
    reached = threading.Event()
    held = Paused(at, _patience=patience)
    elsewhere: list[Event] = []

    def visit(event: Event, when: When) -> None:
        if (event.number, when) != (at.event.number, at.when):
            return
        if event.sql != at.event.sql:
            elsewhere.append(event)
        reached.set()
        if not held._go.wait(timeout=patience):
            msg = f"nobody let the work go on from {at}"
            raise TimeoutError(msg)

    run = _Run(work, f"paused work ({_name(work)})", visit, lambda: None, patience)
    run.start()
    until = time.monotonic() + patience
    while not reached.wait(timeout=0.05) and run.is_alive and time.monotonic() < until:
        pass
    try:
        if reached.is_set() and not elsewhere:
            yield held
    finally:
        held.go_on()
        held.outcome = run.end(until + patience)
    if held.outcome.error is not None:
        raise held.outcome.error
    if not reached.is_set():
        raise AssertionError(f"the work never came to {at}")
    if elsewhere:
        raise AssertionError(f"the work is at {elsewhere[0]}, not {at}")


def _waits_for_a_lock(backend: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", [backend])
        return bool(cursor.fetchone()[0])
