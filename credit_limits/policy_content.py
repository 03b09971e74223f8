"""The content of a published policy version: written by publishing, read by every check."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from credit_limits.engine.types import (
    Checkpoint,
    Component,
    ExposureTerms,
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
        "block_print": policy.block_print,
        "terms": {
            "start_on": policy.start_on.isoformat() if policy.start_on else None,
            "ledger_base": policy.calculation_base == policy.CalculationBase.LEDGER,
            "provisional": policy.provisional_items_count,
            "unprinted": policy.unprinted_invoices_count,
            "printed_only": policy.orders_count_from == policy.OrdersCountFrom.PRINTED,
            "disputed": policy.disputed_items_count,
            "with_tax": policy.documents_with_tax,
            "horizon_days": policy.orders_horizon_days,
            "grace_subject": policy.grace_days_subject,
            "grace_after": policy.grace_days_after,
            "grace_discount": policy.grace_days_discount,
        },
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
        terms=_terms(content.get("terms", {})),
    )


def _terms(content: Mapping[str, Any]) -> ExposureTerms:
    """The terms; a version published before they existed counts as the defaults say."""
    values = dict(content)
    if values.get("start_on"):
        values["start_on"] = date.fromisoformat(values["start_on"])
    return ExposureTerms(**values)


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
