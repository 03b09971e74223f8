"""What would be decided about a document as it is typed now. Nothing is locked or kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import clock
from credit_limits.engine.types import Checkpoint
from credit_limits.selectors import credit_preview
from documents import lifecycle
from documents.amounts import lines_fit, total_amounts
from documents.asking import asked_facts, first_checkpoint
from documents.services.change import staged_change
from documents.stored_lines import stands_alone
from documents.upstream import levels_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from credit_limits.selectors import Preview
    from documents.amounts import LineInput
    from documents.inputs import OrderHeader
    from documents.models import Document


def order_preview(
    *,
    header: OrderHeader,
    lines: Sequence[LineInput],
    document: Document | None = None,
    as_of: date | None = None,
) -> Preview:
    """What would be decided if the document were submitted as typed now. Unlocked, not stored.

    Where a stored document continues others or is continued, the typed version is written in a
    savepoint, looked at and taken back. Raises Invalid for amounts that no document takes.
    """
    lines_fit(lines)
    accepted = document is not None and document.status in lifecycle.ACCEPTED
    sources = levels_of(document) if document and not stands_alone(document) else ()
    total = total_amounts(lines)
    return credit_preview(
        account=header.account,
        asked=asked_facts(
            subject_id=document.pk if document else None,
            text=document.number if document else "",
            type_=header.type,
            gross=total.gross,
            net=total.net,
            currency=header.currency.pk,
            method=header.payment_method,
            term=header.payment_term,
            adds=total.gross - header.paid_amount if header.paid_amount else None,
            moves=accepted or bool(sources),
            is_new=not accepted,
            sources=sources,
            rate=document.rate if accepted and document else None,
            staged=staged_change(document, header, lines) if accepted and document else None,
        ),
        checkpoint=Checkpoint.CHANGE if accepted else first_checkpoint(header.type.kind),
        as_of=as_of or clock.today(),
    )
