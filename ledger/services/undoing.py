"""Undoing a chargeback: its item is settled, the original open again."""

from __future__ import annotations

from datetime import date
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.clock import today
from core.errors import Conflict, Invalid
from core.events import record
from core.locks import busy_on_timeout, lock_rows, set_lock_timeout
from core.models import User
from core.permissions import require
from customers.locks import scope_lock
from ledger.models import (
    Allocation,
    Chargeback,
    OpenItem,
)
from ledger.services.allocations import (
    Part,
    allocations_reverse,
    allocations_write,
    items_lock,
)
from ledger.services.calendar import day_open

RIGHT_TO_UNDO: Final = "ledger.reverse_payment"


def chargeback_undo(
    *, chargeback: Chargeback, on: date | None = None, reason: str, actor: User | None
) -> Chargeback:
    """Take a chargeback back: its item is settled, the original is open again as it was.

    Raises Invalid (no reason, a day to come or before it), Conflict (undone already, something was
    applied to it, contested), NotAllowed, Busy.
    """
    if actor is not None:
        require(actor, RIGHT_TO_UNDO)
    if not reason.strip():
        raise Invalid("ledger.reason_missing", _("Say why."), field="reason")
    day = on or today()
    with busy_on_timeout(), transaction.atomic():
        set_lock_timeout()
        scope_lock(account_ids=[chargeback.account_id])
        credit_id = OpenItem.objects.values_list("pk", flat=True).get(
            entry=chargeback.item.entry_id, direction=OpenItem.Direction.CREDIT
        )
        items = items_lock([chargeback.item_id, chargeback.original_id, credit_id])
        (fresh,) = lock_rows(Chargeback.objects.filter(pk=chargeback.pk))
        item = items[fresh.item_id]
        if fresh.undone_at is not None:
            raise Conflict("ledger.chargeback_undone", _("This chargeback was undone already."))
        if item.open_amount != item.amount or item.is_disputed:
            raise Conflict(
                "ledger.chargeback_in_use",
                _("%(number)s is paid in part or contested. Take that back first."),
                params={"number": item.number},
            )
        day_open(item.entry.company_id, day, field="on")
        standing = Allocation.objects.get(
            credit_item=credit_id,
            debit_item=fresh.original_id,
            reverses__isnull=True,
            reversed_by__isnull=True,
        )
        allocations_reverse(
            [standing], on=day, items={key: items[key] for key in (credit_id, fresh.original_id)}
        )
        allocations_write([Part(credit_id, item.pk, item.amount)], on=day)
        fresh.undone_on, fresh.undone_at = day, timezone.now()
        fresh.undone_reason = reason.strip()[:200]
        fresh.save(update_fields=("undone_on", "undone_at", "undone_reason"))
        record(
            "ledger.chargeback.undone",
            item,
            actor=actor,
            company=item.account.company,
            customer_id=item.account.customer_id,
            data={
                "account_id": item.account_id,
                "number": item.number,
                "original": items[fresh.original_id].number,
                "amount": fresh.amount,
                "currency": item.currency_id,
                "on": day,
                "reason": fresh.undone_reason,
            },
        )
    return fresh
