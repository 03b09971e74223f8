#!/usr/bin/env python
"""Command line entry point; starts the embedded servers when no external ones are configured."""

import os
import sys

# Commands that touch neither the database nor the broker: they must not start a server.
OFFLINE_COMMANDS = frozenset(
    {"help", "version", "--help", "--version", "check", "collectstatic", "compilemessages"}
    | {"findstatic", "makemessages", "startapp", "diffsettings"}
)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    from config.embedded import EmbeddedServerError, ensure_servers

    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if command not in OFFLINE_COMMANDS:
        try:
            ensure_servers()
        except EmbeddedServerError as error:
            sys.exit(f"affido: {error}")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
