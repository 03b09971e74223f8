"""What order screens read: the live preview, and what a held document waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import clock
from credit_limits.engine.types import Checkpoint
from credit_limits.selectors import credit_preview
from documents import lifecycle
from documents.amounts import total_amounts
from documents.asking import COUNTING_DRAFTS, asked_facts, first_checkpoint
from documents.upstream import levels_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from credit_limits.selectors import Preview
    from documents.amounts import LineInput
    from documents.inputs import OrderHeader
    from documents.models import Document, DocumentRevision, HoldCase


def order_preview(
    *,
    header: OrderHeader,
    lines: Sequence[LineInput],
    document: Document | None = None,
    as_of: date | None = None,
) -> Preview:
    """What would be decided if the order were submitted as typed now. Unlocked, not stored."""
    counts = document is not None and document.status in lifecycle.COUNTING
    moves = counts or (document is not None and header.type.kind in COUNTING_DRAFTS)
    first = first_checkpoint(header.type.kind)
    total = total_amounts(lines).gross
    return credit_preview(
        account=header.account,
        asked=asked_facts(
            subject_id=document.pk if document else None,
            text=document.number if document else "",
            type_=header.type,
            gross=total,
            currency=header.currency.pk,
            method=header.payment_method,
            term=header.payment_term,
            adds=total - header.paid_amount if header.paid_amount else None,
            moves=moves,
            sources=levels_of(document) if document else (),
        ),
        checkpoint=Checkpoint.CHANGE if counts else first,
        as_of=as_of or clock.today(),
    )


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
