"""`python -m config.embedded start|stop|status`."""

import sys

from config.embedded import (
    EmbeddedServerError,
    ensure_servers,
    stop_servers,
    uses_embedded_postgres,
    uses_embedded_valkey,
)
from config.embedded.postgres import is_running as postgres_is_running
from config.embedded.valkey import is_running as valkey_is_running

NAMES = ("PostgreSQL", "Valkey")


def _say(words: tuple[bool, bool], yes: str, no: str) -> None:
    for name, did in zip(NAMES, words, strict=True):
        print(f"embedded {name}: {yes if did else no}")


def main(arguments: list[str]) -> int:
    action = arguments[0] if len(arguments) == 1 else ""
    try:
        if action == "start":
            embedded = (uses_embedded_postgres(), uses_embedded_valkey())
            _say(ensure_servers(), "started", "nothing to do" if all(embedded) else "not used")
        elif action == "stop":
            _say(stop_servers(), "stopped", "was not running")
        elif action == "status":
            _say((postgres_is_running(), valkey_is_running()), "running", "not running")
        else:
            print("usage: python -m config.embedded start|stop|status", file=sys.stderr)
            return 2
    except EmbeddedServerError as error:
        print(f"affido: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
