"""What the bank says of a whole list: which bills it collected, which came back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core.clock import today
from core.errors import Conflict, Invalid
from core.events import record
from core.locks import busy_on_timeout
from ledger.selectors.presentations import waiting
from ledger.services.bills.returns import Back, return_write
from ledger.services.bills.steps import collect_write
from ledger.services.bills.writing import bill_facts, bills_lock

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from core.models import User
    from ledger.models import Bill, Presentation


def presentation_result(
    *,
    presentation: Presentation,
    collected: Sequence[Bill] = (),
    returned: Sequence[Bill] = (),
    on: date | None = None,
    back: Back | None = None,
    actor: User | None,
) -> None:
    """Record the bank's result for bills of a list on a day (default: today), all or none.

    `back` holds for every returned bill: its charges are asked for each of them. Raises Invalid
    (nothing said, a bill named for both, not on this list), Conflict, NotAllowed, Busy.
    """
    day = on or today()
    paid, unpaid = {bill.pk for bill in collected}, {bill.pk for bill in returned}
    if not paid and not unpaid:
        raise Invalid("ledger.result_of_nothing", _("Say which bills were paid or came back."))
    if paid & unpaid:
        raise Invalid("ledger.result_twice", _("A bill is paid or it comes back, not both."))
    with busy_on_timeout(), transaction.atomic():
        locked = bills_lock([*collected, *returned], actor=actor)
        with_it = waiting(presentation, paid | unpaid)
        for bill in locked:
            if bill.pk not in with_it:
                raise Conflict(
                    "ledger.bill_on_another_list",
                    _("%(bill)s is not with the bank on list %(list)s."),
                    params={"bill": bill.number, "list": presentation.number},
                )
            if bill.pk in paid:
                collect_write(bill, on=day, text=presentation.number, actor=actor)
            else:
                return_write(bill, back or Back(), on=day, actor=actor)
        accounts = {bill.account_id for bill in locked}
        record(
            "ledger.presentation.result",
            presentation,
            actor=actor,
            company=presentation.company,
            customer_id=locked[0].account.customer_id if len(accounts) == 1 else None,
            data={
                "company_id": presentation.company_id,
                "number": presentation.number,
                "on": day,
                "currency": presentation.currency_id,
                "collected": [bill_facts(bill) for bill in locked if bill.pk in paid],
                "returned": [bill_facts(bill) for bill in locked if bill.pk in unpaid],
            },
        )
