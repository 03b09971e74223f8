"""The content of a published policy version: written by publishing, read by every check."""

from __future__ import annotations

from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from credit_limits.engine.types import (
    Checkpoint,
    Component,
    Include,
    PolicyFacts,
    Rule,
    RuleSetting,
    Severity,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from credit_limits.models import CreditPolicy, PolicyVersion

SEVERITIES: Mapping[str, Severity] = MappingProxyType(
    {
        "off": Severity.OK,
        "note": Severity.NOTE,
        "warn": Severity.WARN,
        "hold": Severity.HOLD,
        "refuse": Severity.REFUSE,
    }
)


def content_of(policy: CreditPolicy) -> dict[str, Any]:
    """The policy as JSON, with every amount as a string."""
    return {
        "name": policy.name,
        "include": dict(policy.include),
        "checkpoints": list(policy.checkpoints),
        "release_valid_days": policy.release_valid_days,
        "release_tolerance_percent": str(policy.release_tolerance_percent),
        "direct_override": policy.direct_override,
        "rules": {
            rule.rule: {
                "effect": rule.effect,
                "threshold": None if rule.threshold is None else str(rule.threshold),
                "grace_days": rule.grace_days,
                "tolerance": str(rule.tolerance),
                "by_status": dict(rule.details.get("by_status", {})),
                "by_component": {
                    key: str(value) for key, value in rule.details.get("by_component", {}).items()
                },
                "options": dict(rule.details.get("options", {})),
            }
            for rule in policy.rules.all()
        },
    }


def policy_facts(version: PolicyVersion) -> PolicyFacts:
    """The version as the engine reads it. Raises ValueError on content that makes no sense."""
    return content_facts(version.content, version.number)


def content_facts(content: Mapping[str, Any], number: int) -> PolicyFacts:
    """The content of version `number` as the engine reads it. Raises like `policy_facts`."""
    checkpoints = content.get("checkpoints") or [step.value for step in Checkpoint]
    return PolicyFacts(
        name=content.get("name", ""),
        version=number,
        rules=MappingProxyType(
            {Rule(code): _setting(row) for code, row in content.get("rules", {}).items()}
        ),
        include=MappingProxyType(
            {Component(key): Include(value) for key, value in content.get("include", {}).items()}
        ),
        checkpoints=frozenset(Checkpoint(step) for step in checkpoints),
    )


def _setting(row: Mapping[str, Any]) -> RuleSetting:
    threshold = row.get("threshold")
    return RuleSetting(
        severity=SEVERITIES[row.get("effect", "off")],
        threshold=None if threshold is None else Decimal(threshold),
        grace_days=int(row.get("grace_days", 0)),
        tolerance=Decimal(row.get("tolerance", "0")),
        severity_by_status=MappingProxyType(
            {key: SEVERITIES[value] for key, value in row.get("by_status", {}).items()}
        ),
        thresholds=MappingProxyType(
            {key: Decimal(value) for key, value in row.get("by_component", {}).items()}
        ),
        options=MappingProxyType(
            {key: bool(value) for key, value in row.get("options", {}).items()}
        ),
    )
