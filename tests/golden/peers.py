"""How a case from another credit module is written down and judged."""

from __future__ import annotations

from typing import Any, NamedTuple

from credit_limits.engine.decide import decide
from credit_limits.engine.types import (
    CheckInput,
    Checkpoint,
    Component,
    Include,
    Outcome,
    PolicyFacts,
    ReleaseFacts,
    Rule,
    RuleSetting,
    Severity,
)
from tests.credit_limits.engine.builders import (
    TODAY,
    account,
    check,
    exposure,
    money,
    policy,
)

PASS, WARN, HOLD, REFUSE = Outcome.PASS, Outcome.WARN, Outcome.HOLD, Outcome.REFUSE
LIMIT, ALREADY = "LIMIT_EXCEEDED", "ALREADY_OVER_LIMIT"


class Case(NamedTuple):
    """What a peer's figures must come to: outcome, what blocks or warns, projected exposure."""

    source: str
    facts: CheckInput
    outcome: Outcome
    says: tuple[str, ...] = ()
    projected: Any = None


def component_limit(name: str, amount: float) -> PolicyFacts:
    setting = RuleSetting(Severity.HOLD, thresholds={name: money(amount)})
    return policy({Rule.COMPONENT_LIMIT: setting})


def changed(amount: float, before: float, limit_: Any, used: Any, **facts: Any) -> CheckInput:
    """A document whose accepted version counted `before`."""
    return check(amount, scopes=(account(limit_, used, counted_before=money(before)),), **facts)


def released(*reasons: str, up_to: float) -> tuple[ReleaseFacts, ...]:
    return (ReleaseFacts(frozenset(reasons), money(up_to), TODAY, frozenset(Checkpoint)),)


OVERDUE_550 = exposure(invoice_overdue=550)
INVOICE = {"component": Component.INVOICE_OPEN, "checkpoint": Checkpoint.POST}
DELIVERY = {"component": Component.DELIVERED_UNINVOICED, "checkpoint": Checkpoint.DELIVER}
WARN_POLICY = policy({Rule.LIMIT_EXCEEDED: RuleSetting(Severity.WARN)})
NO_ORDERS = policy(include={Component.ORDER_OPEN: Include.SHOW})
OVERDUE_900 = policy({Rule.OVERDUE_AMOUNT: RuleSetting(Severity.HOLD, threshold=money(900))})
OVERDUE_5000 = policy({Rule.OVERDUE_AMOUNT: RuleSetting(Severity.HOLD, threshold=money(5000))})


def judge(case: Case) -> None:
    """Decide the case and compare outcome, reasons and projected exposure."""
    decision = decide(case.facts)
    assert decision.outcome is case.outcome
    speaking = {item.reason for item in decision.findings if item.effect >= Severity.WARN}
    assert tuple(sorted(speaking)) == case.says
    if case.projected is not None:
        assert decision.projected == case.projected
