"""What document screens read about holds and wishes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from documents.models import Document, DocumentRevision, HoldCase


def open_cases(document: Document) -> list[HoldCase]:
    """Cases that still stop a step of the document, newest first, with request and check."""
    return list(
        document.hold_cases.filter(status="open").select_related(
            "request", "check_run", "opened_by"
        )
    )


def pending_revision(document: Document) -> DocumentRevision | None:
    """The wished change that waits for a decision."""
    return document.revisions.filter(status="pending").select_related("created_by").first()
