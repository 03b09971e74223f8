"""manage.py generate: a portfolio of any size, for measuring and for looking at large data."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.models import Company
from reports.generate.run import AlreadyThereError, BooksClosedError, generate


class Command(BaseCommand):
    """Add generated customers with their ledger and documents, all in one transaction."""

    help = "Add a generated portfolio by COPY: customers, ledger items, documents."

    def add_arguments(self, parser: CommandParser) -> None:
        """How much, and from which seed."""
        parser.add_argument("--customers", type=int, default=1_000)
        parser.add_argument(
            "--items", type=int, default=50_000, help="debit items of the ledger, at least"
        )
        parser.add_argument("--documents", type=int, default=10_000)
        parser.add_argument("--seed", type=int, default=1, help="the same seed, the same figures")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Generate, and say how much and how fast."""
        if options["customers"] < 1 or options["items"] < 0 or options["documents"] < 0:
            msg = "Give at least one customer, and no negative numbers."
            raise CommandError(msg)
        if not Company.objects.exists():
            msg = "There is no company yet. Run install_defaults first."
            raise CommandError(msg)
        try:
            made = generate(
                customers=options["customers"],
                items=options["items"],
                documents=options["documents"],
                seed=options["seed"],
                say=self.stdout.write,
            )
        except AlreadyThereError as error:
            msg = f"The portfolio of seed {options['seed']} is there already. Choose another seed."
            raise CommandError(msg) from error
        except BooksClosedError as error:
            company, day = error.args
            msg = (
                f"The books of {company} are closed through {day}, and what is generated spans two "
                "years. Open the books first, or take an empty database."
            )
            raise CommandError(msg) from error
        self.stdout.write(
            f"{made.customers:,} customers, {made.items:,} debit items, "
            f"{made.documents:,} documents: {made.rows:,} rows in {made.seconds:.1f} s "
            f"({made.rows / made.seconds:,.0f} rows/s)."
        )
