"""Pauses: a work that stands at one of its statements, and what others see and do meanwhile.

The tests that use them need `django_db(transaction=True)`.
"""

from __future__ import annotations

import queue
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from tests.harness.runs import PATIENCE, Outcome, Run, Work, name_of, together
from tests.harness.taps import Event, When


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
        run = Run(work, f"probe ({name_of(work)})", None, lambda: None, self._patience)
        run.start()
        until = time.monotonic() + self._patience
        waited = False
        while run.is_alive and not waited and time.monotonic() < until:
            waited = bool(run.backend) and waits_for_a_lock(run.backend)
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
        if _shape(event) != _shape(at.event):
            elsewhere.append(event)
        reached.set()
        if not held._go.wait(timeout=patience):
            msg = f"nobody let the work go on from {at}"
            raise TimeoutError(msg)

    run = Run(work, f"paused work ({name_of(work)})", visit, lambda: None, patience)
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


def stepped(work: Work, *, patience: float = PATIENCE) -> Iterator[Boundary]:
    """Run `work` in a connection of its own, standing still at each of its boundaries in turn.

    While the caller's loop body runs, the work stands there; the body must not wait for a lock of
    the work (`paused` with a probe is for that). Raises at the end what the work raises.
    """
    places: queue.SimpleQueue[Boundary | None] = queue.SimpleQueue()
    turns: queue.SimpleQueue[bool] = queue.SimpleQueue()

    def visit(event: Event, when: When) -> None:
        if when == "before" or event.is_commit:
            places.put(Boundary(event, when))
            if not turns.get(timeout=patience):
                msg = "the caller left the loop"
                raise InterruptedError(msg)

    def whole() -> None:
        try:
            work()
        finally:
            places.put(None)

    run = Run(whole, f"stepped work ({name_of(work)})", visit, lambda: None, patience)
    run.start()
    finished = False
    try:
        while (place := places.get(timeout=patience)) is not None:
            yield place
            turns.put(True)
        finished = True
    finally:
        turns.put(finished)
        outcome = run.end(time.monotonic() + patience)
    if outcome.error is not None:
        raise outcome.error


def _shape(event: Event) -> str:
    """The statement without its numbers: savepoints are named after their thread."""
    return re.sub(r"\d+", "", event.sql)


def waits_for_a_lock(backend: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", [backend])
        return bool(cursor.fetchone()[0])
