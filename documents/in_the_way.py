"""What stands in the way of a step, asked by pages before they offer it and by services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from documents.models import Document, DocumentType
from documents.taken import GONE

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import OuterRef, QuerySet


def is_expired(quote: Document, on: date) -> bool:
    """Whether this is a quote whose validity has ended before a day."""
    return (
        quote.type.kind == DocumentType.Kind.QUOTE
        and quote.valid_until is not None
        and quote.valid_until < on
    )


def continuing(document: Document | OuterRef) -> QuerySet[Document]:
    """The documents that continue this one and stand, drafts too: they keep it from cancelling."""
    found = Document.objects.filter(lines__source_line__document=document)
    return found.exclude(status__in=GONE).order_by("pk").distinct()
