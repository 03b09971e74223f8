"""Rules about the customer and the terms: they act whether or not the document adds value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from credit_limits.engine.context import Context, Raw, Verdict, finding
from credit_limits.engine.types import (
    ZERO,
    CustomerStatus,
    MethodTreatment,
    Rule,
    Severity,
)

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from credit_limits.engine.types import RuleSetting

# Days past due, reference, due date, residual.
type LateItem = tuple[int, str, date, Decimal]


def customer_status(ctx: Context) -> tuple[Raw, ...]:
    """The commercial status, with a severity of its own for each status.

    A status the policy does not name takes the rule's plain severity; `released` is then free.
    """
    status = ctx.facts.customer.status
    setting = ctx.facts.policy.setting(Rule.CUSTOMER_STATUS)
    free = status is CustomerStatus.RELEASED
    severity = setting.severity_by_status.get(
        status.value, Severity.OK if free else setting.severity
    )
    verdict = Verdict(
        fired=not free or severity > Severity.OK,
        observed=status.value,
        facts={"status": status.value},
    )
    found = finding(Rule.CUSTOMER_STATUS, severity, verdict, reason=f"STATUS_{status.name}")
    return (Raw(found),)


def rate_missing(ctx: Context) -> tuple[Raw, ...]:
    """An exchange rate is missing, so the figures are incomplete; holds at least, always."""
    missing = tuple(sorted(set(ctx.facts.missing_rates)))
    severity = max(Severity.HOLD, ctx.facts.policy.setting(Rule.RATE_MISSING).severity)
    verdict = Verdict(
        fired=bool(missing),
        observed=len(missing),
        threshold=0,
        facts={"rates": ", ".join(missing)} if missing else {},
    )
    return (Raw(finding(Rule.RATE_MISSING, severity, verdict)),)


def _late(ctx: Context, setting: RuleSetting) -> list[LateItem]:
    """Items past due with a residual above the tolerance, the longest overdue first."""
    late = [
        ((ctx.facts.as_of - due_on).days, reference, due_on, residual)
        for reference, due_on, residual in ctx.facts.overdue.items
        if due_on < ctx.facts.as_of and residual > setting.tolerance
    ]
    return sorted(late, key=lambda item: (-item[0], item[1], item[3]))


def _beyond_grace(late: list[LateItem], setting: RuleSetting) -> list[LateItem]:
    return [item for item in late if item[0] > setting.grace_days]


def overdue_days(ctx: Context) -> tuple[Raw, ...]:
    """An item is more days past due than the grace allows (days; equality passes)."""
    setting = ctx.facts.policy.setting(Rule.OVERDUE_DAYS)
    late = _late(ctx, setting)
    counted = _beyond_grace(late, setting)
    verdict = Verdict(
        fired=bool(counted),
        observed=late[0][0] if late else 0,
        threshold=setting.grace_days,
        facts={
            "items": len(counted),
            "amount": sum((item[3] for item in counted), ZERO),
            "currency": ctx.account.scope.currency,
            **({"reference": late[0][1], "due_on": late[0][2]} if late else {}),
        },
    )
    return (Raw(finding(Rule.OVERDUE_DAYS, setting.severity, verdict)),)


def overdue_amount(ctx: Context) -> tuple[Raw, ...]:
    """The sum of items past due beyond the grace is above the threshold (account currency)."""
    setting = ctx.facts.policy.setting(Rule.OVERDUE_AMOUNT)
    counted = _beyond_grace(_late(ctx, setting), setting)
    threshold = ZERO if setting.threshold is None else setting.threshold
    amount = sum((item[3] for item in counted), ZERO)
    verdict = Verdict(
        fired=amount > threshold,
        observed=amount,
        threshold=threshold,
        facts={
            "items": len(counted),
            "grace_days": setting.grace_days,
            "currency": ctx.account.scope.currency,
        },
    )
    return (Raw(finding(Rule.OVERDUE_AMOUNT, setting.severity, verdict)),)


def oldest_item(ctx: Context) -> tuple[Raw, ...]:
    """The oldest open debit item, by document date, is older than allowed (days)."""
    setting = ctx.facts.policy.setting(Rule.OLDEST_ITEM)
    overdue = ctx.facts.overdue
    if overdue.oldest_item_on is None or setting.threshold is None:
        verdict = Verdict(fired=False, threshold=setting.threshold, asked=False)
    else:
        age = (ctx.facts.as_of - overdue.oldest_item_on).days
        verdict = Verdict(
            fired=age > setting.threshold,
            observed=age,
            threshold=setting.threshold,
            facts={
                "reference": overdue.oldest_item_reference,
                "dated_on": overdue.oldest_item_on,
            },
        )
    return (Raw(finding(Rule.OLDEST_ITEM, setting.severity, verdict)),)


def payment_method(ctx: Context) -> tuple[Raw, ...]:
    """The terms ask for a look: a method under analysis, not immediate, or in instalments."""
    document = ctx.facts.document
    setting = ctx.facts.policy.setting(Rule.PAYMENT_METHOD)
    causes = []
    if document.method_treatment is MethodTreatment.ANALYSIS:
        causes.append("analysis")
    if setting.options.get("analyse_non_immediate", False) and not document.method_immediate:
        causes.append("not_immediate")
    if setting.options.get("analyse_instalments", False) and document.instalments > 1:
        causes.append("instalments")
    verdict = Verdict(
        fired=bool(causes),
        observed=document.method_treatment.value,
        facts={
            "method": document.method_name,
            "causes": ", ".join(causes),
            "instalments": document.instalments,
        },
    )
    return (Raw(finding(Rule.PAYMENT_METHOD, setting.severity, verdict)),)
