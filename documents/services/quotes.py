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
from documents.in_the_way import is_expired
from documents.models import Document, DocumentLine, DocumentType
from documents.services.base import document_lock, guard
from documents.services.convert import document_continue, lines_left, type_of
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
    type_: DocumentType | None = None,
    import_key: str = "",
) -> Document:
    """A draft order with what is left of an accepted quote (all, or these quantities of it).

    The quote is closed once nothing of it is left. Raises Conflict for a quote that was not sent,
    that is closed, or whose validity has ended before `on`.
    """
    require(actor, "documents.add_document")
    day = on or clock.today()
    with busy_on_timeout(), transaction.atomic():
        current = document_lock(quote.pk)
        quote_open(current, day)
        target = type_ or type_of(Kind.ORDER)
        left = lines_left([current], target)
        order = document_continue(
            lines=left if lines is None else lines,
            type_=target,
            actor=actor,
            on=day,
            delivery_on=current.delivery_on,
            import_key=import_key,
        )
        if not any(quantity for _line, quantity in lines_left([current], target)):
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


def quote_open(quote: Document, on: date) -> None:
    """Raise Conflict unless the customer can accept this quote on a day."""
    if quote.status == Document.Status.CLOSED:
        raise Conflict(
            "documents.quote_closed",
            _("This quote was accepted or closed already. Reopen it to make another order of it."),
        )
    guard(quote, lifecycle.Action.CONTINUE)
    if is_expired(quote, on):
        raise Conflict(
            "documents.quote_expired",
            _(
                "This quote was valid until %(day)s. "
                "Extend its validity, or copy it to offer it again."
            ),
            params={"day": quote.valid_until},
        )


def quote_accept(
    *,
    quote: Document,
    actor: User,
    as_of: date | None = None,
    lines: Sequence[tuple[DocumentLine, Decimal]] | None = None,
    type_: DocumentType | None = None,
) -> SubmitResult:
    """The customer said yes: the order is made and asks for credit at once.

    A hold leaves the order held with its approvers asked; the quote stays accepted. When the check
    cannot run (Busy), the order is kept as a draft.
    """
    order = order_from_quote(quote=quote, actor=actor, on=as_of, lines=lines, type_=type_)
    return document_submit(document=order, actor=actor, as_of=as_of)
