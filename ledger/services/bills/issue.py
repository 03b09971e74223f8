"""Issuing bills on open items, and posting them: that closes the items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from core.clock import today
from core.errors import Conflict, Invalid
from core.events import record
from core.locks import busy_on_timeout, set_lock_timeout
from core.money import ZERO, quantize
from core.numerals import format_decimal
from core.permissions import require
from customers.locks import scope_lock
from ledger.bills import State, Step
from ledger.models import (
    Bill,
    BillKind,
    BillPart,
    BillState,
    BillStep,
    EntryKind,
    OpenItem,
)
from ledger.numbering import entry_number
from ledger.services.allocations import Part, allocations_write, items_lock
from ledger.services.amounts import amount_checked, number_checked
from ledger.services.bills.writing import (
    RIGHT,
    More,
    bill_facts,
    bills_lock,
    step_check,
    step_write,
)
from ledger.services.calendar import day_open
from ledger.services.writing import Origin, entry_create
from ledger.values import value_left

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from decimal import Decimal
    from uuid import UUID

    from core.models import User
    from customers.models import CustomerAccount


@dataclass(frozen=True, slots=True)
class NewBill:
    """A bill to be issued: on `parts` of items, due on a day (None: the last due day of its items).

    An empty `number` takes the next of the company's sequence.
    """

    parts: Sequence[tuple[OpenItem, Decimal]]
    due_on: date | None = None
    number: str = ""
    reference: str = ""
    bank: str = ""


def bill_issue(
    *,
    account: CustomerAccount,
    kind: str,
    bill: NewBill,
    drawn_on: date | None = None,
    post: bool = True,
    token: UUID | None = None,
    actor: User | None,
) -> Bill:
    """Issue one bill; as `bills_issue`."""
    (made,) = bills_issue(
        account=account,
        kind=kind,
        bills=[bill],
        drawn_on=drawn_on,
        post=post,
        token=token,
        actor=actor,
    )
    return made


def bills_issue(
    *,
    account: CustomerAccount,
    kind: str,
    bills: Sequence[NewBill],
    drawn_on: date | None = None,
    post: bool = True,
    token: UUID | None = None,
    actor: User | None,
) -> list[Bill]:
    """Issue bills on what an account owes, all of them or none, and post them with `post`.

    Posted bills close their items: the value moves from them to the bill, and none is added.
    Unposted ones only reserve them. `token` identifies a form: the second issue with it is a
    Conflict. Raises Invalid, Conflict (more than is open and free), NotAllowed, Busy.
    """
    if actor is not None:
        require(actor, RIGHT)
    if kind not in BillKind.values:
        raise Invalid("ledger.bill_kind", _("Choose what kind of bill it is."), field="kind")
    if not bills:
        raise Invalid("ledger.bill_of_nothing", _("Choose the items that the bill is drawn on."))
    day = drawn_on or today()
    with busy_on_timeout(), transaction.atomic():
        set_lock_timeout()
        (locked,) = scope_lock(account_ids=[account.pk])
        day_open(locked.company_id, day, field="drawn_on")
        items = items_lock([item.pk for new in bills for item, _amount in new.parts])
        free = _free(items)
        made = [
            _issue(
                locked,
                kind,
                new,
                day,
                items=items,
                free=free,
                token=None if position else token,
                actor=actor,
            )
            for position, new in enumerate(bills)
        ]
        if post:
            for bill in made:
                _post(bill, on=day, actor=actor)
        record(
            "ledger.bills.issued",
            made[0],
            actor=actor,
            company=locked.company,
            customer_id=locked.customer_id,
            data={
                "account_id": locked.pk,
                "currency": made[0].currency_id,
                "amount": sum((bill.amount for bill in made), ZERO),
                "bills": [bill_facts(bill) for bill in made],
                "posted": post,
            },
        )
    return made


def _free(items: Mapping[int, OpenItem]) -> dict[int, Decimal]:
    """What is open of each item and not meant for a bill that is still to be posted."""
    meant = dict(
        BillPart.objects.filter(item__in=items, bill__state=BillState.ISSUED)
        .order_by()
        .values_list("item")
        .annotate(Sum("amount"))
    )
    return {key: item.open_amount - meant.get(key, ZERO) for key, item in items.items()}


def _issue(
    account: CustomerAccount,
    kind: str,
    new: NewBill,
    on: date,
    *,
    items: Mapping[int, OpenItem],
    free: dict[int, Decimal],
    token: UUID | None,
    actor: User | None,
) -> Bill:
    if not new.parts:
        raise Invalid("ledger.bill_of_nothing", _("Choose the items that the bill is drawn on."))
    if len({item.pk for item, _amount in new.parts}) < len(new.parts):
        raise Invalid("ledger.bill_item_twice", _("An item is named twice."))
    parts = [(items[item.pk], amount_checked(amount)) for item, amount in new.parts]
    first = parts[0][0]
    for item, amount in parts:
        _part_check(account, first, item, on)
        if amount > free[item.pk]:
            raise Conflict(
                "ledger.bill_too_much",
                _("Only %(free)s %(currency)s of %(number)s are open and not on another bill."),
                params={
                    "free": format_decimal(max(free[item.pk], ZERO)),
                    "currency": item.currency_id,
                    "number": item.name,
                    "item": item.pk,
                },
                field="amount",
            )
        free[item.pk] -= amount
    due_on = new.due_on or max(item.due_on for item, _amount in parts)
    if due_on < on:
        raise Invalid(
            "ledger.bill_due_before_issue",
            _("A bill falls due on the day of its issue or later. Give it a due date."),
            field="due_on",
        )
    bill = Bill(
        company=account.company,
        account=account,
        number=number_checked(new.number)
        if new.number.strip()
        else entry_number(company=account.company, code="bill", on=on),
        kind=kind,
        drawn_on=on,
        due_on=due_on,
        pay_on=due_on,
        currency=first.currency,
        amount=amount_checked(sum((amount for _item, amount in parts), ZERO)),
        reference=new.reference.strip()[:60],
        bank=new.bank.strip()[:80],
        created_by=actor,
        form_token=token,
    )
    _insert(bill)
    BillPart.objects.bulk_create(
        BillPart(bill=bill, item=item, amount=amount) for item, amount in parts
    )
    bill.last_step = BillStep.objects.create(
        bill=bill,
        position=1,
        kind=Step.ISSUE.value,
        on=on,
        state=State.ISSUED.value,
        pay_on=due_on,
        created_by=actor,
    )
    return bill


def _part_check(account: CustomerAccount, first: OpenItem, item: OpenItem, on: date) -> None:
    if item.account_id != account.pk or item.direction != OpenItem.Direction.DEBIT:
        raise Invalid(
            "ledger.bill_foreign_item",
            _("%(number)s is not owed by this account."),
            params={"number": item.name},
        )
    if item.currency_id != first.currency_id:
        raise Invalid(
            "ledger.bill_currencies",
            _("A bill has one currency: %(first)s is in %(one)s, %(number)s in %(other)s."),
            params={
                "first": first.name,
                "one": first.currency_id,
                "number": item.name,
                "other": item.currency_id,
            },
        )
    if not item.is_posted:
        raise Conflict(
            "ledger.allocation_provisional",
            _("%(number)s is provisional. Confirm it first."),
            params={"number": item.name},
        )
    if on < max(item.document_on, item.entry.posted_on):
        raise Invalid(
            "ledger.bill_before_item",
            _("%(number)s was posted on %(day)s. A bill on it cannot be older."),
            params={"number": item.name, "day": max(item.document_on, item.entry.posted_on)},
            field="drawn_on",
        )


def _insert(bill: Bill) -> None:
    try:
        with transaction.atomic():
            bill.save(force_insert=True)
    except IntegrityError as error:
        if "one_issue_per_form" in str(error):
            raise Conflict(
                "ledger.form_repeated",
                _("This was recorded already: the form was sent twice."),
            ) from error
        if "one_bill_per_number" not in str(error):
            raise
        raise Conflict(
            "ledger.bill_number_taken",
            _("There is a bill %(number)s already."),
            params={"number": bill.number},
            field="number",
        ) from error


def bill_post(*, bill: Bill, on: date | None = None, actor: User | None) -> Bill:
    """Post an issued bill on a day (default: today): it closes its items, and counts itself.

    Raises Invalid, Conflict (posted already, the items are paid by now), NotAllowed, Busy.
    """
    with busy_on_timeout(), transaction.atomic():
        (fresh,) = bills_lock([bill], actor=actor)
        _post(fresh, on=on or today(), actor=actor)
        record(
            "ledger.bill.posted",
            fresh,
            actor=actor,
            company=fresh.company,
            customer_id=fresh.account.customer_id,
            data={**bill_facts(fresh), "on": on or today()},
        )
    return fresh


def _post(bill: Bill, *, on: date, actor: User | None) -> None:
    """Write the entry that closes the items of a locked bill. Raises Invalid and Conflict."""
    state = step_check(bill, Step.POST, on)
    parts = list(bill.parts.order_by("pk"))
    items = items_lock([part.item_id for part in parts])
    for part in parts:
        item = items[part.item_id]
        if part.amount > item.open_amount:
            raise Conflict(
                "ledger.bill_item_settled",
                _(
                    "Only %(open)s %(currency)s of %(number)s are open by now, and the bill is "
                    "drawn on %(amount)s of it. Cancel the bill and issue another."
                ),
                params={
                    "open": format_decimal(item.open_amount),
                    "currency": item.currency_id,
                    "number": item.name,
                    "amount": format_decimal(part.amount),
                },
            )
    value = _worth([(items[part.item_id], part.amount) for part in parts])
    entry = entry_create(
        account=bill.account,
        kind=EntryKind.BILL,
        number=bill.number,
        document_on=on,
        instalments=[(bill.due_on, bill.amount)],
        currency=bill.currency,
        rate=None if value is None else quantize(value / bill.amount, 8),
        actor=actor,
        text=bill.reference,
        origin=Origin(company_amount=value),
        day_field="on",
    )
    credit = entry.items.get()
    allocations_write([Part(credit.pk, part.item_id, part.amount) for part in parts], on=on)
    bill.entry, bill.rate, bill.company_amount = entry, entry.rate, entry.company_amount
    bill.state = state.value
    bill.save(update_fields=("entry", "rate", "company_amount", "state"))
    step_write(bill, Step.POST, state, on=on, actor=actor, more=More(entry=entry))


def _worth(parts: Sequence[tuple[OpenItem, Decimal]]) -> Decimal | None:
    """What the parts are worth in company currency by the rates of their items; None: unknown."""
    total = ZERO
    for item, amount in parts:
        if item.company_amount is None:
            return None
        total += value_left(item.company_amount, item.amount, item.open_amount)
        total -= value_left(item.company_amount, item.amount, item.open_amount - amount)
    return total
