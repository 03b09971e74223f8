"""Handing bills to a bank, a list at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from core.clock import today
from core.errors import Conflict, Invalid
from core.events import record
from core.locks import busy_on_timeout
from core.money import ZERO
from ledger.bills import ADVANCED, Presented, State, Step
from ledger.models import Bill, LedgerRole, Presentation
from ledger.numbering import entry_number
from ledger.services.bills.writing import (
    More,
    bill_facts,
    bills_lock,
    money_write,
    step_check,
    step_write,
)
from ledger.services.calendar import day_open

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from uuid import UUID

    from core.models import User


def bills_present(
    *,
    bills: Sequence[Bill],
    kind: str,
    bank: str,
    on: date | None = None,
    pay_on: Mapping[int, date] | None = None,
    text: str = "",
    token: UUID | None = None,
    actor: User | None,
) -> Presentation:
    """Hand bills of one company and currency to a bank on a day (default: today), all or none.

    At discount and subject to collection the bank's credit is booked at once; the bills stay
    exposure until they fall due all the same. `pay_on` gives bills that were returned a new day by
    their key; without it they are presented for the day of the list. `token` identifies a form:
    the second list with it is a Conflict. Raises Invalid, Conflict (not in hand), NotAllowed, Busy.
    """
    if kind not in Presentation.Kind.values:
        raise Invalid(
            "ledger.presentation_kind", _("Choose how the bank takes them."), field="kind"
        )
    if not bank.strip():
        raise Invalid("ledger.bank_missing", _("Say which bank."), field="bank")
    if not bills:
        raise Invalid("ledger.nothing_presented", _("Choose the bills."), field="bills")
    day = on or today()
    wanted = pay_on or {}
    with busy_on_timeout(), transaction.atomic():
        locked = bills_lock(bills, actor=actor)
        first = locked[0]
        _one_list(locked)
        day_open(first.company_id, day, field="on")
        steps = []
        for bill in locked:
            state = step_check(bill, Step.PRESENT, day)
            steps.append((bill, state, _pay_on(bill, wanted.get(bill.pk), day)))
        presentation = _insert(
            Presentation(
                company=first.company,
                number=entry_number(company=first.company, code="presentation", on=day),
                kind=kind,
                bank=bank.strip()[:80],
                presented_on=day,
                currency=first.currency,
                text=text.strip()[:200],
                created_by=actor,
                form_token=token,
            )
        )
        for bill, state, payable in steps:
            entry = None
            if Presented(kind) in ADVANCED:
                entry = money_write(
                    bill,
                    debit=LedgerRole.BANK,
                    credit=LedgerRole.ADVANCES,
                    on=day,
                    text=presentation.number,
                    actor=actor,
                )
            more = More(presented=kind, pay_on=payable, presentation=presentation, entry=entry)
            step_write(bill, Step.PRESENT, state, on=day, actor=actor, more=more)
        record(
            "ledger.bills.presented",
            presentation,
            actor=actor,
            company=first.company,
            customer_id=first.account.customer_id
            if len({b.account_id for b in locked}) == 1
            else None,
            data={
                "number": presentation.number,
                "kind": kind,
                "bank": presentation.bank,
                "on": day,
                "currency": presentation.currency_id,
                "amount": sum((bill.amount for bill in locked), ZERO),
                "bills": [bill_facts(bill) for bill in locked],
            },
        )
    return presentation


def _one_list(bills: Sequence[Bill]) -> None:
    first = bills[0]
    for bill in bills:
        if bill.company_id != first.company_id or bill.currency_id != first.currency_id:
            raise Invalid(
                "ledger.presentation_mixed",
                _("A list is of one company and one currency: %(first)s and %(other)s differ."),
                params={"first": first.number, "other": bill.number},
                field="bills",
            )


def _pay_on(bill: Bill, wanted: date | None, day: date) -> date:
    """When a bill is to be paid. Raises Invalid for a day before its due date or the list's."""
    if bill.state != State.RETURNED:
        return bill.pay_on
    payable = wanted or max(bill.pay_on, day)
    if payable < max(day, bill.due_on):
        raise Invalid(
            "ledger.bill_presented_for_the_past",
            _("%(bill)s is presented again: it is to be paid on %(day)s or later."),
            params={"bill": bill.number, "day": max(day, bill.due_on), "bill_id": bill.pk},
            field="pay_on",
        )
    return payable


def _insert(presentation: Presentation) -> Presentation:
    try:
        with transaction.atomic():
            presentation.save(force_insert=True)
    except IntegrityError as error:
        if "one_presentation_per_form" not in str(error):
            raise
        raise Conflict(
            "ledger.form_repeated", _("This was recorded already: the form was sent twice.")
        ) from error
    return presentation
