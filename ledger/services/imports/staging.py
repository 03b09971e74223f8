"""The staging table of an import: temporary, filled by COPY, gone with its transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, Final

from django.db import connection

from core.importing import FileShape, Problem, open_table
from core.locks import require_atomic
from ledger.models import ImportRun
from ledger.services.imports.findings import Findings
from ledger.services.imports.progress import Progress
from ledger.services.imports.rows import RowReader, StagedRow

# `entry_row` is the first row of the same document; `pay` is what the row adds to the payments of
# its item; the ids stay empty until the ledger is looked up or written.
_CREATE: Final = """
CREATE TEMP TABLE import_row (
    row integer NOT NULL,
    customer_code text NOT NULL,
    customer_name text NOT NULL,
    country text NOT NULL,
    kind text NOT NULL,
    direction text NOT NULL,
    number text NOT NULL,
    match text NOT NULL,
    instalment smallint NOT NULL,
    document_on date NOT NULL,
    due_on date NOT NULL,
    currency text NOT NULL,
    amount numeric(18, 2) NOT NULL,
    settled numeric(18, 2) NOT NULL,
    settled_on date,
    disputed boolean,
    note text NOT NULL,
    entry_row integer,
    account_id bigint,
    entry_id bigint,
    item_id bigint,
    is_new boolean,
    pay numeric(18, 2),
    pay_number text,
    pay_entry_id bigint,
    pay_item_id bigint
) ON COMMIT DROP
"""


@contextmanager
def staging_table() -> Iterator[None]:
    """An empty staging table for the transaction; dropped at the end of the block."""
    require_atomic()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.import_row")
        cursor.execute(_CREATE)
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE pg_temp.import_row")


def rows_stage(
    *,
    file: BinaryIO,
    shape: FileShape,
    reader_of: Callable[[tuple[str, ...]], RowReader],
    findings: Findings,
    progress: Progress,
) -> int:
    """Stream the rows of `file` into the staging table; return how many rows the file has.

    Sound rows are staged, the problems of the others go to the findings. Nothing is staged when
    the headings do not fit. Raises ReadError where the file cannot be read on.
    """
    columns = ", ".join(StagedRow._fields)
    count = 0
    with open_table(file, shape) as table:
        reader = reader_of(table.headings)
        if findings.errors.count:
            return 0
        with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY import_row ({columns}) FROM STDIN") as copy,
        ):
            for number, cells in table.rows:
                count += 1
                staged = reader.read(number, cells)
                if staged is not None:
                    copy.write_row(staged)
                progress.tick(count)
    if not count:
        findings.errors.add(Problem("file_no_rows"))
    progress.phase(ImportRun.Phase.COMPARING, done=count, total=count)
    return count
