"""A PostgreSQL of the tests' own, which may be killed: temporary data, own socket, fsync on.

Never the server that other tests or the application use. The migrated database is built once per
state of the migrations and kept as a dump beside the embedded server's data, so that the next
cluster is ready in two seconds.

Its data lie in memory where the machine has room for them: what a killed server keeps is what it
has handed to the operating system, whether that wrote it to a disk or not, and copies of databases
are made and dropped many times faster.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self
from unittest import mock
from urllib.parse import quote

import psycopg
from psycopg import sql

from config.embedded import postgres
from config.embedded.base import socket_dir, start_lock
from config.env import data_dir

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).resolve().parents[2]
PREFIX: Final = "affido-harness-"
MIGRATED: Final = "migrated"
PATIENCE: Final = 60.0
MEMORY: Final = Path("/dev/shm")
ROOM: Final = 2 * 1024**3  # bytes; a cluster takes half of that at most


class Cluster:
    """A server with a database `migrated` that holds what every new installation holds.

    Use it as a context manager: it stops the server and deletes its data at the end. What an
    earlier run left behind when it was killed is removed at the start.
    """

    def __init__(self) -> None:
        _sweep()
        self.home = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=_place()))
        with self._here():
            self.sockets = socket_dir()

    def __enter__(self) -> Self:
        try:
            self.start()
            if sys.platform == "linux":  # one sync at the start of a recovery, not one per file
                self._run("ALTER SYSTEM SET recovery_init_sync_method = 'syncfs'")
            self._run("ALTER SYSTEM SET max_wal_size = '256MB'")
            self._run("SELECT pg_reload_conf()")
            self._migrated()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exc: object) -> None:
        with self._here():
            postgres.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    @contextmanager
    def _here(self) -> Iterator[None]:
        """Let the tools of the embedded server mean this cluster."""
        with mock.patch.dict(os.environ, {"AFFIDO_DATA_DIR": str(self.home)}):
            yield

    def start(self) -> None:
        """Start the server unless it runs; after a crash it recovers first."""
        with self._here():
            postgres.ensure()

    def crash(self) -> None:
        """Kill every process of the server at once; nothing is written or tidied up."""
        crash(self.home)

    def checkpoint(self) -> None:
        """Let a recovery begin here: sequences keep their place instead of jumping ahead."""
        self._run("CHECKPOINT")

    def environment(self, database: str) -> dict[str, str]:
        """The variables that lead a process of the application to one database here."""
        address = (
            f"postgres://{postgres.USER}@/{database}"
            f"?host={quote(str(self.sockets), safe='')}&port={postgres.PORT}"
        )
        return os.environ | {
            "AFFIDO_DATA_DIR": str(self.home),
            "DATABASE_URL": address,
            "REDIS_URL": "redis://localhost:1/0",  # named, so that no embedded broker is started
            "SECRET_KEY": "only-for-tests-" + "x" * 40,
            "DJANGO_SETTINGS_MODULE": "config.settings_test",
        }

    def copy(self, source: str, target: str) -> None:
        """Make `target` as a copy of `source`, to which nobody may be connected."""
        self._run("CREATE DATABASE {} TEMPLATE {}", target, source)

    def drop(self, database: str) -> None:
        """Drop a database, ending its connections."""
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", database)

    def wait_until_left(self, database: str) -> None:
        """Wait until no session is in a database: killed clients are noticed a moment later."""
        until = time.monotonic() + PATIENCE
        with self._maintenance() as connection:
            while time.monotonic() < until:
                found = connection.execute(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = %s", [database]
                ).fetchone()
                if found == (0,):
                    return
                time.sleep(0.005)
        raise TimeoutError(f"somebody stays in {database}")

    def _maintenance(self) -> psycopg.Connection[Any]:
        return psycopg.connect(
            host=str(self.sockets),
            port=postgres.PORT,
            user=postgres.USER,
            dbname=postgres.DATABASE,
            autocommit=True,
        )

    def _run(self, statement: str, *names: str) -> None:
        with self._maintenance() as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _tool(self, name: str, *arguments: str) -> None:
        done = subprocess.run(
            [postgres.tool(name), "-h", str(self.sockets), "-U", postgres.USER, *arguments],
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{name}: {done.stderr.strip()}")

    def _migrated(self) -> None:
        """Fill `migrated` from the kept dump; make the dump first where there is none."""
        from reports.scenarios.scratch import template_name

        self._run("CREATE DATABASE {}", MIGRATED)
        kept = data_dir() / "harness"
        dump = kept / f"{template_name()}.sql"
        with start_lock("harness"):
            if dump.exists():
                self._tool("psql", "-q", "-v", "ON_ERROR_STOP=1", "-d", MIGRATED, "-f", str(dump))
                return
            for command in (["migrate", "--skip-checks"], ["sync_roles"]):
                subprocess.run(
                    [sys.executable, "manage.py", *command, "-v", "0"],
                    cwd=ROOT,
                    env=self.environment(MIGRATED),
                    check=True,
                    stdout=subprocess.DEVNULL,
                )
            kept.mkdir(exist_ok=True)
            for old in kept.glob("*.sql"):
                old.unlink()
            fresh = dump.with_suffix(".new")
            self._tool("pg_dump", "--no-owner", "-d", MIGRATED, "-f", str(fresh))
            fresh.rename(dump)


def crash(home: Path) -> None:
    """Kill the server whose data lie in `home`, all its processes, and wait until they are gone."""
    claim = next(home.glob("postgresql-*/postmaster.pid"))
    postmaster = int(claim.read_text().split()[0])
    os.kill(postmaster, signal.SIGSTOP)  # so that it starts nothing anew meanwhile
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    processes = [*map(int, children), postmaster]
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    until = time.monotonic() + PATIENCE
    while any(_lives(process) for process in processes):
        if time.monotonic() > until:
            raise TimeoutError("the killed server does not end")
        time.sleep(0.005)
    # As long as nobody has buried it, the next start would take the dead server for a living one.
    with mock.patch.dict(os.environ, {"AFFIDO_DATA_DIR": str(home)}):
        Path(socket_dir(), f".s.PGSQL.{postgres.PORT}.lock").unlink(missing_ok=True)
    claim.unlink(missing_ok=True)


def _lives(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def _place() -> Path:
    """Where clusters lie: in memory, else where temporary files go."""
    try:
        free = shutil.disk_usage(MEMORY).free
    except OSError:
        free = 0
    return MEMORY if free >= ROOM and os.access(MEMORY, os.W_OK) else Path(tempfile.gettempdir())


def _sweep() -> None:
    """Remove clusters whose test process is gone."""
    homes = (Path(tempfile.gettempdir()), MEMORY)
    for left in chain.from_iterable(home.glob(f"{PREFIX}*") for home in homes):
        owner = left.name.removeprefix(PREFIX).partition("-")[0]
        if not owner.isdigit() or _lives(int(owner)) or left.stat().st_uid != os.getuid():
            continue
        with mock.patch.dict(os.environ, {"AFFIDO_DATA_DIR": str(left)}):
            postgres.stop()
        shutil.rmtree(left, ignore_errors=True)
