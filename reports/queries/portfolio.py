"""The positions of many accounts, and their totals in one currency."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from core.models import Company
from core.money import ZERO, convert
from core.rates import rates_on
from credit_limits.engine.types import Rule
from credit_limits.selectors import portfolio_positions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date

    from core.models import User
    from credit_limits.engine.types import PolicyFacts
    from credit_limits.selectors import CreditPosition

NEAR_PERCENT: Final = Decimal(90)
BANDS: Final = ("over", "near", "high", "middle", "low", "zero", "none", "unlimited")

type Figure = Callable[[CreditPosition], Decimal | None]


@dataclass(frozen=True, slots=True)
class Total:
    """A sum in one currency.

    `without` counts the accounts that are not in it, because a rate is missing: the screen says
    so, so that nobody takes the sum for complete.
    """

    amount: Decimal
    currency: str
    without: int = 0


@dataclass(frozen=True, slots=True)
class Portfolio:
    """Positions on a day, keyed by account, and the rates into the currency of the totals.

    `policies` holds the policy of each company in it.
    """

    as_of: date
    positions: Mapping[int, CreditPosition]
    currency: str
    rates: Mapping[str, Decimal | None] = field(default_factory=dict)
    policies: Mapping[int, PolicyFacts] = field(default_factory=dict)

    @property
    def is_mixed(self) -> bool:
        """Whether some account is kept in another currency than the totals."""
        return any(position.currency != self.currency for position in self.positions.values())

    def policy(self, position: CreditPosition) -> PolicyFacts | None:
        """The policy of the position's company."""
        return self.policies.get(position.account.company_id)

    def near_percent(self, position: CreditPosition) -> Decimal:
        """From which percentage of the limit on an account is near it, as its policy says."""
        policy = self.policy(position)
        threshold = policy.setting(Rule.NEAR_LIMIT).threshold if policy else None
        return threshold or NEAR_PERCENT

    def band(self, position: CreditPosition) -> str:
        """Where an account stands against its limit: a key of `BANDS`."""
        state = position.limit.state.value
        if state in {"none", "unlimited"}:
            return state
        if position.is_over_limit:
            return "over"
        percent = position.utilisation_percent
        if percent is None:
            return "zero"
        if percent >= self.near_percent(position):
            return "near"
        return "high" if percent >= 75 else "middle" if percent >= 50 else "low"

    def convert(self, position: CreditPosition, amount: Decimal | None) -> Decimal | None:
        """`amount` of a position in the currency of the totals; None without a rate."""
        if amount is None or position.currency == self.currency or not amount.is_finite():
            return amount
        rate = self.rates.get(position.currency)
        return None if rate is None else convert(amount, rate)

    def total(self, figure: Figure, positions: Iterable[CreditPosition] | None = None) -> Total:
        """The sum of a figure over `positions` (all when None); None adds nothing."""
        chosen = self.positions.values() if positions is None else positions
        amount, without = ZERO, 0
        for position in chosen:
            raw = figure(position)
            value = self.convert(position, raw)
            if value is not None:
                amount += value
            if not position.is_complete or (raw and value is None):
                without += 1
        return Total(amount, self.currency, without)


def portfolio(
    *, account_ids: Iterable[int], as_of: date, currency: str | None = None, user: User
) -> Portfolio:
    """The positions of `account_ids` on a day. A constant number of statements.

    Totals are in `currency`; without one in the accounts' own currency when they share it, else
    in that of the user's first company.
    """
    positions = portfolio_positions(as_of=as_of, account_ids=account_ids)
    currencies = {position.currency for position in positions.values()}
    if currency is None:
        currency = next(iter(currencies)) if len(currencies) == 1 else home_currency(user)
    pairs = {(code, currency) for code in currencies if code != currency}
    rates = rates_on(pairs, as_of) if pairs else {}
    return Portfolio(
        positions=positions,
        as_of=as_of,
        currency=currency,
        rates={code: rate for (code, _target), rate in rates.items()},
        policies={
            position.account.company_id: position.policy
            for position in positions.values()
            if position.policy is not None
        },
    )


def home_currency(user: User) -> str:
    """The currency of the user's first company by code; of the first of all for superusers."""
    companies = Company.objects.filter(is_active=True).order_by("code")
    if not user.is_superuser:
        companies = companies.filter(users=user)
    first = companies.values_list("currency", flat=True).first()
    return first or "EUR"


def free(position: CreditPosition) -> Decimal | None:
    """What may still be used: the headroom where it is above zero."""
    headroom = position.headroom
    return headroom if headroom is not None and headroom > 0 else None


def over(position: CreditPosition) -> Decimal | None:
    """By how much the exposure lies over the limit, as an amount above zero."""
    headroom = position.headroom
    return -headroom if headroom is not None and headroom < 0 else None
