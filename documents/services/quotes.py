"""Quotes: what the customer accepts becomes an order, and the order asks for credit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import clock, events
from core.errors import Conflict
from core.locks import busy_on_timeout
from core.permissions import require
from documents import lifecycle
from documents.models import Document, DocumentLine, DocumentType
from documents.services.base import document_lock, guard
from documents.services.convert import document_continue, type_of
from documents.services.submit import document_submit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from decimal import Decimal

    from core.models import User
    from documents.results import SubmitResult

Kind = DocumentType.Kind


def order_from_quote(
    *,
    quote: Document,
    actor: User,
    on: date | None = None,
    lines: Sequence[tuple[DocumentLine, Decimal]] | None = None,
) -> Document:
    """A draft order with the lines of an accepted quote (all, or these quantities of them).

    The quote is closed once nothing of it is left. Raises Conflict for a quote that was not sent,
    or whose validity has ended.
    """
    require(actor, "documents.add_document")
    day = on or clock.today()
    with busy_on_timeout(), transaction.atomic():
        current = document_lock(quote.pk)
        guard(current, lifecycle.Action.CONTINUE)
        if current.valid_until is not None and current.valid_until < day:
            raise Conflict(
                "documents.quote_expired",
                _("This quote was valid until %(day)s. Copy it to offer it again."),
                params={"day": current.valid_until.isoformat()},
            )
        parts = lines or [(line, line.quantity) for line in current.lines.order_by("position")]
        order = document_continue(
            lines=parts,
            type_=type_of(Kind.ORDER),
            actor=actor,
            on=day,
            delivery_on=current.delivery_on,
        )
        current.status = Document.Status.CLOSED
        current.ended_on = day
        current.version += 1
        current.save()
        events.record(
            "documents.quote.accepted",
            current,
            actor=actor,
            company=current.company,
            customer_id=current.account.customer_id,
            data={
                "order": str(order),
                "order_id": order.pk,
                "gross": current.gross_amount,
                "currency": current.currency_id,
            },
        )
    return order


def quote_accept(*, quote: Document, actor: User, as_of: date | None = None) -> SubmitResult:
    """The customer said yes: the order is made and asks for credit at once.

    A hold leaves the order held with its approvers asked; the quote stays accepted.
    """
    order = order_from_quote(quote=quote, actor=actor, on=as_of)
    return document_submit(document=order, actor=actor, as_of=as_of)
