"""The decision table, written by hand: the engine must agree with every line of it.

Each family's rules are made to fire; the line says what is left of the policy's severity. The
table is complete and no two lines speak about the same case.
"""

from __future__ import annotations

import csv
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest

from credit_limits.engine.decide import decide
from credit_limits.engine.types import (
    ControlType,
    CustomerFacts,
    CustomerStatus,
    MethodTreatment,
    Rule,
    RuleSetting,
    Severity,
)
from tests.credit_limits.engine.builders import (
    NONE,
    TODAY,
    check,
    document,
    exposure,
    late,
    limit,
    money,
    policy,
)

TABLE = Path(__file__).with_name("decision_table.csv")
PAGE = Path(__file__).parents[2] / "docs" / "credit-check.md"
FAMILIES = {
    "amount": (
        Rule.LIMIT_EXCEEDED,
        Rule.NEAR_LIMIT,
        Rule.COMPONENT_LIMIT,
        Rule.NO_LIMIT,
        Rule.FIRST_ORDER,
        Rule.DOCUMENT_MAXIMUM,
    ),
    "overdue": (Rule.OVERDUE_DAYS, Rule.OVERDUE_AMOUNT, Rule.OLDEST_ITEM),
    "terms": (Rule.PAYMENT_METHOD,),
    "status": (Rule.CUSTOMER_STATUS,),
    "rate": (Rule.RATE_MISSING,),
}
AXES = {
    "control": ("none", "monitor", "lock"),
    "exclude_block": ("off", "on"),
    "method": ("normal", "passes"),
    "severity": ("off", "note", "warn", "hold", "refuse"),
}
SEVERITIES = {
    "off": Severity.OK,
    "ok": Severity.OK,
    "note": Severity.NOTE,
    "warn": Severity.WARN,
    "hold": Severity.HOLD,
    "refuse": Severity.REFUSE,
}


def lines():
    with TABLE.open(encoding="utf-8") as table:
        return list(csv.DictReader(table))


def cases():
    """Every combination a line stands for, `any` written out."""
    for line in lines():
        choices = [AXES[axis] if line[axis] == "any" else (line[axis],) for axis in AXES]
        for combination in product(*choices):
            yield (line["family"], *combination), (line["effect"], line["excluded_by"])


def firing(rule, case):
    """Facts in which this rule fires, under the control type, method and severity of the case."""
    _, control, exclude_block, method, severity = case
    stated = SEVERITIES[severity]
    setting = RuleSetting(
        severity=stated,
        threshold=money(90) if rule in {Rule.NEAR_LIMIT, Rule.OLDEST_ITEM} else money(5),
        thresholds={"order_open": money(5)},
        severity_by_status={"debtor": stated},
        options={"analyse_instalments": True},
    )
    stated_limit = {
        Rule.NEAR_LIMIT: limit(11),
        Rule.NO_LIMIT: NONE,
        Rule.FIRST_ORDER: NONE,
    }.get(rule, limit(9))
    return check(
        document(
            "10.50",
            exclude_block=exclude_block == "on",
            method_treatment=MethodTreatment(method),
            instalments=2,
        ),
        stated_limit,
        exposure(),
        customer=CustomerFacts(
            CustomerStatus.DEBTOR, control=ControlType(control), has_history=False
        ),
        overdue=late((30, 20), oldest_item_on=TODAY - timedelta(days=100)),
        rules=policy({rule: setting}, only=True),
        missing_rates=("XYZ-EUR",) if rule is Rule.RATE_MISSING else (),
    )


@pytest.mark.parametrize("rule", list(Rule))
def test_the_engine_agrees_with_every_line(rule):
    family = next(name for name, rules in FAMILIES.items() if rule in rules)
    tried = 0
    for case, (effect, excluded_by) in cases():
        if case[0] != family:
            continue
        tried += 1
        item = next(found for found in decide(firing(rule, case)).findings if found.rule is rule)
        assert item.fired, case
        assert item.effect == SEVERITIES[effect], case
        assert item.excluded_by == excluded_by, case
    assert tried == 3 * 2 * 2 * 5


def test_every_case_stands_in_the_table_exactly_once():
    named = [case for case, _ in cases()]
    assert len(named) == len(set(named))
    assert set(named) == set(product(FAMILIES, *AXES.values()))


def test_the_families_hold_every_rule_once():
    rules = [rule for family in FAMILIES.values() for rule in family]
    assert sorted(rules) == sorted(Rule)


def test_the_table_in_the_documentation_is_this_one():
    rows = [
        [cell.strip() for cell in row.strip().strip("|").split("|")]
        for row in PAGE.read_text(encoding="utf-8").splitlines()
        if row.startswith("|")
    ]
    for line in lines():
        assert list(line.values()) in rows, line


@pytest.mark.parametrize("rule", list(Rule))
def test_the_documentation_names_every_rule(rule):
    assert f"| {rule.value} | `" in PAGE.read_text(encoding="utf-8")
