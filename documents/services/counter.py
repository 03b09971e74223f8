"""Sales at the counter: only what is not paid at once asks for credit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import clock, events
from core.errors import Conflict, Invalid
from core.locks import busy_on_timeout
from core.permissions import require
from customers.locks import scope_lock
from documents import lifecycle
from documents.amounts import total_amounts
from documents.models import Document, DocumentType, HoldCase
from documents.results import SubmitResult
from documents.services.base import document_lock, guard
from documents.services.history import live_refresh, state_write
from documents.services.save import order_create
from documents.services.submit import document_submit
from documents.words import named
from ledger.models import Allocation, EntryKind, JournalEntry
from ledger.services.allocations import Part, allocations_write
from ledger.services.entries import Split, entry_create
from ledger.services.reversals import reversal_write

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from core.models import User
    from documents.amounts import LineInput
    from documents.inputs import OrderHeader

VOID = "documents.cancel_document"


def counter_sale(
    *, header: OrderHeader, lines: Sequence[LineInput], actor: User, as_of: date | None = None
) -> SubmitResult:
    """Sell at the counter: `header.paid_amount` is there at once, the rest goes on account.

    Passing posts the sale and its payment; a hold posts nothing and keeps the sale as typed. The
    same `header.import_key` again is the same sale. Raises Conflict when that sale says something
    else, Invalid, NotAllowed, Busy (then it is kept as a draft).
    """
    if header.type.kind != DocumentType.Kind.COUNTER:
        raise Invalid("documents.not_a_counter_sale", _("This is not a sale at the counter."))
    document = order_create(header=header, lines=lines, actor=actor)
    said = (document.account_id, document.gross_amount, document.paid_amount)
    if said != (header.account.pk, total_amounts(lines).gross, header.paid_amount):
        raise Conflict(
            "documents.sale_entered",
            _("This sale was entered already, with other figures: %(sale)s."),
            params={"sale": named(document)},
        )
    if document.status == Document.Status.DRAFT:
        try:
            return document_submit(
                document=document,
                actor=actor,
                version=document.version,
                as_of=as_of or clock.today(),
            )
        except Conflict:
            # Two clicks at once: the other one has taken the step, or the step is not possible.
            document = Document.objects.get(pk=document.pk)
            if document.status == Document.Status.DRAFT:
                raise
    case = document.hold_cases.filter(status=HoldCase.Status.OPEN).select_related("request").first()
    return SubmitResult(document, None, None, case, case.request if case else None)


def counter_void(
    *, document: Document, reason: str, actor: User, as_of: date | None = None
) -> Document:
    """Take a posted sale back: its payment is returned and a credit of the same worth settles it.

    Exposure is then as if it had never been. Refused once something else than its own payment was
    applied to it. Raises Invalid, Conflict, NotAllowed, Busy.
    """
    require(actor, VOID)
    if not reason.strip():
        raise Invalid("documents.reason_missing", _("Say why."), field="reason")
    day = as_of or clock.today()
    with busy_on_timeout(), transaction.atomic():
        current = document_lock(document.pk)
        guard(current, lifecycle.Action.VOID)
        scope_lock(account_ids=[current.account_id])
        if current.entry is not None:
            _take_back(current, current.entry, day, reason, actor)
        current.status = Document.Status.CANCELLED
        current.ended_on = day
        current.is_live = False
        current.version += 1
        current.save()
        state_write(current, on=day)
        live_refresh(current)
        events.record(
            "documents.counter.voided",
            current,
            actor=actor,
            company=current.company,
            customer_id=current.account.customer_id,
            data={
                "gross": current.gross_amount,
                "paid": current.paid_amount,
                "currency": current.currency_id,
                "reason": reason.strip(),
                "account_id": current.account_id,
            },
        )
    return current


def _take_back(current: Document, entry: JournalEntry, day: date, reason: str, actor: User) -> None:
    payment = JournalEntry.objects.filter(
        account=current.account_id, kind=EntryKind.PAYMENT, number=current.number
    ).first()
    others = Allocation.objects.filter(
        debit_item__entry=entry, reverses__isnull=True, reversed_by__isnull=True
    )
    if payment is not None:
        others = others.exclude(credit_item__entry=payment)
    if others.exists():
        raise Conflict(
            "documents.sale_settled",
            _("Something was applied to %(sale)s since. Take that back first."),
            params={"sale": current},
        )
    if payment is not None:
        reversal_write(payment, on=day, reason=reason, actor=actor)
    splits = [Split("revenue", current.net_amount), Split("tax", current.tax_amount)]
    credit = entry_create(
        account=current.account,
        kind=EntryKind.CREDIT_NOTE,
        number=current.number,
        document_on=day,
        instalments=[(day, current.gross_amount)],
        currency=current.currency_id,
        actor=actor,
        text=reason,
        rate=current.rate,
        splits=[split for split in splits if split.amount],
    )
    item = credit.items.get()
    allocations_write(
        [Part(item.pk, debit.pk, debit.amount) for debit in entry.items.order_by("instalment")],
        on=None,
    )
