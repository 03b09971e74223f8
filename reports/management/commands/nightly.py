"""manage.py nightly [--date YYYY-MM-DD]: the night, by hand or by cron."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.dates import day_argument
from core.errors import DomainError
from core.models import JobRun
from reports.services.nightly import nightly_run


class Command(BaseCommand):
    """Run the night of a business day; running it again changes nothing."""

    help = "Snapshot exposure and payment behaviour, raise alerts, recheck holds, prove figures."

    def add_arguments(self, parser: CommandParser) -> None:
        """The business day."""
        parser.add_argument(
            "--date", type=day_argument, default=None, help="YYYY-MM-DD (default: today)"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run, print counts and errors, exit 1 when something failed."""
        try:
            run = nightly_run(as_of=options["date"])
        except DomainError as error:
            raise CommandError(str(error)) from error
        for name, count in sorted(run.counts.items()):
            self.stdout.write(f"{name:>22} {count}")
        for entry in run.errors:
            self.stderr.write(f"{entry['stage']}: {entry['error']}")
        if run.status != JobRun.Status.DONE:
            msg = f"The night of {run.as_of} ended with errors."
            raise CommandError(msg)
        self.stdout.write(f"The night of {run.as_of} is done.")
