"""Works in threads and connections of their own, committing for real: what a race is made of."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection, connections

from core.errors import DomainError
from tests.harness.taps import Tap, Visit

type Work = Callable[[], Any]

PATIENCE: Final = 30.0
"""Seconds a work may take; a single statement may take two thirds of it."""


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
        Run(work, f"work {number} ({name_of(work)})", visit, begin, patience)
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


def name_of(work: Work) -> str:
    return str(getattr(work, "__name__", type(work).__name__))


class Run:
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
