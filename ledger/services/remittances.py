"""Writing on a customer's card how late their money came."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from core.errors import Invalid
from customers.services import account_days_late_set
from ledger.selectors.remittances import remittances_counted

if TYPE_CHECKING:
    from datetime import date

    from core.models import User
    from customers.models import CustomerAccount


def remittance_days_write(
    *, account: CustomerAccount, since: date, until: date, actor: User | None
) -> int:
    """Write the average delay of what was registered in a span on the card; return the whole days.

    Raises Invalid (nothing was paid, or the card says so already) and NotAllowed.
    """
    _rows, found = remittances_counted(account, since, until)
    if found is None:
        raise Invalid(
            "ledger.nothing_remitted",
            _("Nothing was paid in this span: there is no delay to write."),
        )
    account_days_late_set(
        account=account, days=found.whole_days, since=since, until=until, actor=actor
    )
    return found.whole_days
