"""`make demo`: everything in one terminal, and nothing left behind when it ends.

    python -m config.demo          start, print URL and logins, run until Ctrl-C or SIGTERM
    python -m config.demo stop     end a running demo and the embedded servers
    python -m config.demo reset    stop, then delete the data directory

It lives in `config` because it knows the servers and the apps alike.
"""

import fcntl
import io
import os
import shutil
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from config import embedded
from config.embedded import postgres, valkey
from config.embedded.base import socket_dir
from config.env import BASE_DIR, data_dir, env
from config.processes import Child, say

_WEB_READY_SECONDS = 90
_STOP_SECONDS = 30
# Preparation, in this order; each is idempotent.
_STEPS: tuple[tuple[str, str, dict[str, object]], ...] = (
    ("database tables", "migrate", {"interactive": False}),
    ("parameters and reference data", "install_defaults", {}),
    ("roles", "sync_roles", {}),
    ("demo portfolio", "seed_demo", {}),
    ("static files", "collectstatic", {"interactive": False}),
)


class Stopped(BaseException):
    """Ctrl-C or SIGTERM; raised wherever the supervisor happens to be."""


class _Interrupt:
    """Turns signals into `Stopped`, but never halfway through the start of a process."""

    def __init__(self) -> None:
        self.asked = False
        self.held = False
        signal.signal(signal.SIGINT, self._receive)
        signal.signal(signal.SIGTERM, self._receive)

    def _receive(self, _number: int, _frame: FrameType | None) -> None:
        self.asked = True
        if not self.held:
            raise Stopped

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Delay an interrupt to the end of the block; it outranks an error it may have caused."""
        self.held = True
        try:
            yield
        except Exception:
            if not self.asked:
                raise
        finally:
            self.held = False
        if self.asked:
            raise Stopped

    def ignore(self) -> None:
        """From now on the cleaning up is not to be interrupted; it ends by itself."""
        self.held = True


class DemoError(Exception):
    """The demo can't run; the message is one clear sentence."""


def main(arguments: list[str]) -> int:
    try:
        match arguments:
            case []:
                return run()
            case ["stop"]:
                stop()
            case ["reset"]:
                reset()
            case _:
                print("usage: python -m config.demo [stop|reset]", file=sys.stderr)
                return 2
    except (DemoError, embedded.EmbeddedServerError) as error:
        print(f"affido: {error}", file=sys.stderr)
        return 1
    return 0


def run() -> int:
    """Run until told to stop (0) or until a part fails (1)."""
    lock = _take_lock()
    interrupt = _Interrupt()
    children: list[Child] = []
    # Asked before, not returned after: an interrupt may fall between a start and its report.
    ours = (not postgres.is_running(), not valkey.is_running())
    code = 0
    try:
        with interrupt.hold():
            embedded.ensure_servers()
        _prepare()
        port = free_port(env.str("HOST", default="127.0.0.1"), env.int("PORT", default=8000))
        with interrupt.hold():
            _start_children(children, port)
        _wait_until_ready(children, port)
        _announce(port)
        while True:
            fail_when_dead(children)
            time.sleep(0.3)
    except Stopped:
        say("demo", "stopping …")
    except (DemoError, embedded.EmbeddedServerError) as error:
        say("demo", str(error))
        code = 1
    finally:
        interrupt.ignore()
        _shut_down(children, ours)
        os.close(lock)
    say("demo", "stopped; the data stays in " + str(data_dir()))
    return code


def _lock_file() -> Path:
    """Locked while a demo runs on this data directory; holds its process id."""
    return data_dir() / "demo.lock"


def _open_lock() -> tuple[int, bool]:
    """The lock file's descriptor, and whether it could be locked."""
    data_dir().mkdir(parents=True, exist_ok=True)
    descriptor = os.open(_lock_file(), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return descriptor, False
    return descriptor, True


def _take_lock() -> int:
    descriptor, locked = _open_lock()
    if not locked:
        os.close(descriptor)
        raise DemoError(f"a demo already runs on {data_dir()}; `make stop` ends it.")
    os.ftruncate(descriptor, 0)
    os.write(descriptor, str(os.getpid()).encode())
    return descriptor


def _prepare() -> None:
    import django
    from django.core.management import CommandError, call_command
    from django.db import DatabaseError, connections

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    # Compressing takes longer than everything else, and helps nobody on the same machine.
    os.environ.setdefault("STATIC_COMPRESS", "0")
    django.setup()
    try:
        for label, command, options in _STEPS:
            begin = time.monotonic()
            told = io.StringIO()
            call_command(command, verbosity=0, stdout=told, **options)
            for line in told.getvalue().splitlines():
                say("demo", f"  {line}")
            say("demo", f"{label} ready ({time.monotonic() - begin:.1f} s)")
    except (CommandError, DatabaseError) as error:
        raise DemoError(f"could not prepare the {label}: {error}") from error
    finally:
        connections.close_all()


def free_port(host: str, wanted: int) -> int:
    """`wanted`, or the next port above it that nobody listens on."""
    for port in range(wanted, min(wanted + 50, 65536)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except PermissionError as error:
                raise DemoError(f"this user may not listen on port {port}; set PORT.") from error
            except OSError:
                continue
            if port != wanted:
                say("demo", f"port {wanted} is taken, using {port}")
            return port
    raise DemoError(f"no free port from {wanted} on; set PORT to another start.")


def _start_children(children: list[Child], port: int) -> None:
    python = sys.executable
    host = env.str("HOST", default="127.0.0.1")
    # The warning is about pickled messages, which are not accepted here.
    no_warning = ("-W", "ignore:You're running the worker with superuser")
    celery = [python, *no_warning, "-m", "celery", "-A", "config", "--quiet"]
    commands = {
        "web": [
            *(python, "-m", "gunicorn", "config.wsgi", "--bind", f"{host}:{port}"),
            *("--worker-class", "gthread", "--workers", "1", "--threads", "8"),
            *("--timeout", "120", "--graceful-timeout", "5", "--log-level", "warning"),
        ],
        "worker": [
            *(*celery, "worker", "--pool", "threads", "--concurrency", "2"),
            *("--without-gossip", "--without-mingle", "--loglevel", "INFO"),
        ],
        "beat": [*celery, "beat", "--pidfile=", "--loglevel", "INFO"],
    }
    extra = {
        "LOG_FORMAT": env.str("LOG_FORMAT", default="console"),
        "SITE_URL": env.str("SITE_URL", default=f"http://localhost:{port}"),
        "PYTHONUNBUFFERED": "1",
    }
    for name, command in commands.items():
        children.append(Child.start(name, command, {**os.environ, **extra}, BASE_DIR))


def fail_when_dead(children: list[Child]) -> None:
    """Raise DemoError when a child has ended, whatever its exit code."""
    for child in children:
        code = child.process.poll()
        if code is not None:
            raise DemoError(f"{child.name} ended by itself (exit code {code}); its lines say why.")


def _wait_until_ready(children: list[Child], port: int) -> None:
    """Until the web answers its readiness probe and a worker answers on the broker."""
    from config.celery import app

    host = env.str("HOST", default="127.0.0.1")
    url = f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}/health/ready/"  # noqa: S104
    deadline = time.monotonic() + _WEB_READY_SECONDS
    while not _answers(url):
        fail_when_dead(children)
        if time.monotonic() > deadline:
            raise DemoError(f"{url} did not answer in {_WEB_READY_SECONDS} seconds.")
        time.sleep(0.2)
    while not app.control.ping(timeout=0.5):
        fail_when_dead(children)
        if time.monotonic() > deadline:
            raise DemoError(f"the worker did not answer in {_WEB_READY_SECONDS} seconds.")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310 - our own address
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _announce(port: int) -> None:
    from core.demo_logins import DEMO_LOGINS

    host = env.str("HOST", default="127.0.0.1")
    shown = "localhost" if host in ("127.0.0.1", "0.0.0.0") else host  # noqa: S104
    width = max(len(role) for role, _, _ in DEMO_LOGINS)
    print(f"\n  Affido is running at http://{shown}:{port}/\n\n  One login per role:")
    for role, username, password in DEMO_LOGINS:
        print(f"    {role.replace('_', ' '):<{width}}  user {username:<8} password {password}")
    print("\n  Press Ctrl-C to stop.\n", flush=True)


def _shut_down(children: list[Child], ours: tuple[bool, bool]) -> None:
    for child in children:
        child.ask_to_stop()
    for child in children:
        child.wait_or_kill()
    # Only what this demo started: a server that was there before may serve somebody else.
    if ours[1]:
        valkey.stop()
    if ours[0]:
        postgres.stop()


def stop() -> None:
    """End a running demo, wait for it, then stop embedded servers that still run."""
    descriptor, idle = _open_lock()
    try:
        if idle:
            print("no demo is running")
        else:
            os.kill(int(os.pread(descriptor, 20, 0)), signal.SIGTERM)
            deadline = time.monotonic() + _STOP_SECONDS
            while not _open_lock_again(descriptor):
                if time.monotonic() > deadline:
                    raise DemoError("the demo did not stop in time.")
                time.sleep(0.1)
            print("demo: stopped")
    finally:
        os.close(descriptor)
    for name, stopped in zip(("PostgreSQL", "Valkey"), embedded.stop_servers(), strict=True):
        if stopped:
            print(f"embedded {name}: stopped")


def _open_lock_again(descriptor: int) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def reset() -> None:
    """Delete the data directory: demo data, uploads, embedded database and generated key."""
    if sys.stdin.isatty():
        answer = input(f"Delete {data_dir()} with the embedded database and all uploads? [y/N] ")
        if answer.strip().lower() not in ("y", "yes"):
            print("nothing was deleted")
            return
    stop()
    if not embedded.uses_embedded_postgres():
        print("DATABASE_URL is set: that database is left as it is")
    shutil.rmtree(data_dir(), ignore_errors=True)
    shutil.rmtree(socket_dir(), ignore_errors=True)
    print(f"deleted {data_dir()}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
