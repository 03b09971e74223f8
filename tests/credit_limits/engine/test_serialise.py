"""A stored check reads back exactly and decides the same."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given

from credit_limits.engine.decide import decide
from credit_limits.engine.serialise import (
    UnreadableCheckError,
    decision_from_json,
    from_json,
    input_from_json,
    to_json,
)
from credit_limits.engine.types import ControlType, Severity
from tests.credit_limits.engine.builders import check, late, limit
from tests.credit_limits.engine.strategies import checks


def through_json(value):
    """As it comes back from the database, keys in another order."""
    return json.loads(json.dumps(to_json(value), sort_keys=True))


@given(checks())
def test_a_check_read_back_is_the_same_and_decides_the_same(facts):
    again = input_from_json(through_json(facts))
    assert again == facts
    assert decide(again) == decide(facts)


@given(checks())
def test_a_decision_read_back_is_the_same(facts):
    decision = decide(facts)
    again = decision_from_json(through_json(decision))
    assert again == decision
    assert again.findings == decision.findings
    assert (again.reasons, again.blocking) == (decision.reasons, decision.blocking)


@given(checks())
def test_types_survive_not_only_values(facts):
    decision = decide(facts)
    again = decision_from_json(through_json(decision))
    for before, after in zip(decision.findings, again.findings, strict=True):
        assert [type(value) for value in before.facts.values()] == [
            type(after.facts[name]) for name in before.facts
        ]
        assert (type(before.observed), type(after.effect)) == (type(after.observed), Severity)
        assert str(before.observed) == str(after.observed)


def test_decimals_are_strings_with_all_their_digits():
    data = to_json(check("10.00", limit("1000.10")))
    assert data["value"]["document"]["amount"] == "10.00"
    assert data["value"]["scopes"][0]["limit"]["amount"] == "1000.10"
    assert "1000.1," not in json.dumps(data)
    again = input_from_json(data)
    assert again.scopes[0].limit.amount.as_tuple() == Decimal("1000.10").as_tuple()


def test_figures_of_mixed_type_carry_their_type():
    data = to_json(decide(check(10, limit(5), overdue=late((9, 9)))))
    by_rule = {item["rule"]: item for item in data["value"]["findings"]}
    assert by_rule["limit_exceeded"]["observed"] == {"decimal": "10.00"}
    assert by_rule["overdue_days"]["observed"] == 9
    assert by_rule["overdue_days"]["facts"]["due_on"] == {"date": "2026-03-22"}
    assert by_rule["limit_exceeded"]["effect"] == "HOLD"


def test_facts_added_later_take_their_default():
    data = to_json(check())
    del data["value"]["customer"]["control"]
    assert input_from_json(data).customer.control is ControlType.LOCK


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data.update(schema=99),
        lambda data: data.update(type="something"),
        lambda data: data.pop("value"),
        lambda data: data["value"].pop("document"),
        lambda data: data["value"]["document"].update(amount="ten"),
        lambda data: data["value"]["document"].update(amount=None),
        lambda data: data["value"]["document"].update(counts="yes"),
        lambda data: data["value"]["document"].update(unheard_of=1),
        lambda data: data["value"]["document"].update(checkpoint="teleport"),
        lambda data: data["value"].update(as_of="31/03/2026"),
    ],
)
def test_damaged_data_is_refused_with_its_own_error(damage):
    data = through_json(check())
    damage(data)
    with pytest.raises(UnreadableCheckError):
        from_json(data)


def test_a_check_is_not_a_decision():
    facts = check()
    with pytest.raises(UnreadableCheckError):
        decision_from_json(to_json(facts))
    with pytest.raises(UnreadableCheckError):
        input_from_json(to_json(decide(facts)))
