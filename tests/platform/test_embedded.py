"""The embedded servers, run as a user runs them: as processes on a data directory of their own."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from config.embedded import base

ROOT = Path(__file__).resolve().parents[2]
ACTIVE = "embedded PostgreSQL: running\nembedded Valkey: running\n"
IDLE = "embedded PostgreSQL: not running\nembedded Valkey: not running\n"
STARTED = "embedded PostgreSQL: started\nembedded Valkey: started\n"


def environment(data: Path, **extra: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL")}
    return {**kept, "AFFIDO_DATA_DIR": str(data), **extra}


def start_process(data: Path, *arguments: str, **extra: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "config.embedded", *arguments],
        cwd=ROOT,
        env=environment(data, **extra),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def embedded(data: Path, *arguments: str, **extra: str) -> str:
    """Output of one command, which must succeed."""
    process = start_process(data, *arguments, **extra)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    return out


def sockets_of(data: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AFFIDO_DATA_DIR", str(data))
    return base.socket_dir()


def processes_of(data: Path) -> list[str]:
    """Command lines of living processes that name the data directory."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(data) in line:
            found.append(line)
    return found


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "data"
    embedded(tmp_path / "data", "stop")


def test_servers_start_once_survive_a_crash_and_stop(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert embedded(data, "start") == STARTED
    assert embedded(data, "status") == ACTIVE
    assert "nothing to do" in embedded(data, "start")

    sockets = sockets_of(data, monkeypatch)
    address = f"host={sockets} user=affido dbname=affido"
    with psycopg.connect(address, autocommit=True) as connection:
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        for extension in ("btree_gist", "pg_trgm", "unaccent"):
            connection.execute(f"CREATE EXTENSION {extension}")
        connection.execute("CREATE TABLE kept AS SELECT 1 AS fact")
    queue = redis.Redis(unix_socket_path=str(sockets / "valkey.sock"))
    queue.set("kept", "1")
    queue.close()

    dump = embedded(data, "pg_dump", "--table=kept")
    assert "CREATE TABLE public.kept" in dump

    # Power loss: no server gets to tidy up, and the stale files must not stop the next start.
    postmaster = int((data / "postgresql-17" / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGKILL)
    assert embedded(data, "start").startswith("embedded PostgreSQL: started")
    with psycopg.connect(address) as connection:
        assert connection.execute("SELECT fact FROM kept").fetchone() == (1,)

    assert embedded(data, "stop") == STARTED.replace("started", "stopped")
    assert embedded(data, "status") == IDLE
    assert processes_of(data) == []

    embedded(data, "start")
    queue = redis.Redis(unix_socket_path=str(sockets / "valkey.sock"))
    assert queue.get("kept") == b"1"
    queue.close()


def test_processes_starting_together_in_a_long_odd_path_agree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / ("société, à responsabilité " + "x" * 90) / "data"
    sockets = sockets_of(data, monkeypatch)
    assert sockets.parent == Path("/tmp")
    try:
        racers = [start_process(data, "start") for _ in range(3)]
        outputs = []
        for racer in racers:
            out, err = racer.communicate(timeout=90)
            assert racer.returncode == 0, err
            outputs.append(out)
        assert sum("PostgreSQL: started" in out for out in outputs) == 1
        assert sum("Valkey: started" in out for out in outputs) == 1
        with psycopg.connect(host=str(sockets), user="affido", dbname="affido") as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert sockets.stat().st_mode & 0o777 == 0o700
    finally:
        embedded(data, "stop")
        shutil.rmtree(sockets)


def test_servers_named_by_the_environment_are_left_alone(data: Path) -> None:
    output = embedded(data, "start", DATABASE_URL="postgres://x@host/db", REDIS_URL="redis://host")
    assert output == STARTED.replace("started", "not used")
    assert not (data / "postgresql-17").exists()


def test_a_socket_directory_somebody_else_prepared_is_refused(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trap = tmp_path / "trap"
    trap.mkdir()
    sockets = sockets_of(data, monkeypatch)
    sockets.parent.mkdir(parents=True)
    sockets.symlink_to(trap)
    process = start_process(data, "start")
    _out, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "belongs to another user" in err
    assert "Traceback" not in err


def test_short_paths_keep_their_sockets_beside_the_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFFIDO_DATA_DIR", "/srv/affido/data")
    assert base.socket_dir() == Path("/srv/affido/data/run")
