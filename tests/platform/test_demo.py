"""`make demo` as a person meets it: a process that shows a login page and leaves nothing behind."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.demo import DemoError, fail_when_dead, free_port
from config.processes import Child
from core.demo_logins import DEMO_LOGINS

ROOT = Path(__file__).resolve().parents[2]
_UP = re.compile(r"Affido is running at (http://\S+)")


def living(data: Path) -> list[str]:
    """Processes that were started for the data directory: by their command line or environment."""
    mark = os.fsencode(data)
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes()
            if mark in line or b"AFFIDO_DATA_DIR=" + mark in (process / "environ").read_bytes():
                found.append(line.replace(b"\0", b" ").decode(errors="replace"))
        except OSError:
            continue
    return found


def eventually(condition: Callable[[], object], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return False


class Demo:
    """One running demo, with what it has printed so far."""

    def __init__(self, data: Path, *arguments: str) -> None:
        unset = ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "SECRET_KEY", "LOG_LEVEL")
        environment = {key: value for key, value in os.environ.items() if key not in unset}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "config.demo", *arguments],
            cwd=ROOT,
            env={**environment, "AFFIDO_DATA_DIR": str(data), "PORT": "18000"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.output = ""
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.output += line

    def url(self) -> str:
        """Address of the running demo; waits until it is up."""
        eventually(lambda: _UP.search(self.output) or self.process.poll() is not None, 300)
        match = _UP.search(self.output)
        assert match, self.output
        assert eventually(lambda: "Press Ctrl-C" in self.output, 5)
        return match[1]

    def exit_code(self) -> int:
        code = self.process.wait(40)
        time.sleep(0.1)  # the reader takes the last lines
        return code


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    data = tmp_path / "d"
    yield data
    Demo(data, "stop").exit_code()


def test_demo_serves_the_login_page_and_ends_without_a_trace(data: Path) -> None:
    demo = Demo(data)
    url = demo.url()
    for _role, username, password in DEMO_LOGINS:
        assert re.search(rf"user {username}\s+password {password}", demo.output)
    with urllib.request.urlopen(url) as page:
        assert page.status == 200
        html = page.read().decode()
        assert 'type="password"' in html
        assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    stylesheet = re.search(r'href="(/static/[^"]+\.css)"', html)
    assert stylesheet
    with urllib.request.urlopen(url.rstrip("/") + stylesheet[1]) as css:
        assert css.status == 200

    second = Demo(data)
    assert second.exit_code() == 1
    assert "already runs" in second.output

    demo.process.send_signal(signal.SIGINT)
    assert demo.exit_code() == 0, demo.output
    assert "Traceback" not in demo.output
    assert living(data) == []


@pytest.mark.long
def test_a_part_that_dies_takes_everything_down_and_says_so(data: Path) -> None:
    demo = Demo(data)
    demo.url()
    worker = next(line for line in Path("/proc").glob("[0-9]*") if _is_worker(line, data))
    os.kill(int(worker.name), signal.SIGKILL)
    assert demo.exit_code() == 1
    assert "worker ended by itself" in demo.output
    assert living(data) == []


def _is_worker(process: Path, data: Path) -> bool:
    try:
        return (
            b"celery\0-A\0config\0--quiet\0worker" in (process / "cmdline").read_bytes()
            and os.fsencode(data) in (process / "environ").read_bytes()
        )
    except OSError:
        return False


def test_a_dead_child_is_noticed_and_its_own_children_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    python = [sys.executable, "-c"]
    dead = Child.start("dead", [*python, "print('last words'); raise SystemExit(3)"], {}, tmp_path)
    dead.process.wait(10)
    with pytest.raises(DemoError, match=r"dead ended by itself \(exit code 3\)"):
        fail_when_dead([dead])
    dead.wait_or_kill()
    assert "dead   | last words" in capsys.readouterr().out

    # Ends at once, but leaves a grandchild that ignores the request.
    code = (
        "import subprocess as s, sys; s.Popen(['sleep', '600']); print('up', flush=True); input()"
    )
    orphaning = Child.start("parent", [*python, code], {"PATH": os.environ["PATH"]}, tmp_path)
    orphaning.process.wait(10)
    group = orphaning.process.pid
    os.killpg(group, 0)
    orphaning.wait_or_kill()
    assert eventually(lambda: not _group_exists(group), 5)


def _group_exists(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_interrupt_during_preparation_leaves_nothing(data: Path) -> None:
    demo = Demo(data)
    assert eventually((data / "postgresql-17.ready").exists, 30), demo.output
    demo.process.send_signal(signal.SIGTERM)
    assert demo.exit_code() == 0, demo.output
    assert "Traceback" not in demo.output
    assert living(data) == []


def test_a_taken_port_is_passed_over(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        assert free_port("127.0.0.1", number) > number
    assert f"port {number} is taken" in capsys.readouterr().out
