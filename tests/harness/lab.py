"""The laboratory: a PostgreSQL of its own and a worker process, on which commands are killed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from tests.harness.cluster import MIGRATED, ROOT, Cluster

type Arguments = dict[str, Any]
type Step = tuple[Callable[..., Any], Arguments]


@dataclass(frozen=True, slots=True)
class Scene:
    """A database in which nothing was killed yet, and what is known of it.

    It stays for all commands that begin there, so nobody may write to it: they take copies.
    `told` is how many audit events it holds.
    """

    database: str
    arguments: Arguments
    state: dict[str, str]
    told: int


class Lab:
    """A cluster with a worker process; runs jobs on its databases. Use as a context manager.

    `scenes` keeps what the kills have made here, by the names of what made it.
    """

    def __init__(self) -> None:
        self.cluster = Cluster()
        self.scenes: dict[tuple[str, ...], Scene] = {}
        self._worker: subprocess.Popen[str] | None = None
        self._log = Path(self.cluster.home, "worker.log")

    def __enter__(self) -> Self:
        self.cluster.__enter__()
        try:
            with self._log.open("w") as log:
                self._worker = subprocess.Popen(
                    [sys.executable, "-m", "tests.harness.worker"],
                    cwd=ROOT,
                    env=self.cluster.environment(MIGRATED),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    text=True,
                )
        except BaseException:
            self.cluster.__exit__()
            raise
        return self

    def __exit__(self, *_exc: object) -> None:
        if self._worker is not None:
            assert self._worker.stdin is not None
            self._worker.stdin.close()
            self._worker.wait(timeout=30)
        self.cluster.__exit__()

    def job(self, database: str, *steps: Step, **options: Any) -> dict[str, Any]:
        """Let a fork of the worker do some steps on a database; its answer (see the worker)."""
        assert self._worker is not None
        assert self._worker.stdin is not None
        assert self._worker.stdout is not None
        named = [(path_of(function), arguments) for function, arguments in steps]
        job = {"database": database, "steps": named, "home": str(self.cluster.home)} | options
        self._worker.stdin.write(json.dumps(job) + "\n")
        self._worker.stdin.flush()
        line = self._worker.stdout.readline()
        if not line:
            raise RuntimeError(f"the worker ended: {self._log.read_text()[-2000:]}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def done(self, database: str, *steps: Step) -> list[Any]:
        """The values of steps that must go well."""
        return values_of(self.job(database, *steps))


def path_of(function: Callable[..., Any]) -> str:
    """ "module:name" of a function at the top of a module."""
    path = f"{function.__module__}:{function.__qualname__}"
    if "<" in path:
        raise ValueError(f"{path} cannot be called from another process")
    return path


def values_of(answer: dict[str, Any]) -> list[Any]:
    if "error" in answer or "signal" in answer:
        raise RuntimeError(answer.get("error") or f"ended by signal {answer['signal']}")
    values: list[Any] = answer["values"]
    return values
