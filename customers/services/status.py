"""The commercial status: changed on its own, with a reason and a date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import clock
from core.errors import Conflict, Invalid
from core.events import record
from core.locks import busy_on_timeout, lock_rows, set_lock_timeout
from core.permissions import require
from customers.models import Customer

if TYPE_CHECKING:
    from datetime import date

    from core.models import User


def customer_status_set(
    *,
    customer: Customer,
    status: str,
    reason: str,
    actor: User | None,
    on: date,
    expected: str = "",
) -> Customer:
    """Give `customer` another status from `on` (today or earlier) for `reason`.

    `expected` is the status the form showed: Conflict when it is another one by now. The customer's
    row is locked, so a credit check that runs at the same moment sees the old or the new status
    and never half of it. Held documents are checked again after commit.
    Raises Invalid (field status, reason or on), Conflict, NotAllowed, Busy.
    """
    if actor is not None:
        require(actor, "customers.change_customer_status")
    reason = reason.strip()
    if status not in Customer.Status.values:
        raise Invalid("customers.unknown_status", _("Choose a status."), field="status")
    if not reason:
        raise Invalid("customers.reason_missing", _("Say why the status changes."), field="reason")
    if on > clock.today():
        raise Invalid(
            "customers.status_in_future",
            _("A status cannot begin in the future. Choose today or an earlier day."),
            field="on",
        )
    with busy_on_timeout(), transaction.atomic():
        set_lock_timeout()
        (fresh,) = lock_rows(Customer.objects.filter(pk=customer.pk))
        if expected and fresh.status != expected:
            raise Conflict(
                "customers.status_changed_meanwhile",
                _(
                    "Somebody set the status to %(status)s meanwhile. "
                    "Look again before you change it."
                ),
                params={"status": fresh.get_status_display()},
            )
        if fresh.status == status:
            raise Invalid(
                "customers.same_status",
                _("The customer is %(status)s already."),
                params={"status": fresh.get_status_display()},
                field="status",
            )
        if fresh.status_on and on < fresh.status_on:
            raise Invalid(
                "customers.status_before_last",
                _("The present status began on %(on)s; the new one cannot begin before it."),
                params={"on": fresh.status_on},
                field="on",
            )
        before = fresh.status
        fresh.status, fresh.status_reason, fresh.status_on = status, reason[:200], on
        fresh.save(update_fields=("status", "status_reason", "status_on"))
        record(
            "customers.customer.status_changed",
            fresh,
            actor=actor,
            customer_id=fresh.pk,
            data={"status": [before, status], "reason": reason, "on": on.isoformat()},
        )
    return fresh
