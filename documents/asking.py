"""A document in the words of the credit check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.money import ZERO
from credit_limits.assemble import AskedDocument
from credit_limits.engine.types import Component, MethodTreatment

if TYPE_CHECKING:
    from decimal import Decimal

    from customers.models import PaymentMethod, PaymentTerm
    from documents.models import Document

SUBJECT_TYPE = "documents.document"


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
