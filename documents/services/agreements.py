"""Purchase agreements: which company's employees buy on its account."""

from __future__ import annotations

from dataclasses import dataclass, fields
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from core import events
from core.errors import Invalid, NotAllowed
from core.locks import busy_on_timeout, lock_rows
from core.permissions import require
from customers.models import CustomerAccount
from documents.entitled import folded
from documents.models import AgreementEmployee, PurchaseAgreement

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from core.models import User
    from customers.models import PaymentTerm

RIGHT = "documents.change_purchaseagreement"


@dataclass(frozen=True, slots=True)
class EmployeeInput:
    """Somebody entitled, as typed. `ceiling` None: the agreement's; `was` is the name before."""

    name: str
    ceiling: Decimal | None = None
    is_active: bool = True
    was: str = ""


@dataclass(frozen=True, slots=True)
class AgreementInput:
    """An agreement as typed; the ceiling is in the account's currency, None for no bound.

    `employees` is the whole list of who may buy, empty for everybody; None leaves it as it is.
    """

    code: str
    name: str
    valid_from: date
    valid_to: date | None = None
    employee_ceiling: Decimal | None = None
    payment_term: PaymentTerm | None = None
    is_active: bool = True
    employees: Sequence[EmployeeInput] | None = None


def agreement_save(
    *,
    account: CustomerAccount,
    wanted: AgreementInput,
    actor: User,
    agreement: PurchaseAgreement | None = None,
) -> PurchaseAgreement:
    """Make an agreement with a customer, or change one; who is billed stays as it is.

    A lower ceiling holds nothing back that was bought already. Raises Invalid (a code twice, an end
    before the beginning; an employee twice or renamed after buying, with the `row` of the list),
    NotAllowed, Busy.
    """
    require(actor, RIGHT)
    if not CustomerAccount.objects.visible_to(actor).filter(pk=account.pk).exists():
        raise NotAllowed(
            "documents.account_not_visible", _("You do not work for this customer account.")
        )
    if wanted.valid_to is not None and wanted.valid_to < wanted.valid_from:
        raise Invalid(
            "documents.agreement_ends_early",
            _("The agreement would end before it begins."),
            field="valid_to",
        )
    if wanted.employee_ceiling is not None and wanted.employee_ceiling <= 0:
        raise Invalid(
            "documents.agreement_ceiling",
            _("A ceiling is above zero; leave it empty for none."),
            field="employee_ceiling",
        )
    with busy_on_timeout(), transaction.atomic():
        current = agreement or PurchaseAgreement(account=account)
        if agreement is not None:
            (current,) = lock_rows(PurchaseAgreement.objects.filter(pk=agreement.pk))
        changes = _put(current, wanted)
        before = list(current.employees.order_by("name")) if agreement is not None else []
        if wanted.employees is not None:
            _employees_check(agreement, wanted.employees)
            if (listed := _listed(before)) != (now := _listed(wanted.employees)):
                changes["employees"] = [listed, now]
        if agreement is not None and not changes:
            return current
        try:
            with transaction.atomic():
                current.save()
        except IntegrityError as error:
            raise Invalid(
                "documents.agreement_code",
                _("There is an agreement with this code already."),
                field="code",
            ) from error
        if wanted.employees is not None:
            _employees_write(current, before, wanted.employees)
        events.record(
            "documents.agreement.changed" if agreement else "documents.agreement.added",
            current,
            actor=actor,
            company=account.company,
            customer_id=account.customer_id,
            data={"name": current.name, "changes": changes},
        )
    return current


def _put(current: PurchaseAgreement, wanted: AgreementInput) -> dict[str, list[Any]]:
    """Write the values; returns what changed as {field: [before, now]}, in words."""
    changes = {}
    for field in fields(wanted):
        if field.name == "employees":
            continue
        before, now = getattr(current, field.name), getattr(wanted, field.name)
        if before != now:
            changes[field.name] = [_words(before), _words(now)]
        setattr(current, field.name, now)
    return changes


def _employees_check(agreement: PurchaseAgreement | None, wanted: Sequence[EmployeeInput]) -> None:
    """Raise Invalid at the `row` of an employee who cannot be listed so."""
    seen: set[str] = set()
    bought = _who_bought(agreement) if any(_is_renamed(employee) for employee in wanted) else set()
    for row, employee in enumerate(wanted):
        params = {"name": " ".join(employee.name.split()), "row": row}
        if not params["name"]:
            raise Invalid("documents.employee_no_name", _("Say who."), params=params, field="name")
        if folded(employee.name) in seen:
            raise Invalid(
                "documents.employee_twice",
                _("%(name)s is on the list twice."),
                params=params,
                field="name",
            )
        seen.add(folded(employee.name))
        if employee.ceiling is not None and employee.ceiling <= 0:
            raise Invalid(
                "documents.employee_own_ceiling",
                _("A ceiling is above zero; leave it empty for that of the agreement."),
                params=params,
                field="ceiling",
            )
        if _is_renamed(employee) and folded(employee.was) in bought:
            raise Invalid(
                "documents.employee_renamed",
                _(
                    "%(was)s has bought already, and that stays under this name. Make it inactive "
                    "and add the other name."
                ),
                params={**params, "was": employee.was},
                field="name",
            )


def _is_renamed(employee: EmployeeInput) -> bool:
    return bool(employee.was) and folded(employee.was) != folded(employee.name)


def _who_bought(agreement: PurchaseAgreement | None) -> set[str]:
    if agreement is None:
        return set()
    names = agreement.charges.order_by().values_list("employee", flat=True).distinct()
    return {folded(name) for name in names}


def _employees_write(
    current: PurchaseAgreement,
    before: Sequence[AgreementEmployee],
    wanted: Sequence[EmployeeInput],
) -> None:
    """Make the list what is wanted; who stays on it keeps his row."""
    stored = {folded(row.name): row for row in before}
    kept = {folded(employee.name) for employee in wanted}
    current.employees.filter(
        pk__in=[row.pk for name, row in stored.items() if name not in kept]
    ).delete()
    for employee in wanted:
        row = stored.get(folded(employee.name)) or AgreementEmployee(agreement=current)
        row.name = " ".join(employee.name.split())
        row.ceiling, row.is_active = employee.ceiling, employee.is_active
        row.save()


def _listed(rows: Sequence[AgreementEmployee] | Sequence[EmployeeInput]) -> str:
    """The list in words that are the same in every language: names, ceilings, (–) for inactive."""
    found = []
    for row in rows:
        words = " ".join(row.name.split())
        if row.ceiling is not None:
            words = f"{words} {row.ceiling:.2f}"
        found.append(words if row.is_active else f"{words} (–)")
    return ", ".join(sorted(found))


def _words(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return "" if value is None else str(value)
