"""Taking back: a payment that was returned, a discount, a write-off, a single allocation."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, Final

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.clock import today
from core.errors import Conflict, Invalid
from core.events import record
from core.locks import busy_on_timeout, lock_rows, set_lock_timeout
from core.models import User
from core.money import ZERO
from core.permissions import require
from customers.locks import scope_lock
from ledger.models import Allocation, EntryKind, JournalEntry, OpenItem
from ledger.numbering import entry_number
from ledger.services.allocations import (
    Part,
    allocations_reverse,
    allocations_write,
    items_lock,
)
from ledger.services.calendar import day_open
from ledger.services.deductions import KINDS
from ledger.services.lines import Split
from ledger.services.writing import Origin, entry_create, entry_facts

RIGHT: Final = "ledger.reverse_payment"
REVERSIBLE: Final = (EntryKind.PAYMENT, *KINDS)


def payment_reverse(
    *,
    payment: JournalEntry,
    on: date | None = None,
    reason: str,
    actor: User | None,
    right: str = RIGHT,
) -> JournalEntry:
    """Take back a payment that was returned or charged back, or something that was given up.

    What it settled is open again, with its old due date, from `on` (default: today) on; discounts
    and differences taken with it are taken back as well. A reversing entry of the same worth takes
    the payment itself out of the ledger. Value comes back, so the scope is locked; nothing is asked
    of credit. `right` is what the actor needs where the payment belongs to something with a right
    of its own. Returns the reversing entry. Raises Invalid, Conflict, NotAllowed, Busy.
    """
    if actor is not None:
        require(actor, right)
    if not reason.strip():
        raise Invalid("ledger.reason_missing", _("Say why."), field="reason")
    day = on or today()
    with busy_on_timeout(), transaction.atomic():
        set_lock_timeout()
        scope_lock(account_ids=[payment.account_id])
        reversal, reopened = reversal_write(payment, on=day, reason=reason, actor=actor)
        record(
            "ledger.payment.reversed",
            payment,
            actor=actor,
            company=payment.company,
            customer_id=payment.account.customer_id,
            data={
                **entry_facts(payment),
                "reversal": reversal.number,
                "on": day,
                "reason": reason.strip(),
                "allocations": reopened,
            },
        )
    return reversal


def reversal_write(
    payment: JournalEntry,
    *,
    on: date,
    reason: str,
    actor: User | None,
    kinds: Collection[str] = REVERSIBLE,
) -> tuple[JournalEntry, list[dict[str, Any]]]:
    """Take a payment out of the ledger with all that went with it, without an event of its own.

    The caller holds the scope lock, records the event and says which `kinds` it may take back.
    Returns the reversing entry and what is
    open again, as audit data. Raises Invalid and Conflict.
    """
    related = JournalEntry.objects.filter(
        Q(pk=payment.pk) | Q(goes_with=payment.pk, kind__in=KINDS)
    )
    locked = lock_rows(related.select_related("account__company", "currency"))
    fresh = next(entry for entry in locked if entry.pk == payment.pk)
    _check(fresh, kinds)
    day_open(fresh.company_id, on, field="on")
    gone = set(JournalEntry.objects.filter(reverses__in=locked).values_list("reverses", flat=True))
    if fresh.pk in gone:
        raise Conflict(
            "ledger.already_reversed",
            _("%(entry)s was reversed already."),
            params={"entry": fresh},
        )
    entries = [entry for entry in locked if entry.pk not in gone]
    reopened = _take_back(entries, on=on)
    made_now = [_reverse(entry, on=on, reason=reason, actor=actor) for entry in entries]
    reversal = next(made for made in made_now if made.reverses_id == fresh.pk)
    return reversal, reopened


def _check(entry: JournalEntry, kinds: Collection[str]) -> None:
    if entry.kind not in kinds:
        raise Invalid(
            "ledger.not_reversible",
            _("%(entry)s is not taken back this way; enter a document against it."),
            params={"entry": entry},
        )
    if entry.state != JournalEntry.State.POSTED:
        raise Conflict(
            "ledger.allocation_provisional",
            _("%(number)s is provisional. Confirm it first."),
            params={"number": entry.number},
        )


def _take_back(entries: Sequence[JournalEntry], *, on: date) -> list[dict[str, Any]]:
    """Take back every allocation of the entries' items that still stands."""
    keys = [entry.pk for entry in entries]
    standing = list(
        Allocation.objects.filter(
            Q(credit_item__entry__in=keys) | Q(debit_item__entry__in=keys),
            reverses__isnull=True,
            reversed_by__isnull=True,
        ).order_by("pk")
    )
    own = OpenItem.objects.filter(entry__in=keys).values_list("pk", flat=True)
    items = items_lock(
        {*own, *(row.debit_item_id for row in standing), *(row.credit_item_id for row in standing)}
    )
    # Somebody may have applied more while we waited for the items.
    if Allocation.objects.filter(
        Q(credit_item__entry__in=keys) | Q(debit_item__entry__in=keys),
        reverses__isnull=True,
        reversed_by__isnull=True,
    ).count() != len(standing):
        raise Conflict("ledger.applied_meanwhile", _("It was applied just now. Please look again."))
    return allocations_reverse(standing, on=on, items=items)


def _reverse(entry: JournalEntry, *, on: date, reason: str, actor: User | None) -> JournalEntry:
    """The mirror of an entry, allocated to it in full."""
    (item,) = entry.items.all()
    was_debit = item.direction == OpenItem.Direction.DEBIT
    counter = entry.lines.filter(account__isnull=True).select_related("ledger_account")
    reversal = entry_create(
        account=entry.account,
        kind=EntryKind.REVERSAL,
        number=entry_number(company=entry.account.company, code="reversal", on=on),
        document_on=on,
        instalments=[(on, entry.amount)],
        currency=entry.currency_id,
        rate=entry.rate,
        actor=actor,
        text=reason,
        splits=[
            Split(
                line.ledger_account.role,
                (line.credit - line.debit) if was_debit else (line.debit - line.credit),
            )
            for line in counter.order_by("pk")
        ],
        origin=Origin(
            reverses=entry,
            direction="credit" if was_debit else "debit",
            company_amount=entry.company_amount,
        ),
    )
    other = reversal.items.get()
    part = (
        Part(other.pk, item.pk, entry.amount)
        if was_debit
        else Part(item.pk, other.pk, entry.amount)
    )
    allocations_write([part], on=on)
    return reversal


def allocation_reverse(
    *, allocation: Allocation, on: date | None = None, reason: str, actor: User | None
) -> Allocation:
    """Take one allocation back: the debit is open again, the credit is on account again.

    Returns the reversing row. Raises Invalid, Conflict, NotAllowed, Busy.
    """
    if actor is not None:
        require(actor, RIGHT)
    if not reason.strip():
        raise Invalid("ledger.reason_missing", _("Say why."), field="reason")
    with busy_on_timeout(), transaction.atomic():
        set_lock_timeout()
        scope_lock(account_ids=[allocation.account_id])
        items = items_lock([allocation.debit_item_id, allocation.credit_item_id])
        for item in items.values():
            is_charged = (
                item.entry.kind == EntryKind.CHARGEBACK
                and item.direction == OpenItem.Direction.CREDIT
            )
            if is_charged or item.entry.kind in {*KINDS, EntryKind.REVERSAL, EntryKind.BILL}:
                raise Invalid(
                    "ledger.reverse_the_entry",
                    _("Take back %(entry)s itself, not what it was applied to."),
                    params={"entry": item.entry},
                )
        done = allocations_reverse([allocation], on=on or today(), items=items)
        credit = items[allocation.credit_item_id]
        record(
            "ledger.allocation.reversed",
            credit,
            actor=actor,
            company=credit.account.company,
            customer_id=credit.account.customer_id,
            data={
                "account_id": credit.account_id,
                "credit": credit.number,
                "currency": credit.currency_id,
                "amount": -sum((row["amount"] for row in done), ZERO),
                "reason": reason.strip(),
                "allocations": done,
            },
        )
    return Allocation.objects.get(reverses=allocation)
