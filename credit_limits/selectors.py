"""What screens and the night read: positions without a lock, previews, the Why? of a check."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from core.money import ZERO
from credit_limits.assemble import account_key, assemble
from credit_limits.engine.decide import decide
from credit_limits.engine.exposure import counted_total
from credit_limits.engine.limits import effective_limit
from credit_limits.engine.serialise import input_from_json
from credit_limits.engine.suggest import can_be_cleared, ways_to_pass
from credit_limits.engine.types import Component, LimitFacts, LimitState, Outcome, WayKind
from credit_limits.exposure import gather
from credit_limits.scopes import dated_limits
from credit_limits.selectors_curve import exposure_curve
from credit_limits.standing import policies_by_company
from customers.models import Customer, CustomerAccount

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    from credit_limits.assemble import AskedDocument
    from credit_limits.engine.types import CheckInput, Checkpoint, Decision, PolicyFacts, Way
    from credit_limits.models import CreditCheck

HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class CreditPosition:
    """Where an account stands on a day, in its risk currency. Not locked: for display only.

    `components` holds every component (0.00 when empty); `total` adds up those the policy
    counts; `headroom` and `utilisation_percent` are None without an amount to compare with.
    `missing_rates` non-empty means the figures are incomplete, `missing_shown` that only `waiting`
    or `later` are; `policy` is None when none is published.
    """

    account: CustomerAccount
    as_of: date
    currency: str
    components: Mapping[Component, Decimal]
    counts: Mapping[str, int]
    total: Decimal
    waiting: Decimal
    limit: LimitFacts
    worst_days_overdue: int
    oldest_due_on: date | None = None
    missing_rates: tuple[str, ...] = field(default=())
    later: Decimal = ZERO
    policy: PolicyFacts | None = None
    missing_shown: tuple[str, ...] = ()

    @property
    def headroom(self) -> Decimal | None:
        """Limit minus exposure; None for no limit and for unlimited."""
        ceiling = self.limit.ceiling
        return None if ceiling is None else ceiling - self.total

    @property
    def is_over_limit(self) -> bool:
        """Exposure above the limit; equality is not over."""
        return self.headroom is not None and self.headroom < 0

    @property
    def overrun(self) -> Decimal:
        """How much the exposure is above the limit; zero when it is not."""
        return max(-(self.headroom or ZERO), ZERO)

    @property
    def utilisation_percent(self) -> Decimal | None:
        """Exposure in percent of the limit; None when there is no amount above zero."""
        if self.limit.state is not LimitState.AMOUNT:
            return None
        return (self.total * HUNDRED / self.limit.amount).quantize(Decimal("0.1"))

    @property
    def overdue_amount(self) -> Decimal:
        """Residual of debit items past due."""
        return self.components[Component.INVOICE_OVERDUE]

    @property
    def is_complete(self) -> bool:
        """Whether every amount could be converted."""
        return not self.missing_rates


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be decided now, without a lock and without a trace.

    `first_fits_on` is the day on which it would pass as it stands: today, a later one when the
    customer pays as usual, or None when the coming weeks bring none. It decides nothing.
    """

    decision: Decision
    facts: CheckInput
    ways: tuple[Way, ...]
    waiting: Decimal
    first_fits_on: date | None = None


def account_limits(
    accounts: Iterable[CustomerAccount], as_of: date, known_at: datetime | None = None
) -> dict[int, tuple[LimitFacts, tuple[str, ...]]]:
    """Each account's own limit on a day in its risk currency, with rates that were missing."""
    return {
        key: (effective_limit(rows, as_of), missing)
        for key, (rows, missing) in dated_limits(accounts, as_of, as_of, known_at=known_at).items()
    }


def portfolio_positions(
    *,
    as_of: date,
    account_ids: Iterable[int] | None = None,
    known_at: datetime | None = None,
) -> dict[int, CreditPosition]:
    """Positions of many accounts (all when `account_ids` is None), in a constant number of
    statements: accounts, exposure, limits, policies, and rates when currencies differ."""
    accounts = CustomerAccount.objects.select_related("company", "customer", "customer__group")
    if account_ids is not None:
        accounts = accounts.filter(pk__in=list(account_ids))
    return _positions(list(accounts), as_of, known_at)


def _positions(
    found: list[CustomerAccount], as_of: date, known_at: datetime | None
) -> dict[int, CreditPosition]:
    """Positions of accounts that are read, with company, customer and group."""
    if not found:
        return {}
    policies = policies_by_company({account.company_id for account in found}, known_at)
    keys = [
        account_key(account).under(policies[account.company_id])
        if account.company_id in policies
        else account_key(account)
        for account in found
    ]
    gathered = gather(keys, as_of=as_of, known_at=known_at)
    limits = account_limits(found, as_of, known_at)
    positions = {}
    for account in found:
        part = gathered.accounts[account.pk]
        limit, missing = limits[account.pk]
        policy = policies.get(account.company_id)
        amounts = {component: part.exposure.of(component) for component in Component}
        total = (
            counted_total(part.exposure, policy)
            if policy is not None
            else sum(amounts.values(), ZERO)
        )
        positions[account.pk] = CreditPosition(
            account=account,
            as_of=as_of,
            currency=account.currency_id,
            components=amounts,
            counts=part.counts,
            total=total,
            waiting=part.waiting,
            later=part.later,
            limit=limit,
            worst_days_overdue=part.worst_days,
            oldest_due_on=part.oldest_due_on,
            missing_rates=tuple(sorted({*part.missing_rates, *missing})),
            policy=policy,
            missing_shown=part.missing_shown,
        )
    return positions


def credit_position(
    *, account: CustomerAccount, as_of: date, known_at: datetime | None = None
) -> CreditPosition:
    """The position of one account."""
    return _positions([_with_parties(account)], as_of, known_at)[account.pk]


def _with_parties(account: CustomerAccount) -> CustomerAccount:
    """The account with company, customer and group; read only when they are not there."""
    own = CustomerAccount
    if (
        own.company.is_cached(account)
        and own.customer.is_cached(account)
        and Customer.group.is_cached(account.customer)
    ):
        return account
    return CustomerAccount.objects.select_related("company", "customer__group").get(pk=account.pk)


def credit_preview(
    *, account: CustomerAccount, asked: AskedDocument, checkpoint: Checkpoint, as_of: date
) -> Preview:
    """What the check would say now. Nothing is locked or stored; the decision is never this."""
    loaded = _with_parties(account)
    assembled = assemble(account=loaded, asked=asked, checkpoint=checkpoint, as_of=as_of)
    decision = decide(assembled.facts)
    passes = decision.outcome in {Outcome.PASS, Outcome.WARN}
    curve = None
    if can_be_cleared(decision):
        curve = exposure_curve(
            loaded, as_of, extra=asked, policy=assembled.facts.policy, merge=True
        )
    ways = ways_to_pass(assembled.facts, decision, curve)
    waits = (way.on for way in ways if way.kind is WayKind.SHIP_AFTER)
    return Preview(
        decision=decision,
        facts=assembled.facts,
        ways=ways,
        waiting=assembled.gathered.accounts[loaded.pk].waiting,
        first_fits_on=as_of if passes else next(waits, None),
    )


def check_replay(check: CreditCheck) -> Decision:
    """Decide again on exactly what the check was decided on."""
    return decide(input_from_json(check.inputs))


def check_ways(check: CreditCheck) -> tuple[Way, ...]:
    """How the document could have passed, on the figures of the check."""
    facts = input_from_json(check.inputs)
    return ways_to_pass(facts, decide(facts))
