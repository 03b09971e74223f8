"""Journal entries: invoices, credit notes and opening items, posted or provisional."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, Invalid
from core.events import record
from core.locks import busy_on_timeout, lock_rows, set_lock_timeout
from core.money import convert
from core.permissions import require
from customers.locks import scope_lock
from ledger.models import EntryKind, JournalEntry, OpenItem, PlannedAllocation
from ledger.services.allocations import Part, allocations_write
from ledger.services.amounts import (
    amount_checked,
    currency_checked,
    number_checked,
    rate_to_company,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from decimal import Decimal
    from uuid import UUID

    from core.models import Currency, User
    from customers.models import CustomerAccount

CREDITS: Final = frozenset({EntryKind.CREDIT_NOTE, EntryKind.PAYMENT})
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
            instalments=instalments,
            currency=currency,
            actor=actor,
            provisional=provisional,
            text=text,
            rate=rate,
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


def entry_create(
    *,
    account: CustomerAccount,
    kind: str,
    number: str,
    document_on: date,
    instalments: Sequence[tuple[date, Decimal]],
    currency: Currency | str | None,
    actor: User | None,
    provisional: bool,
    text: str,
    rate: Decimal | None,
    token: UUID | None = None,
) -> JournalEntry:
    """Write the rows of an entry, without locks and without an event. Raises Invalid, Conflict."""
    number = number_checked(number)
    money = currency_checked(currency, account)
    if not instalments:
        raise Invalid("ledger.no_instalment", _("Give at least one due date and amount."))
    parts = [(due_on, amount_checked(amount)) for due_on, amount in instalments]
    is_credit = kind in CREDITS
    if not is_credit and any(due_on < document_on for due_on, _amount in parts):
        raise Invalid(
            "ledger.due_before_document",
            _("The due date lies before the document date."),
            field="due_on",
        )
    total = amount_checked(sum((amount for _due, amount in parts), start=parts[0][1] * 0))
    rate = rate_to_company(money, account, document_on, rate)
    entry = JournalEntry(
        company=account.company,
        account=account,
        kind=kind,
        number=number,
        document_on=document_on,
        state=JournalEntry.State.PROVISIONAL if provisional else JournalEntry.State.POSTED,
        currency=money,
        amount=total,
        rate=rate,
        company_amount=None if rate is None else convert(total, rate),
        text=text.strip()[:200],
        created_by=actor,
        form_token=token,
    )
    try:
        with transaction.atomic():
            entry.save(force_insert=True)
    except IntegrityError as error:
        if "one_entry_per_form" in str(error):
            raise Conflict(
                "ledger.form_repeated",
                _("This was recorded already: the form was sent twice."),
            ) from error
        if "entry_natural_key" not in str(error):
            raise
        raise Conflict(
            "ledger.number_taken",
            _("%(kind)s %(number)s is in the ledger of this customer already."),
            params={"kind": entry.get_kind_display(), "number": number},
            field="number",
        ) from error
    OpenItem.objects.bulk_create(
        OpenItem(
            entry=entry,
            account=account,
            direction=OpenItem.Direction.CREDIT if is_credit else OpenItem.Direction.DEBIT,
            number=number,
            instalment=position,
            document_on=document_on,
            due_on=due_on,
            currency=money,
            amount=amount,
            open_amount=amount,
            rate=rate,
            is_posted=not provisional,
        )
        for position, (due_on, amount) in enumerate(parts, start=1)
    )
    return entry


def entry_facts(entry: JournalEntry) -> dict[str, Any]:
    """What every audit event about an entry carries."""
    return {
        "account_id": entry.account_id,
        "kind": entry.kind,
        "number": entry.number,
        "amount": entry.amount,
        "currency": entry.currency_id,
    }


def entry_confirm(*, entry: JournalEntry, actor: User | None) -> JournalEntry:
    """Post a provisional entry: from now on it counts, and a payment settles what it was meant for.

    Items count as known from this moment. A planned allocation takes what is still open of its
    item; the rest of the payment stays on account. Confirmed debits take the scope lock. Raises
    Conflict when the entry is posted already, NotAllowed, Busy.
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
        fresh.save(update_fields=("state",))
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
