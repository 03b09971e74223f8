"""Deductions charged back: what a customer did not pay of an item goes on as an item of its own.

One entry with two control lines against each other carries it, so that neither the control account
nor exposure moves: it closes the part of the original item and opens the new one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.clock import today
from core.errors import Conflict, Invalid
from core.events import record
from core.locks import busy_on_timeout, set_lock_timeout
from core.models import User
from core.numerals import format_decimal
from core.permissions import require
from customers.locks import scope_lock
from ledger.models import (
    Chargeback,
    EntryKind,
    JournalEntry,
    LedgerRole,
    OpenItem,
)
from ledger.numbering import entry_number
from ledger.services.allocations import (
    Part,
    allocations_write,
    items_lock,
    seen_check,
)
from ledger.services.amounts import amount_checked
from ledger.services.writing import transfer_create
from ledger.values import value_left

RIGHT: Final = "ledger.manage_item"


@dataclass(frozen=True, slots=True)
class ShortPart:
    """`amount` of an item that was not paid, why, and until when who clears it.

    `due_on` None: the item's due date, or the day itself where that is later.
    """

    item: OpenItem
    amount: Decimal
    reason: str
    due_on: date | None = None
    owner: User | None = None
    text: str = ""


def item_charge_back(
    *,
    item: OpenItem,
    amount: Decimal,
    reason: str,
    on: date | None = None,
    due_on: date | None = None,
    owner: User | None = None,
    text: str = "",
    seen: Decimal | None = None,
    actor: User | None,
) -> Chargeback:
    """Charge back `amount` of what is open of an item on a day (default: today).

    `seen` is what the actor saw open of it; a Conflict when that has changed.

    Takes the scope lock: value moves, though none is added. Raises Invalid (no reason, a day to
    come, a due date before the day), Conflict (more than is open, contested), NotAllowed, Busy.
    """
    if actor is not None:
        require(actor, RIGHT)
    with busy_on_timeout(), transaction.atomic():
        set_lock_timeout()
        scope_lock(account_ids=[item.account_id])
        seen_check(items_lock([item.pk])[item.pk], seen)
        part = ShortPart(item, amount, reason, due_on, owner, text)
        ((made, facts),) = chargebacks_write([part], on=on or today(), actor=actor)
        record(
            "ledger.chargeback.made",
            made.item,
            actor=actor,
            company=item.account.company,
            customer_id=item.account.customer_id,
            data={"account_id": item.account_id, "currency": item.currency_id, **facts},
        )
    return made


def chargebacks_write(
    parts: Sequence[ShortPart],
    *,
    on: date,
    posted_on: date | None = None,
    actor: User | None,
    payment: JournalEntry | None = None,
) -> list[tuple[Chargeback, dict[str, Any]]]:
    """Charge parts back, without scope lock and event; return them with audit data.

    Must run inside a transaction. Raises Invalid and Conflict.
    """
    if not parts:
        return []
    items = items_lock([part.item.pk for part in parts])
    return [
        _write(part, items[part.item.pk], on=on, posted_on=posted_on, actor=actor, payment=payment)
        for part in parts
    ]


def _write(
    part: ShortPart,
    item: OpenItem,
    *,
    on: date,
    posted_on: date | None,
    actor: User | None,
    payment: JournalEntry | None,
) -> tuple[Chargeback, dict[str, Any]]:
    day = max(on, item.document_on)
    due_on = _checked(part, item, day, field="chargeback" if payment else "amount")
    amount = amount_checked(part.amount, field="chargeback" if payment else "amount")
    value = None
    if item.company_amount is not None:
        # What the original loses is what the new item gets, to the cent of the company's currency.
        value = value_left(item.company_amount, item.amount, item.open_amount) - value_left(
            item.company_amount, item.amount, item.open_amount - amount
        )
    entry = transfer_create(
        account=item.account,
        kind=EntryKind.CHARGEBACK,
        number=entry_number(company=item.account.company, code="chargeback", on=day),
        document_on=day,
        posted_on=max(posted_on, day) if posted_on else None,
        amount=amount,
        currency=item.currency,
        rate=item.rate,
        company_amount=value,
        debit=LedgerRole.RECEIVABLE,
        credit=LedgerRole.RECEIVABLE,
        text=part.text or str(Chargeback.Reason(part.reason).label),
        goes_with=payment,
        actor=actor,
    )
    debit, credit = _items(entry, due_on)
    allocations_write([Part(credit.pk, item.pk, amount)], on=None)
    made = Chargeback.objects.create(
        account=item.account,
        original=item,
        item=debit,
        amount=amount,
        reason=part.reason,
        text=part.text.strip()[:200],
        owner=part.owner,
        charged_on=entry.posted_on,
        created_by=actor,
    )
    return made, {
        "number": entry.number,
        "original": item.number,
        "item": item.pk,
        "amount": amount,
        "reason": part.reason,
        "text": made.text,
        "due_on": due_on,
        "owner_id": part.owner.pk if part.owner else None,
    }


def _checked(part: ShortPart, item: OpenItem, day: date, *, field: str) -> date:
    """The due date of the new item. Raises Invalid and Conflict."""
    if part.reason not in Chargeback.Reason.values:
        raise Invalid("ledger.chargeback_reason", _("Choose what was deducted."), field="reason")
    if item.direction != OpenItem.Direction.DEBIT or item.entry.kind == EntryKind.CHARGEBACK:
        raise Invalid(
            "ledger.not_to_charge_back",
            _("%(number)s cannot be charged back."),
            params={"number": item.number},
        )
    if not item.is_posted:
        raise Conflict(
            "ledger.allocation_provisional",
            _("%(number)s is provisional. Confirm it first."),
            params={"number": item.number},
        )
    if item.is_disputed:
        raise Conflict(
            "ledger.chargeback_contested",
            _(
                "%(number)s is contested. Settle the dispute first; what is charged back can be "
                "contested again."
            ),
            params={"number": item.number},
        )
    if part.amount > item.open_amount:
        raise Conflict(
            "ledger.chargeback_too_much",
            _("Only %(open)s %(currency)s of %(number)s are open."),
            params={
                "open": format_decimal(item.open_amount),
                "currency": item.currency_id,
                "number": item.number,
                "item": item.pk,
            },
            field=field,
        )
    due_on = part.due_on or max(item.due_on, day)
    if due_on < day:
        raise Invalid(
            "ledger.due_before_document",
            _("The due date lies before the day of the chargeback."),
            field="due_on",
        )
    return due_on


def _items(entry: JournalEntry, due_on: date) -> list[OpenItem]:
    """The new item of the customer's, and the credit that closes the part of the original."""
    now = timezone.now()
    return OpenItem.objects.bulk_create(
        OpenItem(
            entry=entry,
            account=entry.account,
            direction=direction,
            number=entry.number,
            instalment=position,
            document_on=entry.document_on,
            due_on=due,
            currency=entry.currency,
            amount=entry.amount,
            open_amount=entry.amount,
            rate=entry.rate,
            company_amount=entry.company_amount,
            noted_at=now,
        )
        for position, (direction, due) in enumerate(
            ((OpenItem.Direction.DEBIT, due_on), (OpenItem.Direction.CREDIT, entry.document_on)), 1
        )
    )
