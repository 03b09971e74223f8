"""manage.py seed_demo: the portfolio to look around in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.models import JobRun
from reports.demo.load import NotADemoError, demo_load
from reports.services.nightly import nightly_run

NIGHTS = 8


class Command(BaseCommand):
    """Load the demo; running it again changes nothing."""

    help = "Load the demo portfolio (users, customers, ledger, limits, orders, nights)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Only one switch."""
        parser.add_argument(
            "--force", action="store_true", help="Load beside customers that are not of the demo."
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Load, then run the nights that are missing."""
        try:
            anchor = demo_load(force=options["force"], say=self.stdout.write)
        except NotADemoError as error:
            msg = (
                "There are customers that are not of the demo. Use --force to load it beside them."
            )
            raise CommandError(msg) from error
        for days_ago in range(NIGHTS - 1, -1, -1):
            night = anchor - timedelta(days=days_ago)
            if not JobRun.objects.filter(name="nightly", as_of=night, status="done").exists():
                self.stdout.write(f"Night of {night} …")
                nightly_run(as_of=night)
        self.stdout.write("Demo portfolio is loaded.")
