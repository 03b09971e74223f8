"""Rules about amounts: they act only on a document that makes the customer owe more."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from credit_limits.engine.context import Context, Figures, Raw, Verdict, finding, growth
from credit_limits.engine.exposure import has_limit
from credit_limits.engine.types import LimitState, Rule, ScopeKind, Severity

if TYPE_CHECKING:
    from credit_limits.engine.exposure import Position

ALREADY_OVER_LIMIT = "ALREADY_OVER_LIMIT"
LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
UNLIMITED = "UNLIMITED"
DEFAULT_NEAR_PERCENT = Decimal(90)
HUNDRED = Decimal(100)


def near_percent(threshold: Decimal | None) -> Decimal:
    """The watch percentage; not stated or 0 means 90."""
    return threshold if threshold else DEFAULT_NEAR_PERCENT


def _figures(item: Position) -> Figures:
    """The arithmetic of a scope, for the sentence that explains the finding.

    `used` is without the document and `document` its whole value, also when an accepted version
    of it counts already: the two add up to `projected`.
    """
    others = item.used - item.scope.counted_before
    return {
        "label": item.scope.label,
        "currency": item.scope.currency,
        "limit_state": item.limit.state.value,
        "limit": item.limit.amount,
        "used": others,
        "document": item.projected - others,
        "projected": item.projected,
        "overrun": item.overrun,
    }


def limit_exceeded(ctx: Context) -> tuple[Raw, ...]:
    """Per scope: projected exposure above the limit (equality passes)."""
    return tuple(_limit_exceeded(ctx, item) for item in ctx.positions)


def _limit_exceeded(ctx: Context, item: Position) -> Raw:
    severity = ctx.facts.policy.setting(Rule.LIMIT_EXCEEDED).severity
    ceiling = item.limit.ceiling
    unlimited = item.limit.state is LimitState.UNLIMITED
    reason = LIMIT_EXCEEDED
    if unlimited:
        reason, severity = UNLIMITED, min(severity, Severity.NOTE)
    elif ceiling is not None and item.used - item.scope.counted_before > ceiling:
        reason = ALREADY_OVER_LIMIT  # all else is, without this document and what it continues
    verdict = Verdict(
        fired=unlimited or (ceiling is not None and item.projected > ceiling),
        observed=item.projected,
        threshold=ceiling,
        asked=has_limit(item.limit),
        facts=_figures(item),
    )
    found = finding(Rule.LIMIT_EXCEEDED, severity, verdict, reason=reason, scope=item.scope.kind)
    return Raw(found, growth(item.increment, item.scope))


def near_limit(ctx: Context) -> tuple[Raw, ...]:
    """Per scope: projected above the watch percentage of the limit but not above the limit."""
    return tuple(_near_limit(ctx, item) for item in ctx.positions)


def _near_limit(ctx: Context, item: Position) -> Raw:
    setting = ctx.facts.policy.setting(Rule.NEAR_LIMIT)
    percent = near_percent(setting.threshold)
    ceiling = item.limit.ceiling
    watch = None if ceiling is None else ceiling * percent / HUNDRED
    verdict = Verdict(
        fired=ceiling is not None and watch is not None and watch < item.projected <= ceiling,
        observed=item.projected,
        threshold=watch,
        asked=ceiling is not None,
        facts={**_figures(item), "percent": percent},
    )
    found = finding(Rule.NEAR_LIMIT, setting.severity, verdict, scope=item.scope.kind)
    return Raw(found, growth(item.increment, item.scope))


def component_limit(ctx: Context) -> tuple[Raw, ...]:
    """The component the document goes into, compared with its own limit (account currency)."""
    component = ctx.facts.document.component
    setting = ctx.facts.policy.setting(Rule.COMPONENT_LIMIT)
    threshold = None if component is None else setting.thresholds.get(component.value)
    scope = ctx.account.scope
    reason = Rule.COMPONENT_LIMIT.name
    if component is None or threshold is None:
        verdict = Verdict(fired=False, asked=False)
    else:
        reason = f"{reason}:{component.value}"
        projected = scope.exposure.of(component) + scope.document_amount
        verdict = Verdict(
            fired=projected > threshold,
            observed=projected,
            threshold=threshold,
            facts={
                "component": component.value,
                "currency": scope.currency,
                "used": projected - scope.component_increment,
                "document": scope.component_increment,
                "overrun": max(projected - threshold, Decimal("0.00")),
            },
        )
    found = finding(
        Rule.COMPONENT_LIMIT, setting.severity, verdict, reason=reason, scope=ScopeKind.ACCOUNT
    )
    return (Raw(found, growth(scope.component_increment, scope)),)


def no_limit(ctx: Context) -> tuple[Raw, ...]:
    """The account has no limit at all, and no wider scope states one."""
    without = not has_limit(ctx.account.limit)
    verdict = Verdict(
        fired=without and not ctx.wider_limit_serves,
        observed=ctx.account.limit.state.value,
        asked=not (without and ctx.wider_limit_serves),
        facts=_figures(ctx.account),
    )
    setting = ctx.facts.policy.setting(Rule.NO_LIMIT)
    found = finding(Rule.NO_LIMIT, setting.severity, verdict, scope=ScopeKind.ACCOUNT)
    return (Raw(found, growth(ctx.account.increment, ctx.account.scope)),)


def first_order(ctx: Context) -> tuple[Raw, ...]:
    """A customer without history; by default only while the account has no limit."""
    setting = ctx.facts.policy.setting(Rule.FIRST_ORDER)
    only_without_limit = setting.options.get("only_without_limit", True)
    applies = not only_without_limit or not has_limit(ctx.account.limit)
    verdict = Verdict(
        fired=not ctx.facts.customer.has_history and applies,
        observed="history" if ctx.facts.customer.has_history else "no_history",
        asked=applies,
        facts={"limit_state": ctx.account.limit.state.value},
    )
    found = finding(Rule.FIRST_ORDER, setting.severity, verdict, scope=ScopeKind.ACCOUNT)
    return (Raw(found, growth(ctx.raw_increment, ctx.account.scope)),)


def document_maximum(ctx: Context) -> tuple[Raw, ...]:
    """The gross document is larger than one document may be (account currency)."""
    setting = ctx.facts.policy.setting(Rule.DOCUMENT_MAXIMUM)
    if setting.threshold is None:
        verdict = Verdict(fired=False, observed=ctx.value, asked=False)
    else:
        verdict = Verdict(
            fired=ctx.value > setting.threshold,
            observed=ctx.value,
            threshold=setting.threshold,
            facts={"currency": ctx.account.scope.currency},
        )
    found = finding(Rule.DOCUMENT_MAXIMUM, setting.severity, verdict)
    return (Raw(found, growth(ctx.raw_increment, ctx.account.scope)),)
