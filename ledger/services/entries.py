"""Journal entries: invoices, credit notes and opening items, posted or provisional."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, Invalid
from core.events import record
from core.locks import busy_on_timeout, lock_rows, set_lock_timeout
from core.permissions import require
from customers.locks import scope_lock
from ledger.models import EntryKind, JournalEntry, PlannedAllocation
from ledger.services.allocations import Part, allocations_write
from ledger.services.calendar import day_open
from ledger.services.lines import Split
from ledger.services.writing import CREDITS, entry_create, entry_facts, posting_day

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from decimal import Decimal

    from core.models import Currency, User
    from customers.models import CustomerAccount

__all__ = ["CREDITS", "Split", "entry_confirm", "entry_create", "entry_facts", "entry_post"]

BY_HAND: Final = (EntryKind.INVOICE, EntryKind.OPENING, EntryKind.CREDIT_NOTE)


def entry_post(
    *,
    account: CustomerAccount,
    kind: str,
    number: str,
    document_on: date,
    instalments: Sequence[tuple[date, Decimal]],
    currency: Currency | str | None = None,
    actor: User | None,
    provisional: bool = False,
    text: str = "",
    rate: Decimal | None = None,
    posted_on: date | None = None,
    splits: Sequence[Split] = (),
) -> JournalEntry:
    """Enter an invoice, opening item or credit note with its instalments (due date, amount).

    Amounts are above zero whatever the side. Debits take the scope lock of the account; nothing is
    asked of credit here, so callers that must ask do it before. The right to post is the caller's
    to check, too. `actor` None is the system. `rate` None takes the rate on file for the document
    date; when there is none it stays unknown. Raises Invalid, Conflict (number taken), Busy.
    """
    if kind not in BY_HAND:
        raise Invalid("ledger.kind_unknown", _("Choose what this entry is."), field="kind")
    with busy_on_timeout(), transaction.atomic():
        set_lock_timeout()
        if kind not in CREDITS:
            scope_lock(account_ids=[account.pk])
        entry = entry_create(
            account=account,
            kind=kind,
            number=number,
            document_on=document_on,
            posted_on=posted_on,
            instalments=instalments,
            currency=currency,
            actor=actor,
            provisional=provisional,
            text=text,
            rate=rate,
            splits=splits,
        )
        record(
            # Credit notes free: holds of the customer are asked again.
            "ledger.credit_note.posted" if kind in CREDITS else "ledger.entry.posted",
            entry,
            actor=actor,
            company=account.company,
            customer_id=account.customer_id,
            data={
                **entry_facts(entry),
                "due_on": [item.due_on for item in entry.items.order_by("instalment")],
                "provisional": provisional,
            },
        )
    return entry


def entry_confirm(
    *, entry: JournalEntry, actor: User | None, posted_on: date | None = None
) -> JournalEntry:
    """Post a provisional entry: from now on it counts, and a payment settles what it was meant for.

    Items count as known from this moment. A planned allocation takes what is still open of its
    item; the rest of the payment stays on account. `posted_on` moves the day of the books, which
    must be open. Confirmed debits take the scope lock. Raises Conflict when the entry is posted
    already, Invalid at `posted_on`, NotAllowed, Busy.
    """
    if actor is not None:
        require(actor, "ledger.record_payment")
    with busy_on_timeout(), transaction.atomic():
        set_lock_timeout()
        if entry.kind not in CREDITS:
            scope_lock(account_ids=[entry.account_id])
        (fresh,) = lock_rows(JournalEntry.objects.filter(pk=entry.pk))
        if fresh.state != JournalEntry.State.PROVISIONAL:
            raise Conflict("ledger.already_posted", _("This entry is posted already."))
        fresh.state = JournalEntry.State.POSTED
        if posted_on is not None:
            fresh.posted_on = posting_day(fresh.document_on, posted_on)
        day_open(fresh.company_id, fresh.posted_on)
        fresh.save(update_fields=("state", "posted_on"))
        fresh.items.update(is_posted=True, entered_at=timezone.now())
        planned = PlannedAllocation.objects.filter(credit_item__entry=fresh).order_by("pk")
        done = allocations_write(
            [Part(plan.credit_item_id, plan.debit_item_id, plan.amount) for plan in planned],
            on=None,
            take_what_is_open=True,
        )
        planned.delete()
        record(
            "ledger.entry.confirmed",
            fresh,
            actor=actor,
            company=fresh.company,
            customer_id=fresh.account.customer_id,
            data={**entry_facts(fresh), "allocations": done},
        )
    return fresh
