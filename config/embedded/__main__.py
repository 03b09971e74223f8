"""The embedded servers from the command line.

python -m config.embedded start|stop|status
python -m config.embedded psql|pg_dump|pg_restore ARGUMENTS...
"""

import os
import sys
from typing import NoReturn

from config.embedded import (
    EmbeddedServerError,
    ensure_postgres,
    ensure_servers,
    postgres,
    stop_servers,
    uses_embedded_postgres,
    uses_embedded_valkey,
)
from config.embedded.base import socket_dir
from config.embedded.valkey import is_running as valkey_is_running

NAMES = ("PostgreSQL", "Valkey")
CLIENTS = ("psql", "pg_dump", "pg_restore")
USAGE = "usage: python -m config.embedded start|stop|status|psql|pg_dump|pg_restore"


def _say(words: tuple[bool, bool], yes: str, no: str) -> None:
    for name, did in zip(NAMES, words, strict=True):
        print(f"embedded {name}: {yes if did else no}")


def _become_client(name: str, arguments: list[str]) -> NoReturn:
    """Replace this process by a PostgreSQL client that finds the embedded database by itself."""
    ensure_postgres()
    address = {
        "PGHOST": str(socket_dir()),
        "PGPORT": str(postgres.PORT),
        "PGUSER": postgres.USER,
        "PGDATABASE": postgres.DATABASE,
    }
    program = postgres.tool(name)
    os.execve(program, [program, *arguments], {**os.environ, **address})  # noqa: S606


def main(arguments: list[str]) -> int:
    action = arguments[0] if len(arguments) == 1 else ""
    try:
        if arguments and arguments[0] in CLIENTS:
            _become_client(arguments[0], arguments[1:])
        if action == "start":
            embedded = (uses_embedded_postgres(), uses_embedded_valkey())
            _say(ensure_servers(), "started", "nothing to do" if all(embedded) else "not used")
        elif action == "stop":
            _say(stop_servers(), "stopped", "was not running")
        elif action == "status":
            _say((postgres.is_running(), valkey_is_running()), "running", "not running")
        else:
            print(USAGE, file=sys.stderr)
            return 2
    except EmbeddedServerError as error:
        print(f"affido: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
