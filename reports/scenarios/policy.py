"""The policy of a case: what it says, put into rules and published."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from credit_limits.engine.amount_rules import DEFAULT_NEAR_PERCENT
from credit_limits.engine.types import Component
from credit_limits.models import CreditPolicy, PolicyRule
from credit_limits.models.policy import RuleCode
from credit_limits.services.policies import policy_publish
from customers.models import PaymentMethod
from reports.scenarios import vocabulary as v
from reports.scenarios.world import World

if TYPE_CHECKING:
    from core.models import User

STATUS_EFFECTS = {
    "released": "off",
    "blocked": "refuse",
    "debtor": "hold",
    "protested": "hold",
    "under_review": "hold",
}


def publish_permissive(world: World) -> None:
    """A policy that asks for nothing, while given documents come about."""
    _write(CreditPolicy.objects.create(name="Acceptance case"), {}, {}, None)


def publish(world: World, actor: User | None = None) -> None:
    """Publish the keys in force of the case's policy."""
    told = world.policy
    policy = CreditPolicy.objects.get(company=None)
    for treatment, key in (
        (PaymentMethod.Treatment.PASSES, "exempt_payment_methods"),
        (PaymentMethod.Treatment.ANALYSIS, "analysis_payment_methods"),
    ):
        if key in told:
            PaymentMethod.objects.filter(treatment=treatment).update(
                treatment=PaymentMethod.Treatment.NORMAL
            )
            PaymentMethod.objects.filter(name__in=told[key]).update(treatment=treatment)
    policy.include = _include(told)
    policy.checkpoints = [step for word in told.get("check_at", []) for step in v.CHECKPOINTS[word]]
    policy.direct_override = told.get("direct_override", True)
    policy.release_valid_days = told.get("release_valid_days", 30)
    policy.release_tolerance_percent = told.get("release_tolerance_percent", Decimal(0))
    policy.save()
    _write(policy, _effects(told), _values(told), actor)


def merge(told: dict[str, Any], changes: Mapping[str, Any]) -> None:
    """Change the named keys. A component limit of null goes away; the others stay."""
    limits = {**told.get("component_limits", {}), **changes.get("component_limits", {})}
    told |= changes
    told["component_limits"] = {name: most for name, most in limits.items() if most is not None}


def _include(told: Mapping[str, Any]) -> dict[str, str]:
    """What is counted, only shown, or left out. Without `include` everything counts."""
    result: dict[str, str] = {}
    if "include" in told:
        counted = {part for word in told["include"] for part in v.COMPONENTS[word]}
        result = {
            component.value: "count" if component in counted else "show" for component in Component
        }
    for word in told.get("leave_out", []):
        result |= {component.value: "leave_out" for component in v.COMPONENTS[word]}
    return result


def _effects(told: Mapping[str, Any]) -> dict[str, str]:
    """The effect of each rule."""
    overdue = told.get("overdue_action", "off")
    watches = "watch_percent" in told or "watch_percent_default" in told
    return {
        RuleCode.CUSTOMER_STATUS: "hold",
        RuleCode.RATE_MISSING: "hold",
        RuleCode.LIMIT_EXCEEDED: told.get("over_limit", "hold"),
        RuleCode.NEAR_LIMIT: told.get("watch_action", "warn" if watches else "off"),
        RuleCode.COMPONENT_LIMIT: "hold" if told.get("component_limits") else "off",
        RuleCode.NO_LIMIT: told.get("no_limit_action", "off"),
        RuleCode.FIRST_ORDER: told.get("first_order_action", "off"),
        RuleCode.DOCUMENT_MAXIMUM: told.get(
            "document_maximum_action", "hold" if "document_maximum" in told else "off"
        ),
        RuleCode.OVERDUE_DAYS: "off" if "overdue_threshold" in told else overdue,
        RuleCode.OVERDUE_AMOUNT: overdue if "overdue_threshold" in told else "off",
        RuleCode.OLDEST_ITEM: told.get(
            "oldest_item_action", "hold" if "oldest_item_days" in told else "off"
        ),
        RuleCode.PAYMENT_METHOD: told.get("payment_method_action", "hold"),
    }


def _values(told: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The parameters of each rule that has any."""
    grace = {
        "grace_days": told.get("grace_days", 0),
        "tolerance": told.get("overdue_tolerance", Decimal(0)),
    }
    status = {**STATUS_EFFECTS, **told.get("status_actions", {})}
    return {
        RuleCode.CUSTOMER_STATUS: {"details": {"by_status": status}},
        RuleCode.NEAR_LIMIT: {"threshold": _watch_percent(told)},
        RuleCode.COMPONENT_LIMIT: {"details": {"by_component": _component_limits(told)}},
        RuleCode.DOCUMENT_MAXIMUM: {"threshold": told.get("document_maximum")},
        RuleCode.OVERDUE_DAYS: grace,
        RuleCode.OVERDUE_AMOUNT: {**grace, "threshold": told.get("overdue_threshold")},
        RuleCode.OLDEST_ITEM: {"threshold": told.get("oldest_item_days")},
        RuleCode.PAYMENT_METHOD: {
            "details": {
                "options": {
                    "analyse_non_immediate": told.get("analyse_non_immediate", False),
                    "analyse_instalments": told.get("analyse_instalments", False),
                }
            }
        },
    }


def _watch_percent(told: Mapping[str, Any]) -> Decimal | None:
    """The percentage as it is typed; where it is 0, another default than ours is typed instead."""
    typed: Decimal | None = told.get("watch_percent")
    default: Decimal = told.get("watch_percent_default", DEFAULT_NEAR_PERCENT)
    return typed if typed or default == DEFAULT_NEAR_PERCENT else default


def _component_limits(told: Mapping[str, Any]) -> dict[str, Decimal]:
    return {
        component.value: amount
        for word, amount in told.get("component_limits", {}).items()
        if amount is not None
        for component in v.COMPONENTS[word]
    }


def _write(
    policy: CreditPolicy,
    effects: Mapping[str, str],
    values: Mapping[str, Mapping[str, Any]],
    actor: User | None,
) -> None:
    policy.rules.all().delete()
    PolicyRule.objects.bulk_create(
        PolicyRule(
            policy=policy, rule=rule, effect=effects.get(rule, "off"), **values.get(rule, {})
        )
        for rule in RuleCode
    )
    policy_publish(policy=policy, actor=actor)
