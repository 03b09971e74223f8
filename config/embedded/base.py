"""What both embedded servers share: where they live, and the lock between their starters."""

import fcntl
import hashlib
import os
import re
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.env import data_dir

# sockaddr_un.sun_path holds 104 bytes on macOS and 108 on Linux, with the closing zero byte.
# The longest name we put into the directory is ".s.PGSQL.5432.lock" (18 bytes and a slash).
_MAX_SOCKET_DIR = 103 - 19
# PostgreSQL splits the setting at commas and URLs need no quoting with these characters alone.
_SAFE_PATH = re.compile(r"[A-Za-z0-9/._+-]+")


class EmbeddedServerError(Exception):
    """An embedded server can't run here; the message is one sentence a user can act on."""


def socket_dir() -> Path:
    """Directory of the Unix sockets: `run/` in the data directory, or a short one when too long.

    The fallback is derived from the data directory alone, so every process finds the same.
    """
    natural = data_dir() / "run"
    if len(os.fsencode(natural)) <= _MAX_SOCKET_DIR and _SAFE_PATH.fullmatch(str(natural)):
        return natural
    digest = hashlib.sha256(os.fsencode(data_dir())).hexdigest()[:12]
    return Path("/tmp") / f"affido-{os.getuid()}-{digest}"  # noqa: S108


def make_private_dir(path: Path, owner: int | None = None) -> None:
    """Create a 0700 directory, or insist that the existing one is ours and no symbolic link.

    `owner` is the user id the server runs as when that is not this process's own.
    """
    wanted = os.getuid() if owner is None else owner
    path.parent.mkdir(parents=True, exist_ok=True)
    path.mkdir(mode=0o700, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (os.getuid(), wanted):
        raise EmbeddedServerError(
            f"{path} belongs to another user; remove it or set AFFIDO_DATA_DIR."
        )
    if found.st_uid != wanted:
        os.chown(path, wanted, -1)
    path.chmod(0o700)


def accepts_connections(path: Path) -> bool:
    """Whether a process listens on the Unix socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(2)
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True


@contextmanager
def start_lock(name: str) -> Iterator[None]:
    """Let one process at a time start or stop a server of this data directory; others wait."""
    data_dir().mkdir(parents=True, exist_ok=True)
    descriptor = os.open(data_dir() / f"{name}.lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def log_tail(path: Path, lines: int = 5) -> str:
    """The end of a server's log, for an error message; empty when there is none."""
    try:
        return " | ".join(path.read_text(errors="replace").strip().splitlines()[-lines:])
    except OSError:
        return ""
