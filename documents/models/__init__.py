"""Sales documents and everything that hangs on them."""

from documents.models.documents import (
    Document,
    DocumentAttachment,
    DocumentLine,
    DocumentNote,
    DocumentRevision,
)
from documents.models.holds import HoldCase
from documents.models.types import DocumentType

__all__ = [
    "Document",
    "DocumentAttachment",
    "DocumentLine",
    "DocumentNote",
    "DocumentRevision",
    "DocumentType",
    "HoldCase",
]
