"""What every document command shares: locks in the house order, guards, and the question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from approvals.models import ApprovalRequest, RequestKind
from core.errors import Conflict
from core.locks import lock_rows, set_lock_timeout
from core.money import ZERO
from core.rates import rates_on
from credit_limits.assemble import AskedDocument
from credit_limits.engine.types import Component, MethodTreatment
from documents import lifecycle
from documents.models import Document

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from customers.models import PaymentMethod, PaymentTerm

SUBJECT_TYPE = "documents.document"


def document_lock(document_id: int) -> Document:
    """Lock the document's open approval requests, then the document; return it fresh.

    That is the lock order of the house (request → document → scope → number sequence), kept
    here once for every command. The caller wraps its transaction in `busy_on_timeout`.
    """
    set_lock_timeout()
    lock_rows(
        ApprovalRequest.objects.filter(
            kind=RequestKind.DOCUMENT_RELEASE,
            subject_type=SUBJECT_TYPE,
            subject_id=document_id,
            status=ApprovalRequest.Status.OPEN,
        )
    )
    lock_rows(Document.objects.filter(pk=document_id))
    document: Document = Document.objects.select_related(
        "type",
        "company",
        "account__company",
        "account__customer__group",
        "payment_method",
        "payment_term",
    ).get(pk=document_id)
    return document


def guard(document: Document, action: lifecycle.Action, version: int | None = None) -> None:
    """Raise Conflict when the step is not allowed now or the form is stale."""
    if version is not None and version != document.version:
        raise Conflict(
            "documents.changed_meanwhile",
            _(
                "This document was changed meanwhile by somebody else. "
                "Look at the current figures and try again; nothing of yours is lost."
            ),
        )
    if not lifecycle.allowed(document.status, action):
        raise Conflict(
            "documents.step_not_allowed",
            _("This step is not possible while the document is “%(status)s”."),
            params={"status": document.get_status_display()},
        )


def company_rate(document: Document, on: date) -> Decimal | None:
    """Company currency for one unit of the document's, on a day; None when unknown."""
    pair = (document.currency_id, document.company.currency_id)
    return rates_on({pair}, on)[pair]


def asked_document(
    document: Document, *, gross: Decimal | None = None, counted_before: Decimal = ZERO
) -> AskedDocument:
    """The document as it asks for credit; `gross` other than its own for a wished change."""
    return asked_facts(
        subject_id=document.pk,
        text=str(document),
        kind=document.type.kind,
        gross=document.gross_amount if gross is None else gross,
        currency=document.currency_id,
        counted_before=counted_before,
        counts=document.type.counts_as_credit,
        exclude_block=document.type.exclude_block,
        method=document.payment_method,
        term=document.payment_term,
    )


def asked_facts(
    *,
    subject_id: int | None,
    text: str,
    kind: str,
    gross: Decimal,
    currency: str,
    counts: bool,
    exclude_block: bool,
    method: PaymentMethod | None,
    term: PaymentTerm | None,
    counted_before: Decimal = ZERO,
) -> AskedDocument:
    """Put an order's figures and terms into the words of the credit check."""
    return AskedDocument(
        subject_type=SUBJECT_TYPE,
        subject_id=subject_id,
        text=text,
        kind=kind,
        amount=gross,
        currency=currency,
        counted_before=counted_before,
        component=Component.ORDER_OPEN,
        counts=counts,
        exclude_block=exclude_block,
        method_treatment=(MethodTreatment(method.treatment) if method else MethodTreatment.NORMAL),
        method_immediate=method.is_immediate if method else False,
        method_name=method.name if method else "",
        instalments=max(term.lines.count(), 1) if term else 1,
    )
