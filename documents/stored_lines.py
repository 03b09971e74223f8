"""The lines of a stored document, read once for a page that needs them in several places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Prefetch, prefetch_related_objects

from documents.models import Document, DocumentLine

if TYPE_CHECKING:
    from collections.abc import Iterable


def lines_load(document: Document) -> None:
    """Read its lines once for a page that looks at them in several places.

    Not for commands: what they change would not be seen.
    """
    rows = DocumentLine.objects.order_by("position").select_related("source_line__document__type")
    prefetch_related_objects([document], Prefetch("lines", rows))


def lines_of(document: Document) -> Iterable[DocumentLine]:
    """Its lines by position, from memory when they were loaded."""
    return document.lines.all() if _is_loaded(document) else document.lines.order_by("position")


def stands_alone(document: Document) -> bool:
    """Whether the loaded lines show that it continues no other; False when nothing is loaded."""
    return _is_loaded(document) and not any(line.source_line_id for line in document.lines.all())


def _is_loaded(document: Document) -> bool:
    return "lines" in getattr(document, "_prefetched_objects_cache", {})
