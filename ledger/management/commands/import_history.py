"""Import a receivables history from a CSV or XLSX file."""

from __future__ import annotations

from argparse import ArgumentParser
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.errors import DomainError
from core.importing import Problem
from core.models import Company, User
from core.numerals import format_decimal
from ledger.import_texts import problem_text
from ledger.models import ImportProfile, ImportRun
from ledger.services.imports import (
    import_commit,
    import_discard,
    import_preview,
    import_upload,
)
from ledger.services.profiles import profiles_install_defaults


class Command(BaseCommand):
    """Prints what the file holds and what is wrong with it, then imports all of it or nothing."""

    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """FILE and how to read it."""
        parser.add_argument("file", type=Path, help="the CSV or XLSX file")
        parser.add_argument("--profile", required=True, help="name of the import profile")
        parser.add_argument("--company", help="code of the company; needed when there are several")
        parser.add_argument("--dry-run", action="store_true", help="check only, import nothing")
        parser.add_argument("--user", help="who imports; default: the system itself")

    def handle(self, *args: Any, **options: Any) -> None:
        """Upload, check, print, import. Exits 1 when anything is wrong."""
        profiles_install_defaults()
        profile = ImportProfile.objects.filter(name=options["profile"]).first()
        if profile is None:
            names = ", ".join(ImportProfile.objects.values_list("name", flat=True))
            raise CommandError(f"There is no profile “{options['profile']}”. Known: {names}.")
        company, user = self._company(options["company"]), self._user(options["user"])
        path: Path = options["file"]
        try:
            with path.open("rb") as file:
                run = import_upload(
                    company=company, file=file, name=path.name, profile=profile, actor=user
                )
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error
        except DomainError as error:
            raise CommandError(str(error)) from error
        try:
            self._run(run, user, dry_run=options["dry_run"])
        except DomainError as error:
            raise CommandError(str(error)) from error

    def _run(self, run: ImportRun, user: User | None, *, dry_run: bool) -> None:
        run = import_preview(run=run, actor=user, wait=True)
        self._print(run, f"{run.file_name}: checked against the ledger of {run.company}.")
        if run.error_count:
            import_discard(run=run, actor=user)
            raise CommandError(f"{run.error_count} errors. Nothing was imported.")
        if dry_run:
            import_discard(run=run, actor=user)
            self.stdout.write("Nothing was imported (dry run).")
            return
        run = import_commit(run=run, actor=user, wait=True)
        if run.status != ImportRun.Status.DONE:
            self._print(run, "The import failed.")
            raise CommandError("Nothing was imported.")
        self.stdout.write(self.style.SUCCESS("Imported. Control totals agree."))

    def _print(self, run: ImportRun, title: str) -> None:
        self.stdout.write(title)
        totals = run.totals
        for label, key in (
            ("rows", "rows_in_file"),
            ("customers", "customers"),
            ("  new", "customers_new"),
            ("documents", "entries"),
            ("  new", "entries_new"),
            ("  already there", "entries_known"),
            ("payments to add", "payments_new"),
            ("disputes changed", "disputes_changed"),
        ):
            if key in totals:
                self.stdout.write(f"  {label + ':':<20}{totals[key]:>14,}")
        for currency, sums in totals.get("currencies", {}).items():
            for label, key in (
                ("sum in", "amount"),
                ("  new", "amount_new"),
                ("payments", "payments"),
            ):
                amount = format_decimal(Decimal(sums[key]), minus="-")
                self.stdout.write(f"  {label + ':':<20}{amount:>14} {currency}")
        for data in totals.get("notices", []):
            self.stdout.write("  note: " + _line(Problem.from_json(data)))
        for data in run.row_errors:
            self.stderr.write(_line(Problem.from_json(data)))
        hidden = run.error_count - len(run.row_errors)
        if hidden > 0:
            self.stderr.write(f"… and {hidden} more")

    def _company(self, code: str | None) -> Company:
        companies = Company.objects.filter(is_active=True)
        if code is not None:
            companies = companies.filter(code=code)
        found = list(companies[:2])
        if len(found) != 1:
            known = ", ".join(Company.objects.values_list("code", flat=True)) or "none yet"
            raise CommandError(f"Choose a company with --company CODE. Known: {known}.")
        return found[0]

    def _user(self, name: str | None) -> User | None:
        if name is None:
            return None
        user = User.objects.filter(username=name).first()
        if user is None:
            raise CommandError(f"There is no user “{name}”.")
        return user


def _line(problem: Problem) -> str:
    place = f"row {problem.row}" if problem.row else "file"
    column = f", {problem.column}" if problem.column else ""
    return f"{place}{column}: {problem_text(problem)}"
