"""Writing the lines of a document, each stored line keeping its identity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import connection
from django.utils.translation import gettext_lazy as _

from core.errors import Conflict
from documents.amounts import LineInput, line_amounts, total_amounts
from documents.models import Document, DocumentLine

if TYPE_CHECKING:
    from collections.abc import Sequence


def lines_write(document: Document, lines: Sequence[LineInput]) -> None:
    """Write the lines and the totals (not saved on the document itself).

    A stored line keeps its identity, because lines of other documents may continue it: it is found
    by its `line_id`, or by its place where no line says anything of the kind (a `line_id` of 0 is a
    line that is certainly new). Raises Conflict for a line taken away that something continues.
    """
    stored = list(document.lines.order_by("position"))
    before = {row.pk: _values(row) for row in stored}
    kept: list[DocumentLine] = []
    fresh: list[DocumentLine] = []
    matched = rows_matched(stored, lines)
    for position, (line, row) in enumerate(zip(lines, matched, strict=True), start=1):
        if row is not None:
            kept.append(_filled(row, position, line))
            continue
        new = DocumentLine(
            document=document,
            source_line_id=line.source_id,
            reopens=line.reopens,
            price_only=line.price_only,
        )
        fresh.append(_filled(new, position, line))
    gone = rows_gone(stored, matched)
    removal_check(gone)
    DocumentLine.objects.filter(pk__in=[row.pk for row in gone]).delete()
    _rewrite([row for row in kept if _values(row) != before[row.pk]])
    DocumentLine.objects.bulk_create(fresh)
    total = total_amounts(lines)
    document.net_amount = total.net
    document.tax_amount = total.tax
    document.gross_amount = total.gross


# Column → its type in the database.
LINE_COLUMNS: Final = {
    "position": "smallint",
    "description": "text",
    "quantity": "numeric",
    "unit_price": "numeric",
    "discount_percent": "numeric",
    "tax_percent": "numeric",
    "net_amount": "numeric",
    "tax_amount": "numeric",
    "gross_amount": "numeric",
}
# One statement for all rows, a list for each column: many times faster than a case for each row.
_REWRITE: Final = """
UPDATE documents_documentline l
SET {columns}
FROM unnest(%s::bigint[], {types}) AS n(id, {names})
WHERE l.id = n.id
""".format(
    columns=", ".join(f"{name} = n.{name}" for name in LINE_COLUMNS),
    types=", ".join(f"%s::{type_}[]" for type_ in LINE_COLUMNS.values()),
    names=", ".join(LINE_COLUMNS),
)


def _values(row: DocumentLine) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in LINE_COLUMNS)


def _rewrite(rows: Sequence[DocumentLine]) -> None:
    if not rows:
        return
    columns = [[getattr(row, name) for row in rows] for name in LINE_COLUMNS]
    with connection.cursor() as cursor:
        cursor.execute(_REWRITE, [[row.pk for row in rows], *columns])


def _filled(row: DocumentLine, position: int, line: LineInput) -> DocumentLine:
    amounts = line_amounts(line)
    row.position = position
    row.description = line.description
    row.quantity = line.quantity
    row.unit_price = line.unit_price
    row.discount_percent = line.discount_percent
    row.tax_percent = line.tax_percent
    row.net_amount = amounts.net
    row.tax_amount = amounts.tax
    row.gross_amount = amounts.gross
    return row


def rows_matched(
    stored: Sequence[DocumentLine], lines: Sequence[LineInput]
) -> list[DocumentLine | None]:
    """The stored row that each line rewrites, None for a new one. `stored` in order of position."""
    if all(line.line_id is None for line in lines):
        return [stored[place] if place < len(stored) else None for place in range(len(lines))]
    left = {row.pk: row for row in stored}
    return [left.pop(line.line_id or 0, None) for line in lines]


def rows_gone(
    stored: Sequence[DocumentLine], matched: Sequence[DocumentLine | None]
) -> list[DocumentLine]:
    """The stored rows that no line rewrites."""
    kept = {row.pk for row in matched if row is not None}
    return [row for row in stored if row.pk not in kept]


def removal_check(rows: Sequence[DocumentLine]) -> None:
    """Raise Conflict when something continues one of these lines: it cannot be taken away."""
    known = {row.pk: row for row in rows}
    key = (
        DocumentLine.objects.filter(source_line__in=known)
        .order_by("source_line__position")
        .values_list("source_line", flat=True)
        .first()
        if known
        else None
    )
    if key is not None:
        raise Conflict(
            "documents.line_continued",
            _("“%(line)s” was delivered or invoiced: it cannot be taken away."),
            params={"line": known[key].description, "line_id": key},
            field="lines",
        )
