"""Payments: money received, on account or applied to what is owed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core.errors import Invalid
from core.events import record
from core.locks import busy_on_timeout, set_lock_timeout
from core.permissions import require
from customers.locks import scope_lock
from ledger.models import EntryKind, OpenItem, PlannedAllocation
from ledger.numbering import entry_number
from ledger.services.allocations import Part, allocations_write, items_lock, seen_check
from ledger.services.amounts import amount_checked
from ledger.services.chargebacks import RIGHT as CHARGE_BACK
from ledger.services.chargebacks import chargebacks_write
from ledger.services.deductions import deductions_write
from ledger.services.writing import Origin, entry_create, entry_facts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from decimal import Decimal
    from uuid import UUID

    from core.models import Currency, User
    from customers.models import CustomerAccount
    from ledger.services.chargebacks import ShortPart
    from ledger.services.deductions import Deduction


def payment_record(  # noqa: PLR0913 - a payment has that many facts
    *,
    account: CustomerAccount,
    number: str = "",
    received_on: date,
    amount: Decimal,
    allocations: Sequence[tuple[OpenItem, Decimal]] = (),
    deductions: Sequence[Deduction] = (),
    chargebacks: Sequence[ShortPart] = (),
    actor: User | None,
    provisional: bool = False,
    currency: Currency | str | None = None,
    text: str = "",
    rate: Decimal | None = None,
    posted_on: date | None = None,
    token: UUID | None = None,
    right: str = "ledger.record_payment",
) -> OpenItem:
    """Record a payment and apply it to debit items; what is left over stays on account.

    `deductions` are cash discounts and small differences given up with it, per item; `chargebacks`
    what was not paid of an item and goes on as an item of its own (`ledger.manage_item`). An empty
    number takes the next of the company's sequence. Each allocation is dated on the day of the
    payment or, for an item dated later, on that item's day; `posted_on` is the day of the books,
    by default the day of the money. A provisional payment frees nothing: its allocations are kept
    as plans until `entry_confirm`, and it takes no deductions. A payment takes no scope lock, since
    it only frees. `token` identifies a form: the second payment with it is a Conflict. Returns the
    credit item. `right` is what the actor needs where what is paid has a right of its own. Raises
    Invalid, Conflict, NotAllowed, Busy.
    """
    if actor is not None:
        require(actor, right)
    amount = amount_checked(amount)
    parts = [(item, amount_checked(part)) for item, part in allocations]
    if sum((part for _item, part in parts), start=amount * 0) > amount:
        raise Invalid(
            "ledger.payment_overspent",
            _("More is applied to items than the payment holds."),
            field="amount",
        )
    if len({item.pk for item, _part in parts}) < len(parts):
        raise Invalid("ledger.payment_item_twice", _("An item is named twice."))
    if chargebacks and actor is not None:
        require(actor, CHARGE_BACK)
    if provisional and (deductions or chargebacks):
        raise Invalid(
            "ledger.deduction_provisional",
            _("A provisional payment takes no discount. Take it once the payment is confirmed."),
            field="provisional",
        )
    with busy_on_timeout(), transaction.atomic():
        set_lock_timeout()
        if chargebacks:
            scope_lock(account_ids=[account.pk])
        # Items before the counter of numbers, which is the last lock of every command.
        items = items_lock(
            [
                *(item.pk for item, _part in parts),
                *(taken.item.pk for taken in deductions),
                *(part.item.pk for part in chargebacks),
            ]
        )
        entry = entry_create(
            account=account,
            kind=EntryKind.PAYMENT,
            number=number.strip()
            or entry_number(company=account.company, code="payment", on=received_on),
            document_on=received_on,
            posted_on=posted_on,
            instalments=[(received_on, amount)],
            currency=currency,
            actor=actor,
            provisional=provisional,
            text=text,
            rate=rate,
            origin=Origin(token=token),
            day_field="received_on",
        )
        credit = entry.items.get()
        given_up: list[dict[str, object]] = []
        charged: list[dict[str, object]] = []
        if provisional:
            done = _plan(credit, parts)
        else:
            more, given_up = deductions_write(
                deductions,
                items=items,
                on=received_on,
                posted_on=posted_on,
                actor=actor,
                payment=entry,
            )
            done = allocations_write(
                [*(Part(credit.pk, item.pk, part) for item, part in parts), *more], on=None
            )[: len(parts)]
            credit.refresh_from_db(fields=("open_amount", "settled_on"))
            # After the money: a part that is charged back is worth what it leaves behind.
            charged = [
                facts
                for _made, facts in chargebacks_write(
                    chargebacks, on=received_on, posted_on=posted_on, actor=actor, payment=entry
                )
            ]
        record(
            "ledger.payment.recorded",
            credit,
            actor=actor,
            company=account.company,
            customer_id=account.customer_id,
            data={
                **entry_facts(entry),
                "allocations": done,
                "deductions": given_up,
                "chargebacks": charged,
                "provisional": provisional,
            },
        )
    return credit


def _plan(credit: OpenItem, parts: Sequence[tuple[OpenItem, Decimal]]) -> list[dict[str, object]]:
    """Keep for later which items a provisional payment is meant for. Raises Invalid."""
    for item, _part in parts:
        if (
            item.account_id != credit.account_id
            or item.currency_id != credit.currency_id
            or item.direction != OpenItem.Direction.DEBIT
        ):
            raise Invalid(
                "ledger.plan_mismatch",
                _("%(number)s is not owed by this account in this currency."),
                params={"number": item.number},
            )
    PlannedAllocation.objects.bulk_create(
        PlannedAllocation(credit_item=credit, debit_item=item, amount=part) for item, part in parts
    )
    return [{"item_id": item.pk, "number": item.number, "amount": part} for item, part in parts]


def payment_allocate(
    *,
    credit_item: OpenItem,
    debit_item: OpenItem,
    amount: Decimal,
    on: date | None = None,
    actor: User | None,
) -> OpenItem:
    """Apply `amount` of a credit item (payment on account, credit note) to one debit item.

    As `credit_apply`; returns the debit item as it stands then.
    """
    credit_apply(credit_item=credit_item, allocations=[(debit_item, amount)], on=on, actor=actor)
    return OpenItem.objects.get(pk=debit_item.pk)


def credit_apply(
    *,
    credit_item: OpenItem,
    allocations: Sequence[tuple[OpenItem, Decimal]],
    on: date | None = None,
    seen: Decimal | None = None,
    actor: User | None,
) -> OpenItem:
    """Apply a credit item (payment on account, credit note) to debit items, all or none.

    `on` None means, for each item, the later of both document dates. Returns the credit item as it
    stands then. `seen` is what the actor saw left of the credit; a Conflict when that has changed.
    Raises Invalid, Conflict, NotAllowed, Busy.
    """
    if actor is not None:
        require(actor, "ledger.record_payment")
    if not allocations:
        raise Invalid("ledger.nothing_applied", _("Say what the credit is applied to."))
    with busy_on_timeout(), transaction.atomic():
        set_lock_timeout()
        locked = items_lock([credit_item.pk, *(item.pk for item, _amount in allocations)])
        seen_check(locked[credit_item.pk], seen)
        done = allocations_write(
            [Part(credit_item.pk, item.pk, amount) for item, amount in allocations], on=on
        )
        credit = OpenItem.objects.select_related("account__company").get(pk=credit_item.pk)
        record(
            "ledger.payment.allocated",
            credit,
            actor=actor,
            company=credit.account.company,
            customer_id=credit.account.customer_id,
            data={
                "account_id": credit.account_id,
                "amount": sum((row["amount"] for row in done), start=credit.amount * 0),
                "currency": credit.currency_id,
                "credit": credit.number,
                "allocations": done,
            },
        )
    return credit
