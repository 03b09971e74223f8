"""Whole checks at random: every kind of scope, limit, policy, lateness and release.

A check is made from one seed: drawing its hundred parts one by one would take fifty times as
long. Amounts come from a small stock as often as not, so that figures meet exactly.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from hypothesis import strategies as st

from credit_limits.engine.types import (
    CheckInput,
    Checkpoint,
    Component,
    ControlType,
    CustomerFacts,
    CustomerStatus,
    DocumentFacts,
    Exposure,
    Include,
    LimitFacts,
    LimitState,
    MethodTreatment,
    OverdueFacts,
    PolicyFacts,
    ReleaseFacts,
    Rule,
    RuleSetting,
    ScopeFacts,
    ScopeKind,
    Severity,
)
from tests.credit_limits.engine.builders import TODAY

REASONS = [
    "LIMIT_EXCEEDED",
    "ALREADY_OVER_LIMIT",
    "NO_LIMIT",
    "FIRST_ORDER",
    "DOCUMENT_MAXIMUM",
    "COMPONENT_LIMIT:order_open",
    "OVERDUE_DAYS",
    "OVERDUE_AMOUNT",
    "OLDEST_ITEM",
    "PAYMENT_METHOD",
    "STATUS_DEBTOR",
    "RATE_MISSING",
]
STOCK = [Decimal(amount) for amount in ("0.01", "50", "90", "100", "100.01", "900", "1000")]
CENT = Decimal("0.01")
SEEDS = st.integers(0, 2**64 - 1)


def cents(low: int = 0, high: int = 500_000) -> st.SearchStrategy[Decimal]:
    """Amounts to the cent; bounds in cents."""
    return st.integers(low, high).map(lambda count: Decimal(count) / 100)


def _amount(dice: Random, highest: int = 300_000) -> Decimal:
    """An amount above zero."""
    return dice.choice(STOCK) if dice.random() < 0.5 else Decimal(dice.randint(1, highest)) / 100


def _day(dice: Random) -> date:
    return TODAY - timedelta(days=dice.choice([0, 1, 10, 30, 60, dice.randint(0, 200)]))


def _some[T](dice: Random, options: list[T], most: int | None = None) -> list[T]:
    return dice.sample(options, dice.randint(0, min(most or len(options), len(options))))


def _limit(dice: Random, used: Decimal, added: Decimal) -> LimitFacts:
    """A limit, half of the time one that the document nearly or just reaches."""
    state = dice.choice([*LimitState, LimitState.AMOUNT, LimitState.AMOUNT])
    if state is not LimitState.AMOUNT:
        return LimitFacts(state)
    close = used + dice.choice([added, added - CENT, added / 2, added * 2]).quantize(CENT)
    amount = close if close > 0 and dice.random() < 0.5 else _amount(dice)
    return LimitFacts(state, amount, permanent=amount)


def _scopes(dice: Random, amount: Decimal) -> tuple[ScopeFacts, ...]:
    """One account and, sometimes, the customer and groups, some in another currency."""
    before = dice.choice([Decimal(0), Decimal(0), amount, _amount(dice)])
    kinds = [ScopeKind.ACCOUNT, *_some(dice, [ScopeKind.CUSTOMER, *[ScopeKind.GROUP] * 2])]
    made = []
    for number, kind in enumerate(kinds):
        foreign = kind is not ScopeKind.ACCOUNT and dice.random() < 0.4
        rate = Decimal(2) if foreign else Decimal(1)
        parts = {part: _amount(dice, 50_000) for part in _some(dice, list(Component), 4)}
        if Component.CREDITS in parts:
            parts[Component.CREDITS] = -parts[Component.CREDITS]
        made.append(
            ScopeFacts(
                kind=kind,
                label=f"scope {number}",
                limit=_limit(dice, sum(parts.values(), Decimal(0)), amount / rate),
                exposure=Exposure(parts),
                currency="USD" if foreign else "EUR",
                document_amount=(amount / rate).quantize(CENT),
                counted_before=(before / rate).quantize(CENT),
                to_account=rate,
            )
        )
    return tuple(made)


def _setting(dice: Random) -> RuleSetting:
    flags = ["only_without_limit", "analyse_non_immediate", "analyse_instalments"]
    return RuleSetting(
        severity=dice.choice(list(Severity)),
        threshold=dice.choice([None, Decimal(0), Decimal(30), _amount(dice, 20_000)]),
        grace_days=dice.choice([0, 1, 10, 30]),
        tolerance=dice.choice([Decimal(0), Decimal("0.01"), Decimal(50)]),
        severity_by_status={
            status.value: dice.choice(list(Severity))
            for status in _some(dice, list(CustomerStatus))
        },
        thresholds={part.value: _amount(dice) for part in _some(dice, list(Component))},
        options={flag: dice.random() < 0.5 for flag in _some(dice, flags)},
    )


def _policy(dice: Random) -> PolicyFacts:
    """Any policy whose watch band is not harder than its limit (publishing checks that)."""
    rules = {rule: _setting(dice) for rule in _some(dice, list(Rule))}
    if Rule.NEAR_LIMIT in rules:
        over = rules.get(Rule.LIMIT_EXCEEDED, RuleSetting()).severity
        near = rules[Rule.NEAR_LIMIT]
        percent = dice.choice([None, Decimal(0), Decimal(80), Decimal("99.5"), Decimal(100)])
        rules[Rule.NEAR_LIMIT] = replace(near, severity=min(near.severity, over), threshold=percent)
    return PolicyFacts(
        name="random",
        version=dice.randint(1, 9),
        rules=rules,
        include={part: dice.choice(list(Include)) for part in _some(dice, list(Component), 3)},
        checkpoints=frozenset(Checkpoint) - set(_some(dice, list(Checkpoint), 3)),
    )


def _overdue(dice: Random) -> OverdueFacts:
    """Late items and the open items by document date, each named once."""
    late = [(f"I{number}", _day(dice), _amount(dice, 50_000)) for number in range(5)]
    items = tuple(_some(dice, late))
    younger = [(f"N{number}", _day(dice), _amount(dice, 50_000)) for number in range(2)]
    open_since = (
        *((name, due - timedelta(days=30), amount) for name, due, amount in items),
        *_some(dice, younger),
    )
    oldest = min(open_since, key=lambda item: (item[1], item[0]), default=None)
    return OverdueFacts(
        items=items,
        oldest_item_on=oldest[1] if oldest else None,
        oldest_item_reference=oldest[0] if oldest else "",
        open_since=open_since if dice.random() < 0.5 else (),
    )


def _release(dice: Random) -> ReleaseFacts:
    return ReleaseFacts(
        reasons=frozenset(_some(dice, REASONS)),
        amount_up_to=_amount(dice),
        valid_until=TODAY + timedelta(days=dice.choice([-1, 0, 5])),
        checkpoints=frozenset(_some(dice, list(Checkpoint))),
        reference=dice.choice(["R1", "R2", "R3"]),
    )


def random_check(seed: int, *, silent: bool = True) -> CheckInput:
    """A whole check; with `silent` False only outward, counted documents at a checkpoint."""
    dice = Random(seed)
    amount = _amount(dice)
    policy = _policy(dice)
    steps = list(Checkpoint) if silent else sorted(policy.checkpoints)
    return CheckInput(
        document=DocumentFacts(
            reference="D1",
            kind="order",
            checkpoint=dice.choice(steps),
            amount=amount,
            currency=dice.choice(["EUR", "EUR", "PLN"]),
            component=dice.choice([None, *Component, *[Component.ORDER_OPEN] * 9]),
            counts=not silent or dice.random() < 0.8,
            outward=not silent or dice.random() < 0.9,
            exclude_block=dice.random() < 0.2,
            method_treatment=dice.choice([*MethodTreatment, MethodTreatment.NORMAL]),
            method_immediate=dice.random() < 0.5,
            method_name=dice.choice(["", "bank transfer"]),
            instalments=dice.randint(1, 3),
        ),
        customer=CustomerFacts(
            status=dice.choice([*CustomerStatus, *[CustomerStatus.RELEASED] * 5]),
            control=dice.choice([*ControlType, ControlType.LOCK, ControlType.LOCK]),
            has_history=dice.random() < 0.7,
        ),
        scopes=_scopes(dice, amount),
        overdue=_overdue(dice),
        policy=policy,
        as_of=TODAY,
        releases=tuple(_release(dice) for _ in range(dice.choice([0, 0, 1, 2]))),
        missing_rates=dice.choice([(), (), (), (), ("XYZ-EUR",)]),
    )


def checks(*, silent: bool = True) -> st.SearchStrategy[CheckInput]:
    """Random checks (see `random_check`)."""
    return SEEDS.map(lambda seed: random_check(seed, silent=silent))


releases = SEEDS.map(lambda seed: _release(Random(seed)))
