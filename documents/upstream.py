"""The documents that one continues, level by level."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core.prepared import prepared_cursor
from documents.models import Document

if TYPE_CHECKING:
    from documents.asking import Level

_UPSTREAM: Final = """
WITH RECURSIVE upstream(step, document_id) AS (
    SELECT 0, d.id FROM unnest(%(documents)s::bigint[]) d(id)
    UNION
    SELECT u.step + 1, s.document_id
    FROM upstream u
    JOIN documents_documentline l ON l.document_id = u.document_id
    JOIN documents_documentline s ON s.id = l.source_line_id
    WHERE u.step < %(steps)s
)
SELECT step, document_id FROM upstream WHERE step > 0 ORDER BY step, document_id
"""
MOST_STEPS: Final = 5
"""From a credit note back to the quote: return, delivery, order, quote; one to spare."""


def upstream_levels(*document_ids: int) -> list[list[int]]:
    """The documents that these continue: their sources, those of the sources, and so on.

    Nearest first, each level in key order. One statement.
    """
    levels: list[list[int]] = []
    with prepared_cursor() as cursor:
        cursor.execute(_UPSTREAM, {"documents": list(document_ids), "steps": MOST_STEPS})
        for step, key in cursor.fetchall():
            if step > len(levels):
                levels.append([])
            levels[-1].append(key)
    return levels


def levels_of(document: Document) -> tuple[Level, ...]:
    """The documents it continues with their value, nearest first (their releases hold for it)."""
    levels = upstream_levels(document.pk)
    if not levels:
        return ()
    ids = {key for level in levels for key in level}
    amounts = dict(Document.objects.filter(pk__in=ids).values_list("pk", "gross_amount"))
    return tuple(tuple((key, amounts[key]) for key in level) for level in levels)
