"""Charges on a customer's account: through the one door, in the ledger by themselves once accepted.

A charge has no order. When the check holds it, it is kept whole "in analysis" and counts nothing;
once an approver releases it, or the cause goes, it becomes a receivable without being typed again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q, Sum
from django.utils.translation import gettext_lazy as _

from core import clock
from core.errors import Invalid
from core.locks import busy_on_timeout
from core.money import ZERO
from core.numerals import format_decimal
from core.permissions import require
from customers.locks import scope_lock
from documents.amounts import LineInput
from documents.entitled import ceiling_of, entitled, folded
from documents.inputs import OrderHeader
from documents.models import Charge, Document, DocumentType, HoldCase
from documents.results import SubmitResult
from documents.services.base import document_lock
from documents.services.kinds import type_of
from documents.services.save import draft_create
from documents.services.submit import submit_locked
from ledger.models import OpenItem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from core.models import User
    from customers.models import CustomerAccount, PaymentMethod, PaymentTerm
    from documents.models import AgreementEmployee, PurchaseAgreement

ADD = "documents.add_charge"


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


def charge_create(
    *, charge: ChargeInput, actor: User, on: date | None = None, as_of: date | None = None
) -> SubmitResult:
    """Enter a charge and ask for credit: it passes and is a receivable, or it is kept in analysis.

    `on` is the day of the purchase, `as_of` the business day (both today by default). Raises
    Invalid (amount, agreement not valid, an employee who is not entitled, an employee's ceiling),
    NotAllowed, Busy.
    """
    require(actor, ADD)
    today = as_of or clock.today()
    day = on or today
    if day > today:
        raise Invalid("documents.charge_later", _("A charge is not of a day to come."), field="on")
    account = charge_account(charge)
    agreement = charge.agreement
    if agreement is not None:
        _valid_on(agreement, day)
    with busy_on_timeout(), transaction.atomic():
        if agreement is not None:
            # Two purchases of one employee at once meet here, before the ceiling is read.
            scope_lock(account_ids=[account.pk])
            listed = entitled(agreement)
            charge = employee_known(charge, listed)
            _entitled(charge, agreement, listed)
            _within_ceiling(charge, agreement, listed)
        document = draft_create(charge_header(charge, account, day), [charge_line(charge)], actor)
        current = document_lock(document.pk)
        if current.status != Document.Status.DRAFT:
            open_case = current.hold_cases.filter(status=HoldCase.Status.OPEN).first()
            return SubmitResult(current, None, None, open_case)
        Charge.objects.create(
            document=current, agreement=charge.agreement, employee=charge.employee
        )
        return submit_locked(current, actor, as_of=today)


def charge_account(charge: ChargeInput) -> CustomerAccount:
    """Who is billed: the account, or the company of the agreement. Raises Invalid."""
    agreement = charge.agreement
    if agreement is not None:
        if not charge.employee.strip():
            raise Invalid(
                "documents.charge_no_employee", _("Say which employee bought."), field="employee"
            )
        return agreement.account
    if charge.account is None:
        raise Invalid("documents.charge_nobody", _("Choose who is charged."), field="account")
    if charge.employee.strip():
        raise Invalid(
            "documents.charge_employee",
            _("Only a purchase under an agreement has an employee."),
            field="employee",
        )
    return charge.account


def _valid_on(agreement: PurchaseAgreement, day: date) -> None:
    if not agreement.is_valid(day):
        raise Invalid(
            "documents.agreement_not_valid",
            _("The agreement %(name)s is not valid on %(day)s."),
            params={"name": agreement, "day": day},
            field="agreement",
        )


def charge_header(
    charge: ChargeInput, account: CustomerAccount, day: date, type_: DocumentType | None = None
) -> OrderHeader:
    """The head of the document of a charge; an agreement's terms before the account's."""
    agreed = charge.agreement.payment_term if charge.agreement else None
    return OrderHeader(
        account=account,
        document_on=day,
        type=type_ or type_of(DocumentType.Kind.CHARGE),
        currency=account.currency,
        reference=charge.text[:80],
        payment_method=charge.payment_method or account.payment_method,
        payment_term=charge.payment_term or agreed or account.payment_term,
        import_key=charge.import_key,
    )


def charge_line(charge: ChargeInput) -> LineInput:
    """Its one line. Raises Invalid."""
    if charge.amount <= 0:
        raise Invalid(
            "documents.charge_amount", _("A charge is an amount above zero."), field="amount"
        )
    if not charge.text.strip():
        raise Invalid("documents.charge_text", _("Say what the charge is for."), field="text")
    return LineInput(
        description=charge.text.strip()[:200], quantity=Decimal(1), unit_price=charge.amount
    )


def employee_known(
    charge: ChargeInput, listed: Mapping[str, AgreementEmployee] | None = None
) -> ChargeInput:
    """The charge with its employee as the list has it, or else as written before.

    “rita  B.” is the Rita B. of last week: another ceiling must not be had by another spelling.
    """
    if charge.agreement is None:
        return charge
    name = " ".join(charge.employee.split())
    if listed is None:
        listed = entitled(charge.agreement)
    if folded(name) in listed:
        return replace(charge, employee=listed[folded(name)].name)
    known = Charge.objects.filter(agreement=charge.agreement, employee__iexact=name)
    return replace(charge, employee=known.values_list("employee", flat=True).first() or name)


def employee_open(agreement: PurchaseAgreement, employee: str) -> Decimal:
    """What one employee has open under an agreement: in analysis, and not settled yet."""
    waiting = Charge.objects.filter(
        agreement=agreement, employee__iexact=employee, document__status=Document.Status.HELD
    ).aggregate(sum=Sum("document__gross_amount"))["sum"]
    owed = OpenItem.objects.filter(
        entry__document__charge__agreement=agreement,
        entry__document__charge__employee__iexact=employee,
    ).aggregate(
        debit=Sum("open_amount", filter=Q(direction=OpenItem.Direction.DEBIT)),
        credit=Sum("open_amount", filter=Q(direction=OpenItem.Direction.CREDIT)),
    )
    return (waiting or ZERO) + (owed["debit"] or ZERO) - (owed["credit"] or ZERO)


def _entitled(
    charge: ChargeInput, agreement: PurchaseAgreement, listed: Mapping[str, AgreementEmployee]
) -> None:
    """Raise Invalid for an employee whom the list of the agreement does not have, or no longer."""
    found = listed.get(folded(charge.employee))
    if not listed or (found is not None and found.is_active):
        return
    params = {"employee": charge.employee, "name": agreement}
    if found is None:
        raise Invalid(
            "documents.employee_not_entitled",
            _("%(employee)s is not among the employees who may buy under %(name)s."),
            params=params,
            field="employee",
        )
    raise Invalid(
        "documents.employee_inactive",
        _("%(employee)s may no longer buy under %(name)s."),
        params=params,
        field="employee",
    )


def _within_ceiling(
    charge: ChargeInput, agreement: PurchaseAgreement, listed: Mapping[str, AgreementEmployee]
) -> None:
    ceiling = ceiling_of(agreement, charge.employee, listed)
    if ceiling is None:
        return
    known = charge.import_key and Document.objects.filter(
        company=agreement.account.company_id, import_key=charge.import_key
    )
    if known and known.exists():
        return
    open_amount = employee_open(agreement, charge.employee)
    if open_amount + charge.amount > ceiling:
        raise Invalid(
            "documents.employee_ceiling",
            _("%(employee)s may have %(ceiling)s open under %(name)s and has %(open)s already."),
            params={
                "employee": charge.employee,
                "ceiling": format_decimal(ceiling),
                "name": agreement,
                "open": format_decimal(open_amount),
            },
            field="amount",
        )
