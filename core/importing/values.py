"""Cells into typed values. Strict: a cell that could mean two things is refused, never guessed."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final

from core.importing.problems import CellError
from core.importing.tables import Cell
from core.money import LARGEST, quantize

FIRST_YEAR: Final = 1950
LAST_YEAR: Final = 2150
DATE_FORMATS: Final[tuple[str, ...]] = (
    "%Y-%m-%d",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d.%m.%Y",
    "%d-%m-%Y",
    "%Y/%m/%d",
    "%Y%m%d",
    "%d/%m/%y",
    "%m/%d/%y",
)
_YES: Final = frozenset(
    {"yes", "y", "true", "1", "x", "si", "sì", "sí", "s", "oui", "o", "sim", "vero", "verdadero"}
)
_NO: Final = frozenset({"no", "n", "false", "0", "-", "non", "não", "nao", "falso", "faux"})
_GROUPS: Final = re.compile("[., ]")
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MINUSES: Final = str.maketrans({"\u2212": "-", "\u2013": "-"})
_BLANKS: Final = re.compile("[\u00a0\u2009\u202f\u2019]")


def text_of(cell: Cell, *, most: int | None = None) -> str:
    """A cell as text without blanks around it, "" for no value: 12.0 of a spreadsheet is “12”."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        cell = int(cell)
    if isinstance(cell, datetime):
        cell = cell.date()
    text = str(cell).strip().strip("\u00a0\ufeff").strip()
    if _CONTROL.search(text):
        raise CellError("cell_control")
    if most is not None and len(text) > most:
        raise CellError("cell_too_long", value=shortened(text), most=most)
    return text


def shortened(text: str) -> str:
    """`text` fit for a message."""
    return text if len(text) <= 40 else text[:39] + "…"


def date_of(cell: Cell, pattern: str) -> date | None:
    """A date written as `pattern` says (strptime), or a spreadsheet's own date; None if empty."""
    if isinstance(cell, datetime):
        found = cell.date()
    elif isinstance(cell, date):
        found = cell
    else:
        text = text_of(cell)
        if not text:
            return None
        found_or_none = _date(text, pattern)
        if found_or_none is None:
            raise CellError("cell_date", value=shortened(text), example=date_example(pattern))
        found = found_or_none
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise CellError("cell_year", value=found.isoformat())
    return found


@lru_cache(maxsize=20_000)
def _date(text: str, pattern: str) -> date | None:
    try:
        return datetime.strptime(text, pattern).date()  # noqa: DTZ007 - a date has no time zone
    except ValueError:
        return None


def date_example(pattern: str) -> str:
    """30 November 2026 as `pattern` writes it."""
    return date(2026, 11, 30).strftime(pattern)


def date_format_guess(texts: list[str]) -> str:
    """The one of DATE_FORMATS that reads most of `texts`; the ISO form when none reads any."""
    fits = {
        pattern: sum(_date(text, pattern) is not None for text in texts) for pattern in DATE_FORMATS
    }
    return max(DATE_FORMATS, key=lambda pattern: fits[pattern])


def amount_of(cell: Cell, mark: str) -> Decimal | None:
    """An amount of at most two decimals, `mark` being the decimal sign of the file; None if empty.

    Groups of three digits may be parted by the other sign, a blank or an apostrophe. Brackets and
    a minus behind the figure mean below zero.
    """
    if isinstance(cell, bool):
        raise CellError("cell_amount", value=cell, example=_amount_example(mark))
    if isinstance(cell, int | float | Decimal):
        return _of_number(cell)
    text = text_of(cell)
    if not text:
        return None
    body = _BLANKS.sub(" ", text.translate(_MINUSES)).replace("'", " ")
    negative = body.startswith("-") or body.endswith("-")
    if body.startswith("(") and body.endswith(")"):
        negative, body = True, body[1:-1]
    body = body.removeprefix("-").removeprefix("+").removesuffix("-").strip()
    if not _amount_shape(mark).fullmatch(body) or not any(char.isdigit() for char in body):
        raise CellError("cell_amount", value=shortened(text), example=_amount_example(mark))
    whole, _mark, fraction = body.partition(mark)
    value = Decimal(f"{_GROUPS.sub('', whole) or '0'}.{fraction or '0'}")
    return _bounded(-value if negative else value, text)


@lru_cache
def _amount_shape(mark: str) -> re.Pattern[str]:
    group = "," if mark == "." else "."
    return re.compile(
        rf"(?:[0-9]+|[0-9]{{1,3}}(?:[{group} ][0-9]{{3}})+)?(?:{re.escape(mark)}[0-9]*)?"
    )


def _of_number(number: float | Decimal) -> Decimal:
    try:
        value = Decimal(repr(number)) if isinstance(number, float) else Decimal(number)
    except InvalidOperation as error:
        raise CellError("cell_amount", value=number, example="1234.50") from error
    if not value.is_finite():
        raise CellError("cell_amount", value=number, example="1234.50")
    near = quantize(value) if abs(value) <= LARGEST else value
    # Spreadsheets compute in binary fractions: 0.1 + 0.2 comes as 0.30000000000000004.
    if isinstance(number, float) and abs(value - near) < Decimal("1e-6"):
        value = near
    return _bounded(value, str(number))


def _bounded(value: Decimal, text: str) -> Decimal:
    if abs(value) > LARGEST:
        raise CellError("cell_large", value=shortened(text))
    if quantize(value) != value:
        raise CellError("cell_decimals", value=shortened(text))
    return quantize(value)


def _amount_example(mark: str) -> str:
    return f"1234{mark}50"


def decimal_mark_fitting(texts: list[str]) -> str:
    """The decimal sign that reads most of `texts`; a point in doubt."""

    def fits(mark: str) -> int:
        count = 0
        for text in texts:
            try:
                amount_of(text, mark)
            except CellError:
                continue
            count += 1
        return count

    return "," if fits(",") > fits(".") else "."


def flag_of(cell: Cell) -> bool | None:
    """Yes or no, in the words of several languages; None if empty."""
    if isinstance(cell, bool):
        return cell
    text = text_of(cell)
    if not text:
        return None
    word = text.casefold()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise CellError("cell_flag", value=shortened(text))


def whole_of(cell: Cell, *, most: int) -> int | None:
    """A whole number from 1 to `most`; None if empty."""
    text = text_of(cell)
    if not text:
        return None
    if not re.fullmatch(r"\d{1,9}", text) or not 1 <= int(text) <= most:
        raise CellError("cell_whole", value=shortened(text), most=most)
    return int(text)
