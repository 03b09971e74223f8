"""How late an account pays: the figure on its card, which the coming weeks reckon with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core.errors import Invalid
from core.events import record
from core.locks import busy_on_timeout, set_lock_timeout
from core.permissions import require
from customers.locks import scope_lock

if TYPE_CHECKING:
    from datetime import date

    from core.models import User
    from customers.models import CustomerAccount

MOST_DAYS: Final = 999


def account_days_late_set(
    *,
    account: CustomerAccount,
    days: int | None,
    since: date | None = None,
    until: date | None = None,
    actor: User | None,
) -> CustomerAccount:
    """Write the average days late of an account on its card; None takes the figure away.

    Below zero for who pays early. `since` and `until` say from which days it was reckoned.
    The coming weeks expect money that many days after its due date from now on. Raises Invalid
    (beyond 999 days, or the same already), NotAllowed, Busy.
    """
    if actor is not None:
        require(actor, "customers.change_customer")
    if days is not None and abs(days) > MOST_DAYS:
        raise Invalid(
            "customers.days_late_too_many",
            _("At most %(most)s days, early or late."),
            params={"most": MOST_DAYS},
            field="days",
        )
    with busy_on_timeout(), transaction.atomic():
        set_lock_timeout()
        (fresh,) = scope_lock(account_ids=[account.pk])
        if fresh.days_late == days:
            raise Invalid("customers.days_late_same", _("The card says so already."), field="days")
        before, fresh.days_late = fresh.days_late, days
        fresh.save(update_fields=("days_late",))
        record(
            "customers.account.days_late_set",
            fresh.customer,
            actor=actor,
            company=fresh.company,
            customer_id=fresh.customer_id,
            data={
                "account_id": fresh.pk,
                "company": fresh.company.code,
                "before": before,
                "after": days,
                "since": since,
                "until": until,
            },
        )
    return fresh
