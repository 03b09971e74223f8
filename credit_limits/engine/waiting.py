"""The facts as they are expected to be on a later day, and the first day on which they pass. Pure.

Nobody is asked to do anything: what is due is taken to be paid as the customer usually pays.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import ROUND_DOWN, ROUND_UP, Decimal
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from credit_limits.engine.decide import decide
from credit_limits.engine.flows import ITEMS
from credit_limits.engine.limits import effective_limit
from credit_limits.engine.rounding import CENT
from credit_limits.engine.types import (
    ZERO,
    Component,
    Exposure,
    Outcome,
    OverdueFacts,
    ScopeKind,
    Way,
    WayKind,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from credit_limits.engine.timeline import Curve, Point
    from credit_limits.engine.types import CheckInput, ScopeFacts

# Each costs one decision; who pays in more parts than that gets no such advice.
MOST_DAYS_TRIED: Final = 90


def ship_after(facts: CheckInput, curve: Curve) -> Way | None:
    """Wait until the document passes, if it does within the curve and goes on fitting.

    The amount is what is expected to be paid by then, in the account's currency.
    """
    tomorrow = curve.point_on(curve.as_of + timedelta(days=1))
    later = (point for point in curve.points if point.on > tomorrow.on)
    for point in (tomorrow, *islice(later, MOST_DAYS_TRIED)):
        then = waited(facts, curve, point.on)
        if _passes(then) and _goes_on_fitting(facts, curve, point, then):
            return Way(WayKind.SHIP_AFTER, curve.expected_by(point.on), on=point.on)
    return None


def _goes_on_fitting(facts: CheckInput, curve: Curve, point: Point, then: CheckInput) -> bool:
    """Whether no limit that ends and no value that enters later takes the room away again."""
    tighter = (
        later for later in curve.points if later.on > point.on and _has_less_room(later, point)
    )
    return all(
        _passes(replace(then, scopes=waited(facts, curve, later.on).scopes)) for later in tighter
    )


def _has_less_room(later: Point, point: Point) -> bool:
    if later.headroom is None:
        return later.limit.state is not point.limit.state
    return point.headroom is None or later.headroom < point.headroom


def _passes(facts: CheckInput) -> bool:
    return decide(facts).outcome in {Outcome.PASS, Outcome.WARN}


def waited(facts: CheckInput, curve: Curve, day: date) -> CheckInput:
    """The facts at the end of `day`: what is paid is gone, what falls due is overdue.

    The account has the limit of that day; of wider scopes only what this account frees is known.
    """
    changes = _changes(curve, day)
    currency = facts.account_scope.currency
    scopes = []
    for scope in facts.scopes:
        moved = _moved(scope, changes, currency)
        if scope.kind is ScopeKind.ACCOUNT:
            moved = replace(moved, limit=effective_limit(curve.limits, day))
        scopes.append(moved)
    return replace(facts, scopes=tuple(scopes), overdue=_overdue(curve, day), as_of=day)


def _changes(curve: Curve, day: date) -> Mapping[Component, Decimal]:
    """How much each component gains or loses until the end of the day."""
    changes: dict[Component, Decimal] = {}

    def add(component: Component | None, amount: Decimal) -> None:
        if component is not None:
            changes[component] = changes.get(component, ZERO) + amount

    for flow, money in zip(curve.flows, curve.paid, strict=True):
        add(flow.start, -flow.amount)
        add(flow.component_on(day), flow.amount)
        if flow.leaves_on is not None and flow.leaves_on <= day and flow.amount > ZERO:
            add(Component.CREDITS, flow.amount - money)
    return changes


def _moved(scope: ScopeFacts, changes: Mapping[Component, Decimal], currency: str) -> ScopeFacts:
    amounts = dict(scope.exposure.amounts)
    for component, change in changes.items():
        part = change if scope.currency == currency else _converted(change, scope.to_account)
        amounts[component] = amounts.get(component, ZERO) + part
    return replace(scope, exposure=Exposure(amounts=MappingProxyType(amounts)))


def _converted(change: Decimal, to_account: Decimal) -> Decimal:
    """A change in the scope's currency, never more help than there is; nothing without a rate."""
    if to_account <= ZERO:
        return max(change, ZERO)
    rounding = ROUND_DOWN if change < ZERO else ROUND_UP
    return (change / to_account).quantize(CENT, rounding=rounding)


def _overdue(curve: Curve, day: date) -> OverdueFacts:
    """What is overdue on the day, and the oldest open item then."""
    still_open = [
        flow for flow in curve.flows if flow.amount > ZERO and flow.component_on(day) in ITEMS
    ]
    oldest = min(still_open, key=lambda flow: (flow.document_on, flow.reference), default=None)
    return OverdueFacts(
        items=tuple(
            (flow.reference, flow.due_on, flow.amount)
            for flow in still_open
            if flow.due_on is not None and flow.due_on < day
        ),
        oldest_item_on=oldest.document_on if oldest else None,
        oldest_item_reference=oldest.reference if oldest else "",
    )
