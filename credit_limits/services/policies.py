"""Publishing a policy, and the policy a new installation starts with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from core import events
from core.errors import Invalid
from credit_limits.models import CreditPolicy, PolicyRule, PolicyVersion
from credit_limits.models.policy import Effect, RuleCode
from credit_limits.policy_content import content_of, policy_facts

if TYPE_CHECKING:
    from core.models import User

DEFAULT_RULES: dict[str, dict[str, Any]] = {
    RuleCode.CUSTOMER_STATUS: {
        "effect": Effect.HOLD,
        "details": {
            "by_status": {
                "released": "off",
                "blocked": "refuse",
                "debtor": "hold",
                "protested": "refuse",
                "under_review": "hold",
            }
        },
    },
    RuleCode.RATE_MISSING: {"effect": Effect.HOLD},
    RuleCode.LIMIT_EXCEEDED: {"effect": Effect.HOLD},
    RuleCode.NEAR_LIMIT: {"effect": Effect.WARN, "threshold": 90},
    RuleCode.COMPONENT_LIMIT: {"effect": Effect.OFF},
    RuleCode.NO_LIMIT: {"effect": Effect.HOLD},
    RuleCode.FIRST_ORDER: {"effect": Effect.HOLD},
    RuleCode.DOCUMENT_MAXIMUM: {"effect": Effect.OFF},
    RuleCode.OVERDUE_DAYS: {"effect": Effect.HOLD, "grace_days": 10, "tolerance": 1},
    RuleCode.OVERDUE_AMOUNT: {"effect": Effect.OFF},
    RuleCode.OLDEST_ITEM: {"effect": Effect.WARN, "threshold": 180},
    RuleCode.PAYMENT_METHOD: {"effect": Effect.HOLD},
}


def policy_publish(*, policy: CreditPolicy, actor: User | None) -> PolicyVersion:
    """Freeze the policy as its next version; checks read the newest one.

    Nothing is written when the content equals the newest version. Raises Invalid when the
    content cannot be read by the engine (an unknown component or status, say).
    """
    with transaction.atomic():
        CreditPolicy.objects.select_for_update(of=("self",)).get(pk=policy.pk)
        policy.refresh_from_db()
        content = content_of(policy)
        newest = policy.versions.order_by("-number").first()
        if newest is not None and newest.content == content:
            return newest
        number = (policy.versions.aggregate(last=Max("number"))["last"] or 0) + 1
        version = PolicyVersion(policy=policy, number=number, content=content, published_by=actor)
        try:
            policy_facts(version)
        except (ValueError, KeyError, ArithmeticError, TypeError, AttributeError) as error:
            raise Invalid(
                "credit_limits.policy_unreadable",
                _("The policy cannot be published: %(error)s"),
                params={"error": str(error)},
            ) from error
        version.save()
        events.record(
            "credit_limits.policy.published",
            policy,
            actor=actor,
            company=policy.company,
            data={
                "version": number,
                "company_id": policy.company_id,
                "before": newest.content if newest else None,
                "after": content,
            },
        )
    return version


def policies_install_defaults() -> CreditPolicy:
    """The default policy with its rules and version 1, unless there is one. Idempotent."""
    with transaction.atomic():
        policy, created = CreditPolicy.objects.get_or_create(
            company=None, defaults={"name": "Standard"}
        )
        if created:
            PolicyRule.objects.bulk_create(
                PolicyRule(policy=policy, rule=code, **values)
                for code, values in DEFAULT_RULES.items()
            )
        if not policy.versions.exists():
            policy_publish(policy=policy, actor=None)
    return policy


def policy_rules_install(*, policy: CreditPolicy) -> int:
    """Give a policy the rules it lacks, as the general policy has them; returns how many."""
    with transaction.atomic():
        have = set(policy.rules.values_list("rule", flat=True))
        general = {
            rule.rule: rule
            for rule in PolicyRule.objects.filter(policy__company=None).exclude(policy=policy)
        }
        missing = []
        for code, defaults in DEFAULT_RULES.items():
            if code in have:
                continue
            copied = general.get(code)
            values = defaults if copied is None else _rule_values(copied)
            missing.append(PolicyRule(policy=policy, rule=code, **values))
        PolicyRule.objects.bulk_create(missing)
    return len(missing)


def _rule_values(rule: PolicyRule) -> dict[str, Any]:
    names = ("effect", "threshold", "grace_days", "tolerance", "details")
    return {name: getattr(rule, name) for name in names}
