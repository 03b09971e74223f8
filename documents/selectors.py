"""What document screens read about holds and wishes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from documents.asking import SUBJECT_TYPE
from documents.models import Document
from documents.words import named

if TYPE_CHECKING:
    from documents.models import DocumentRevision, HoldCase


def open_cases(document: Document) -> list[HoldCase]:
    """Cases that still stop a step of the document, newest first, with request and check."""
    return list(
        document.hold_cases.filter(status="open").select_related(
            "request", "check_run", "opened_by"
        )
    )


def entry_origin(entry_id: int) -> tuple[str, int, str] | None:
    """The document that a journal entry was posted from, for the pages of the ledger."""
    document = Document.objects.filter(entry=entry_id).select_related("type").first()
    if document is None:
        return None
    return SUBJECT_TYPE, document.pk, named(document)


def pending_revision(document: Document) -> DocumentRevision | None:
    """The wished change that waits for a decision."""
    return document.revisions.filter(status="pending").select_related("created_by").first()
