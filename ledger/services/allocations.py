"""Applying credit to debit, and taking it back: the one place where residuals change by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, Invalid
from core.locks import lock_rows
from core.money import ZERO
from core.numerals import format_decimal
from ledger.models import Allocation, OpenItem
from ledger.services.amounts import amount_checked
from ledger.services.calendar import closed_through, day_after, day_come
from ledger.services.exchange import Move, exchange_write
from ledger.values import value_left

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
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

    `on` None means the later of both items' days, or the first open day where that day is closed.
    With `take_what_is_open` a part shrinks to what is open of its items and vanishes when nothing
    is. Where two rates meet, the exchange difference is posted. Returns what was written, as audit
    data. Raises Invalid and Conflict; RuntimeError outside a transaction.
    """
    ids = {part.credit_item_id for part in parts} | {part.debit_item_id for part in parts}
    if not ids:
        return []
    items = items_lock(ids)
    closed = closed_through(next(iter(items.values())).entry.company_id)
    taken_back = _taken_back_on(ids)
    written: list[Allocation] = []
    moves: list[Move] = []
    for part in parts:
        credit, debit = items[part.credit_item_id], items[part.debit_item_id]
        amount = amount_checked(part.amount)
        if take_what_is_open:
            amount = min(amount, credit.open_amount, debit.open_amount)
            if not amount:
                continue
        _check(credit, debit, amount)
        day = _day(credit, debit, on, taken_back)
        if on is None and closed is not None:
            day = max(day, closed + timedelta(days=1))
        day_after(closed, day, field="on")
        day_come(day, field="on")
        row = Allocation(
            account_id=debit.account_id,
            debit_item=debit,
            credit_item=credit,
            amount=amount,
            allocated_on=day,
        )
        written.append(row)
        moves.append(_moved(row))
    _store(written, moves, [items[pk] for pk in sorted(ids)])
    return [_facts(row) for row in written]


def allocations_reverse(
    allocations: Sequence[Allocation], *, on: date, items: Mapping[int, OpenItem]
) -> list[dict[str, Any]]:
    """Take allocations back on a day: what they settled is open again as it was.

    `items` are all their items, locked (`items_lock`). Returns what was written, as audit data.
    Raises Invalid where `on` lies before an allocation or in a closed period, Conflict when one was
    taken back already.
    """
    if not allocations:
        return []
    closed = closed_through(next(iter(items.values())).entry.company_id)
    day_after(closed, on, field="on")
    day_come(on, field="on")
    done = set(
        Allocation.objects.filter(reverses__in=allocations).values_list("reverses_id", flat=True)
    )
    written: list[Allocation] = []
    moves: list[Move] = []
    for allocation in allocations:
        credit, debit = items[allocation.credit_item_id], items[allocation.debit_item_id]
        if allocation.pk in done or allocation.reverses_id is not None:
            raise Conflict(
                "ledger.allocation_taken_back",
                _("%(credit)s was taken back from %(debit)s already."),
                params={"credit": credit.number, "debit": debit.number},
            )
        if on < allocation.allocated_on:
            raise Invalid(
                "ledger.reversal_too_early",
                _(
                    "%(credit)s was applied to %(debit)s on %(applied)s; it cannot be taken back "
                    "earlier."
                ),
                params={
                    "credit": credit.number,
                    "debit": debit.number,
                    "applied": allocation.allocated_on,
                },
                field="on",
            )
        row = Allocation(
            account_id=debit.account_id,
            debit_item=debit,
            credit_item=credit,
            amount=-allocation.amount,
            reverses=allocation,
            allocated_on=on,
        )
        written.append(row)
        moves.append(_moved(row))
    _store(written, moves, [items[pk] for pk in sorted(items)])
    return [_facts(row) for row in written]


def items_lock(ids: Iterable[int]) -> dict[int, OpenItem]:
    """Lock items in key order and return them fresh, with their entries."""
    rows = OpenItem.objects.filter(pk__in=set(ids)).select_related("entry")
    return {item.pk: item for item in lock_rows(rows)}


def seen_check(item: OpenItem, seen: Decimal | None) -> None:
    """Raise Conflict when a locked item is not open any more with what the actor saw (`seen`).

    None saw nothing. So a form that was sent twice does nothing twice.
    """
    if seen is not None and seen != item.open_amount:
        raise Conflict(
            "ledger.item_moved",
            _(
                "Of %(number)s there are %(open)s open now, not %(seen)s: it has changed "
                "meanwhile, or this form was sent twice. Look again before you go on."
            ),
            params={
                "number": item.number,
                "open": format_decimal(item.open_amount),
                "seen": format_decimal(seen),
                "now": str(item.open_amount),
            },
        )


def _facts(row: Allocation) -> dict[str, Any]:
    return {
        "item_id": row.debit_item_id,
        "number": row.debit_item.number,
        "amount": row.amount,
        "on": row.allocated_on,
    }


def _moved(row: Allocation) -> Move:
    """Change the residuals of both items in memory; say how far their values move the control.

    The value an item has in company currency follows its residual, so whatever the two sides move
    differently is an exchange difference.
    """
    debit, credit = row.debit_item, row.credit_item
    before = _value(debit), _value(credit)
    debit.open_amount -= row.amount
    credit.open_amount -= row.amount
    if debit.company_amount is None or credit.company_amount is None:
        return Move(row, None)
    after = _value(debit), _value(credit)
    return Move(row, (after[0] - before[0]) - (after[1] - before[1]))


def _value(item: OpenItem) -> Decimal:
    """What is open of an item in company currency; nothing while its rate is unknown."""
    if item.company_amount is None:
        return ZERO
    return value_left(item.company_amount, item.amount, item.open_amount)


def _store(written: list[Allocation], moves: list[Move], items: Sequence[OpenItem]) -> None:
    Allocation.objects.bulk_create(written)
    exchange_write(moves)
    _settle(items)


def _taken_back_on(ids: Iterable[int]) -> dict[int, date]:
    """The latest day on which something was taken back from an item, by item."""
    result: dict[int, date] = {}
    for side in ("debit_item", "credit_item"):
        rows = (
            Allocation.objects.filter(**{f"{side}__in": ids}, reverses__isnull=False)
            .order_by()
            .values_list(side)
            .annotate(Max("allocated_on"))
        )
        result |= dict(rows)
    return result


def _day(
    credit: OpenItem, debit: OpenItem, on: date | None, taken_back: Mapping[int, date]
) -> date:
    """The day of an allocation: not before both items are there, nor before what was taken back.

    (Else a past day could show less than nothing open.) Raises Invalid at `on`.
    """
    days = [credit.document_on, debit.document_on, credit.entry.posted_on, debit.entry.posted_on]
    days += [taken_back[item.pk] for item in (credit, debit) if item.pk in taken_back]
    earliest = max(days)
    if on is not None and on < earliest:
        raise Invalid(
            "ledger.allocation_too_early",
            _("%(credit)s cannot be applied to %(debit)s before %(earliest)s."),
            params={
                "credit": credit.number,
                "debit": debit.number,
                "earliest": earliest,
            },
            field="on",
        )
    return on or earliest


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
