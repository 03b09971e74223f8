"""The process in which commands run that are to be killed: `python -m tests.harness.worker`.

It loads the application once and connects to nothing. Each job (a line of JSON) runs in a fork of
it, on the database the job names, and is answered by a line of JSON. So an example costs a few
hundredths of a second, and a process can be killed without harm to the tests around it.

A job names functions as "module:function". Its fields: `database`; `steps`, a list of [function,
arguments]; `watch`, whether events, the states they leave and the services that are called are
wanted; `kill`, a `Kill`;
`home`, where the server's data lie; `seconds`, after which the job is given up.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import sys
import traceback
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

import django

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import CodeType

    from tests.harness.taps import Event

SECONDS: Final = 120
ROOT: Final = str(Path(__file__).resolve().parents[2]) + os.sep


class Watch:
    """Writes down every event, and the state of the database after each that committed."""

    def __init__(self) -> None:
        from tests.harness.taps import Tap

        self.tap = Tap(self.visit)
        self.points: list[tuple[int, str, str, bool]] = []
        self.states: list[dict[str, str]] = []
        self.services: set[str] = set()
        self._mine = False

    def visit(self, event: Event, when: str) -> None:
        commits = self._commits(event)
        self.points.append((event.number, when, event.sql, commits))
        if commits and when == "after":
            self.states.append(self._state())

    def _commits(self, event: Event) -> bool:
        """Whether the event ends a transaction: a commit, or a statement outside of one."""
        connection: Any = self.tap.connection
        return event.is_commit or connection.get_autocommit()

    def _state(self) -> dict[str, str]:
        """Read on a connection of its own, as anybody else would see it."""
        from django.db import connections

        from tests.harness.fingerprint import fingerprint

        self._mine = True
        beside = connections.create_connection("default")
        try:
            return fingerprint(beside)
        finally:
            beside.close()
            self._mine = False

    def lay(self, connection: Any, **_kwargs: Any) -> None:
        """Watch a connection that was just made, unless it is our own."""
        if not self._mine:
            self.tap.lay(connection)


@contextmanager
def _called(services: set[str]) -> Iterator[None]:
    """Add every function of our services that is called inside the block, as "module:name"."""

    def see(code: CodeType, _offset: int) -> object:
        module = code.co_filename.removeprefix(ROOT).removesuffix(".py").replace(os.sep, ".")
        if "services" in module.split("."):
            services.add(f"{module.removesuffix('.__init__')}:{code.co_qualname}")
        return watching.DISABLE  # for this function only: once is enough

    watching = sys.monitoring
    watching.use_tool_id(watching.PROFILER_ID, "kills")
    watching.register_callback(watching.PROFILER_ID, watching.events.PY_START, see)
    watching.set_events(watching.PROFILER_ID, watching.events.PY_START)
    try:
        yield
    finally:
        watching.set_events(watching.PROFILER_ID, watching.events.NO_EVENTS)
        watching.free_tool_id(watching.PROFILER_ID)


class Killer:
    """Kills this process or the server at one event."""

    def __init__(self, number: int, when: str, whom: str, home: str) -> None:
        from tests.harness.taps import Tap

        self.tap = Tap(self.visit)
        self.place = (number, when)
        self.whom, self.home = whom, Path(home)

    def visit(self, event: Event, when: str) -> None:
        if (event.number, when) == self.place:
            self.strike()
        elif (event.number, "during") == self.place and when == "before":
            self._ask_to_commit(self.tap.connection)
            self.strike()

    def strike(self) -> None:
        from tests.harness.cluster import crash

        if self.whom == "server":
            crash(self.home)  # the command lives on and has to bear it
        else:
            os.kill(os.getpid(), signal.SIGKILL)

    @staticmethod
    def _ask_to_commit(connection: Any) -> None:
        """Send the commit without waiting for the answer: whether it counted is then unknown."""
        wire = connection.connection.pgconn
        wire.send_query(b"COMMIT")
        while wire.flush():
            pass

    def lay(self, connection: Any, **_kwargs: Any) -> None:
        """Watch a connection that was just made."""
        self.tap.lay(connection)


def function_at(path: str) -> Callable[..., Any]:
    """The function that "module:function" names."""
    module, _, name = path.partition(":")
    found: Any = importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    return found


def work(job: dict[str, Any]) -> dict[str, Any]:
    """Do a job in this process and return its answer."""
    from django.db import connections
    from django.db.backends.signals import connection_created

    connections.settings["default"]["NAME"] = job["database"]
    kill = job.get("kill")
    watch = Watch() if job.get("watch") else None
    eye = Killer(home=job["home"], **kill) if kill else watch
    if eye is not None:
        connection_created.connect(eye.lay)
    values: list[Any] = []
    answer: dict[str, Any] = {"values": values}
    try:
        with _called(watch.services) if watch else nullcontext():
            for path, arguments in job["steps"]:
                values.append(function_at(path)(**arguments))
    except BaseException as error:
        answer["error"] = "".join(traceback.format_exception(error))
        answer["error_type"] = type(error).__name__
    if watch is not None:
        answer |= {"points": watch.points, "states": watch.states}
        answer["services"] = sorted(watch.services)
    connections.close_all()
    return answer


@contextmanager
def _own_time(seconds: int) -> Iterator[None]:
    """End this process when it takes too long, whatever it waits for."""
    signal.alarm(seconds)
    yield
    signal.alarm(0)


def _in_a_fork(job: dict[str, Any]) -> dict[str, Any]:
    for path, _arguments in job["steps"]:
        function_at(path)  # its module is loaded here once, not in every fork
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _live_and_die(job, writing)
    os.close(writing)
    with os.fdopen(reading) as answers:
        text = answers.read()
    _pid, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return {"signal": os.WTERMSIG(status)}
    answer: dict[str, Any] = json.loads(text)
    return answer


def _live_and_die(job: dict[str, Any], writing: int) -> NoReturn:
    status = 1
    try:
        with _own_time(job.get("seconds", SECONDS)), os.fdopen(writing, "w") as answers:
            answers.write(json.dumps(work(job)))
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def _load() -> None:
    """Load before the first fork what every fork would have to load again."""
    from django.urls import get_resolver

    from config.celery import app

    for module in ("tests.harness.commands", "tests.harness.worker", "kombu.transport.memory"):
        importlib.import_module(module)
    get_resolver().reverse_dict  # noqa: B018 - reading it loads every view
    app.loader.import_default_modules()
    app.finalize()
    app.amqp.queues  # noqa: B018 - reading it loads what sending a task needs
    gc.freeze()


def main() -> None:
    """Answer jobs from standard input until it ends."""
    # Answers have the real standard output to themselves; whatever else is printed is not mixed in.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    django.setup()
    _load()
    for line in sys.stdin:
        answers.write(json.dumps(_in_a_fork(json.loads(line))) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
