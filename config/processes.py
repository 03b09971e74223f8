"""Child processes of the demo supervisor: own process group, prefixed log lines, a sure end."""

import os
import signal
import subprocess
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

_TERM_SECONDS = 10
_print_lock = threading.Lock()


def say(name: str, line: str) -> None:
    """Print one log line under a name; lines of several threads do not mix."""
    with _print_lock, suppress(BrokenPipeError):
        print(f"{name:<6} | {line}", flush=True)


@dataclass
class Child:
    name: str
    process: subprocess.Popen[str]
    reader: threading.Thread

    @classmethod
    def start(cls, name: str, command: list[str], environment: dict[str, str], cwd: Path) -> Self:
        """Start in a process group of its own, so that Ctrl-C reaches the supervisor alone."""
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        assert process.stdout is not None  # noqa: S101 - asked for above
        reader = threading.Thread(target=_relay, args=(name, process.stdout), daemon=True)
        reader.start()
        return cls(name, process, reader)

    def ask_to_stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()

    def wait_or_kill(self) -> None:
        """Wait for the child, then make sure that nothing of its group is left."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(_TERM_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.reader.join(2)


def _relay(name: str, stream: IO[str]) -> None:
    for line in stream:
        if line.strip():
            say(name, line.rstrip())
