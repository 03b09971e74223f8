"""Numbers of documents: gapless, drawn once, as the last lock of a command."""

from __future__ import annotations

from typing import Final

from core.numbering import number_next
from documents.models import Document, DocumentType

NUMBERED_AT_ONCE: Final = frozenset(
    {
        DocumentType.Kind.QUOTE,
        DocumentType.Kind.ORDER,
        DocumentType.Kind.RECEIPT,
        DocumentType.Kind.MOVE,
    }
)


def number_give(document: Document) -> None:
    """Draw the next number of the type's sequence, once. The counter is the last lock taken."""
    if not document.number:
        document.number = number_next(
            company=document.company,
            code=document.type.sequence_code,
            on=document.document_on,
            prefix=document.type.number_prefix,
        )
