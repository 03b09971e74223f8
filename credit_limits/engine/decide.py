"""The decision: facts in, one explained outcome out. Pure, total and deterministic."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from credit_limits.engine.context import Context, context
from credit_limits.engine.exclusions import apply_exclusions
from credit_limits.engine.release import OVER_LIMIT
from credit_limits.engine.rounding import to_cents
from credit_limits.engine.rules import evaluate
from credit_limits.engine.types import (
    ZERO,
    Decision,
    Outcome,
    Rule,
    ScopeResult,
    Severity,
)

if TYPE_CHECKING:
    from credit_limits.engine.exposure import Position
    from credit_limits.engine.types import CheckInput, Finding

OUTCOMES = {
    Severity.OK: Outcome.PASS,
    Severity.NOTE: Outcome.PASS,
    Severity.WARN: Outcome.WARN,
    Severity.HOLD: Outcome.HOLD,
    Severity.REFUSE: Outcome.REFUSE,
}


def decide(facts: CheckInput) -> Decision:
    """Evaluate every rule, lower what is excluded, and let the worst effect decide.

    Raises ValueError when the facts do not hold exactly one account scope.
    """
    ctx = context(facts)
    findings = tuple(apply_exclusions(raw, facts) for raw in evaluate(ctx))
    outcome = OUTCOMES[max(found.effect for found in findings)]
    headrooms = [
        _in_account(ctx, item, item.headroom) for item in ctx.positions if item.headroom is not None
    ]
    return Decision(
        outcome=outcome,
        findings=findings,
        scopes=tuple(_result(item) for item in ctx.positions),
        projected=ctx.account.projected,
        headroom=min(headrooms, default=None),
        overrun=_overrun(ctx),
        approval_amount=_approval_amount(ctx, findings, outcome),
    )


def _result(item: Position) -> ScopeResult:
    return ScopeResult(
        kind=item.scope.kind,
        label=item.scope.label,
        currency=item.scope.currency,
        limit=item.limit,
        used=item.used,
        projected=item.projected,
        headroom=item.headroom,
        overrun=item.overrun,
    )


def _in_account(ctx: Context, item: Position, amount: Decimal) -> Decimal:
    """An amount of a scope in the account's currency (untouched when it is the same one)."""
    if item.scope.currency == ctx.account.scope.currency:
        return amount
    return to_cents(amount * item.scope.to_account)


def _overrun(ctx: Context) -> Decimal:
    return max(_in_account(ctx, item, item.overrun) for item in ctx.positions)


def _approval_amount(ctx: Context, findings: tuple[Finding, ...], outcome: Outcome) -> Decimal:
    """What the approver must be allowed for, in the account's currency (settled question 15)."""
    if outcome is not Outcome.HOLD:
        return ZERO
    holding = [found for found in findings if found.effect == Severity.HOLD]
    components = [found for found in holding if found.rule is Rule.COMPONENT_LIMIT]
    if any(
        found.reason not in OVER_LIMIT and found.rule is not Rule.COMPONENT_LIMIT
        for found in holding
    ):
        return max(ZERO, ctx.value)
    overruns = [_component_overrun(found) for found in components]
    if len(components) < len(holding):
        overruns.append(_overrun(ctx))
    return max(overruns)


def _component_overrun(found: Finding) -> Decimal:
    overrun = found.facts["overrun"]
    return overrun if isinstance(overrun, Decimal) else ZERO
