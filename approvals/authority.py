"""Whether one person's authority reaches an amount, whatever the request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from approvals.engine import authorities_for
from approvals.selectors import deciders

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from core.models import User
    from customers.models import CustomerAccount


def authority_covers(
    *,
    user: User,
    kind: str,
    amount: Decimal,
    currency: str,
    account: CustomerAccount,
    on: date,
) -> bool:
    """Whether `user` may decide `amount` (in `currency`) of this kind for the account on a day."""
    found = deciders(kind=kind, account=account, currency_id=currency, on=on)
    return any(user.pk in item.member_ids for item in authorities_for(amount, found.authorities))
