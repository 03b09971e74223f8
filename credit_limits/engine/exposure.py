"""Exposure arithmetic: components added up, and where one scope stands before and after.

Which document line sits in which component, and the hand-over of left-out components to the
earlier one, is the business of the sources; here amounts are only composed and counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from credit_limits.engine.types import (
    ZERO,
    Component,
    Exposure,
    Include,
    LimitFacts,
    LimitState,
    ScopeKind,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from credit_limits.engine.types import DocumentFacts, PolicyFacts, ScopeFacts

SCOPE_ORDER = tuple(ScopeKind)


def compose(parts: Iterable[tuple[Component, Decimal]]) -> Exposure:
    """Add up signed (component, amount) parts; a component without parts is absent."""
    amounts: dict[Component, Decimal] = {}
    for component, amount in parts:
        amounts[component] = amounts.get(component, ZERO) + amount
    ordered = {component: amounts[component] for component in Component if component in amounts}
    return Exposure(amounts=MappingProxyType(ordered))


def counted_total(exposure: Exposure, policy: PolicyFacts) -> Decimal:
    """The exposure that counts: only components the policy says COUNT."""
    counted = (
        exposure.of(component)
        for component in Component
        if policy.includes(component) is Include.COUNT
    )
    return sum(counted, ZERO)


def breakdown(
    exposure: Exposure, policy: PolicyFacts
) -> tuple[tuple[Component, Decimal, Include], ...]:
    """Every component that is counted or shown, in display order, zeros included."""
    return tuple(
        (component, exposure.of(component), policy.includes(component))
        for component in Component
        if policy.includes(component) is not Include.LEAVE_OUT
    )


@dataclass(frozen=True, slots=True)
class Position:
    """Where a scope stands, in its currency.

    `used` stands today (exposure plus what the document's accepted version counted), `projected`
    would stand if the document were accepted, `increment` is the difference.
    """

    scope: ScopeFacts
    used: Decimal
    projected: Decimal

    @property
    def increment(self) -> Decimal:
        """What accepting the document adds to the counted total."""
        return self.projected - self.used

    @property
    def limit(self) -> LimitFacts:
        """The scope's limit."""
        return self.scope.limit

    @property
    def headroom(self) -> Decimal | None:
        """Limit minus projected; None when there is nothing to exceed."""
        ceiling = self.limit.ceiling
        return None if ceiling is None else ceiling - self.projected

    @property
    def overrun(self) -> Decimal:
        """How far projected lies above the limit, 0.00 when it does not."""
        headroom = self.headroom
        return ZERO if headroom is None else max(ZERO, -headroom)


def counts_in_total(document: DocumentFacts, policy: PolicyFacts) -> bool:
    """Whether the document's value becomes part of the counted total."""
    if not document.counts:
        return False
    return document.component is None or policy.includes(document.component) is Include.COUNT


def position(scope: ScopeFacts, document: DocumentFacts, policy: PolicyFacts) -> Position:
    """The scope's position before and after the document."""
    base = counted_total(scope.exposure, policy)
    added = scope.document_amount if counts_in_total(document, policy) else ZERO
    return Position(scope=scope, used=base + scope.counted_before, projected=base + added)


def positions(
    scopes: Iterable[ScopeFacts], document: DocumentFacts, policy: PolicyFacts
) -> tuple[Position, ...]:
    """Positions from the narrowest scope to the widest, whatever order they came in."""
    ordered = sorted(
        scopes,
        key=lambda scope: (
            SCOPE_ORDER.index(scope.kind),
            scope.label,
            scope.currency,
            scope.limit.state,
            scope.limit.amount,
        ),
    )
    return tuple(position(scope, document, policy) for scope in ordered)


def has_limit(limit: LimitFacts) -> bool:
    """Whether a limit was stated at all (zero and unlimited are statements)."""
    return limit.state is not LimitState.NONE
