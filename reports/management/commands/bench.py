"""manage.py bench: how long a credit check takes, beside the SQL it cannot do without."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reports.bench.measure import CUSTOMERS, WARM_UP, measure
from reports.bench.report import figures, markdown
from reports.scenarios.problems import ScenarioRunError
from reports.scenarios.scratch import Scratch

ROUNDS = {10: 200, 1_000: 200, 10_000: 200}


def _rounds(text: str) -> tuple[int, int]:
    size, _sign, count = text.partition("=")
    if not (size.isdigit() and count.isdigit() and int(size) and int(count)):
        msg = f"“{text}” is not OPEN_ITEMS=ROUNDS, such as 1000=200."
        raise CommandError(msg)
    return int(size), int(count)


class Command(BaseCommand):
    """Measures on a scratch database of its own; the application's is not touched."""

    help = "Measure the credit check of a submitted order beside its bare SQL (BENCH_JSON=path)."
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        """How much to measure, and where to write it."""
        parser.add_argument(
            "--size",
            type=_rounds,
            action="append",
            metavar="OPEN_ITEMS=ROUNDS",
            help="A size to measure (may be repeated); default: 10, 1000 and 10000, 200 each.",
        )
        parser.add_argument("--customers", type=int, default=CUSTOMERS, help="Customers per size.")
        parser.add_argument("--warm-up", type=int, default=WARM_UP, help="Unmeasured rounds.")
        parser.add_argument(
            "--json",
            type=Path,
            default=os.environ.get("BENCH_JSON") or None,
            metavar="PATH",
            help="Also write the figures as JSON (default: the path in BENCH_JSON).",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Measure, print the table, write the file."""
        rounds = dict(options["size"]) if options["size"] else ROUNDS
        try:
            with Scratch() as scratch, scratch.fresh():
                measured = measure(
                    rounds,
                    customers=options["customers"],
                    warm_up=options["warm_up"],
                    say=self.stderr.write,
                )
                data = figures(measured)
        except ScenarioRunError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(markdown(data))
        if options["json"] is not None:
            path = Path(options["json"])
            path.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
            self.stderr.write(f"The figures are in {path}.")
