"""Charges on a customer's account: through the one door, in the ledger by themselves once accepted.

A charge has no order. When the check holds it, it is kept whole "in analysis" and counts nothing;
once an approver releases it, or the cause goes, it becomes a receivable without being typed again.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from core import clock
from core.errors import Conflict, Invalid
from core.locks import busy_on_timeout
from core.money import ZERO
from core.numerals import format_decimal
from core.permissions import require
from customers.locks import scope_lock
from documents.amounts import LineInput
from documents.inputs import OrderHeader
from documents.models import Charge, Document, DocumentType
from documents.results import SubmitResult
from documents.services.base import document_lock
from documents.services.kinds import type_of
from documents.services.save import draft_create
from documents.services.submit import submit_locked
from ledger.models import EntryKind, JournalEntry, OpenItem
from ledger.services.payments import payment_record
from ledger.services.reversals import payment_reverse

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from core.models import User
    from customers.models import CustomerAccount, PaymentMethod, PaymentTerm
    from documents.models import PurchaseAgreement

ADD, SETTLE = "documents.add_charge", "documents.settle_charge"
REVERSE = "documents.reverse_charge_settlement"


@dataclass(frozen=True, slots=True)
class ChargeInput:
    """A charge as typed. `amount` is above zero, tax included, in the account's currency.

    With an `agreement` its company is billed and `employee` names who bought. `import_key` marks
    one filling-in of a form: the same key again is the same charge.
    """

    amount: Decimal
    text: str
    account: CustomerAccount | None = None
    agreement: PurchaseAgreement | None = None
    employee: str = ""
    payment_method: PaymentMethod | None = None
    payment_term: PaymentTerm | None = None
    import_key: str = ""


def charge_create(*, charge: ChargeInput, actor: User, on: date | None = None) -> SubmitResult:
    """Enter a charge and ask for credit: it passes and is a receivable, or it is kept in analysis.

    Raises Invalid (amount, agreement not valid, an employee's ceiling), NotAllowed, Busy.
    """
    require(actor, ADD)
    day = on or clock.today()
    account = _account(charge, day)
    with busy_on_timeout(), transaction.atomic():
        if charge.agreement is not None:
            # Two purchases of one employee at once meet here, before the ceiling is read.
            scope_lock(account_ids=[account.pk])
            _within_ceiling(charge, charge.agreement)
        document = draft_create(_header(charge, account, day), [_line(charge)], actor)
        current = document_lock(document.pk)
        if current.status != Document.Status.DRAFT:
            return SubmitResult(current, None, None, current.hold_cases.first())
        Charge.objects.create(
            document=current, agreement=charge.agreement, employee=charge.employee.strip()
        )
        return submit_locked(current, actor, as_of=day)


def _account(charge: ChargeInput, day: date) -> CustomerAccount:
    agreement = charge.agreement
    if agreement is None:
        if charge.account is None:
            raise Invalid("documents.charge_nobody", _("Choose who is charged."), field="account")
        if charge.employee.strip():
            raise Invalid(
                "documents.charge_employee",
                _("Only a purchase under an agreement has an employee."),
                field="employee",
            )
        return charge.account
    if not charge.employee.strip():
        raise Invalid(
            "documents.charge_no_employee", _("Say which employee bought."), field="employee"
        )
    ended = agreement.valid_to is not None and agreement.valid_to < day
    if not agreement.is_active or day < agreement.valid_from or ended:
        raise Invalid(
            "documents.agreement_not_valid",
            _("The agreement %(name)s is not valid on %(day)s."),
            params={"name": agreement, "day": day.isoformat()},
            field="agreement",
        )
    return agreement.account


def _header(charge: ChargeInput, account: CustomerAccount, day: date) -> OrderHeader:
    agreed = charge.agreement.payment_term if charge.agreement else None
    return OrderHeader(
        account=account,
        document_on=day,
        type=type_of(DocumentType.Kind.CHARGE),
        currency=account.currency,
        reference=charge.text[:80],
        payment_method=charge.payment_method or account.payment_method,
        payment_term=charge.payment_term or agreed or account.payment_term,
        import_key=charge.import_key,
    )


def _line(charge: ChargeInput) -> LineInput:
    if charge.amount <= 0:
        raise Invalid(
            "documents.charge_amount", _("A charge is an amount above zero."), field="amount"
        )
    if not charge.text.strip():
        raise Invalid("documents.charge_text", _("Say what the charge is for."), field="text")
    return LineInput(
        description=charge.text.strip()[:200], quantity=Decimal(1), unit_price=charge.amount
    )


def employee_open(agreement: PurchaseAgreement, employee: str) -> Decimal:
    """What one employee has open under an agreement: in analysis, and not settled yet."""
    waiting = Charge.objects.filter(
        agreement=agreement, employee=employee, document__status=Document.Status.HELD
    ).aggregate(sum=Sum("document__gross_amount"))["sum"]
    owed = OpenItem.objects.filter(
        entry__document__charge__agreement=agreement, entry__document__charge__employee=employee
    ).aggregate(sum=Sum("open_amount"))["sum"]
    return (waiting or ZERO) + (owed or ZERO)


def _within_ceiling(charge: ChargeInput, agreement: PurchaseAgreement) -> None:
    if agreement.employee_ceiling is None:
        return
    known = charge.import_key and Document.objects.filter(
        company=agreement.account.company_id, import_key=charge.import_key
    )
    if known and known.exists():
        return
    open_amount = employee_open(agreement, charge.employee.strip())
    if open_amount + charge.amount > agreement.employee_ceiling:
        raise Invalid(
            "documents.employee_ceiling",
            _("%(employee)s may have %(ceiling)s open under %(name)s and has %(open)s already."),
            params={
                "employee": charge.employee.strip(),
                "ceiling": format_decimal(agreement.employee_ceiling),
                "name": agreement,
                "open": format_decimal(open_amount),
            },
            field="amount",
        )


def charge_settle(
    *,
    charges: Sequence[tuple[Document, Decimal | None]],
    received_on: date,
    actor: User,
    reference: str = "",
) -> OpenItem:
    """Settle charges with one payment, each in full (None) or in part. Returns the payment's item.

    Raises Invalid (nothing chosen, several accounts or currencies, too much), Conflict (in
    analysis, settled), NotAllowed, Busy.
    """
    require(actor, SETTLE)
    if not charges:
        raise Invalid("documents.nothing_chosen", _("Choose at least one charge."))
    parts: list[tuple[OpenItem, Decimal]] = []
    for document, amount in charges:
        parts += _owed(document, amount)
    accounts = {item.account_id for item, _part in parts}
    currencies = {item.currency_id for item, _part in parts}
    if len(accounts) > 1 or len(currencies) > 1:
        raise Invalid(
            "documents.charges_of_several",
            _("Settle the charges of one account and currency at a time."),
        )
    first = parts[0][0]
    return payment_record(
        account=first.account,
        received_on=received_on,
        amount=sum((part for _item, part in parts), ZERO),
        allocations=parts,
        currency=first.currency_id,
        text=reference,
        actor=actor,
        right=SETTLE,
    )


def _owed(document: Document, amount: Decimal | None) -> list[tuple[OpenItem, Decimal]]:
    """The open items of a charge with what is paid of each, the earliest due first."""
    items = list(
        OpenItem.objects.filter(entry__document=document, open_amount__gt=0)
        .select_related("account__company")
        .order_by("due_on", "instalment")
    )
    if not items:
        raise Conflict(
            "documents.charge_not_open",
            _("%(charge)s is not open: it is in analysis, or settled."),
            params={"charge": document},
        )
    owed = sum((item.open_amount for item in items), ZERO)
    left = owed if amount is None else amount
    if left <= 0 or left > owed:
        raise Invalid(
            "documents.charge_too_much",
            _("%(charge)s: between 0.01 and %(owed)s can be settled."),
            params={"charge": document, "owed": format_decimal(owed)},
            field="amount",
        )
    parts = []
    for item in items:
        part = min(left, item.open_amount)
        if part > 0:
            parts.append((item, part))
            left -= part
    return parts


def settlement_reverse(
    *, payment: JournalEntry, reason: str, actor: User, on: date | None = None
) -> JournalEntry:
    """Take back the settlement of charges: they are open again with their old due dates.

    Only for a payment that settled charges and nothing else. Returns the reversing entry. Raises
    Invalid, Conflict, NotAllowed, Busy.
    """
    require(actor, REVERSE)
    settled = OpenItem.objects.filter(debit_allocations__credit_item__entry=payment).exclude(
        entry__kind=EntryKind.REVERSAL
    )
    charges = settled.filter(entry__document__charge__isnull=False)
    if payment.kind != EntryKind.PAYMENT or not charges.exists():
        raise Invalid("documents.not_a_settlement", _("This settled no charge."))
    if settled.filter(entry__document__charge__isnull=True).exists():
        raise Invalid(
            "documents.settled_more",
            _("This payment settled more than charges. Take it back in the ledger."),
        )
    return payment_reverse(payment=payment, on=on, reason=reason, actor=actor, right=REVERSE)
