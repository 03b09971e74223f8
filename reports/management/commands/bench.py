"""manage.py bench: how long a credit check takes, beside the SQL it cannot do without."""

from __future__ import annotations

import json
import logging
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reports.bench.measure import CUSTOMERS, WARM_UP, measure
from reports.bench.portfolio import SEED
from reports.bench.report import figures, markdown
from reports.bench.wide import measure_wide
from reports.scenarios.problems import ScenarioRunError
from reports.scenarios.scratch import Scratch

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUNDS = {10: 200, 1_000: 200, 10_000: 200}
PORTFOLIO = (1_000, 100_000, 20_000)


def _rounds(text: str) -> tuple[int, int]:
    size, _sign, count = text.partition("=")
    if not (size.isdigit() and count.isdigit() and int(size) and int(count)):
        msg = f"“{text}” is not OPEN_ITEMS=ROUNDS, such as 1000=200."
        raise CommandError(msg)
    return int(size), int(count)


def _portfolio(text: str) -> tuple[int, int, int] | None:
    if text == "0":
        return None
    parts = text.split(",")
    if len(parts) != len(PORTFOLIO) or not all(part.isdigit() and int(part) for part in parts):
        msg = f"“{text}” is not CUSTOMERS,ITEMS,DOCUMENTS, such as 1000,100000,20000."
        raise CommandError(msg)
    customers, items, documents = map(int, parts)
    return customers, items, documents


@contextmanager
def _without_logs() -> Iterator[None]:
    """What is measured logs nothing: neither in the figures nor in the time they take.

    Warnings and errors are still told.
    """
    before = logging.root.manager.disable
    logging.disable(max(before, logging.INFO))
    try:
        yield
    finally:
        logging.disable(before)


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
        parser.add_argument(
            "--portfolio",
            type=_portfolio,
            default=PORTFOLIO,
            metavar="CUSTOMERS,ITEMS,DOCUMENTS",
            help="The portfolio that is written and read as a whole; 0 leaves it out.",
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
        with _without_logs():
            data = self._measured(options)
        self.stdout.write(markdown(data))
        if options["json"] is not None:
            path = Path(options["json"])
            path.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
            self.stderr.write(f"The figures are in {path}.")

    def _measured(self, options: dict[str, Any]) -> dict[str, Any]:
        rounds = dict(options["size"]) if options["size"] else ROUNDS
        try:
            with Scratch() as scratch, scratch.fresh():
                measured = measure(
                    rounds,
                    customers=options["customers"],
                    warm_up=options["warm_up"],
                    say=self.stderr.write,
                )
            wide = None
            if options["portfolio"] is not None:
                customers, items, documents = options["portfolio"]
                with Scratch() as scratch, scratch.fresh():
                    wide = measure_wide(
                        customers=customers,
                        items=items,
                        documents=documents,
                        seed=SEED,
                        say=self.stderr.write,
                    )
            return figures(measured, wide)
        except ScenarioRunError as error:
            raise CommandError(str(error)) from error
