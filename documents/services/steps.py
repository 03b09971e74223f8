"""Cancel, close, reopen and copy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from core import clock, events
from core.locks import busy_on_timeout
from core.permissions import require
from credit_limits.engine.types import Checkpoint
from credit_limits.services.checks import credit_check
from documents import lifecycle
from documents.amounts import LineInput
from documents.asking import asked_document
from documents.inputs import OrderHeader
from documents.models import Document, HoldCase
from documents.services.base import document_lock, guard
from documents.services.change import revision_drop
from documents.services.holds import case_open, cases_close, release_used
from documents.services.save import order_create
from documents.services.submit import PASSING, SubmitResult, check_data, document_accept

if TYPE_CHECKING:
    from datetime import date

    from core.models import User


def document_cancel(
    *,
    document: Document,
    actor: User,
    version: int | None = None,
    reason: str = "",
    as_of: date | None = None,
) -> Document:
    """Cancel a document that is not finished; what waits for it is withdrawn. Frees credit."""
    require(actor, "documents.cancel_document")
    with busy_on_timeout(), transaction.atomic():
        current = document_lock(document.pk)
        guard(current, lifecycle.Action.CANCEL, version)
        return _end(current, Document.Status.CANCELLED, actor, reason.strip(), as_of)


def document_close(
    *,
    document: Document,
    actor: User,
    version: int | None = None,
    reason: str = "",
    as_of: date | None = None,
) -> Document:
    """Close an accepted document for good (forced closing): its rest no longer counts."""
    require(actor, "documents.cancel_document")
    with busy_on_timeout(), transaction.atomic():
        current = document_lock(document.pk)
        guard(current, lifecycle.Action.CLOSE, version)
        return _end(current, Document.Status.CLOSED, actor, reason.strip(), as_of)


def _end(current: Document, status: str, actor: User, reason: str, as_of: date | None) -> Document:
    revision_drop(current, actor=actor)
    cases_close(document=current, status=HoldCase.Status.WITHDRAWN, actor=actor, comment=reason)
    current.status = status
    current.ended_on = as_of or clock.today()
    current.version += 1
    current.save()
    events.record(
        f"documents.document.{status}",
        current,
        actor=actor,
        company=current.company,
        customer_id=current.account.customer_id,
        data={
            "gross": current.gross_amount,
            "currency": current.currency_id,
            "reason": reason,
            "account_id": current.account_id,
        },
    )
    return current


def document_reopen(
    *,
    document: Document,
    actor: User,
    version: int | None = None,
    as_of: date | None = None,
) -> SubmitResult:
    """Reopen a closed document: it asks for credit like a new one.

    When it is held, the document stays closed and a case waits for an approver.
    """
    require(actor, "documents.cancel_document")
    as_of = as_of or clock.today()
    with busy_on_timeout(), transaction.atomic():
        current = document_lock(document.pk)
        guard(current, lifecycle.Action.REOPEN, version)
        result = credit_check(
            account=current.account,
            asked=asked_document(current),
            checkpoint=Checkpoint.REOPEN,
            actor=actor,
            as_of=as_of,
        )
        data: dict[str, Any] = check_data(result)
        if result.decision.outcome in PASSING:
            cases_close(document=current, status=HoldCase.Status.LAPSED, actor=actor, comment="")
            document_accept(current, as_of=as_of, released=release_used(result))
            action, case = "documents.document.reopened", None
        else:
            case = case_open(document=current, result=result, actor=actor)
            action = "documents.document.reopen_held"
        events.record(
            action,
            current,
            actor=actor,
            company=current.company,
            customer_id=current.account.customer_id,
            data=data,
        )
    return SubmitResult(
        current, result.check, result.decision, case, case.request if case else None
    )


def document_copy(*, document: Document, actor: User, on: date | None = None) -> Document:
    """A new draft with the same head and lines. It is checked when it is submitted."""
    source = (
        Document.objects.select_related(
            "account__company", "type", "currency", "payment_method", "payment_term", "ordered_by"
        )
        .prefetch_related("lines")
        .get(pk=document.pk)
    )
    return order_create(
        header=OrderHeader(
            account=source.account,
            document_on=on or clock.today(),
            type=source.type,
            currency=source.currency,
            reference=source.reference,
            ship_to=source.ship_to,
            payment_method=source.payment_method,
            payment_term=source.payment_term,
            ordered_by=source.ordered_by,
        ),
        lines=[
            LineInput(
                description=line.description,
                quantity=line.quantity,
                unit_price=line.unit_price,
                discount_percent=line.discount_percent,
                tax_percent=line.tax_percent,
            )
            for line in source.lines.all()
        ],
        actor=actor,
    )
