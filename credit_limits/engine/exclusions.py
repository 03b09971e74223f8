"""What lowers a finding's effect, in one fixed order. The finding itself stays in the trace.

1 not_outward, 2 checkpoint_off   nothing is asked of this document or at this step
3 not_counted                     the document does not count (amount rules, missing rate)
4 no_increment                    the document adds nothing (amount rules)
5 control_none/monitor/lock       the account's control type (amount rules)
- a refusal or a missing rate is never lowered any further
6 payment_method_passes           amount, overdue and payment-method rules
7 exclude_block                   the document type never blocks: at most a warning
8 release                         an approver's permission: a hold or warning becomes a note
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from credit_limits.engine.release import covering_release
from credit_limits.engine.types import (
    AMOUNT_RULES,
    ZERO,
    ControlType,
    Finding,
    MethodTreatment,
    Rule,
    Severity,
)

if TYPE_CHECKING:
    from credit_limits.engine.context import Raw
    from credit_limits.engine.types import CheckInput

OVERDUE_RULES = frozenset({Rule.OVERDUE_DAYS, Rule.OVERDUE_AMOUNT, Rule.OLDEST_ITEM})
PASSED_BY_METHOD = AMOUNT_RULES | OVERDUE_RULES | {Rule.PAYMENT_METHOD}
CONTROL_CAPS = {
    ControlType.NONE: Severity.OK,
    ControlType.MONITOR: Severity.WARN,
    ControlType.LOCK: Severity.HOLD,
}


def apply_exclusions(raw: Raw, facts: CheckInput) -> Finding:
    """The finding with the effect that is left, and the name of what lowered it last."""
    found = raw.finding
    silenced_by = _silenced_by(raw, facts)
    if silenced_by:
        return _cap(found, Severity.OK, silenced_by)
    if found.rule in AMOUNT_RULES:
        control = facts.customer.control
        found = _cap(found, CONTROL_CAPS[control], f"control_{control.value}")
    if found.effect >= Severity.REFUSE or found.rule is Rule.RATE_MISSING:
        return found
    document = facts.document
    if document.method_treatment is MethodTreatment.PASSES and found.rule in PASSED_BY_METHOD:
        found = _cap(found, Severity.OK, "payment_method_passes")
    if document.exclude_block:
        found = _cap(found, Severity.WARN, "exclude_block")
    if found.effect > Severity.NOTE:
        release = covering_release(found, facts)
        if release is not None:
            found = _cap(found, Severity.NOTE, "release")
            found = replace(found, facts={**found.facts, "release": release.reference})
    return found


def _silenced_by(raw: Raw, facts: CheckInput) -> str:
    """Why the finding says nothing at all; empty when it may speak."""
    if not facts.document.outward:
        return "not_outward"
    if facts.document.checkpoint not in facts.policy.checkpoints:
        return "checkpoint_off"
    rule = raw.finding.rule
    if not facts.document.counts and (rule in AMOUNT_RULES or rule is Rule.RATE_MISSING):
        return "not_counted"
    if raw.increment is not None and raw.increment <= ZERO:
        return "no_increment"
    return ""


def _cap(found: Finding, highest: Severity, cause: str) -> Finding:
    """Lower the effect to `highest`; a finding that is not above it stays untouched."""
    if found.effect <= highest:
        return found
    return replace(found, effect=highest, excluded_by=cause)
