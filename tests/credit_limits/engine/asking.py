"""Asking for ways and trying them, as the tests of suggestions do."""

from __future__ import annotations

from credit_limits.engine.decide import decide
from credit_limits.engine.suggest import ways_to_pass
from credit_limits.engine.types import (
    Outcome,
    Rule,
    RuleSetting,
    Severity,
)
from tests.credit_limits.engine.builders import (
    policy,
)

PASSING = {Outcome.PASS, Outcome.WARN}
LATE_HOLDS = policy({Rule.OVERDUE_DAYS: RuleSetting(Severity.HOLD)})


def ways(facts):
    return ways_to_pass(facts, decide(facts))


def by_kind(facts):
    found = {way.kind: way for way in ways(facts) if not way.also}
    assert len(found) == len([way for way in ways(facts) if not way.also])
    return found


def passes(facts):
    return decide(facts).outcome in PASSING
