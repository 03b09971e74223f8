"""What every command on a bill does: lock it, ask the table of steps, write the step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, Invalid
from core.locks import lock_rows, set_lock_timeout
from core.money import ZERO
from core.permissions import require
from customers.locks import scope_lock
from ledger.bills import ADVANCED, State, Step, after
from ledger.models import Bill, BillState, BillStep, EntryKind, LedgerRole
from ledger.services.calendar import day_open
from ledger.services.writing import transfer_create

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from decimal import Decimal

    from core.models import User
    from ledger.models import JournalEntry, Presentation

RIGHT: Final = "ledger.manage_bill"

STANDS: Final = {
    State.ISSUED: _("issued and not posted"),
    State.IN_HAND: _("in hand"),
    State.PRESENTED: _("with the bank"),
    State.COLLECTED: _("collected"),
    State.RETURNED: _("returned unpaid"),
    State.REOPENED: _("returned, and its items are open again"),
    State.CANCELLED: _("cancelled"),
}
REFUSED: Final = {
    Step.POST: _("%(bill)s cannot be posted: it is %(state)s."),
    Step.PRESENT: _("%(bill)s cannot be presented: it is %(state)s."),
    Step.WITHDRAW: _("%(bill)s cannot be taken back from the bank: it is %(state)s."),
    Step.COLLECT: _("%(bill)s cannot be collected: it is %(state)s."),
    Step.RETURN: _("%(bill)s cannot come back unpaid: it is %(state)s."),
    Step.POST_RETURN: _("There is no return of %(bill)s to post: it is %(state)s."),
    Step.PROTEST: _("%(bill)s cannot be protested: it is %(state)s."),
    Step.CANCEL: _("%(bill)s cannot be cancelled: it is %(state)s."),
}


@dataclass(frozen=True, slots=True)
class More:
    """What a step brings besides its day: where it went, what it cost, why."""

    presented: str | None = None
    pay_on: date | None = None
    is_protested: bool | None = None
    presentation: Presentation | None = None
    entry: JournalEntry | None = None
    charges: Decimal = ZERO
    charges_entry: JournalEntry | None = None
    text: str = ""


def bills_lock(bills: Iterable[Bill], *, actor: User | None) -> list[Bill]:
    """Ask for the right, lock the accounts of bills, then the bills; return these fresh by key,
    each with its `last_step`.

    A bill moves value between components, so whoever reads the exposure of its account waits.
    Raises NotAllowed and Busy.
    """
    if actor is not None:
        require(actor, RIGHT)
    set_lock_timeout()
    found = list(bills)
    scope_lock(account_ids=sorted({bill.account_id for bill in found}))
    rows = Bill.objects.filter(pk__in=[bill.pk for bill in found])
    locked = lock_rows(
        rows.select_related("account__customer", "account__company", "company", "currency", "entry")
    )
    steps = BillStep.objects.filter(bill__in=locked).order_by("bill_id", "-position")
    last = {step.bill_id: step for step in steps.distinct("bill_id")}
    for bill in locked:
        bill.last_step = last[bill.pk]
    return locked


def step_check(bill: Bill, step: Step, on: date) -> State:
    """The state after a step of a locked bill. Raises Conflict (not now) and Invalid (not then)."""
    state = after(State(bill.state), step)
    if state is None:
        raise Conflict(
            f"ledger.bill_not_{step}",
            REFUSED[step],
            params={"bill": bill.number, "state": STANDS[State(bill.state)]},
        )
    day_check(bill, on)
    return state


def day_check(bill: Bill, on: date) -> None:
    """Raise Invalid at `on` for a closed day, one to come, and one before the last step."""
    day_open(bill.company_id, on, field="on")
    last = bill.last_step.on
    if on < last:
        raise Invalid(
            "ledger.bill_step_too_early",
            _("The last step of %(bill)s was on %(last)s. Take that day or a later one."),
            params={"bill": bill.number, "last": last},
            field="on",
        )


def step_write(
    bill: Bill, step: Step, state: State, *, on: date, actor: User | None, more: More
) -> BillStep:
    """Write a step and the state it leaves the bill in. The caller has checked both."""
    if more.presented is not None:
        bill.presented = more.presented
    if more.pay_on is not None:
        bill.pay_on = more.pay_on
    if more.is_protested is not None:
        bill.is_protested = more.is_protested
    bill.state = state.value
    bill.save(update_fields=("state", "presented", "pay_on", "is_protested"))
    bill.last_step = BillStep.objects.create(
        bill=bill,
        position=bill.last_step.position + 1,
        kind=step.value,
        on=on,
        state=state.value,
        presented=bill.presented,
        pay_on=bill.pay_on,
        is_protested=bill.is_protested,
        presentation=more.presentation,
        entry=more.entry,
        charges=more.charges,
        charges_entry=more.charges_entry,
        text=more.text.strip()[:200],
        created_by=actor,
    )
    return bill.last_step


def money_write(
    bill: Bill, *, debit: str, credit: str, on: date, text: str, actor: User | None
) -> JournalEntry:
    """Book the worth of a bill from one role's account to another's, numbered after its steps.

    The customer's account is not touched.
    """
    return transfer_create(
        account=bill.account,
        kind=EntryKind.BILL_MONEY,
        number=f"{bill.number}/{bill.last_step.position + 1}",
        document_on=on,
        amount=bill.amount,
        currency=bill.currency,
        rate=bill.rate,
        company_amount=bill.company_amount,
        debit=debit,
        credit=credit,
        text=text,
        goes_with=bill.entry,
        actor=actor,
    )


def collected_from(bill: Bill) -> str:
    """The role against which a bill that is paid is settled: the advance of the bank, or money."""
    is_advanced = bill.state == BillState.PRESENTED and bill.presented in ADVANCED
    return LedgerRole.ADVANCES if is_advanced else LedgerRole.BANK


def bill_facts(bill: Bill) -> dict[str, Any]:
    """What every audit event about a bill carries."""
    return {
        "account_id": bill.account_id,
        "bill_id": bill.pk,
        "entry_id": bill.entry_id,
        "number": bill.number,
        "kind": bill.kind,
        "amount": bill.amount,
        "currency": bill.currency_id,
        "due_on": bill.pay_on,
    }
