"""Cancel, close, reopen and copy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import clock, events
from core.errors import Conflict
from core.locks import busy_on_timeout
from core.permissions import require
from credit_limits.engine.types import Checkpoint
from credit_limits.services.checks import credit_check
from customers.locks import scope_lock
from documents import lifecycle
from documents.amounts import LineInput
from documents.asking import COUNTING_DRAFTS, is_checked
from documents.in_the_way import continuing
from documents.inputs import OrderHeader
from documents.models import Document, DocumentLine, DocumentType, HoldCase
from documents.results import PASSING, SubmitResult, check_data, release_used
from documents.services.accept import document_accept
from documents.services.base import document_lock, guard
from documents.services.change import revision_drop
from documents.services.credited import credited_kept
from documents.services.drafts import counts_as_draft
from documents.services.freely import free_reopen_check
from documents.services.history import live_refresh, state_write
from documents.services.holds import case_open, cases_close
from documents.services.links import document_sources_check
from documents.services.save import order_create
from documents.services.standing import asked_reopened

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
        _uncontinued(current)
        stood = (
            current.status in lifecycle.COUNTING and current.type.kind != DocumentType.Kind.ORDER
        )
        if stood or (current.status == Document.Status.DRAFT and counts_as_draft(current.type)):
            # Its value goes back to what it continued: that moves value, it frees none.
            scope_lock(account_ids=[current.account_id])
        with credited_kept(current):
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


def _uncontinued(current: Document) -> None:
    """Raise Conflict when a document that stands continues this one: end that first."""
    standing = continuing(current).select_related("type").first()
    if standing is not None:
        raise Conflict(
            "documents.continued",
            _("%(document)s continues this document. Cancel that first, or close this one."),
            params={"document": standing},
        )


def _end(current: Document, status: str, actor: User, reason: str, as_of: date | None) -> Document:
    revision_drop(current, actor=actor)
    cases_close(document=current, status=HoldCase.Status.WITHDRAWN, actor=actor, comment=reason)
    current.status = status
    current.ended_on = as_of or clock.today()
    current.version += 1
    current.save()
    state_write(current, on=current.ended_on)
    live_refresh(current)
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
    """Reopen a closed or cancelled document: it asks for credit like a new one.

    When it is held, the document stays as it is and a case waits for an approver. Of a closed order
    only what was not delivered counts again. What was cancelled before anybody accepted it becomes
    a draft again, and is asked about when it is submitted.
    """
    require(actor, "documents.cancel_document")
    as_of = as_of or clock.today()
    with busy_on_timeout(), transaction.atomic():
        current = document_lock(document.pk)
        guard(current, lifecycle.Action.REOPEN, version)
        if current.entry_id is not None:
            raise Conflict(
                "documents.voided", _("A voided sale cannot be reopened; it can be copied.")
            )
        free_reopen_check(actor, current)
        document_sources_check(current)
        if current.accepted_on is None:
            return _redraft(current, actor, as_of)
        if not is_checked(current.type):
            document_accept(current, as_of=as_of, released=False, actor=actor)
            return _reopened(current, actor)
        result = credit_check(
            account=current.account,
            asked=asked_reopened(current),
            checkpoint=Checkpoint.REOPEN,
            actor=actor,
            as_of=as_of,
        )
        data: dict[str, Any] = check_data(result)
        if result.decision.outcome in PASSING:
            cases_close(document=current, status=HoldCase.Status.LAPSED, actor=actor, comment="")
            document_accept(current, as_of=as_of, released=release_used(result), actor=actor)
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


def _redraft(current: Document, actor: User, as_of: date) -> SubmitResult:
    current.status = Document.Status.DRAFT
    current.ended_on = None
    current.version += 1
    current.is_live = current.type.kind in COUNTING_DRAFTS and not current.type.is_pro_forma
    current.save()
    if current.is_live:
        state_write(current, on=as_of)
    live_refresh(current)
    return _reopened(current, actor)


def _reopened(current: Document, actor: User) -> SubmitResult:
    """Reopened without asking anybody."""
    events.record(
        "documents.document.reopened",
        current,
        actor=actor,
        company=current.company,
        customer_id=current.account.customer_id,
        data={"amount": current.gross_amount, "currency": current.currency_id},
    )
    return SubmitResult(current, None, None)


def document_copy(*, document: Document, actor: User, on: date | None = None) -> Document:
    """A new draft with the same head and lines. It is checked when it is submitted.

    It continues nothing: what an invoice deducted of an advance is left out. A quote is offered
    anew, without the end of its validity.
    """
    source = (
        Document.objects.select_related(
            "account__company",
            "type",
            "currency",
            "payment_method",
            "payment_term",
            "ordered_by",
            "ship_to_customer",
        )
        .prefetch_related("lines__source_line__document__type")
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
            ship_to_customer=source.ship_to_customer,
            payment_method=source.payment_method,
            payment_term=source.payment_term,
            ordered_by=source.ordered_by,
            delivery_on=source.delivery_on,
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
            if not _is_deduction(line)
        ],
        actor=actor,
    )


def _is_deduction(line: DocumentLine) -> bool:
    """Whether the line only takes off, in an invoice, what an advance was invoiced before."""
    source = line.source_line
    return source is not None and source.document.type.kind == DocumentType.Kind.ADVANCE
