"""Disputes and causes of delay: what is known about an item that is not paid."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.clock import today
from core.errors import Conflict, Invalid
from core.events import record
from core.locks import busy_on_timeout, lock_rows, set_lock_timeout
from core.models import User
from core.numerals import format_decimal
from core.permissions import require
from customers.locks import scope_lock
from ledger.models import DelayCause, Dispute, OpenItem
from ledger.services.allocations import items_lock
from ledger.services.amounts import amount_checked

RIGHT: Final = "ledger.manage_item"
REASON_LENGTH: Final = 200


def dispute_open(
    *,
    item: OpenItem,
    reason: str,
    opened_on: date | None = None,
    amount: Decimal | None = None,
    actor: User | None,
) -> Dispute:
    """Mark an item, or `amount` of it, as contested from a day (default: today) on.

    Raises Invalid (no reason, a day to come or before the item, more than is open), Conflict when
    it is contested or settled already, NotAllowed, Busy.
    """
    if actor is not None:
        require(actor, RIGHT)
    reason = _text(reason, "reason")
    day = opened_on or today()
    with busy_on_timeout(), transaction.atomic():
        set_lock_timeout()
        fresh = items_lock([item.pk])[item.pk]
        if fresh.direction != OpenItem.Direction.DEBIT or not fresh.open_amount:
            raise Conflict(
                "ledger.nothing_to_contest",
                _("Nothing is owed on %(number)s."),
                params={"number": fresh.number},
            )
        if fresh.is_disputed:
            raise Conflict(
                "ledger.contested_already",
                _("%(number)s is contested already."),
                params={"number": fresh.number},
            )
        _day_within(day, fresh.document_on, "opened_on")
        if amount is not None and amount_checked(amount) > fresh.open_amount:
            raise Invalid(
                "ledger.contested_too_much",
                _("Only %(open)s are open."),
                params={"open": format_decimal(fresh.open_amount)},
                field="amount",
            )
        dispute = Dispute.objects.create(
            item=fresh, reason=reason, opened_on=day, amount=amount, opened_by=actor
        )
        fresh.is_disputed = True
        fresh.save(update_fields=("is_disputed",))
        record(
            "ledger.dispute.opened",
            fresh,
            actor=actor,
            company=fresh.account.company,
            customer_id=fresh.account.customer_id,
            data=_facts(dispute, fresh) | {"reason": reason},
        )
    return dispute


def dispute_close(
    *,
    dispute: Dispute,
    outcome: str,
    closed_on: date | None = None,
    actor: User | None,
) -> Dispute:
    """End a dispute: the item counts in full again from a day (default: today) on.

    Where contested items do not count, value comes back: the scope is locked. Raises Invalid,
    Conflict when it is closed already, NotAllowed, Busy.
    """
    if actor is not None:
        require(actor, RIGHT)
    outcome = _text(outcome, "outcome")
    day = closed_on or today()
    with busy_on_timeout(), transaction.atomic():
        set_lock_timeout()
        scope_lock(account_ids=[dispute.item.account_id])
        item = items_lock([dispute.item_id])[dispute.item_id]
        (fresh,) = lock_rows(Dispute.objects.filter(pk=dispute.pk))
        if fresh.closed_at is not None:
            raise Conflict("ledger.dispute_closed", _("This dispute is closed already."))
        _day_within(day, fresh.opened_on, "closed_on")
        fresh.closed_on, fresh.closed_at, fresh.closed_by = day, timezone.now(), actor
        fresh.outcome = outcome
        fresh.save(update_fields=("closed_on", "closed_at", "closed_by", "outcome"))
        item.is_disputed = False
        item.save(update_fields=("is_disputed",))
        record(
            "ledger.dispute.closed",
            item,
            actor=actor,
            company=item.account.company,
            customer_id=item.account.customer_id,
            data=_facts(fresh, item) | {"outcome": outcome},
        )
    return fresh


def item_delay_cause_set(
    *, item: OpenItem, cause: DelayCause | None, actor: User | None
) -> OpenItem:
    """Say why an item is late; None takes the cause away. Rules read whether it counts as late.

    Raises Invalid for a cause out of use, NotAllowed, Busy.
    """
    if actor is not None:
        require(actor, RIGHT)
    if cause is not None and not cause.is_active:
        raise Invalid(
            "ledger.cause_unused",
            _("The cause %(name)s is not in use any more."),
            params={"name": cause.name},
            field="cause",
        )
    with busy_on_timeout(), transaction.atomic():
        set_lock_timeout()
        fresh = items_lock([item.pk])[item.pk]
        before = fresh.delay_cause
        if before == cause:
            return fresh
        fresh.delay_cause = cause
        fresh.save(update_fields=("delay_cause",))
        record(
            "ledger.item.cause_set",
            fresh,
            actor=actor,
            company=fresh.account.company,
            customer_id=fresh.account.customer_id,
            data={
                "account_id": fresh.account_id,
                "number": fresh.number,
                "before": before.name if before else "",
                "after": cause.name if cause else "",
                "counts_as_late": cause is None or cause.counts_as_late,
            },
        )
    return fresh


def _text(text: str, field: str) -> str:
    text = text.strip()
    if not text:
        raise Invalid("ledger.reason_missing", _("Say why."), field=field)
    return text[:REASON_LENGTH]


def _day_within(day: date, earliest: date, field: str) -> None:
    if not earliest <= day <= today():
        raise Invalid(
            "ledger.day_out_of_range",
            _("Take a day from %(earliest)s to today."),
            params={"earliest": earliest},
            field=field,
        )


def _facts(dispute: Dispute, item: OpenItem) -> dict[str, object]:
    return {
        "account_id": item.account_id,
        "number": item.number,
        "currency": item.currency_id,
        "amount": dispute.amount if dispute.amount is not None else item.open_amount,
        "on": dispute.closed_on or dispute.opened_on,
    }
