"""What stands in the way of a step, asked by pages before they offer it and by services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from documents.models import Document, DocumentType

if TYPE_CHECKING:
    from datetime import date


def is_expired(quote: Document, on: date) -> bool:
    """Whether this is a quote whose validity has ended before a day."""
    return (
        quote.type.kind == DocumentType.Kind.QUOTE
        and quote.valid_until is not None
        and quote.valid_until < on
    )
