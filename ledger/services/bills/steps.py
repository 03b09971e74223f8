"""What happens to a bill by itself: collected, taken back from the bank, cancelled, undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core.clock import today
from core.errors import Conflict, Invalid
from core.events import record
from core.locks import busy_on_timeout
from ledger.bills import ADVANCED, UNDOABLE, Presented, State, Step
from ledger.models import Bill, BillStep, JournalLine, LedgerRole
from ledger.services.bills.returns import items_reopen
from ledger.services.bills.writing import (
    More,
    bill_facts,
    bills_lock,
    collected_from,
    day_check,
    money_write,
    step_check,
    step_write,
)

if TYPE_CHECKING:
    from datetime import date

    from core.models import User
    from ledger.models import JournalEntry


def bill_collect(*, bill: Bill, on: date | None = None, text: str = "", actor: User | None) -> Bill:
    """The bill is paid on a day (default: today): the bank's result, or money at the counter.

    It counts no more. A returned bill can be collected as long as its return is not posted; after
    that the money is a payment of its items. Raises Invalid, Conflict, NotAllowed, Busy.
    """
    day = on or today()
    with busy_on_timeout(), transaction.atomic():
        (fresh,) = bills_lock([bill], actor=actor)
        collect_write(fresh, on=day, text=text, actor=actor)
        _record(fresh, "ledger.bill.collected", day, text, actor)
    return fresh


def collect_write(bill: Bill, *, on: date, text: str, actor: User | None) -> None:
    """Write the collection of a locked bill, without an event. Raises Invalid and Conflict."""
    state = step_check(bill, Step.COLLECT, on)
    entry = money_write(
        bill,
        debit=collected_from(bill),
        credit=LedgerRole.BILLS,
        on=on,
        text=text,
        actor=actor,
    )
    more = More(entry=entry, text=text)
    step_write(bill, Step.COLLECT, state, on=on, actor=actor, more=more)


def bill_withdraw(*, bill: Bill, on: date | None = None, reason: str, actor: User | None) -> Bill:
    """Take a bill back from the bank on a day (default: today), or the bank refuses it.

    It is in hand again; what the bank had credited goes back. Raises Invalid (no reason), Conflict,
    NotAllowed, Busy.
    """
    _reason(reason)
    day = on or today()
    with busy_on_timeout(), transaction.atomic():
        (fresh,) = bills_lock([bill], actor=actor)
        state = step_check(fresh, Step.WITHDRAW, day)
        entry = None
        if Presented(fresh.presented) in ADVANCED:
            entry = money_write(
                fresh,
                debit=LedgerRole.ADVANCES,
                credit=LedgerRole.BANK,
                on=day,
                text=reason,
                actor=actor,
            )
        more = More(entry=entry, text=reason)
        step_write(fresh, Step.WITHDRAW, state, on=day, actor=actor, more=more)
        _record(fresh, "ledger.bill.withdrawn", day, reason, actor)
    return fresh


def bill_cancel(*, bill: Bill, on: date | None = None, reason: str, actor: User | None) -> Bill:
    """Give a bill back to the customer on a day (default: today): its items are open again.

    Only as long as no bank has it. Raises Invalid (no reason), Conflict, NotAllowed, Busy.
    """
    _reason(reason)
    day = on or today()
    with busy_on_timeout(), transaction.atomic():
        (fresh,) = bills_lock([bill], actor=actor)
        state = step_check(fresh, Step.CANCEL, day)
        entry = None
        if fresh.entry is not None:
            entry = items_reopen(fresh, on=day, reason=reason, actor=actor)
        more = More(entry=entry, text=reason)
        step_write(fresh, Step.CANCEL, state, on=day, actor=actor, more=more)
        _record(fresh, "ledger.bill.cancelled", day, reason, actor)
    return fresh


def bill_step_undo(*, bill: Bill, on: date | None = None, reason: str, actor: User | None) -> Bill:
    """Take back the last step of a bill, recorded by mistake: the bill is as it was before it.

    What it booked is booked back; charges stay, they are taken back by themselves. Not for the
    issue, the posting and what opened items. Raises Invalid (no reason), Conflict, NotAllowed,
    Busy.
    """
    _reason(reason)
    day = on or today()
    with busy_on_timeout(), transaction.atomic():
        (fresh,) = bills_lock([bill], actor=actor)
        last = fresh.last_step
        if last.kind not in UNDOABLE:
            raise Conflict(
                "ledger.bill_step_stays",
                _("The last step of %(bill)s (%(step)s) cannot be taken back."),
                params={"bill": fresh.number, "step": last.get_kind_display()},
            )
        day_check(fresh, day)
        before = fresh.steps.get(position=last.position - 1)
        entry = _booked_back(fresh, last, on=day, reason=reason, actor=actor)
        more = More(
            presented=before.presented,
            pay_on=before.pay_on,
            is_protested=before.is_protested,
            entry=entry,
            text=reason,
        )
        step_write(fresh, Step.UNDO, State(before.state), on=day, actor=actor, more=more)
        _record(fresh, "ledger.bill.step_undone", day, reason, actor, step=last.kind)
    return fresh


def _booked_back(
    bill: Bill, step: BillStep, *, on: date, reason: str, actor: User | None
) -> JournalEntry | None:
    """Book the money of a step the other way round; None where it moved none."""
    if step.entry_id is None:
        return None
    sides = {
        bool(line.debit): line.ledger_account.role
        for line in JournalLine.objects.filter(entry=step.entry_id).select_related("ledger_account")
    }
    return money_write(
        bill, debit=sides[False], credit=sides[True], on=on, text=reason, actor=actor
    )


def _reason(reason: str) -> None:
    if not reason.strip():
        raise Invalid("ledger.reason_missing", _("Say why."), field="reason")


def _record(bill: Bill, action: str, on: date, text: str, actor: User | None, **more: str) -> None:
    record(
        action,
        bill,
        actor=actor,
        company=bill.company,
        customer_id=bill.account.customer_id,
        data={**bill_facts(bill), "on": on, "reason": text.strip()[:200], **more},
    )
