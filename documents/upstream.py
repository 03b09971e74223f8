"""The documents that one continues, level by level."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import connection

from documents.models import Document

if TYPE_CHECKING:
    from collections.abc import Iterable

    from documents.asking import Level

_UPSTREAM: Final = """
SELECT DISTINCT s.document_id
FROM documents_documentline l JOIN documents_documentline s ON s.id = l.source_line_id
WHERE l.document_id = ANY(%s)
"""


def sources_of(document_ids: Iterable[int]) -> list[int]:
    """The documents that these continue, in key order."""
    with connection.cursor() as cursor:
        cursor.execute(_UPSTREAM, [list(document_ids)])
        return sorted(key for (key,) in cursor.fetchall())


def upstream_levels(document_id: int) -> list[list[int]]:
    """The documents that one continues: its sources, theirs, and so on, nearest first."""
    levels: list[list[int]] = []
    found = sources_of([document_id])
    while found and len(levels) < 5:
        levels.append(found)
        found = sources_of(found)
    return levels


def levels_of(document: Document) -> tuple[Level, ...]:
    """The documents it continues with their value, nearest first (their releases hold for it)."""
    levels = upstream_levels(document.pk)
    if not levels:
        return ()
    ids = {key for level in levels for key in level}
    amounts = dict(Document.objects.filter(pk__in=ids).values_list("pk", "gross_amount"))
    return tuple(tuple((key, amounts[key]) for key in level) for level in levels)
