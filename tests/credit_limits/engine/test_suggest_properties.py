"""Every way offered is true and as small as can be."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given

from credit_limits.engine.decide import decide
from credit_limits.engine.exclusions import OVERDUE_RULES
from credit_limits.engine.suggest import ways_to_pass
from credit_limits.engine.types import (
    AMOUNT_RULES,
    LimitState,
    Rule,
    Severity,
    WayKind,
)
from credit_limits.engine.what_if import apply_way, items_paid
from tests.credit_limits.engine.asking import PASSING, passes, ways
from tests.credit_limits.engine.strategies import CENT, checks


@given(checks())
def test_every_way_makes_the_document_pass(facts):
    for way in ways(facts):
        assert passes(apply_way(facts, way)), way
        assert way.amount >= 0


@given(checks())
def test_a_combination_is_offered_only_where_paying_items_is_needed_and_not_enough(facts):
    decision = decide(facts)
    blocking = {item.rule for item in decision.findings if item.effect >= Severity.HOLD}
    offered = ways_to_pass(facts, decision)
    if any(way.also for way in offered):
        assert not [way for way in offered if way.kind is WayKind.PAY_ITEMS and not way.also]
        assert blocking & OVERDUE_RULES
        assert blocking & AMOUNT_RULES


@given(checks())
def test_there_are_ways_only_out_of_a_block_that_amounts_can_clear(facts):
    decision = decide(facts)
    stuck = {item.rule for item in decision.findings if item.effect >= Severity.HOLD} & {
        Rule.CUSTOMER_STATUS,
        Rule.RATE_MISSING,
    }
    if decision.outcome in PASSING or stuck:
        assert ways_to_pass(facts, decision) == ()


@given(checks(silent=False))
def test_a_cut_and_a_payment_are_the_smallest_that_help(facts):
    for way in ways(facts):
        if way.also:
            continue
        if way.kind is WayKind.REDUCE:
            assert CENT <= way.amount < facts.document.amount
            assert not passes(apply_way(facts, replace(way, amount=way.amount - CENT)))
        if way.kind is WayKind.PAY_AMOUNT:
            assert not passes(apply_way(facts, replace(way, amount=way.amount - CENT)))
        if way.kind is WayKind.PAY_ITEMS:
            for reference in way.references if len(way.references) > 1 else ():
                fewer = [other for other in way.references if other != reference]
                assert not passes(items_paid(facts, fewer))


@given(checks(silent=False))
def test_no_limit_suggested_could_be_lower(facts):
    """Only a missing limit is suggested at the full projected exposure where less might pass."""
    stated = {
        (item.kind, item.label) for item in facts.scopes if item.limit.state is not LimitState.NONE
    }
    for way in ways(facts):
        if way.kind is not WayKind.RAISE_LIMIT or way.also:
            continue
        assert way.amounts[0] == way.amount
        for number, scope_ in enumerate(zip(way.scopes, way.references, strict=True)):
            lower = list(way.amounts)
            lower[number] -= CENT
            if scope_ in stated:
                assert not passes(apply_way(facts, replace(way, amounts=tuple(lower))))
