"""Limits wider than one account: of the customer over all companies, and of its group."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Q

from core.money import ZERO, convert
from core.rates import rates_on
from credit_limits.engine.limits import effective_limit
from credit_limits.models import CreditLimit
from credit_limits.scopes import limit_row
from credit_limits.selectors import portfolio_positions
from customers.models import CustomerAccount

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from core.rates import Pair
    from credit_limits.engine.types import LimitFacts
    from credit_limits.selectors import CreditPosition
    from customers.models import Customer, CustomerGroup


@dataclass(frozen=True, slots=True)
class WideLimit:
    """A limit several accounts share, and what they use of it together, in its currency."""

    is_group: bool
    label: str
    currency: str
    limit: LimitFacts
    used: Decimal
    account_count: int
    missing_rates: tuple[str, ...]

    @property
    def headroom(self) -> Decimal | None:
        """Limit minus the members' exposure; None where nothing bounds it."""
        ceiling = self.limit.ceiling
        return None if ceiling is None else ceiling - self.used

    @property
    def percent(self) -> Decimal | None:
        """Exposure in percent of the limit."""
        ceiling = self.limit.ceiling
        return self.used * 100 / ceiling if ceiling else None


def wide_limits(customer: Customer, as_of: date) -> list[WideLimit]:
    """The customer's and its group's limits in force on a day, as a check compares them.

    One statement when there are none; a constant number otherwise, whatever the members.
    """
    scope = Q(customer=customer)
    members = Q(customer=customer)
    if customer.group_id is not None:
        scope |= Q(group=customer.group_id)
        members |= Q(customer__group=customer.group_id)
    return _wide(scope, members, customer, as_of)


def group_limits(group: CustomerGroup, as_of: date) -> list[WideLimit]:
    """The group's own limit in force on a day; empty when it has none."""
    return _wide(Q(group=group), Q(customer__group=group), None, as_of)


def _wide(scope: Q, members: Q, customer: Customer | None, as_of: date) -> list[WideLimit]:
    rows = list(
        CreditLimit.objects.filter(scope, is_approved=True, valid_during__contains=as_of)
        .select_related("customer", "group")
        .order_by("pk")
    )
    if not rows:
        return []
    accounts = CustomerAccount.objects.filter(members).values_list("pk", flat=True)
    positions = list(portfolio_positions(as_of=as_of, account_ids=accounts).values())
    codes = {position.currency for position in positions} | {row.currency_id for row in rows}
    rates = rates_on({(code, row.currency_id) for row in rows for code in codes}, as_of)
    found = []
    for is_group in (False, True):
        own = [row for row in rows if (row.group_id is not None) is is_group]
        if own:
            chosen = [
                position
                for position in positions
                if is_group or customer is None or position.account.customer_id == customer.pk
            ]
            found.append(_limit(own, chosen, rates, as_of, is_group=is_group))
    return found


def _limit(
    rows: list[CreditLimit],
    positions: list[CreditPosition],
    rates: Mapping[Pair, Decimal | None],
    as_of: date,
    *,
    is_group: bool,
) -> WideLimit:
    currency = rows[0].currency_id
    missing = {pair for position in positions for pair in position.missing_rates}
    used = ZERO
    for position in positions:
        rate = rates[position.currency, currency]
        if rate is None:
            missing.add(f"{position.currency}-{currency}")
        else:
            used += convert(position.total, rate)
    return WideLimit(
        is_group=is_group,
        label=str(rows[0].group or rows[0].customer),
        currency=currency,
        limit=effective_limit(
            [limit_row(row, rates[row.currency_id, currency] or Decimal(0)) for row in rows],
            as_of,
        ),
        used=used,
        account_count=len(positions),
        missing_rates=tuple(sorted(missing)),
    )
