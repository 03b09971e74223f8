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
from ledger.numbering import entry_number
from ledger.services.allocations import Part, allocations_write
from ledger.services.calendar import day_open
from ledger.services.lines import Split
from ledger.services.writing import CREDITS, Origin, entry_create, entry_facts, posted_after

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from decimal import Decimal
    from uuid import UUID

    from core.models import Currency, User
    from customers.models import CustomerAccount

__all__ = ["CREDITS", "Split", "entry_confirm", "entry_create", "entry_facts", "entry_post"]

BY_HAND: Final = (EntryKind.INVOICE, EntryKind.OPENING, EntryKind.CREDIT_NOTE)


def entry_post(  # noqa: PLR0913 - an entry has that many facts
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
    token: UUID | None = None,
) -> JournalEntry:
    """Enter an invoice, opening item or credit note with its instalments (due date, amount).

    Amounts are above zero whatever the side. Debits take the scope lock of the account; nothing is
    asked of credit here, so callers that must ask do it before. The right to post is the caller's
    to check, too. `actor` None is the system. `rate` None takes the rate on file for the document
    date; when there is none it stays unknown. `token` identifies a form: the second entry with it
    is a Conflict. Raises Invalid, Conflict (number taken), Busy.
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
            origin=Origin(token=token),
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


def receivable_note(
    *,
    account: CustomerAccount,
    amount: Decimal,
    document_on: date,
    due_on: date,
    reason: str,
    number: str = "",
    currency: Currency | str | None = None,
    token: UUID | None = None,
    actor: User | None,
) -> JournalEntry:
    """Enter a provisional receivable by hand: it informs, and counts only where P7 says so.

    `entry_confirm` makes it definitive. An empty number takes the next of the company's sequence.
    Raises Invalid (at `reason`, `document_on`, `due_on`, `amount`), Conflict, NotAllowed, Busy.
    """
    if actor is not None:
        require(actor, "ledger.record_payment")
    if not reason.strip():
        raise Invalid("ledger.reason_missing", _("Say why."), field="reason")
    with busy_on_timeout(), transaction.atomic():
        set_lock_timeout()
        # The scope before the counter of numbers, which is the last lock of every command.
        scope_lock(account_ids=[account.pk])
        return entry_post(
            account=account,
            kind=EntryKind.INVOICE,
            number=number.strip()
            or entry_number(company=account.company, code="receivable", on=document_on),
            document_on=document_on,
            instalments=[(due_on, amount)],
            currency=currency,
            provisional=True,
            text=reason,
            token=token,
            actor=actor,
        )


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
        fresh.posted_on = posted_on or fresh.posted_on
        day_open(fresh.company_id, fresh.posted_on)
        posted_after(fresh.kind, fresh.document_on, fresh.posted_on)
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
