"""The limits a document is compared with: its account's, its customer's and its group's."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.backends.postgresql.psycopg_any import DateRange

from core.money import ZERO, convert
from core.rates import rates_on
from credit_limits.engine.exposure import compose, counted_total
from credit_limits.engine.limits import LimitKind, LimitRow, effective_limit
from credit_limits.engine.types import Component, Exposure, LimitState, ScopeFacts, ScopeKind
from credit_limits.models import CreditLimit
from credit_limits.standing import policies_by_company

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.rates import Pair
    from credit_limits.assemble import AskedDocument
    from credit_limits.engine.types import PolicyFacts
    from credit_limits.exposure import AccountKey, Gathered
    from credit_limits.standing import LimitFound
    from customers.models import CustomerAccount


def limit_row(limit: CreditLimit | LimitFound, rate: Decimal) -> LimitRow:
    """A stored limit as an engine row, its amount taken at `rate`."""
    span = limit.valid_during
    return LimitRow(
        kind=LimitKind(limit.kind),
        state=LimitState(limit.state),
        amount=convert(limit.amount, rate) if limit.amount is not None else ZERO,
        valid_from=span.lower or date.min,
        valid_until=span.upper,
        approved=limit.is_approved,
    )


def dated_limits(
    accounts: Iterable[CustomerAccount],
    first: date,
    last: date,
    *,
    known_at: datetime | None = None,
) -> dict[int, tuple[list[LimitRow], tuple[str, ...]]]:
    """Each account's own approved limits that hold on some of these days, in its risk currency.

    With the currency pairs for which there is no rate on `first` (of those known at `known_at`);
    their amount is then 0. One statement, and one for rates when a limit is in another currency.
    """
    by_id = {account.pk: account for account in accounts}
    rows: dict[int, list[CreditLimit]] = defaultdict(list)
    pairs = set()
    for limit in CreditLimit.objects.filter(
        account__in=by_id,
        is_approved=True,
        valid_during__overlap=DateRange(first, last, "[]"),
    ):
        if limit.account_id is not None:
            rows[limit.account_id].append(limit)
            pairs.add((limit.currency_id, by_id[limit.account_id].currency_id))
    rates = rates_on(pairs, first, known_at=known_at) if pairs else {}
    result: dict[int, tuple[list[LimitRow], tuple[str, ...]]] = {}
    for key, account in by_id.items():
        missing = []
        converted = []
        for limit in rows[key]:
            rate = rates[limit.currency_id, account.currency_id]
            if rate is None:
                missing.append(f"{limit.currency_id}-{account.currency_id}")
            converted.append(limit_row(limit, rate or Decimal(0)))
        result[key] = (converted, tuple(missing))
    return result


def rate_pairs(
    own: AccountKey,
    asked: AskedDocument,
    limits: Iterable[LimitFound],
    members: Iterable[AccountKey],
) -> set[Pair]:
    pairs: set[Pair] = {(asked.currency, own.currency)}
    keys = list(members)
    for limit in limits:
        if limit.account_id is not None:
            pairs.add((limit.currency_id, own.currency))
        else:
            pairs.add((asked.currency, limit.currency_id))
            pairs.add((limit.currency_id, own.currency))
            pairs |= {(key.currency, limit.currency_id) for key in keys}
    return pairs


def _rate(gathered: Gathered, source: str, target: str, missing: set[str]) -> Decimal:
    if source == target:
        return Decimal(1)
    rate = gathered.rates.get((source, target))
    if rate is None:
        missing.add(f"{source}-{target}")
        return Decimal(0)
    return rate


@dataclass(frozen=True, slots=True)
class View:
    """What the scopes of one check are made of. `missing` collects rates nobody has."""

    own: AccountKey
    asked: AskedDocument
    limits: list[LimitFound]
    gathered: Gathered
    before: Gathered | None
    policy: PolicyFacts
    as_of: date
    missing: set[str]

    def rate(self, source: str, target: str) -> Decimal:
        """Units of `target` for one `source`; 0, and noted, when there is none."""
        return _rate(self.gathered, source, target, self.missing)

    def asked_value(self, currency: str) -> Decimal:
        """What the document will count, taken as the exposure will take it once it stands."""
        return self._taken(self.asked.value, currency)

    def rounding(self, currency: str) -> Decimal:
        """By how much that may exceed what was handed over because each line is rounded."""
        return self._taken(self.asked.rounding, currency) if self.asked.rounding else ZERO

    def _taken(self, amount: Decimal, currency: str) -> Decimal:
        """At the rate the document keeps, where the account's risk currency is the company's."""
        own, asked = self.own, self.asked
        if asked.rate is None or own.currency != own.company_currency:
            return convert(amount, self.rate(asked.currency, currency))
        value = convert(amount, asked.rate)
        return (
            value if currency == own.currency else convert(value, self.rate(own.currency, currency))
        )


def members_of(
    own: AccountKey, limits: Iterable[LimitFound], policy: PolicyFacts
) -> dict[int, AccountKey]:
    """The account and all that share a limit with it, each under its own company's policy."""
    found = {member.id: member for limit in limits for member in limit.members}
    others = {member.company_id for member in found.values()} - {own.company_id}
    policies = {own.company_id: policy}
    if others:
        policies |= policies_by_company(others)
    read = {
        key: member.under(policies[member.company_id]) if member.company_id in policies else member
        for key, member in found.items()
    }
    return {**read, own.id: own}


def scopes_of(account: CustomerAccount, view: View) -> tuple[ScopeFacts, ...]:
    own = view.own
    own_rows = [
        limit_row(limit, view.rate(limit.currency_id, own.currency))
        for limit in view.limits
        if limit.account_id is not None
    ]
    exposure = view.gathered.accounts[account.pk].exposure
    now = view.before.accounts[account.pk].exposure if view.before else None
    scopes = [
        ScopeFacts(
            kind=ScopeKind.ACCOUNT,
            label=str(account.customer),
            limit=effective_limit(own_rows, view.as_of),
            exposure=exposure,
            currency=own.currency,
            document_amount=view.asked_value(own.currency),
            rounding=view.rounding(own.currency),
            **_counted(exposure, now, view),
        )
    ]
    for kind, column in ((ScopeKind.CUSTOMER, "customer_id"), (ScopeKind.GROUP, "group_id")):
        rows = [limit for limit in view.limits if getattr(limit, column) is not None]
        if not rows:
            continue
        currency = rows[0].currency_id
        label = account.customer if kind is ScopeKind.CUSTOMER else account.customer.group
        exposure = _wide_exposure(rows[0].members, currency, view.gathered, view)
        now = _wide_exposure(rows[0].members, currency, view.before, view) if view.before else None
        scopes.append(
            ScopeFacts(
                kind=kind,
                label=str(label),
                limit=effective_limit(
                    [limit_row(row, view.rate(row.currency_id, currency)) for row in rows],
                    view.as_of,
                ),
                exposure=exposure,
                currency=currency,
                document_amount=view.asked_value(currency),
                rounding=view.rounding(currency),
                **_counted(exposure, now, view),
                to_account=view.rate(currency, own.currency),
            )
        )
    return tuple(scopes)


def _counted(others: Exposure, now: Exposure | None, view: View) -> dict[str, Decimal]:
    """What of the document's value counts now: the exposure now less that without it."""
    if now is None:
        return {"counted_before": ZERO, "component_before": ZERO}
    component = view.asked.component
    return {
        "counted_before": counted_total(now, view.policy) - counted_total(others, view.policy),
        "component_before": now.of(component) - others.of(component) if component else ZERO,
    }


def _wide_exposure(
    members: Iterable[AccountKey], currency: str, gathered: Gathered, view: View
) -> Exposure:
    """The members' exposure added up in the scope's currency."""
    parts: list[tuple[Component, Decimal]] = []
    for key in members:
        rate = view.rate(key.currency, currency)
        amounts = gathered.accounts[key.id].exposure.amounts
        parts += [(component, convert(amount, rate)) for component, amount in amounts.items()]
    return compose(parts)
