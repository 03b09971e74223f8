"""Where a customer stands, read through the selectors that the screens use."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from core.money import ZERO, convert
from core.rates import rates_on
from credit_limits.assemble import AskedDocument
from credit_limits.engine.exposure import counted_total
from credit_limits.engine.types import (
    Checkpoint,
    Component,
    Exposure,
    Include,
    LimitFacts,
    LimitState,
    PolicyFacts,
    Rule,
    ScopeKind,
)
from credit_limits.selectors import (
    CreditPosition,
    credit_preview,
    portfolio_positions,
)
from credit_limits.standing import policies_by_company
from customers.models import CustomerAccount
from ledger.models import Bill, OpenItem
from reports.scenarios import vocabulary as v
from reports.scenarios.world import World

COUNTING = ("in_hand", "presented", "returned")
NONE = LimitFacts(state=LimitState.NONE)


@dataclass(frozen=True, slots=True)
class Standing:
    """One customer on one day, in one currency: an account, or all accounts under one limit."""

    currency: str
    exposure: Exposure
    limit: LimitFacts
    policy: PolicyFacts
    waiting: Decimal = ZERO
    worst_days_overdue: int = 0
    missing_rates: tuple[str, ...] = ()
    account_ids: tuple[int, ...] = field(default=())

    @property
    def total(self) -> Decimal:
        """What counts."""
        return counted_total(self.exposure, self.policy)

    @property
    def over_by(self) -> Decimal:
        """How far the total or a component lies above its limit; 0.00 when none does."""
        most = self.policy.setting(Rule.COMPONENT_LIMIT).thresholds
        over = [self.exposure.of(Component(name)) - amount for name, amount in most.items()]
        if self.limit.ceiling is not None:
            over.append(self.total - self.limit.ceiling)
        return max([ZERO, *over])

    @property
    def available(self) -> Decimal | None:
        """Limit minus exposure; None without a limit to speak of."""
        ceiling = self.limit.ceiling
        return None if ceiling is None else ceiling - self.total

    @property
    def overdue_amount(self) -> Decimal:
        """Residuals of debit items past due."""
        return self.exposure.of(Component.INVOICE_OVERDUE)

    def components(
        self, includes: Collection[Include], named: Mapping[str, object]
    ) -> dict[str, Decimal]:
        """What is not zero, by component; bills together where the case names them so."""
        together = {component: word for word in named for component in v.COMPONENTS.get(word, ())}
        result: dict[str, Decimal] = {}
        for component in Component:
            amount = self.exposure.of(component)
            if amount and self.policy.includes(component) in includes:
                word = together.get(component, component.value)
                result[word] = result.get(word, ZERO) + amount
        return result

    def by_maturity(self, as_of: date) -> dict[date, Decimal]:
        """What is owed, by due date: open debit items and bills, in their own currency."""
        result: dict[date, Decimal] = {}
        bills = Bill.objects.filter(account__in=self.account_ids, state__in=COUNTING)
        for bill in bills:
            result[bill.pay_on] = result.get(bill.pay_on, ZERO) + bill.amount
        for item in self.items(as_of):
            result[item.due_on] = result.get(item.due_on, ZERO) + item.open_amount
        return result

    def overdue_count(self, as_of: date) -> int:
        """How many debit items with a residual are past due."""
        return sum(item.due_on < as_of for item in self.items(as_of))

    def items(self, as_of: date) -> list[OpenItem]:
        """Posted debit items with a residual."""
        return list(
            OpenItem.objects.posted()
            .debits()
            .unsettled()
            .filter(account__in=self.account_ids, document_on__lte=as_of)
        )


def read(world: World, customer: str | None = None, company: str | None = None) -> Standing:
    """Where a customer stands on the business day: in one company, or in all of them."""
    accounts = [world.account(customer, company)] if company else world.accounts(customer)
    positions = portfolio_positions(
        as_of=world.today, account_ids=[account.pk for account in accounts]
    )
    found = [positions[account.pk] for account in accounts]
    policies = policies_by_company([account.company_id for account in accounts])
    if len(accounts) == 1:
        only = found[0]
        return Standing(
            currency=only.currency,
            exposure=Exposure(only.components),
            limit=only.limit,
            policy=policies[accounts[0].company_id],
            waiting=only.waiting,
            worst_days_overdue=only.worst_days_overdue,
            missing_rates=only.missing_rates,
            account_ids=(accounts[0].pk,),
        )
    return _together(world, accounts, found, policies[accounts[0].company_id])


def _together(
    world: World,
    accounts: list[CustomerAccount],
    positions: list[CreditPosition],
    policy: PolicyFacts,
) -> Standing:
    """All accounts of a customer: as the check of any of them reads the limit over all."""
    first = accounts[0]
    preview = credit_preview(
        account=first,
        asked=AskedDocument(
            subject_type="",
            subject_id=None,
            text="",
            kind="order",
            amount=ZERO,
            currency=first.currency_id,
        ),
        checkpoint=Checkpoint.SUBMIT,
        as_of=world.today,
    )
    wide = [scope for scope in preview.facts.scopes if scope.kind is ScopeKind.CUSTOMER]
    rates = rates_on({(one.currency, first.currency_id) for one in positions}, world.today)
    missing = {pair for one in positions for pair in one.missing_rates}
    amounts: dict[Component, Decimal] = {}
    for one in positions:
        rate = rates[one.currency, first.currency_id]
        if rate is None:
            missing.add(f"{one.currency}-{first.currency_id}")
            continue
        for component, amount in one.components.items():
            amounts[component] = amounts.get(component, ZERO) + convert(amount, rate)
    return Standing(
        currency=wide[0].currency if wide else first.currency_id,
        exposure=wide[0].exposure if wide else Exposure(amounts),
        limit=wide[0].limit if wide else NONE,
        policy=policy,
        waiting=sum((one.waiting for one in positions), ZERO),
        worst_days_overdue=max(one.worst_days_overdue for one in positions),
        missing_rates=tuple(sorted({*missing, *preview.facts.missing_rates})),
        account_ids=tuple(account.pk for account in accounts),
    )
