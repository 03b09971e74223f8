"""Run acceptance cases: `manage.py scenarios PATH... [--json]` (see docs/scenarios.md)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reports.scenarios import report
from reports.scenarios.problems import ScenarioFileError, ScenarioRunError
from reports.scenarios.runner import FAILED, run
from reports.scenarios.schema import load
from reports.scenarios.scratch import Scratch

MISSED, UNREADABLE, IMPOSSIBLE = 1, 2, 3


class Command(BaseCommand):
    """Exit code 0: nothing failed; 1: a case failed; 2: a file is not right; 3: no database."""

    help = "Run acceptance cases in YAML against the real services, on a scratch database."
    requires_migrations_checks = False  # the own database may not even exist
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Files or folders, and the form of the answer."""
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
        parser.add_argument("--json", action="store_true", help="Print one JSON object only.")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Read every file, then run every case."""
        try:
            cases = load(options["paths"])
        except ScenarioFileError as error:
            raise CommandError(str(error), returncode=UNREADABLE) from error
        silent = options["json"]
        try:
            with Scratch() as scratch:
                results = run(cases, scratch, None if silent else self._say)
        except ScenarioRunError as error:
            raise CommandError(str(error), returncode=IMPOSSIBLE) from error
        if silent:
            self.stdout.write(json.dumps(report.as_json(results), ensure_ascii=False, indent=1))
        else:
            self.stdout.write(report.summary(results))
        if any(result.status == FAILED for result in results):
            raise SystemExit(MISSED)

    def _say(self, result: Any) -> None:
        for line in report.text(result):
            self.stdout.write(line)
