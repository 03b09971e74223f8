"""What is given up of an item: cash discounts, small differences, write-offs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from core.clock import today
from core.errors import Conflict, Invalid
from core.events import record
from core.locks import busy_on_timeout, set_lock_timeout
from core.models import User
from core.money import ZERO, convert
from core.numerals import format_decimal
from core.permissions import require
from customers.locks import scope_lock
from ledger.models import Allocation, EntryKind, JournalEntry, LedgerSettings, OpenItem
from ledger.numbering import entry_number
from ledger.services.allocations import Part, allocations_write, items_lock, seen_check
from ledger.services.amounts import amount_checked
from ledger.services.writing import Origin, entry_create, entry_facts

KINDS: Final = (EntryKind.DISCOUNT, EntryKind.DIFFERENCE, EntryKind.WRITE_OFF)
RIGHT: Final = "ledger.write_off_item"


@dataclass(frozen=True, slots=True)
class Deduction:
    """`amount` of an item that is given up with a payment, as a discount or a difference."""

    item: OpenItem
    kind: str
    amount: Decimal


def deductions_write(
    deductions: Sequence[Deduction],
    *,
    items: Mapping[int, OpenItem],
    on: date,
    posted_on: date | None,
    actor: User | None,
    payment: JournalEntry | None = None,
    text: str = "",
) -> tuple[list[Part], list[dict[str, Any]]]:
    """Write an entry for each deduction; return the parts to allocate, and audit data.

    `items` are the items, locked. The caller allocates the parts in the same transaction. Raises
    Invalid where more is given up than the company allows without the right to write off.
    """
    parts = []
    facts = []
    for deduction in deductions:
        item = items[deduction.item.pk]
        amount = amount_checked(deduction.amount, field=deduction.kind)
        if amount > item.open_amount:
            raise Conflict(
                "ledger.deduction_too_much",
                _("Only %(open)s %(currency)s of %(number)s are open."),
                params={
                    "open": format_decimal(item.open_amount),
                    "currency": item.currency_id,
                    "number": item.number,
                },
                field="amount",
            )
        _allowed(item, deduction.kind, amount, actor)
        day = max(on, item.document_on)
        is_debit = item.direction == OpenItem.Direction.DEBIT
        entry = entry_create(
            account=item.account,
            kind=deduction.kind,
            number=entry_number(company=item.account.company, code="deduction", on=on),
            document_on=day,
            posted_on=max(posted_on, day) if posted_on else None,
            instalments=[(day, amount)],
            currency=item.currency_id,
            rate=item.rate,
            actor=actor,
            text=text,
            origin=Origin(goes_with=payment, direction="credit" if is_debit else "debit"),
        )
        other = entry.items.get()
        parts.append(
            Part(other.pk, item.pk, amount) if is_debit else Part(item.pk, other.pk, amount)
        )
        facts.append(
            {
                "kind": deduction.kind,
                "number": item.number,
                "amount": amount,
                "entry_id": entry.pk,
                "entry": entry.number,
            }
        )
    return parts, facts


def _allowed(item: OpenItem, kind: str, amount: Decimal, actor: User | None) -> None:
    """Raise Invalid unless the company's bounds, or the actor's right, cover what is given up.

    The bounds hold per item: what was given up before counts, too.
    """
    if actor is None or actor.has_perm(RIGHT):
        return
    if kind == EntryKind.WRITE_OFF:
        require(actor, RIGHT)
    settings = LedgerSettings.objects.filter(company=item.account.company_id).first()
    settings = settings or LedgerSettings()
    before = _given_up(item, kind)
    if kind == EntryKind.DISCOUNT:
        if (before + amount) * 100 > item.amount * settings.discount_percent:
            raise Invalid(
                "ledger.discount_too_large",
                _("More than %(percent)s %% of %(number)s needs the right to write off."),
                params={
                    "percent": f"{settings.discount_percent:f}".rstrip("0").rstrip("."),
                    "number": item.number,
                    "item": item.pk,
                },
                field=kind,
            )
        return
    if item.rate is None or (convert(before + amount, item.rate) > settings.difference_tolerance):
        raise Invalid(
            "ledger.difference_too_large",
            _(
                "A difference of more than %(most)s %(currency)s on %(number)s needs the right to "
                "write off."
            ),
            params={
                "most": format_decimal(settings.difference_tolerance),
                "currency": item.account.company.currency_id,
                "number": item.number,
                "item": item.pk,
            },
            field=kind,
        )


def _given_up(item: OpenItem, kind: str) -> Decimal:
    side, other = ("debit_item", "credit_item")
    if item.direction == OpenItem.Direction.CREDIT:
        side, other = other, side
    rows = Allocation.objects.filter(**{side: item.pk, f"{other}__entry__kind": kind})
    total: Decimal | None = rows.aggregate(total=Sum("amount"))["total"]
    return total or ZERO


def item_write_off(
    *,
    item: OpenItem,
    amount: Decimal | None = None,
    kind: str = EntryKind.WRITE_OFF,
    on: date | None = None,
    reason: str,
    seen: Decimal | None = None,
    actor: User | None,
) -> OpenItem:
    """Give up what is open of an item, or `amount` of it; return the item as it stands then.

    `seen` is what the actor saw open of it; a Conflict when that has changed.

    A write-off needs the right for it; a discount or a small difference needs it only beyond the
    company's bounds. What the customer owes becomes less without a lock; giving up a credit of the
    customer's takes the scope lock. Raises Invalid, Conflict, NotAllowed, Busy.
    """
    if kind not in KINDS:
        raise Invalid("ledger.deduction_kind", _("Choose what this is."), field="kind")
    if actor is not None:
        require(actor, RIGHT if kind == EntryKind.WRITE_OFF else "ledger.record_payment")
    if not reason.strip():
        raise Invalid("ledger.reason_missing", _("Say why."), field="reason")
    with busy_on_timeout(), transaction.atomic():
        set_lock_timeout()
        if item.direction == OpenItem.Direction.CREDIT:
            scope_lock(account_ids=[item.account_id])
        items = items_lock([item.pk])
        fresh = items[item.pk]
        if not fresh.is_posted:
            raise Conflict(
                "ledger.allocation_provisional",
                _("%(number)s is provisional. Confirm it first."),
                params={"number": fresh.number},
            )
        seen_check(fresh, seen)
        if not fresh.open_amount:
            raise Conflict(
                "ledger.nothing_open",
                _("Nothing is open of %(number)s."),
                params={"number": fresh.number},
            )
        given_up = fresh.open_amount if amount is None else amount
        parts, facts = deductions_write(
            [Deduction(fresh, kind, given_up)],
            items=items,
            on=on or today(),
            posted_on=None,
            actor=actor,
            text=reason,
        )
        allocations_write(parts, on=None)
        fresh.refresh_from_db()
        record(
            "ledger.item.written_off",
            fresh,
            actor=actor,
            company=fresh.account.company,
            customer_id=fresh.account.customer_id,
            data={
                **entry_facts(fresh.entry),
                "number": fresh.number,
                **facts[0],
                "left": fresh.open_amount,
                "reason": reason.strip(),
            },
        )
    return fresh
