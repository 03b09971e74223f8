"""Payments the bank takes back: a returned direct debit, a bounced cheque, a card chargeback."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core.clock import today
from core.errors import Invalid
from core.events import record
from core.locks import busy_on_timeout, set_lock_timeout
from core.models import User
from core.money import ZERO, convert
from core.permissions import require
from customers.locks import scope_lock
from ledger.models import EntryKind, JournalEntry, LedgerRole, ReturnedPayment
from ledger.numbering import entry_number
from ledger.services.amounts import amount_checked, rate_to_company
from ledger.services.reversals import RIGHT, reversal_write
from ledger.services.writing import Origin, entry_create, entry_facts, transfer_create

Bearer = ReturnedPayment.Bearer


def payment_return(
    *,
    payment: JournalEntry,
    reason: str,
    on: date | None = None,
    fee: Decimal | None = None,
    fee_bearer: str = "",
    text: str = "",
    actor: User | None,
) -> ReturnedPayment:
    """The bank took a payment back on a day (default: today): all it settled is open again.

    As `payment_reverse`, with a coded reason and the bank's `fee` in the payment's currency:
    charged on to the customer as an item due at once, or borne by us as an expense. Takes the scope
    lock; nothing is asked of credit. Raises Invalid, Conflict (returned or reversed already),
    NotAllowed, Busy.
    """
    if actor is not None:
        require(actor, RIGHT)
    if payment.kind != EntryKind.PAYMENT:
        raise Invalid("ledger.not_a_payment", _("Only a payment can be returned."))
    if reason not in ReturnedPayment.Reason.values:
        raise Invalid("ledger.return_reason", _("Choose why it came back."), field="reason")
    day = on or today()
    amount = _fee_checked(fee, fee_bearer)
    label = str(ReturnedPayment.Reason(reason).label)
    with busy_on_timeout(), transaction.atomic():
        set_lock_timeout()
        scope_lock(account_ids=[payment.account_id])
        reversal, reopened = reversal_write(
            payment,
            on=day,
            reason=f"{label}: {text.strip()}" if text.strip() else label,
            actor=actor,
        )
        entry = _fee_write(payment, amount, fee_bearer, day, actor) if amount else None
        returned = ReturnedPayment.objects.create(
            account=payment.account,
            payment=payment,
            reason=reason,
            text=text.strip()[:200],
            returned_on=day,
            currency=payment.currency,
            amount=payment.amount,
            fee_amount=amount,
            fee_bearer=fee_bearer if amount else "",
            fee_entry=entry,
            created_by=actor,
        )
        record(
            "ledger.payment.returned",
            payment,
            actor=actor,
            company=payment.company,
            customer_id=payment.account.customer_id,
            data={
                **entry_facts(payment),
                "reversal": reversal.number,
                "on": day,
                "reason": reason,
                "text": text.strip()[:200],
                "fee": amount,
                "fee_bearer": returned.fee_bearer,
                "allocations": reopened,
            },
        )
    return returned


def _fee_checked(fee: Decimal | None, bearer: str) -> Decimal:
    """The fee in cents, 0 for none. Raises Invalid unless fee and bearer come together."""
    if not fee:
        if bearer:
            raise Invalid("ledger.fee_missing", _("Enter the fee of the bank."), field="fee")
        return ZERO
    if bearer not in {Bearer.CUSTOMER, Bearer.US}:
        raise Invalid("ledger.fee_bearer", _("Choose who bears the fee."), field="fee_bearer")
    return amount_checked(fee, field="fee")


def _fee_write(
    payment: JournalEntry, amount: Decimal, bearer: str, day: date, actor: User | None
) -> JournalEntry:
    account = payment.account
    number = entry_number(company=payment.company, code="bank_fee", on=day)
    if bearer == Bearer.CUSTOMER:
        return entry_create(
            account=account,
            kind=EntryKind.FEE,
            number=number,
            document_on=day,
            instalments=[(day, amount)],
            currency=payment.currency_id,
            actor=actor,
            text=payment.number,
            origin=Origin(goes_with=payment),
        )
    rate = rate_to_company(payment.currency, account, day, None)
    return transfer_create(
        account=account,
        kind=EntryKind.BANK_COST,
        number=number,
        document_on=day,
        amount=amount,
        currency=payment.currency,
        rate=rate,
        company_amount=None if rate is None else convert(amount, rate),
        debit=LedgerRole.BANK_FEE,
        credit=LedgerRole.BANK,
        text=payment.number,
        goes_with=payment,
        actor=actor,
    )
