"""Streaming the rows of a CSV or XLSX file, in bounded memory."""

from __future__ import annotations

import codecs
import csv
import io
import re
import zipfile
import zlib
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import BinaryIO, Final, Literal, cast
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from core.importing.problems import ReadError

type Cell = str | int | float | Decimal | bool | date | datetime | time | timedelta | None

MAX_COLUMNS: Final = 256
MAX_ROWS: Final = 1_048_576
MAX_UNPACKED_BYTES: Final = 400 * 1024 * 1024
"""A workbook is a ZIP archive: this bounds what it may swell to, whatever its size on disk."""

_CHUNK: Final = 1 << 20
_UNDECODED: Final = re.compile("[\udc80-\udcff]")
_WORKBOOK_FAULTS: Final = (
    zipfile.BadZipFile,
    InvalidFileException,
    ParseError,
    zlib.error,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    EOFError,
    OSError,
    RuntimeError,  # an encrypted archive
)


@dataclass(frozen=True, slots=True)
class FileShape:
    """What a file is: `encoding` and `delimiter` matter for CSV, `sheet` (title) for XLSX."""

    kind: Literal["csv", "xlsx"]
    encoding: str = "utf-8"
    delimiter: str = ","
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Headings, and the rows below them as (row number in the file, cells).

    Every row has at least as many cells as there are headings, and more only where the file has
    content beyond them; rows without any content are left out. Iterating raises ReadError at the
    row where reading ends.
    """

    headings: tuple[str, ...]
    rows: Iterator[tuple[int, tuple[Cell, ...]]]


def heading_key(heading: str) -> str:
    """Headings are compared without regard to case, blanks around them and kinds of blanks."""
    return " ".join(heading.replace("\ufeff", "").split()).casefold()


@contextmanager
def open_table(file: BinaryIO, shape: FileShape) -> Iterator[Table]:
    """The table in `file`, read from its start. The first row with content holds the headings.

    Raises ReadError when there is no table.
    """
    file.seek(0)
    lines = _csv_lines(file, shape) if shape.kind == "csv" else _xlsx_lines(file, shape)
    with closing(lines):
        first = next(lines, None)
        if first is None:
            raise ReadError("file_empty")
        headings = tuple(_heading(cell) for cell in _trimmed(first[1]))
        if len(headings) > MAX_COLUMNS:
            raise ReadError("file_too_many_columns", most=MAX_COLUMNS)
        yield Table(headings, _squared(lines, len(headings)))


def _heading(cell: Cell) -> str:
    return "" if cell is None else " ".join(str(cell).replace("\ufeff", "").split())


def _is_blank(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _trimmed(cells: Sequence[Cell]) -> Sequence[Cell]:
    """`cells` without the blank ones at the end."""
    end = len(cells)
    while end and _is_blank(cells[end - 1]):
        end -= 1
    return cells[:end]


def _squared(
    lines: Iterator[tuple[int, Sequence[Cell]]], width: int
) -> Iterator[tuple[int, tuple[Cell, ...]]]:
    for count, (number, line) in enumerate(lines, start=1):
        cells = _trimmed(line)
        if count > MAX_ROWS:
            raise ReadError("file_too_many_rows", row=number, most=f"{MAX_ROWS:,}")
        if len(cells) > MAX_COLUMNS:
            raise ReadError("file_too_many_columns", row=number, most=MAX_COLUMNS)
        yield number, (*cells, *(None,) * (width - len(cells)))


# --- CSV -----------------------------------------------------------------------------------------


def python_encoding(encoding: str) -> str:
    """The codec for `encoding`; UTF-8 reads with or without its mark. Raises ReadError."""
    try:
        name = codecs.lookup(encoding or "utf-8").name
    except LookupError as error:
        raise ReadError("file_encoding_unknown") from error
    return "utf-8-sig" if name == "utf-8" else name


def _csv_lines(file: BinaryIO, shape: FileShape) -> Generator[tuple[int, Sequence[Cell]]]:
    encoding = python_encoding(shape.encoding)
    # Bytes that are no text come through as marks, so that the row that holds them can be named.
    text = io.TextIOWrapper(file, encoding=encoding, errors="surrogateescape", newline="")
    reader = csv.reader(text, delimiter=shape.delimiter or ",", strict=True)
    number = 1
    try:
        while True:
            number = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            if any(not cell.isascii() and _UNDECODED.search(cell) for cell in cells):
                raise ReadError("file_encoding", row=number, encoding=shape.encoding)
            if number == 1 and _is_separator_hint(cells, shape.delimiter):
                continue
            if any(not _is_blank(cell) for cell in cells):
                yield number, cells
    except UnicodeError as error:
        raise ReadError("file_encoding", row=number, encoding=shape.encoding) from error
    except csv.Error as error:
        raise ReadError("row_unreadable", row=number) from error
    finally:
        text.detach()


def _is_separator_hint(cells: Sequence[str], delimiter: str) -> bool:
    """Spreadsheets may write “sep=;” above the headings."""
    return delimiter.join(cells).strip().casefold() == f"sep={delimiter}"


# --- XLSX ----------------------------------------------------------------------------------------


def check_archive(file: BinaryIO) -> None:
    """Refuse what is no workbook, and a workbook that would swell beyond all bounds."""
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    except _WORKBOOK_FAULTS as error:
        raise ReadError("file_broken") from error
    names = {entry.filename for entry in entries}
    if "xl/workbook.xml" not in names:
        raise ReadError("file_binary")
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
        raise ReadError("file_unpacks_too_large", most=MAX_UNPACKED_BYTES // (1024 * 1024))
    file.seek(0)


def _xlsx_lines(file: BinaryIO, shape: FileShape) -> Generator[tuple[int, Sequence[Cell]]]:
    check_archive(file)
    number = 0
    try:
        workbook = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        try:
            visible = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
            sheet = next(
                (sheet for sheet in workbook.worksheets if sheet.title == shape.sheet),
                (visible or workbook.worksheets)[0],
            )
            sheet.reset_dimensions()
            for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
                if any(not _is_blank(cell) for cell in cells):
                    yield number, cast("Sequence[Cell]", cells)
        finally:
            workbook.close()
    except _WORKBOOK_FAULTS as error:
        raise ReadError("file_broken", row=number or None) from error


def row_estimate(file: BinaryIO, shape: FileShape) -> int:
    """About how many rows the file has, found without reading its cells; for progress bars."""
    file.seek(0)
    if shape.kind == "csv":
        lines = 0
        while chunk := file.read(_CHUNK):
            lines += chunk.count(b"\n")
        return max(lines - 1, 1)
    try:
        with zipfile.ZipFile(file) as archive:
            sheets = [e for e in archive.infolist() if e.filename.startswith("xl/worksheets/")]
            # A row of a dozen cells takes roughly this much markup.
            return max(sum(entry.file_size for entry in sheets) // 600, 1)
    except _WORKBOOK_FAULTS:
        return 1
