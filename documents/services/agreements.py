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
from documents.models import PurchaseAgreement

if TYPE_CHECKING:
    from datetime import date

    from core.models import User
    from customers.models import PaymentTerm

RIGHT = "documents.change_purchaseagreement"


@dataclass(frozen=True, slots=True)
class AgreementInput:
    """An agreement as typed; the ceiling is in the account's currency, None for no bound."""

    code: str
    name: str
    valid_from: date
    valid_to: date | None = None
    employee_ceiling: Decimal | None = None
    payment_term: PaymentTerm | None = None
    is_active: bool = True


def agreement_save(
    *,
    account: CustomerAccount,
    wanted: AgreementInput,
    actor: User,
    agreement: PurchaseAgreement | None = None,
) -> PurchaseAgreement:
    """Make an agreement with a customer, or change one; who is billed stays as it is.

    A lower ceiling holds nothing back that was bought already. Raises Invalid (a code twice, an end
    before the beginning), NotAllowed, Busy.
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
        before, now = getattr(current, field.name), getattr(wanted, field.name)
        if before != now:
            changes[field.name] = [_words(before), _words(now)]
        setattr(current, field.name, now)
    return changes


def _words(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return "" if value is None else str(value)
