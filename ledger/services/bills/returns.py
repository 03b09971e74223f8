"""Bills that come back unpaid: the return, its posting, the protest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core.clock import today
from core.errors import Invalid
from core.events import record
from core.locks import busy_on_timeout
from core.money import ZERO, convert
from ledger.bills import ADVANCED, Presented, Step
from ledger.models import Bill, BillState, EntryKind, LedgerRole, ReturnedPayment
from ledger.numbering import entry_number
from ledger.services.amounts import amount_checked, rate_to_company
from ledger.services.bills.writing import (
    More,
    bill_facts,
    bills_lock,
    money_write,
    step_check,
    step_write,
)
from ledger.services.reversals import reversal_write
from ledger.services.writing import Origin, entry_create, transfer_create

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from core.models import User
    from ledger.models import JournalEntry

Bearer = ReturnedPayment.Bearer


def bill_return(
    *,
    bill: Bill,
    on: date | None = None,
    reason: str = "",
    charges: Decimal | None = None,
    bearer: str = "",
    post: bool = False,
    actor: User | None,
) -> Bill:
    """The bank hands a bill back unpaid on a day (default: today), before or after its due date.

    It leaves what is presented at once and counts as returned with its face value, until `post`
    (or `bill_return_post`) opens its items again. Where the bank had credited it, it takes the
    money back. `charges` are the bank's, in the bill's currency: charged on to the customer as an
    item due at once, or borne by us. Raises Invalid, Conflict (not with a bank, returned already),
    NotAllowed, Busy.
    """
    day = on or today()
    with busy_on_timeout(), transaction.atomic():
        (fresh,) = bills_lock([bill], actor=actor)
        back = Back(reason, charges, bearer, post)
        amount = return_write(fresh, back, on=day, actor=actor)
        record(
            "ledger.bill.returned",
            fresh,
            actor=actor,
            company=fresh.company,
            customer_id=fresh.account.customer_id,
            data={
                **bill_facts(fresh),
                "on": day,
                "reason": reason.strip()[:200],
                "charges": amount,
                "bearer": bearer if amount else "",
                "posted": post,
            },
        )
    return fresh


@dataclass(frozen=True, slots=True)
class Back:
    """Why a bill came back, what the bank asked for it and of whom, whether to `post` it too."""

    reason: str = ""
    charges: Decimal | None = None
    bearer: str = ""
    post: bool = False


def return_write(bill: Bill, back: Back, *, on: date, actor: User | None) -> Decimal:
    """Write the return of a locked bill, without an event; its charges. Raises as `bill_return`."""
    state = step_check(bill, Step.RETURN, on)
    entry = None
    if bill.state == BillState.COLLECTED:
        taken_from = LedgerRole.BILLS
    elif Presented(bill.presented) in ADVANCED:
        taken_from = LedgerRole.ADVANCES
    else:
        taken_from = None
    if taken_from is not None:
        entry = money_write(
            bill,
            debit=taken_from,
            credit=LedgerRole.BANK,
            on=on,
            text=back.reason,
            actor=actor,
        )
    amount, paid_by = charges_write(bill, back.charges, back.bearer, on=on, actor=actor)
    more = More(entry=entry, charges=amount, charges_entry=paid_by, text=back.reason)
    step_write(bill, Step.RETURN, state, on=on, actor=actor, more=more)
    if back.post:
        _post_return(bill, on=on, reason=back.reason, actor=actor)
    return amount


def charges_write(
    bill: Bill, charges: Decimal | None, bearer: str, *, on: date, actor: User | None
) -> tuple[Decimal, JournalEntry | None]:
    """Book what the bank asked for a bill; return it (0 for nothing) with its entry.

    Raises Invalid unless charges and bearer come together.
    """
    if not charges:
        if bearer:
            raise Invalid(
                "ledger.fee_missing", _("Enter the charges of the bank."), field="charges"
            )
        return ZERO, None
    if bearer not in {Bearer.CUSTOMER, Bearer.US}:
        raise Invalid("ledger.fee_bearer", _("Choose who bears the charges."), field="bearer")
    amount = amount_checked(charges, field="charges")
    number = entry_number(company=bill.company, code="bank_fee", on=on)
    if bearer == Bearer.CUSTOMER:
        return amount, entry_create(
            account=bill.account,
            kind=EntryKind.FEE,
            number=number,
            document_on=on,
            instalments=[(on, amount)],
            currency=bill.currency_id,
            actor=actor,
            text=bill.number,
            origin=Origin(goes_with=bill.entry),
        )
    rate = rate_to_company(bill.currency, bill.account, on, None)
    return amount, transfer_create(
        account=bill.account,
        kind=EntryKind.BANK_COST,
        number=number,
        document_on=on,
        amount=amount,
        currency=bill.currency,
        rate=rate,
        company_amount=None if rate is None else convert(amount, rate),
        debit=LedgerRole.BANK_FEE,
        credit=LedgerRole.BANK,
        text=bill.number,
        goes_with=bill.entry,
        actor=actor,
    )


def bill_return_post(
    *, bill: Bill, on: date | None = None, reason: str = "", actor: User | None
) -> Bill:
    """Post the return of a bill on a day (default: today): its items are open again as they were.

    What else was paid on them stays paid. Raises Invalid, Conflict, NotAllowed, Busy.
    """
    day = on or today()
    with busy_on_timeout(), transaction.atomic():
        (fresh,) = bills_lock([bill], actor=actor)
        _post_return(fresh, on=day, reason=reason, actor=actor)
        record(
            "ledger.bill.return_posted",
            fresh,
            actor=actor,
            company=fresh.company,
            customer_id=fresh.account.customer_id,
            data={**bill_facts(fresh), "on": day, "reason": reason.strip()[:200]},
        )
    return fresh


def _post_return(bill: Bill, *, on: date, reason: str, actor: User | None) -> None:
    state = step_check(bill, Step.POST_RETURN, on)
    entry = items_reopen(bill, on=on, reason=reason, actor=actor)
    more = More(entry=entry, text=reason)
    step_write(bill, Step.POST_RETURN, state, on=on, actor=actor, more=more)


def items_reopen(bill: Bill, *, on: date, reason: str, actor: User | None) -> JournalEntry:
    """Take back what a posted bill closed; return the reversing entry. The bill is locked."""
    if bill.entry is None:
        msg = "only a posted bill has closed anything"
        raise ValueError(msg)
    reversal, _reopened = reversal_write(
        bill.entry,
        on=on,
        reason=reason.strip() or bill.number,
        actor=actor,
        kinds=(EntryKind.BILL,),
    )
    return reversal


def bill_protest(
    *,
    bill: Bill,
    on: date | None = None,
    charges: Decimal | None = None,
    bearer: str = "",
    text: str = "",
    actor: User | None,
) -> Bill:
    """Record that a returned bill was protested on a day (default: today), with its charges.

    Nothing else changes: its value stays where it is. Raises Invalid, Conflict (not returned,
    protested already), NotAllowed, Busy.
    """
    day = on or today()
    with busy_on_timeout(), transaction.atomic():
        (fresh,) = bills_lock([bill], actor=actor)
        state = step_check(fresh, Step.PROTEST, day)
        if fresh.is_protested:
            raise Invalid(
                "ledger.bill_protested",
                _("%(bill)s was protested already."),
                params={"bill": fresh.number},
            )
        amount, entry = charges_write(fresh, charges, bearer, on=day, actor=actor)
        more = More(is_protested=True, charges=amount, charges_entry=entry, text=text)
        step_write(fresh, Step.PROTEST, state, on=day, actor=actor, more=more)
        record(
            "ledger.bill.protested",
            fresh,
            actor=actor,
            company=fresh.company,
            customer_id=fresh.account.customer_id,
            data={**bill_facts(fresh), "on": day, "charges": amount, "bearer": bearer},
        )
    return fresh
