"""Lists as CSV and XLSX, exactly as filtered and sorted on the screen, written row by row."""

from __future__ import annotations

import csv
import datetime as dt
import tempfile
from decimal import Decimal
from typing import IO, TYPE_CHECKING, Any, Final

import xlsxwriter
from django.http import FileResponse, StreamingHttpResponse
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from django.http import HttpRequest

# A spreadsheet would run text that begins like this as a formula.
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, value: str) -> str:
        return value


def safe_text(value: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{value}" if value.startswith(_FORMULA_STARTS) else value


def _plain(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    return safe_text(value) if isinstance(value, str) else value


def csv_response(
    *, name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]
) -> StreamingHttpResponse:
    """The rows as CSV: commas, UTF-8 with a mark for spreadsheets, decimal points, ISO dates."""
    writer = csv.writer(_Echo())

    def lines() -> Iterator[str]:
        yield "\ufeff" + writer.writerow(header)
        for row in rows:
            yield writer.writerow([_plain(value) for value in row])

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def xlsx_response(
    *, name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]
) -> FileResponse:
    """The rows as a workbook with real numbers and dates, written to disk row by row."""
    file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    book = xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True, "bottom": 1})
    money = book.add_format({"num_format": "#,##0.00"})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.freeze_panes(1, 0)
    for column, title in enumerate(header):
        sheet.write_string(0, column, title, bold)
        sheet.set_column(column, column, 28 if column == 0 else 14)
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            if value is None:
                continue
            if isinstance(value, Decimal):
                sheet.write_number(number, column, value, money)
            elif isinstance(value, dt.date):
                sheet.write_datetime(number, column, value, day)
            elif isinstance(value, int):
                sheet.write_number(number, column, value)
            else:
                sheet.write_string(number, column, str(value))
    book.close()
    file.seek(0)
    response = FileResponse(file, content_type=XLSX_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return response


def export_links(request: HttpRequest) -> list[dict[str, Any]]:
    """The two downloads of a list, with its filters and order."""
    query = request.GET.copy()
    query.pop("page", None)
    links = []
    for kind, label in (("csv", _("CSV")), ("xlsx", _("XLSX"))):
        query["export"] = kind
        links.append({"url": f"?{query.urlencode()}", "label": label})
    return links


def export_answer(
    request: HttpRequest,
    name: str,
    content: Callable[[], tuple[Sequence[str], Iterable[Sequence[Any]]]],
) -> StreamingHttpResponse | FileResponse | None:
    """The download that the address asks for (`?export=csv` or `xlsx`); None for a page.

    `content` gives headings and rows; it is called only for a download.
    """
    kind = request.GET.get("export")
    if kind not in {"csv", "xlsx"}:
        return None
    header, rows = content()
    answer = csv_response if kind == "csv" else xlsx_response
    return answer(name=name, header=header, rows=rows)
