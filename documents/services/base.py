"""What every document command shares: locks in the house order, guards, the rate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from approvals.models import ApprovalRequest, RequestKind
from core.errors import Conflict
from core.locks import lock_keys, set_lock_timeout
from core.rates import rates_on
from documents import lifecycle
from documents.asking import SUBJECT_TYPE
from documents.models import Document

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal


def document_lock(document_id: int) -> Document:
    """Lock the document's open approval requests, then the document; return it fresh.

    That is the lock order of the house (request → document → scope → number sequence), kept
    here once for every command. The caller wraps its transaction in `busy_on_timeout`.
    """
    set_lock_timeout()
    lock_keys(
        ApprovalRequest.objects.filter(
            kind=RequestKind.DOCUMENT_RELEASE,
            subject_type=SUBJECT_TYPE,
            subject_id=document_id,
            status=ApprovalRequest.Status.OPEN,
        )
    )
    lock_keys(Document.objects.filter(pk=document_id))
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
