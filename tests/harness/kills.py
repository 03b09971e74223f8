"""Kills: a command ended between any two of its statements leaves whole books.

`kill_everywhere` runs a command once to learn its statements, its commits and the state of the
database after each commit. Then, for every place, it runs the command and kills the process (or
the whole server) there. What is found afterwards must be exactly the state of the last commit
that was answered; the invariants must hold; and doing the command again must lead to the same
figures as if nothing had happened.
"""

from __future__ import annotations

import random
import signal
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Literal

from tests.harness.cluster import MIGRATED
from tests.harness.fingerprint import differences, fingerprint
from tests.harness.lab import Arguments, Lab, Scene, Step, path_of, values_of

type Invariant = Callable[[], Iterable[str]]
type Whom = Literal["client", "server"]

MOST_COMPLAINTS: Final = 10
COPIES: Final = 12


class KillError(AssertionError):
    """What was found after kills is not what it must be."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command that may be killed. Every function stands at the top of a module.

    setup      makes a small world and returns the arguments of the others (values of JSON)
    run        the command; sees nothing but the database and its arguments
    again      what a person or the system does after each kill; must itself find out what is left
               to do. None: the command is one transaction, so that there is nothing left of it or
               nothing left to do; unless a sample is drawn it is then run once more after all
               kills that left nothing
    figures    what has come about in the end, without keys and moments (JSON): the same after
               every kill as without one
    invariants functions that name what is wrong in the database, each complaint one sentence
    """

    name: str
    setup: Callable[[], Arguments]
    run: Callable[..., Any]
    invariants: Sequence[Invariant]
    again: Callable[..., Any] | None = None
    figures: Callable[..., Any] | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """A place for a kill: before or after an event, or while the server commits.

    `lasting` are the numbers of commits that may last afterwards: one, or two when the kill falls
    into a commit that nobody has heard of.
    """

    number: int
    when: str
    sql: str
    lasting: tuple[int, ...]

    def __str__(self) -> str:
        words = " ".join(self.sql.split())[:90]
        return f"{self.when} #{self.number} {words}"


@dataclass(frozen=True, slots=True)
class Report:
    """What was done: all places of the command, its commits that changed something, the kills.

    `services` are the functions of services that ran ("module:name"), `events` the actions of the
    audit events that the command wrote when nobody killed it.
    """

    command: str
    places: int
    commits: int
    kills: int
    services: frozenset[str] = frozenset()
    events: tuple[str, ...] = ()


def kill_everywhere(
    lab: Lab,
    command: Command,
    *,
    whom: Whom = "client",
    among: Callable[[Point], bool] = lambda _point: True,
    sample: int | None = None,
    seed: int = 0,
) -> Report:
    """Kill a command at all its places (or at `sample` of those `among`) and look at what is left.

    A sample always has the last commit itself; the others are drawn by `seed`. The invariants are
    asked once about each state that is found. In a sample a command that left nothing is not done
    again: the database is the same to the last row as before.
    Raises KillError with everything that was found wrong, RuntimeError when setup or command do
    not work at all.
    """
    return _Trial(lab, command, whom, thorough=sample is None).work(among, sample, seed)


class _Trial:
    """One command under kills."""

    def __init__(self, lab: Lab, command: Command, whom: Whom, *, thorough: bool) -> None:
        self.lab, self.command, self.whom, self.thorough = lab, command, whom, thorough
        self.scene = ""
        self.copies: list[str] = []
        self.untouched = ""
        self.arguments: Arguments = {}
        self.states: list[dict[str, str]] = []
        self.passed: list[dict[str, str]] = []
        self.figures: Any = None
        self.services: frozenset[str] = frozenset()
        self.events: tuple[str, ...] = ()

    def work(self, among: Callable[[Point], bool], sample: int | None, seed: int) -> Report:
        cluster = self.lab.cluster
        try:
            points = [point for point in self._learn() if among(point)]
            chosen = _sample(points, sample, seed)
            complaints: list[str] = []
            for point in chosen:
                complaints += [f"killed {point}: {found}" for found in self._kill(point)]
                if len(complaints) >= MOST_COMPLAINTS:
                    break
            if self.untouched and self.thorough:
                wrong = self._again(self.untouched, self.command.run)
                complaints += [f"after kills that left nothing: {found}" for found in wrong]
        finally:
            cluster.start()
            self._drop_copies()
        if complaints:
            head = f"{self.command.name}, {self.whom} (seed {seed})"
            raise KillError("\n  ".join([head, *complaints[:MOST_COMPLAINTS]]))
        commits = sum(after != before for before, after in pairwise(self.states))
        return Report(
            self.command.name, len(points), commits, len(chosen), self.services, self.events
        )

    def _scene(self) -> Scene:
        """The scene of the command, made unless there is one with the same setup and invariants."""
        lab, command = self.lab, self.command
        key = tuple(map(path_of, (command.setup, *command.invariants)))
        if key not in lab.scenes:
            database = f"scene_{len(lab.scenes)}"
            lab.cluster.drop(database)
            lab.cluster.copy(MIGRATED, database)
            arguments, told = lab.done(database, (command.setup, {}), (events, {}))
            # Otherwise a crash would skip keys in the scene, and in the copies made after it.
            lab.cluster.checkpoint()
            state, wrong = self._look(database)
            if wrong:
                raise KillError(f"{command.name}, its scene: " + "; ".join(wrong))
            lab.scenes[key] = Scene(database, arguments, state, len(told))
        return lab.scenes[key]

    def _learn(self) -> list[Point]:
        """Run the command once, whole, in a copy of its scene; returns its places."""
        lab, scene = self.lab, self._scene()
        self.scene, self.arguments = scene.database, scene.arguments
        database = self._fresh()
        answer = lab.job(database, (self.command.run, self.arguments), watch=True)
        values_of(answer)
        self.states = [scene.state, *answer["states"]]
        if differences(scene.state, self.states[-1]) == []:
            raise RuntimeError(f"{self.command.name} changes nothing: there is nothing to kill")
        [told], wrong, self.figures = self._end(database, (events, {}), look=True)
        if wrong:
            raise KillError(f"{self.command.name}, not killed: " + "; ".join(wrong))
        self.passed = [scene.state, self.states[-1]]
        self.services = frozenset(answer["services"])
        self.events = tuple(told[scene.told :])
        return _points(answer["points"])

    def _look(self, database: str) -> tuple[dict[str, str], list[str]]:
        """The state of a database, and what the invariants complain about."""
        found, *lists = self.lab.done(database, (fingerprint, {}), *self._checks())
        return found, [complaint for each in lists for complaint in each]

    def _checks(self) -> list[Step]:
        return [(complaints, {"path": path_of(check)}) for check in self.command.invariants]

    def _end(self, database: str, *steps: Step, look: bool) -> tuple[list[Any], list[str], Any]:
        """Take the last steps; their values, what the invariants complain about, the figures."""
        checks = self._checks() if look else []
        figures = [self.command.figures] if self.command.figures else []
        values = self.lab.done(
            database, *steps, *checks, *((figure, self.arguments) for figure in figures)
        )
        end = values.pop() if figures else None
        wrong = [complaint for each in values[len(steps) :] for complaint in each]
        return values[: len(steps)], wrong, end

    def _fresh(self) -> str:
        """A copy of the scene. Old ones are dropped a dozen at a time: each drop costs a sync."""
        if len(self.copies) >= COPIES:
            self._drop_copies()
        self.copies.append(f"{self.scene}_{len(self.copies)}")
        self.lab.cluster.copy(self.scene, self.copies[-1])
        if self.whom == "server":
            # A copy takes over how far its sequences are logged, but not that log: recovered, they
            # would give keys twice. The first use after a checkpoint is logged again.
            self.lab.cluster.checkpoint()
        return self.copies[-1]

    def _drop_copies(self) -> None:
        self.untouched = ""
        while self.copies:
            self.lab.cluster.drop(self.copies.pop())

    def _kill(self, point: Point) -> list[str]:
        """Kill at one place; what is wrong afterwards.

        A database in which a kill left nothing serves the next kill, too. Places where something
        may last need a fresh one, since the keys that rows get would differ.
        """
        lab, scene = self.lab, self.states[0]
        if any(self.states[k] != scene for k in point.lasting) or not self.untouched:
            database = self._fresh()
        else:
            database, self.untouched = self.untouched, ""
        answer = lab.job(
            database,
            (self.command.run, self.arguments),
            kill={"number": point.number, "when": point.when, "whom": self.whom},
        )
        if self.whom == "server":
            if "signal" in answer:
                return [f"the client ended by signal {answer['signal']}"]
            lab.cluster.start()
        elif answer.get("signal") != signal.SIGKILL:
            return [f"the command was not there: {answer.get('error', 'it ended well')}"]
        lab.cluster.wait_until_left(database)
        [found] = lab.done(database, (fingerprint, {}))
        wrong: list[str] = []
        if found not in self.passed:
            found, wrong = self._look(database)
            self.passed += [] if wrong else [found]
        if not any(self.states[k] == found for k in point.lasting):
            half = differences(found, self.states[point.lasting[0]])
            return [*wrong, "half done: " + "; ".join(half)]
        if wrong:
            return wrong
        if self.command.again is not None:
            return self._again(database, self.command.again)
        if found == scene:
            self.untouched = database
        elif found != self.states[-1]:
            return ["part of it lasts, and the command does not say how it is taken up again"]
        return []

    def _again(self, database: str, work: Callable[..., Any]) -> list[str]:
        """Do the work (again); what is wrong then."""
        _values, wrong, figures = self._end(database, (work, self.arguments), look=True)
        if not wrong and figures != self.figures:
            wrong.append(f"done again it comes to {figures}, not {self.figures}")
        return wrong


def complaints(path: str) -> list[str]:
    """Run an invariant (in the worker) and name it in what it finds."""
    from tests.harness.worker import function_at

    invariant = function_at(path)
    return [f"{path.rpartition(':')[2]}: {found}" for found in invariant()]


def events() -> list[str]:
    """The actions of all audit events (in the worker), the oldest first."""
    from core.models import AuditEvent

    return list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))


def _points(visits: Iterable[tuple[int, str, str, bool]]) -> list[Point]:
    """Every place of a watched run, with the commits that last when it is killed there."""
    points = []
    commits = 0
    for number, when, sql, is_commit in visits:
        if is_commit and when == "after":
            commits += 1
        points.append(Point(number, when, sql, (commits,)))
        if sql == "COMMIT" and when == "before":
            points.append(Point(number, "during", sql, (commits + 1, commits)))
    return points


def _sample(points: list[Point], sample: int | None, seed: int) -> list[Point]:
    if sample is None or sample >= len(points):
        return points
    commits = [point for point in points if point.when == "during"][-1:]
    others = [point for point in points if point not in commits]
    drawn = random.Random(seed).sample(others, sample - len(commits))
    return sorted([*commits, *drawn], key=points.index)
