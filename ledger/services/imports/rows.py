"""One row of a file into one row of the staging table, or into problems with row and column."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple

from core.importing import Cell, CellError, Problem, heading_key
from core.importing import values as read
from ledger.models import EntryKind
from ledger.services.entries import CREDITS
from ledger.services.imports.fields import BY_NAME, FIELDS, KIND_WORDS, kind_of
from ledger.services.imports.findings import Findings
from ledger.services.imports.settings import ImportSettings

ZERO: Final = Decimal("0.00")
MOST_INSTALMENTS: Final = 999


class StagedRow(NamedTuple):
    """A row that is sound in itself; amounts above zero, the side follows from the kind."""

    row: int
    customer_code: str
    customer_name: str
    country: str
    kind: str
    direction: str
    number: str
    match: str
    instalment: int
    document_on: date
    due_on: date
    currency: str
    amount: Decimal
    settled: Decimal
    settled_on: date | None
    disputed: bool | None
    note: str


class RowReader:
    """Reads rows by a mapping. Check `findings` for the mapping's own faults before reading."""

    def __init__(
        self,
        *,
        headings: Sequence[str],
        settings: ImportSettings,
        currency: str,
        currencies: frozenset[str],
        today: date,
        findings: Findings,
    ) -> None:
        self.headings = headings
        self.settings = settings
        self.currency = settings.currency or currency
        self.currencies = currencies
        self.today = today
        self.findings = findings
        self.columns = self._columns()

    def heading(self, field: str) -> str:
        """What the file calls the column of a field."""
        index = self.columns.get(field)
        return str(BY_NAME[field].label) if index is None else self.headings[index]

    def _columns(self) -> dict[str, int]:
        """Field → position of its column. Faults of the mapping go to the findings."""
        keys = [heading_key(heading) for heading in self.headings]
        columns: dict[str, int] = {}
        for field in FIELDS:
            names = self.settings.mapping.get(field.name, [])
            found = next((name for name in names if heading_key(name) in keys), None)
            if found is not None:
                key = heading_key(found)
                if keys.count(key) > 1:
                    self.findings.errors.add(
                        Problem("column_twice", None, found, {"heading": found})
                    )
                columns[field.name] = keys.index(key)
            elif field.required and names:
                self.findings.errors.add(
                    Problem("column_missing", None, names[0], {"heading": names[0]})
                )
            elif field.required:
                self.findings.errors.add(
                    Problem("field_unmapped", None, "", {"field": field.label})
                )
        ignored = [
            heading
            for index, heading in enumerate(self.headings)
            if heading and index not in columns.values()
        ]
        if ignored:
            self.findings.notices.add(
                Problem("columns_ignored", None, "", {"columns": ", ".join(ignored)})
            )
        return columns

    def read(self, number: int, cells: Sequence[Cell]) -> StagedRow | None:
        """The staged row, or None after its problems went to the findings."""
        if len(cells) > len(self.headings):
            sizes = {"cells": len(cells), "columns": len(self.headings)}
            self.findings.errors.add(Problem("row_too_wide", number, "", sizes))
            return None
        return _Row(self, number, cells).staged()


class _Row:
    """The reading of one row; collects every problem of the row, not only the first."""

    def __init__(self, reader: RowReader, number: int, cells: Sequence[Cell]) -> None:
        self.reader = reader
        self.number = number
        self.cells = cells
        self.bad: set[str] = set()

    def problem(self, field: str, code: str, params: Mapping[str, Any] | None = None) -> None:
        self.bad.add(field)
        self.reader.findings.errors.add(
            Problem(code, self.number, self.reader.heading(field), params or {})
        )

    def notice(self, field: str, code: str, params: Mapping[str, Any]) -> None:
        self.reader.findings.notices.add(
            Problem(code, self.number, self.reader.heading(field), params)
        )

    def get[V](
        self, field: str, reader: Callable[[Cell], V | None], *, needed: bool = False
    ) -> V | None:
        index = self.reader.columns.get(field)
        if index is None:
            return None
        try:
            value = reader(self.cells[index])
        except CellError as error:
            self.problem(field, error.code, error.params)
            return None
        if needed and (value is None or value == ""):
            self.problem(field, "cell_empty")
            return None
        return value

    def text(self, field: str, most: int, *, needed: bool = False) -> str:
        return self.get(field, lambda cell: read.text_of(cell, most=most), needed=needed) or ""

    def day(self, field: str, *, needed: bool = False) -> date | None:
        pattern = self.reader.settings.date_format
        return self.get(field, lambda cell: read.date_of(cell, pattern), needed=needed)

    def money(self, field: str, *, needed: bool = False) -> Decimal | None:
        mark = self.reader.settings.decimal_separator
        return self.get(field, lambda cell: read.amount_of(cell, mark), needed=needed)

    def staged(self) -> StagedRow | None:
        settings = self.reader.settings
        code = self.text("customer_code", 30, needed=True)
        number = self.text("invoice_number", 60, needed=True)
        kind, amount = self._kind_and_amount()
        document_on = self.day("invoice_date", needed=True)
        if document_on is not None and document_on > self.reader.today:
            self.problem("invoice_date", "document_in_future", {"date": document_on})
        is_credit = kind in CREDITS
        due_on = self._due_on(document_on, is_credit=is_credit)
        settled, settled_on = self._settled(amount, document_on)
        row = (
            self.number,
            code,
            self.text("customer_name", 160),
            self.text("country", 3).upper(),
            kind,
            "credit" if is_credit else "debit",
            number,
            number.lstrip("0") if settings.ignore_leading_zeros else number,
            self.get("instalment", lambda cell: read.whole_of(cell, most=MOST_INSTALMENTS)) or 1,
            document_on,
            due_on,
            self._currency(),
            abs(amount) if amount is not None else ZERO,
            settled,
            settled_on,
            self.get("disputed", read.flag_of),
            self.text("text", 200),
        )
        if self.bad or document_on is None or due_on is None:
            return None
        return StagedRow(*row)  # type: ignore[arg-type]

    def _kind_and_amount(self) -> tuple[str, Decimal | None]:
        word = self.text("kind", 40)
        kind = kind_of(word) if word else str(EntryKind.INVOICE)
        if kind is None:
            known = ", ".join(str(EntryKind(each).label) for each in KIND_WORDS)
            self.problem("kind", "kind_unknown", {"value": word, "known": known})
            kind = str(EntryKind.INVOICE)
        amount = self.money("amount", needed=True)
        if amount is not None and amount == 0:
            self.problem("amount", "amount_zero")
        if amount is not None and amount < 0 and kind not in CREDITS:
            if kind == EntryKind.INVOICE and self.reader.settings.negative_is_credit_note:
                kind = str(EntryKind.CREDIT_NOTE)
            else:
                self.problem("amount", "amount_negative")
        return kind, amount

    def _due_on(self, document_on: date | None, *, is_credit: bool) -> date | None:
        due_on = self.day("due_date")
        if document_on is None:
            return due_on
        days = self.reader.settings.default_days
        if due_on is None and is_credit:
            return document_on
        if due_on is None and days is not None:
            return document_on + timedelta(days=days)
        if due_on is None:
            if "due_date" not in self.bad:
                self.problem("due_date", "cell_empty")
            return None
        if due_on < document_on and not is_credit:
            dates = {"due": due_on, "document": document_on}
            self.problem("due_date", "due_before_document", dates)
        return due_on

    def _settled(
        self, amount: Decimal | None, document_on: date | None
    ) -> tuple[Decimal, date | None]:
        """What is settled so far (0 when open) and the day of it."""
        settled_on = self.day("settled_date")
        settled = self.money("settled_amount")
        if amount is None or not self.bad.isdisjoint({"amount", "settled_date", "settled_amount"}):
            return ZERO, None
        if settled is None:
            settled = abs(amount) if settled_on else ZERO
        elif amount < 0:
            settled = abs(settled)
        if settled < 0:
            self.problem("settled_amount", "settled_negative")
        elif settled > abs(amount):
            figures = {"settled": settled, "amount": abs(amount)}
            self.problem("settled_amount", "settled_too_much", figures)
        elif settled and settled_on is None:
            self.problem("settled_date", "settled_without_date", {"amount": settled})
        if not settled or settled_on is None:
            return ZERO, None
        if settled_on > self.reader.today:
            self.problem("settled_date", "settled_in_future", {"date": settled_on})
        if document_on is not None and settled_on < document_on:
            self.notice("settled_date", "paid_in_advance", {"date": settled_on})
        return settled, settled_on

    def _currency(self) -> str:
        code = (self.text("currency", 3) or self.reader.currency).upper()
        if code not in self.reader.currencies:
            self.problem("currency", "currency_unknown", {"value": code})
        return code
