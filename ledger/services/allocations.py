"""Applying credit to debit: the one place where residuals change by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, Invalid
from core.locks import lock_rows
from core.numerals import format_decimal
from ledger.models import Allocation, OpenItem
from ledger.services.amounts import amount_checked

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Part:
    """`amount` of a credit item, meant for a debit item."""

    credit_item_id: int
    debit_item_id: int
    amount: Decimal


def allocations_write(
    parts: Sequence[Part], *, on: date | None, take_what_is_open: bool = False
) -> list[dict[str, Any]]:
    """Lock all items in key order, then write allocations and the residuals they leave.

    `on` None means the later of both document dates. With `take_what_is_open` a part shrinks to
    what is open of its items and vanishes when nothing is. Returns what was written, as audit data.
    Raises Invalid and Conflict; RuntimeError outside a transaction.
    """
    ids = {part.credit_item_id for part in parts} | {part.debit_item_id for part in parts}
    if not ids:
        return []
    items = {item.pk: item for item in lock_rows(OpenItem.objects.filter(pk__in=ids))}
    written: list[Allocation] = []
    for part in parts:
        credit, debit = items[part.credit_item_id], items[part.debit_item_id]
        amount = amount_checked(part.amount)
        if take_what_is_open:
            amount = min(amount, credit.open_amount, debit.open_amount)
            if not amount:
                continue
        _check(credit, debit, amount)
        day = on or max(credit.document_on, debit.document_on)
        _check_day(credit, debit, day)
        credit.open_amount -= amount
        debit.open_amount -= amount
        written.append(
            Allocation(
                account_id=debit.account_id,
                debit_item=debit,
                credit_item=credit,
                amount=amount,
                allocated_on=day,
            )
        )
    Allocation.objects.bulk_create(written)
    _settle([items[pk] for pk in sorted(ids)])
    return [
        {
            "item_id": row.debit_item_id,
            "number": row.debit_item.number,
            "amount": row.amount,
            "on": row.allocated_on,
        }
        for row in written
    ]


def _check(credit: OpenItem, debit: OpenItem, amount: Decimal) -> None:
    if credit.direction != OpenItem.Direction.CREDIT or debit.direction != OpenItem.Direction.DEBIT:
        raise Invalid(
            "ledger.allocation_sides", _("Only a credit can be applied to something owed.")
        )
    if credit.account_id != debit.account_id:
        raise Invalid(
            "ledger.allocation_accounts",
            _("%(credit)s and %(debit)s belong to different accounts."),
            params={"credit": credit.number, "debit": debit.number},
        )
    if credit.currency_id != debit.currency_id:
        raise Invalid(
            "ledger.allocation_currencies",
            _("%(credit)s is in %(first)s, %(debit)s in %(second)s."),
            params={
                "credit": credit.number,
                "debit": debit.number,
                "first": credit.currency_id,
                "second": debit.currency_id,
            },
        )
    for item in (credit, debit):
        if not item.is_posted:
            raise Conflict(
                "ledger.allocation_provisional",
                _("%(number)s is provisional. Confirm it first."),
                params={"number": item.number},
            )
        if amount > item.open_amount:
            raise Conflict(
                "ledger.allocation_too_much",
                _("Only %(open)s %(currency)s of %(number)s are open; %(amount)s is too much."),
                params={
                    "open": format_decimal(item.open_amount),
                    "currency": item.currency_id,
                    "number": item.number,
                    "amount": format_decimal(amount),
                },
                field="amount",
            )


def _check_day(credit: OpenItem, debit: OpenItem, day: date) -> None:
    earliest = max(credit.document_on, debit.document_on)
    if day < earliest:
        raise Invalid(
            "ledger.allocation_too_early",
            _("%(credit)s cannot be applied to %(debit)s before %(earliest)s."),
            params={
                "credit": credit.number,
                "debit": debit.number,
                "earliest": earliest.isoformat(),
            },
            field="on",
        )


def _settle(items: Sequence[OpenItem]) -> None:
    """Store residuals; an item with nothing open was settled by its latest allocation."""
    closed = [item.pk for item in items if not item.open_amount]
    last = {
        side: dict(
            Allocation.objects.filter(**{f"{side}__in": closed})
            .order_by()
            .values_list(side)
            .annotate(Max("allocated_on"))
        )
        for side in ("debit_item", "credit_item")
    }
    for item in items:
        item.settled_on = (
            None
            if item.open_amount
            else last["debit_item"].get(item.pk) or last["credit_item"].get(item.pk)
        )
    OpenItem.objects.bulk_update(items, ("open_amount", "settled_on"))
