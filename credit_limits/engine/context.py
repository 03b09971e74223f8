"""What every rule looks at: the facts of one check and the positions computed from them once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from credit_limits.engine.exposure import Position, has_limit, position, positions
from credit_limits.engine.types import ZERO, Finding, ScopeKind, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from decimal import Decimal

    from credit_limits.engine.types import CheckInput, Rule, ScopeFacts


@dataclass(frozen=True, slots=True)
class Context:
    """One check: the facts, the position of every scope, and the deciding account among them."""

    facts: CheckInput
    positions: tuple[Position, ...]
    account: Position

    @property
    def value(self) -> Decimal:
        """The gross document in the currency of the account scope."""
        document = self.facts.document
        scope = self.account.scope
        return document.amount if document.currency == scope.currency else scope.document_amount

    @property
    def raw_increment(self) -> Decimal:
        """How much the document grows the account's value, counted in the total or not."""
        scope = self.account.scope
        return scope.document_amount - scope.counted_before

    @property
    def wider_limit_serves(self) -> bool:
        """Whether a customer or group scope states a limit of its own."""
        return any(
            has_limit(item.limit)
            for item in self.positions
            if item.scope.kind is not ScopeKind.ACCOUNT
        )


def context(facts: CheckInput) -> Context:
    """Compute the positions; ValueError unless exactly one scope is the deciding account."""
    account = position(facts.account_scope, facts.document, facts.policy)
    found = positions(facts.scopes, facts.document, facts.policy)
    return Context(facts=facts, positions=found, account=account)


@dataclass(frozen=True, slots=True)
class Raw:
    """A finding before exclusions; `increment` is the growth an amount rule goes by."""

    finding: Finding
    increment: Decimal | None = None


def growth(increment: Decimal, scope: ScopeFacts) -> Decimal:
    """What an amount rule goes by; nothing where only cents were rounded another way."""
    return ZERO if increment <= scope.rounding else increment


type Figures = Mapping[str, Decimal | int | str | date]
type Figure = Decimal | int | str | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule found out, before it is dressed as a finding."""

    fired: bool
    observed: Figure = None
    threshold: Figure = None
    asked: bool = True
    facts: Figures = field(default_factory=dict)


def finding(
    rule: Rule,
    severity: Severity,
    verdict: Verdict,
    *,
    reason: str = "",
    scope: ScopeKind | None = None,
) -> Finding:
    """A finding with its unreduced effect; the reason is the rule's name unless given."""
    return Finding(
        rule=rule,
        reason=reason or rule.name,
        severity=severity,
        effect=severity if verdict.fired else Severity.OK,
        observed=verdict.observed,
        threshold=verdict.threshold,
        scope=scope,
        asked=verdict.asked,
        facts=verdict.facts,
        fired=verdict.fired,
    )
