"""What holds for every check, whatever the customer, the policy and the document."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_limits.engine.decide import OUTCOMES, decide
from credit_limits.engine.types import (
    AMOUNT_RULES,
    ZERO,
    CheckInput,
    ControlType,
    LimitFacts,
    LimitState,
    Outcome,
    OverdueFacts,
    Rule,
    Severity,
)
from credit_limits.engine.what_if import reduced
from tests.credit_limits.engine.builders import TODAY, check, limit
from tests.credit_limits.engine.strategies import cents, checks, releases

RANK = {outcome: rank for rank, outcome in enumerate(Outcome)}


def rank(facts: CheckInput) -> int:
    """How bad the outcome is, 0 = pass."""
    return RANK[decide(facts).outcome]


@given(checks())
def test_every_rule_stands_in_every_trace(facts):
    assert {item.rule for item in decide(facts).findings} == set(Rule)


@given(checks())
def test_the_worst_effect_decides(facts):
    decision = decide(facts)
    assert decision.outcome is OUTCOMES[max(item.effect for item in decision.findings)]
    assert bool(decision.blocking) == (decision.outcome in {Outcome.HOLD, Outcome.REFUSE})


@given(checks())
def test_what_lowers_a_finding_is_named_and_nothing_raises_one(facts):
    for item in decide(facts).findings:
        assert item.effect <= item.severity
        lowered = item.fired and item.effect < item.severity
        assert bool(item.excluded_by) == lowered
        if not item.fired:
            assert item.effect is Severity.OK
        if not item.asked:
            assert not item.fired


@given(checks(), st.data())
def test_deciding_again_or_in_another_order_gives_the_same(facts, data):
    shuffled = replace(
        facts,
        scopes=tuple(data.draw(st.permutations(facts.scopes))),
        releases=tuple(data.draw(st.permutations(facts.releases))),
        overdue=replace(
            facts.overdue,
            items=tuple(data.draw(st.permutations(facts.overdue.items))),
            open_since=tuple(data.draw(st.permutations(facts.overdue.open_since))),
        ),
    )
    assert decide(facts) == decide(facts) == decide(shuffled)


@given(checks(), cents(1))
def test_a_larger_amount_never_improves_the_outcome(facts, more):
    assert rank(reduced(facts, facts.document.amount + more)) >= rank(facts)


@given(checks(), st.data())
def test_a_higher_limit_never_worsens_the_outcome(facts, data):
    number = data.draw(st.integers(0, len(facts.scopes) - 1))
    now = facts.scopes[number].limit
    if now.state is LimitState.NONE:
        return
    more = now.amount + data.draw(cents())
    higher = data.draw(
        st.sampled_from([LimitFacts(LimitState.AMOUNT, more), LimitFacts(LimitState.UNLIMITED)])
    )
    if now.state is LimitState.UNLIMITED:
        higher = now
    scopes = list(facts.scopes)
    scopes[number] = replace(scopes[number], limit=higher)
    assert rank(replace(facts, scopes=tuple(scopes))) <= rank(facts)


@given(checks(), releases)
def test_one_more_release_never_worsens_the_outcome(facts, release):
    assert rank(replace(facts, releases=(*facts.releases, release))) <= rank(facts)


@given(checks(), st.integers(0, 200), cents(1))
def test_one_more_late_item_never_improves_the_outcome(facts, days, residual):
    due_on = TODAY.fromordinal(TODAY.toordinal() - days)
    overdue = replace(facts.overdue, items=(*facts.overdue.items, ("late", due_on, residual)))
    assert rank(replace(facts, overdue=overdue)) >= rank(facts)


@given(checks())
def test_a_firmer_control_never_improves_the_outcome(facts):
    ranks = [
        rank(replace(facts, customer=replace(facts.customer, control=control)))
        for control in (ControlType.NONE, ControlType.MONITOR, ControlType.LOCK)
    ]
    assert ranks == sorted(ranks)


@given(checks(silent=False))
def test_a_refusal_and_a_missing_rate_are_never_silenced(facts):
    for item in decide(facts).findings:
        if item.fired and item.severity is Severity.REFUSE and item.rule not in AMOUNT_RULES:
            assert item.effect is Severity.REFUSE
        if item.fired and item.rule is Rule.RATE_MISSING:
            assert item.effect >= Severity.HOLD


@given(checks())
def test_amount_rules_never_refuse(facts):
    assert all(
        item.effect < Severity.REFUSE
        for item in decide(facts).findings
        if item.rule in AMOUNT_RULES
    )


@given(checks())
def test_returns_and_payments_are_never_stopped(facts):
    inward = replace(facts, document=replace(facts.document, outward=False))
    decision = decide(inward)
    assert decision.outcome is Outcome.PASS
    assert decision.reasons == ()


@given(checks())
def test_exclude_block_leaves_nothing_harder_than_a_warning_but_refusals_and_missing_rates(facts):
    excluded = replace(facts, document=replace(facts.document, exclude_block=True))
    for item in decide(excluded).findings:
        assert (
            item.effect <= Severity.WARN
            or item.effect is Severity.REFUSE
            or item.rule is Rule.RATE_MISSING
        )


@given(checks())
def test_a_scope_is_over_by_what_its_headroom_lacks(facts):
    decision = decide(facts)
    for item in decision.scopes:
        if item.limit.ceiling is None:
            assert (item.headroom, item.overrun) == (None, ZERO)
        else:
            assert item.headroom == item.limit.ceiling - item.projected
            assert item.overrun == max(ZERO, -item.headroom)
    assert (decision.headroom is None) == all(
        item.limit.ceiling is None for item in decision.scopes
    )


@given(checks())
def test_both_over_limit_reasons_never_stand_for_one_scope(facts):
    decision = decide(facts)
    for item in decision.scopes:
        reasons = {
            finding.reason
            for finding in decision.findings
            if finding.rule is Rule.LIMIT_EXCEEDED and finding.facts["label"] == item.label
        }
        assert len(reasons) == 1


@given(checks())
def test_an_approval_amount_is_asked_exactly_when_the_document_is_held(facts):
    decision = decide(facts)
    assert (decision.approval_amount > ZERO) == (decision.outcome is Outcome.HOLD)


@given(cents(), cents(1))
def test_none_zero_and_unlimited_are_three_things(used, amount):
    none = decide(check(amount, LimitFacts(LimitState.NONE)))
    zero = decide(check(amount, LimitFacts(LimitState.ZERO)))
    unlimited = decide(check(amount, LimitFacts(LimitState.UNLIMITED)))
    assert none.blocking == ("NO_LIMIT",)
    assert zero.blocking == ("LIMIT_EXCEEDED",)
    assert (unlimited.outcome, unlimited.reasons) == (Outcome.PASS, ("UNLIMITED",))
    assert (none.headroom, zero.headroom, unlimited.headroom) == (None, -amount, None)


@given(cents(1), st.integers(1, 100_000))
def test_exactly_the_limit_passes_and_a_cent_more_does_not(amount, over):
    assert decide(check(amount, limit(amount))).outcome is Outcome.PASS
    assert decide(check(amount + Decimal(over) / 100, limit(amount))).outcome is Outcome.HOLD


@given(checks())
def test_nobody_without_lateness_is_late(facts):
    clean = replace(facts, overdue=OverdueFacts())
    late = {Rule.OVERDUE_DAYS, Rule.OVERDUE_AMOUNT, Rule.OLDEST_ITEM}
    assert not [item for item in decide(clean).findings if item.rule in late and item.fired]


def test_a_check_without_exactly_one_account_is_a_mistake_of_the_caller():
    facts = check()
    with pytest.raises(ValueError, match="exactly one account scope, not 0"):
        decide(replace(facts, scopes=()))
    with pytest.raises(ValueError, match="exactly one account scope, not 2"):
        decide(replace(facts, scopes=facts.scopes * 2))


def test_the_engine_loads_neither_django_nor_a_database_driver():
    code = (
        "import sys, pkgutil, importlib, credit_limits.engine as engine, approvals.engine\n"
        "for module in pkgutil.iter_modules(engine.__path__):\n"
        "    importlib.import_module(f'credit_limits.engine.{module.name}')\n"
        "found = {'django', 'psycopg', 'celery'} & set(sys.modules)\n"
        "sys.exit(', '.join(found) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
