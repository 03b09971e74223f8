"""From accepted to counting: number, rate, state, and the posting of what posts by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict
from documents import lifecycle
from documents.models import Document, DocumentType, Nature
from documents.services.base import company_rate
from documents.services.history import live_refresh, state_write
from documents.services.numbers import number_give
from documents.services.posting import post_locked

if TYPE_CHECKING:
    from datetime import date

    from core.models import User

Kind = DocumentType.Kind


def document_accept(current: Document, *, as_of: date, released: bool, actor: User | None) -> None:
    """Let a locked document count from `as_of` on, at the rate of that day.

    Goods count from the day they went out or came back, though the note was entered later. A
    delivery note keeps the rate it was written with. A counter sale or a charge goes straight
    into the ledger. Raises what posting raises, and Conflict for what gives back an amount nobody
    knows: nothing holds it, and it would hold every other document of the customer.
    """
    current.status = Document.Status.RELEASED if released else Document.Status.SUBMITTED
    current.accepted_on = current.accepted_on or as_of
    current.ended_on = None
    if current.type.kind != Kind.DELIVERY or current.rate is None:
        current.rate = company_rate(current, as_of)
    _rate_check(current)
    current.is_live = True
    current.version += 1
    number_give(current)
    current.save()
    if current.type.kind in lifecycle.POSTING_ITSELF:
        post_locked(current, on=as_of, actor=actor)
        return
    goods = current.type.kind == Kind.DELIVERY
    state_write(current, on=min(as_of, current.document_on) if goods else as_of)
    if current.type.kind != Kind.ORDER:
        live_refresh(current)


def _rate_check(current: Document) -> None:
    type_ = current.type
    if current.rate is None and type_.counts_as_credit and type_.nature == Nature.REVERSE:
        raise Conflict(
            "documents.rate_missing",
            _(
                "There is no exchange rate for %(rates)s, so how much this gives back is not "
                "known. Enter the rate first."
            ),
            params={"rates": f"{current.currency_id}/{current.company.currency_id}"},
        )
