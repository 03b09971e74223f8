"""What every document command shares: locks in the house order, guards, the rate, the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from approvals.models import ApprovalRequest, RequestKind
from core.errors import Conflict
from core.locks import lock_keys, set_lock_timeout
from core.money import ZERO, quantize
from core.rates import rates_on
from documents import lifecycle
from documents.asking import SUBJECT_TYPE
from documents.models import Document
from documents.upstream import upstream_levels

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from decimal import Decimal


def document_lock(document_id: int) -> Document:
    """Lock the document's open approval requests, then the document; return it fresh.

    The documents it continues are locked with it, all in key order: what is left of their lines
    must not change meanwhile. That is the lock order of the house (request → documents → scope →
    number sequence), kept here once for every command. The caller wraps its transaction in
    `busy_on_timeout`.
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
    ids = {document_id, *(key for level in upstream_levels(document_id) for key in level)}
    lock_keys(Document.objects.filter(pk__in=ids))
    document: Document = Document.objects.select_related(
        "type",
        "company__currency",
        "currency",
        "account__company",
        "account__customer__group",
        "payment_method",
        "payment_term",
    ).get(pk=document_id)
    return document


def sources_lock(line_ids: Sequence[int]) -> None:
    """Lock the documents of lines that a new document is about to continue, and theirs.

    What is left of the lines must not change before it is taken (two deliveries at once).
    """
    if not line_ids:
        return
    set_lock_timeout()
    found = {*Document.objects.filter(lines__in=line_ids).values_list("pk", flat=True)}
    ids = found.union(*upstream_levels(*found))
    lock_keys(Document.objects.filter(pk__in=ids))


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
    if not lifecycle.allowed(document.status, action, document.type.kind):
        raise Conflict(
            "documents.step_not_allowed",
            _("This step is not possible while the document is “%(status)s”."),
            params={"status": document.get_status_display()},
        )


def company_rate(document: Document, on: date) -> Decimal | None:
    """Company currency for one unit of the document's, on a day; None when unknown."""
    pair = (document.currency_id, document.company.currency_id)
    return rates_on({pair}, on)[pair]


def goods_rate(document: Document) -> Decimal | None:
    """The rate of stored goods on their way or back: that of the documents their lines continue.

    So moving a value along the chain neither adds nor loses anything when rates have changed (law
    L2). Lines of several documents are weighted by their value; None where there is no such rate.
    An invoice has a rate of its own, that of its day.
    """
    parts = list(
        document.lines.filter(source_line__isnull=False).values_list(
            "source_line__document__rate", "gross_amount"
        )
    )
    rates = [rate for rate, _value in parts]
    if not rates or None in rates:
        return None
    if len(set(rates)) == 1:
        return rates[0]
    whole = sum((abs(value) for _rate, value in parts), ZERO)
    weighted = sum((rate * abs(value) for rate, value in parts if rate is not None), ZERO)
    return quantize(weighted / whole, 8) if whole else rates[0]
