"""What document screens read about holds and wishes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Subquery

from credit_limits.models import CreditCheck
from documents.asking import SUBJECT_TYPE
from documents.in_the_way import continuing
from documents.models import Document, DocumentRevision
from documents.words import named

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from documents.models import HoldCase


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


def with_page_facts(documents: QuerySet[Document]) -> QuerySet[Document]:
    """Documents with what their pages tell.

    `last_check_id` (None before the first), `has_wish`, and `continued_by`: the keys of the
    documents that stand and continue it.
    """
    checks = CreditCheck.objects.filter(subject_type=SUBJECT_TYPE, subject_id=OuterRef("pk"))
    wishes = DocumentRevision.objects.filter(document=OuterRef("pk"), status="pending")
    return documents.annotate(
        last_check_id=Subquery(checks.order_by("-checked_at", "-pk").values("pk")[:1]),
        has_wish=Exists(wishes),
        continued_by=ArraySubquery(continuing(OuterRef("pk")).values("pk")),
    )
