"""What can be wrong with a file, a row or a cell, and the sentences for it.

A problem is stored as a code with figures, so that whoever reads it later reads it in their own
language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

from django.utils.translation import gettext_lazy as _

from core.errors import Invalid

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

MESSAGES: Final[dict[str, _StrPromise]] = {
    "file_empty": _("The file is empty."),
    "file_too_large": _("The file is larger than %(most)s MB."),
    "file_binary": _("This is not a CSV or XLSX file: it holds binary data."),
    "file_old_excel": _("This is an old Excel file (.xls). Save it as .xlsx or CSV."),
    "file_encoding": _(
        "The text is not %(encoding)s from here on. Choose another encoding, or save the file "
        "as UTF-8."
    ),
    "file_encoding_unknown": _(
        "The encoding of the text could not be found out. Save the file as UTF-8."
    ),
    "file_broken": _("The workbook is damaged or protected and cannot be read."),
    "file_unpacks_too_large": _("The workbook unpacks to more than %(most)s MB."),
    "file_no_rows": _("The file has no rows below its headings."),
    "file_too_many_columns": _("The file has more than %(most)s columns."),
    "file_too_many_rows": _("The file has more than %(most)s rows. Split it."),
    "file_gone": _("The uploaded file is no longer there. Upload it again."),
    "column_missing": _("The column “%(heading)s” is not in the file."),
    "column_twice": _("The file has two columns called “%(heading)s”."),
    "row_too_wide": _("The row has %(cells)s cells, but there are only %(columns)s headings."),
    "row_unreadable": _(
        "The row cannot be read. Is a quotation mark not closed, or the separator another one?"
    ),
    "cell_empty": _("The cell is empty."),
    "cell_control": _("The cell holds unreadable characters."),
    "cell_too_long": _("“%(value)s” has more than %(most)s characters."),
    "cell_date": _("“%(value)s” is not a date like %(example)s."),
    "cell_year": _("The year of “%(value)s” looks wrong."),
    "cell_amount": _("“%(value)s” is not an amount like %(example)s."),
    "cell_decimals": _("“%(value)s” has more than two decimals."),
    "cell_large": _("“%(value)s” is too large."),
    "cell_flag": _("“%(value)s” is neither yes nor no."),
    "cell_whole": _("“%(value)s” is not a whole number from 1 to %(most)s."),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault: `row` as counted in the file (None: the file), `column` as the file calls it."""

    code: str
    row: int | None = None
    column: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """A form that JSON can hold."""
        return {
            "code": self.code,
            "row": self.row,
            "column": self.column,
            "params": {key: str(value) for key, value in self.params.items()},
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The problem that `as_json` stored."""
        return cls(data["code"], data.get("row"), data.get("column", ""), data.get("params", {}))

    def text(self, messages: Mapping[str, _StrPromise] = MESSAGES) -> str:
        """The sentence, without row and column."""
        message = messages.get(self.code)
        return self.code if message is None else str(message) % dict(self.params)


class ReadError(Invalid):
    """The file, or the rest of it, cannot be read."""

    def __init__(self, code: str, *, row: int | None = None, **params: Any) -> None:
        self.problem = Problem(code, row, "", params)
        super().__init__(f"core.import.{code}", MESSAGES[code], params=params, field="file")


class CellError(ValueError):
    """A cell that is not what its column needs; the caller knows row and column."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params
