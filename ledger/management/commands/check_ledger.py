"""`manage.py check_ledger`: prove the ledger, name what is wrong, and say so by the exit code."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.clock import today
from core.dates import day_argument
from core.models import Company
from customers.models import CustomerAccount
from ledger.selectors.proof import ledger_misses, residual_proof


def _day(text: str) -> date:
    day = day_argument(text)
    if day > today():
        msg = f"{text} is a day to come: its books are not known."
        raise ArgumentTypeError(msg)
    return day


class Command(BaseCommand):
    """Control account = sum of open items, entries balance, residuals equal their allocations."""

    help = "Prove the ledger: control accounts, entries and residuals. Exit code 1 on a difference."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`--company CODE` proves one company only, `--on DATE` the books of a day as well."""
        parser.add_argument("--company", help="Code of a company; default: all.")
        parser.add_argument(
            "--on",
            type=_day,
            metavar="YYYY-MM-DD",
            help="Prove control accounts as of this day, too; default: today.",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print every difference. Raises CommandError when there is one."""
        accounts: list[int] | None = None
        if options["company"]:
            company = Company.objects.filter(code=options["company"]).first()
            if company is None:
                raise CommandError(f"There is no company {options['company']}.")
            rows = CustomerAccount.objects.filter(company=company)
            accounts = list(rows.values_list("pk", flat=True))
        on = options["on"] or today()
        found = ledger_misses(accounts, on=on)
        found += [
            f"item {miss.number}: stored {miss.stored}, allocations say {miss.proved}"
            if miss.stored != miss.proved
            else f"item {miss.number}: settled {miss.stored_settled_on}, "
            f"allocations say {miss.proved_settled_on}"
            for miss in residual_proof(accounts)
        ]
        for text in found:
            self.stderr.write(text)
        if found:
            raise CommandError(f"{len(found)} differences.", returncode=1)
        self.stdout.write(
            self.style.SUCCESS(
                f"Control accounts equal the open items, now and on {on}; entries balance."
            )
        )
