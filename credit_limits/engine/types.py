"""The facts and settings of the credit engine, and one door to its words and results.

Amounts are `Decimal` in the currency of the scope they belong to (the risk currency), tax
included. Days are whole calendar days. Nothing here knows about databases or the clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING

from credit_limits.engine.results import Decision, Finding, ScopeResult, Way
from credit_limits.engine.terms import ExposureTerms
from credit_limits.engine.vocabulary import (
    AMOUNT_RULES,
    Checkpoint,
    Component,
    ControlType,
    CustomerStatus,
    Include,
    LimitState,
    MethodTreatment,
    Outcome,
    Rule,
    ScopeKind,
    Severity,
    WayKind,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "AMOUNT_RULES",
    "ONE",
    "ZERO",
    "CheckInput",
    "Checkpoint",
    "Component",
    "ControlType",
    "CustomerFacts",
    "CustomerStatus",
    "Decision",
    "DocumentFacts",
    "Exposure",
    "ExposureTerms",
    "Finding",
    "Include",
    "LimitFacts",
    "LimitState",
    "MethodTreatment",
    "Outcome",
    "OverdueFacts",
    "PolicyFacts",
    "ReleaseFacts",
    "Rule",
    "RuleSetting",
    "ScopeFacts",
    "ScopeKind",
    "ScopeResult",
    "Severity",
    "Way",
    "WayKind",
]

ZERO = Decimal("0.00")
ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class RuleSetting:
    """One rule in a policy. `threshold` is an amount, a percent or days, as the rule says."""

    severity: Severity = Severity.OK
    threshold: Decimal | None = None
    grace_days: int = 0
    tolerance: Decimal = ZERO
    severity_by_status: Mapping[str, Severity] = field(default_factory=lambda: MappingProxyType({}))
    thresholds: Mapping[str, Decimal] = field(default_factory=lambda: MappingProxyType({}))
    options: Mapping[str, bool] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class PolicyFacts:
    """A published policy version as the engine reads it."""

    name: str
    version: int
    rules: Mapping[Rule, RuleSetting]
    include: Mapping[Component, Include] = field(default_factory=lambda: MappingProxyType({}))
    checkpoints: frozenset[Checkpoint] = frozenset(Checkpoint)
    terms: ExposureTerms = field(default_factory=ExposureTerms)

    def setting(self, rule: Rule) -> RuleSetting:
        """The rule's setting; a rule the policy does not name is off."""
        return self.rules.get(rule, RuleSetting())

    def includes(self, component: Component) -> Include:
        """What happens to a component; one the policy does not name counts."""
        return self.include.get(component, Include.COUNT)


@dataclass(frozen=True, slots=True)
class LimitFacts:
    """The limit of one scope on one day. `amount` is only read when state is AMOUNT.

    `valid_to` is the last day (inclusive) on which this figure holds; None = open-ended.
    """

    state: LimitState
    amount: Decimal = ZERO
    permanent: Decimal = ZERO
    temporary: Decimal = ZERO
    valid_to: date | None = None

    @property
    def ceiling(self) -> Decimal | None:
        """The figure to compare with; None when there is nothing to exceed (none, unlimited)."""
        if self.state is LimitState.AMOUNT:
            return self.amount
        return ZERO if self.state is LimitState.ZERO else None


@dataclass(frozen=True, slots=True)
class Exposure:
    """Amount per component in the scope's currency, without the tested document."""

    amounts: Mapping[Component, Decimal] = field(default_factory=lambda: MappingProxyType({}))

    def of(self, component: Component) -> Decimal:
        """The amount of one component (0.00 when absent)."""
        return self.amounts.get(component, ZERO)


@dataclass(frozen=True, slots=True)
class ScopeFacts:
    """One limit to compare with: its exposure excludes the tested document by identity.

    `document_amount` is what the document under test is worth in the scope's currency and
    `counted_before` what of its value counted until now, wherever it sat: in its last accepted
    version, or in the documents it continues (0 for a new value). `component_before` is the part
    of it that sat in the document's own component; None means all of it.
    `rounding` is by how much its value may exceed what was handed over to it only because every
    document rounds its own lines: so much more is no growth.
    `to_account` is how many units of the account scope's currency one unit of this scope's
    currency is worth; it is only used to compare scopes kept in different currencies.
    """

    kind: ScopeKind
    label: str
    limit: LimitFacts
    exposure: Exposure
    currency: str
    document_amount: Decimal = ZERO
    counted_before: Decimal = ZERO
    to_account: Decimal = ONE
    component_before: Decimal | None = None
    rounding: Decimal = ZERO

    @property
    def component_increment(self) -> Decimal:
        """How much the document adds to its own component."""
        before = self.component_before
        return self.document_amount - (self.counted_before if before is None else before)


@dataclass(frozen=True, slots=True)
class OverdueFacts:
    """Overdue items of the deciding account, known at the as-of date.

    `items` holds (reference, due date, residual amount) of debit items past due, largest first
    not required; order never matters. `oldest_item_on` is the document date of the oldest open
    debit item, due or not. Amounts are in the currency of the account scope.

    `open_since` holds (reference, document date, residual) of every open debit item, due or not.
    It only serves to tell what paying the oldest would leave; where it is empty, no payment is
    suggested for that rule. A reference names one open item.
    """

    items: tuple[tuple[str, date, Decimal], ...] = ()
    oldest_item_on: date | None = None
    oldest_item_reference: str = ""
    open_since: tuple[tuple[str, date, Decimal], ...] = ()


@dataclass(frozen=True, slots=True)
class CustomerFacts:
    """What the rules need to know of the party."""

    status: CustomerStatus
    control: ControlType = ControlType.LOCK
    has_history: bool = True


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """The document under test. `component` is where its value sits once accepted."""

    reference: str
    kind: str
    checkpoint: Checkpoint
    amount: Decimal
    currency: str
    component: Component | None = Component.ORDER_OPEN
    counts: bool = True
    outward: bool = True
    exclude_block: bool = False
    method_treatment: MethodTreatment = MethodTreatment.NORMAL
    method_immediate: bool = False
    method_name: str = ""
    instalments: int = 1


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """An approver's standing permission for this document, or for the one it continues (law L5).

    `source_amount` is what the released document it continues is worth, in document currency;
    None when the permission is the document's own. What continues a released document uses up
    that amount and whatever it adds to it.
    """

    reasons: frozenset[str]
    amount_up_to: Decimal
    valid_until: date
    checkpoints: frozenset[Checkpoint]
    reference: str = ""
    source_amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class CheckInput:
    """Everything a decision depends on; deciding the same input twice gives the same decision.

    Exactly one scope is of kind ACCOUNT (the deciding account); the order of the scopes is free.
    """

    document: DocumentFacts
    customer: CustomerFacts
    scopes: tuple[ScopeFacts, ...]
    overdue: OverdueFacts
    policy: PolicyFacts
    as_of: date
    releases: tuple[ReleaseFacts, ...] = ()
    missing_rates: tuple[str, ...] = ()

    @property
    def account_scope(self) -> ScopeFacts:
        """The deciding account; ValueError unless there is exactly one."""
        accounts = [scope for scope in self.scopes if scope.kind is ScopeKind.ACCOUNT]
        if len(accounts) != 1:
            message = f"a check needs exactly one account scope, not {len(accounts)}"
            raise ValueError(message)
        return accounts[0]
