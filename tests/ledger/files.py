"""Small receivables histories, made for the tests: the shape of real ones, invented content."""

from __future__ import annotations

import csv
import datetime
import io
import random
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl

from core.models import Company
from ledger.models import ImportProfile, ImportRun
from ledger.services.imports import import_commit, import_preview, import_upload
from ledger.services.profiles import profiles_install_defaults
from tests.factories.core import CompanyFactory

REAL = Path(__file__).parents[3] / "shared" / "data" / "ibm_ar"
"""Real histories, where they are at hand."""

IBM_HEADINGS = (
    "countryCode",
    "customerID",
    "PaperlessDate",
    "invoiceNumber",
    "InvoiceDate",
    "DueDate",
    "InvoiceAmount",
    "Disputed",
    "SettledDate",
    "PaperlessBill",
    "DaysToSettle",
    "DaysLate",
)


class History:
    """Settled invoices of a few customers, all of them paid once and in full."""

    def __init__(self, *, invoices: int = 60, customers: int = 7, seed: int = 1) -> None:
        dice = random.Random(seed)
        self.rows: list[dict[str, Any]] = []
        for number in range(invoices):
            customer = number % customers
            issued = datetime.date(2012, 1, 3) + datetime.timedelta(days=dice.randrange(600))
            days = dice.randrange(5, 60)
            self.rows.append(
                {
                    "country": 391 + customer,
                    "customer": f"{customer:04d}-ABCDE",
                    "number": f"{dice.randrange(10**9):07d}{number:03d}".zfill(10),
                    "issued": issued,
                    "due": issued + datetime.timedelta(days=30),
                    "amount": Decimal(dice.randrange(500, 12_900)) / 100,
                    "disputed": dice.random() < 0.2,
                    "settled": issued + datetime.timedelta(days=days),
                    "days": days,
                }
            )

    @property
    def total(self) -> Decimal:
        return sum((Decimal(str(row["amount"])) for row in self.rows), Decimal(0))

    def csv(
        self,
        *,
        day: str = "{d.month}/{d.day}/{d.year}",
        headings: Sequence[str] = IBM_HEADINGS,
        zeros: bool = True,
        paperless: bool = True,
    ) -> bytes:
        def written(row: dict[str, Any]) -> list[object]:
            dates = {name: day.format(d=row[name]) for name in ("issued", "due", "settled")}
            number = str(row["number"])
            late = max(0, int(str(row["days"])) - 30)
            return [
                row["country"],
                row["customer"],
                dates["issued"] if paperless else "",
                number if zeros else number.lstrip("0"),
                dates["issued"],
                dates["due"],
                row["amount"],
                "Yes" if row["disputed"] else "No",
                dates["settled"],
                "Paper" if paperless else "",
                row["days"],
                late,
            ]

        return table(headings, map(written, self.rows))


DDMMYYYY = "{d.day:02d}/{d.month:02d}/{d.year}"


def table(headings: Iterable[object], rows: Iterable[Iterable[object]], **options: str) -> bytes:
    file = io.StringIO()
    writer = csv.writer(file, delimiter=options.get("delimiter", ","), lineterminator="\n")
    writer.writerow(headings)
    writer.writerows(rows)
    return file.getvalue().encode(options.get("encoding", "utf-8"))


def workbook(headings: Iterable[object], rows: Iterable[Iterable[object]]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(headings))
    for row in rows:
        sheet.append(list(row))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


STANDARD = ("customer_code", "invoice_number", "invoice_date", "due_date", "amount")


def standard(*rows: Sequence[object], more: Sequence[str] = (), **options: str) -> bytes:
    """A file of the standard layout: customer, number, date, due, amount and the columns `more`."""
    return table((*STANDARD, *more), rows, **options)


def upload(
    data: bytes, profile: str = "standard", *, company: Company | None = None, name: str = "h.csv"
) -> ImportRun:
    profiles_install_defaults()
    return import_upload(
        company=company or CompanyFactory(),
        file=io.BytesIO(data),
        name=name,
        profile=ImportProfile.objects.get(name=profile),
        actor=None,
    )


def preview(data: bytes, profile: str = "standard", **kwargs: object) -> ImportRun:
    return import_preview(run=upload(data, profile, **kwargs), actor=None, wait=True)  # type: ignore[arg-type]


def load(data: bytes, profile: str = "standard", **kwargs: object) -> ImportRun:
    """Import `data`; the run must end well."""
    run = preview(data, profile, **kwargs)
    assert run.row_errors == []
    run = import_commit(run=run, actor=None, wait=True)
    assert run.status == ImportRun.Status.DONE, run.row_errors
    return run


def faults(run: ImportRun) -> list[tuple[int | None, str, str]]:
    """(row, column, code) of every error of a run."""
    return [(error["row"], error["column"], error["code"]) for error in run.row_errors]
