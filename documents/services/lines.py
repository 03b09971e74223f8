"""Writing the lines of a document, each stored line keeping its identity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict
from documents.amounts import LineInput, line_amounts, total_amounts
from documents.models import Document, DocumentLine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def lines_write(document: Document, lines: Sequence[LineInput]) -> None:
    """Write the lines and the totals (not saved on the document itself).

    A stored line keeps its identity, because lines of other documents may continue it: it is found
    by its `line_id`, or by its place where no line names one. Raises Conflict for a line taken
    away that something continues.
    """
    stored = {row.pk: row for row in document.lines.order_by("position")}
    by_place = not any(line.line_id for line in lines)
    places = list(stored)
    kept: list[DocumentLine] = []
    fresh: list[DocumentLine] = []
    for position, line in enumerate(lines, start=1):
        key = places[position - 1] if by_place and position <= len(places) else line.line_id
        row = stored.pop(key, None) if key is not None else None
        if row is None:
            row = DocumentLine(
                document=document, source_line_id=line.source_id, reopens=line.reopens
            )
            fresh.append(row)
        else:
            kept.append(row)
        _fill(row, position, line)
    _take_away(stored)
    DocumentLine.objects.bulk_update(kept, LINE_COLUMNS)
    DocumentLine.objects.bulk_create(fresh)
    total = total_amounts(lines)
    document.net_amount = total.net
    document.tax_amount = total.tax
    document.gross_amount = total.gross


LINE_COLUMNS: Final = (
    "position",
    "description",
    "quantity",
    "unit_price",
    "discount_percent",
    "tax_percent",
    "net_amount",
    "tax_amount",
    "gross_amount",
)


def _fill(row: DocumentLine, position: int, line: LineInput) -> None:
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


def _take_away(rows: Mapping[int, DocumentLine]) -> None:
    if not rows:
        return
    continued = DocumentLine.objects.filter(source_line__in=rows).values_list(
        "source_line", flat=True
    )
    for key in continued:
        if key is not None:
            raise Conflict(
                "documents.line_continued",
                _("“%(line)s” was delivered or invoiced: it cannot be taken away."),
                params={"line": rows[key].description},
                field="lines",
            )
    DocumentLine.objects.filter(pk__in=rows).delete()
