"""The cheapest ways to a pass. Every way listed here was tried: `decide` confirms it."""

from __future__ import annotations

from decimal import ROUND_UP, Decimal
from typing import TYPE_CHECKING

from credit_limits.engine.amount_rules import HUNDRED, near_percent
from credit_limits.engine.context import context
from credit_limits.engine.decide import decide
from credit_limits.engine.exclusions import OVERDUE_RULES
from credit_limits.engine.exposure import has_limit
from credit_limits.engine.rounding import CENT
from credit_limits.engine.types import (
    AMOUNT_RULES,
    ZERO,
    Decision,
    MethodTreatment,
    Outcome,
    Rule,
    ScopeKind,
    Severity,
    Way,
    WayKind,
)
from credit_limits.engine.waiting import ship_after
from credit_limits.engine.what_if import apply_way, items_paid, overdue_items, payable_items

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from credit_limits.engine.exposure import Position
    from credit_limits.engine.timeline import Curve
    from credit_limits.engine.types import CheckInput

# Leaving out items that need not be paid costs one decision each; longer lists stay as they are.
MOST_ITEMS_TRIED = 60


def ways_to_pass(
    facts: CheckInput, decision: Decision, curve: Curve | None = None
) -> tuple[Way, ...]:
    """What would let the document pass or only be warned about: by WayKind, then combinations, then
    waiting.

    Empty when nothing stops the document, and when the customer's status or a missing rate does:
    no amount helps there. A combination (`also`) is only offered where paying items and one other
    step are both needed. With the `curve` of the account also the day from which on it passes if
    everybody just waits; that day was tried, too.
    """
    if not can_be_cleared(decision):
        return ()
    blocked_by = _blocking_rules(decision)
    items = _pay_items(facts, _passes, blocked_by)
    amount = _pay_amount(facts, decision)
    if items is not None and amount is not None and amount.amount >= items.amount:
        amount = None
    found = [
        _reduce(facts, blocked_by),
        items,
        amount,
        _pay_immediately(facts),
        _raise(facts, blocked_by),
    ]
    ways = [way for way in found if way is not None]
    if items is None and blocked_by & OVERDUE_RULES and blocked_by & AMOUNT_RULES:
        ways += _pay_items_and(facts, blocked_by)
    tried = [way for way in ways if _passes(apply_way(facts, way))]
    wait = ship_after(facts, curve) if curve is not None else None
    if wait is not None:
        tried.append(wait)
    return tuple(tried)


def can_be_cleared(decision: Decision) -> bool:
    """Whether something stops the document that an amount or time can clear."""
    blocked_by = _blocking_rules(decision)
    return bool(blocked_by) and not blocked_by & {Rule.CUSTOMER_STATUS, Rule.RATE_MISSING}


def _passes(facts: CheckInput) -> bool:
    return decide(facts).outcome in {Outcome.PASS, Outcome.WARN}


def _blocking_rules(decision: Decision) -> frozenset[Rule]:
    return frozenset(found.rule for found in decision.findings if found.effect >= Severity.HOLD)


def _reduce(facts: CheckInput, blocked_by: Iterable[Rule]) -> Way | None:
    """The smallest cut, to the cent, that leaves something to sell."""
    if AMOUNT_RULES.isdisjoint(blocked_by):
        return None
    cut = _smallest(
        int((facts.document.amount - CENT) / CENT),
        lambda cents: _passes(apply_way(facts, Way(WayKind.REDUCE, cents * CENT))),
    )
    return None if cut is None else Way(WayKind.REDUCE, cut * CENT)


def _pay_items(
    facts: CheckInput, enough: Callable[[CheckInput], bool], blocked_by: frozenset[Rule]
) -> Way | None:
    """Overdue items to pay, those due the longest first, none of which can be left out.

    Items that are not due yet are only asked for where the age of an item is the matter.
    """
    old = Rule.OLDEST_ITEM in blocked_by
    items = payable_items(facts.overdue) if old else overdue_items(facts.overdue)
    residuals: dict[str, Decimal] = {}
    for reference, _, residual in items:
        residuals[reference] = residuals.get(reference, ZERO) + residual
    order = list(residuals)
    count = _smallest(len(order), lambda size: enough(items_paid(facts, order[:size])))
    if count is None:
        return None
    chosen = order[:count]
    if count <= MOST_ITEMS_TRIED:
        for reference in reversed(order[:count]):
            fewer = [other for other in chosen if other != reference]
            if fewer and enough(items_paid(facts, fewer)):
                chosen = fewer
    return Way(
        WayKind.PAY_ITEMS,
        sum((residuals[reference] for reference in chosen), ZERO),
        references=tuple(chosen),
    )


def _pay_amount(facts: CheckInput, decision: Decision) -> Way | None:
    """The smallest payment, to the cent, that clears the way."""
    owed = sum((item[2] for item in payable_items(facts.overdue)), ZERO)
    most = owed + max(decision.projected, ZERO) + decision.overrun
    cents = _smallest(
        int((most / CENT).to_integral_value(rounding=ROUND_UP)),
        lambda count: _passes(apply_way(facts, Way(WayKind.PAY_AMOUNT, count * CENT))),
    )
    return None if cents is None else Way(WayKind.PAY_AMOUNT, cents * CENT)


def _pay_immediately(facts: CheckInput) -> Way | None:
    if facts.document.method_treatment is MethodTreatment.PASSES:
        return None
    return Way(WayKind.PAY_IMMEDIATELY, facts.document.amount)


def _raise(facts: CheckInput, blocked_by: frozenset[Rule]) -> Way | None:
    """The limits needed: as high as the projected exposure, or so high that it is not near."""
    percent = near_percent(facts.policy.setting(Rule.NEAR_LIMIT).threshold)
    for factor in (HUNDRED, percent):
        needed: list[tuple[Position, Decimal]] = []
        for item in context(facts).positions:
            limit = max(ZERO, item.projected * HUNDRED / factor).quantize(CENT, rounding=ROUND_UP)
            if _limit_is_short(item, limit, blocked_by):
                needed.append((item, limit))
        if not needed:
            continue
        way = Way(
            WayKind.RAISE_LIMIT,
            needed[0][1],
            references=tuple(item.scope.label for item, _ in needed),
            scopes=tuple(item.scope.kind for item, _ in needed),
            amounts=tuple(limit for _, limit in needed),
        )
        if _passes(apply_way(facts, way)):
            return way
    return None


def _limit_is_short(item: Position, limit: Decimal, blocked_by: frozenset[Rule]) -> bool:
    """Whether the scope needs this limit to be free of what blocks."""
    ceiling = item.limit.ceiling
    if ceiling is not None:
        limited = blocked_by & {Rule.LIMIT_EXCEEDED, Rule.NEAR_LIMIT}
        return bool(limited) and item.increment > ZERO and ceiling < limit
    return (
        item.scope.kind is ScopeKind.ACCOUNT
        and not has_limit(item.limit)
        and bool(blocked_by & {Rule.NO_LIMIT, Rule.FIRST_ORDER})
    )


def _pay_items_and(facts: CheckInput, blocked_by: frozenset[Rule]) -> list[Way]:
    """Pay what is overdue and, besides, reduce the document or raise the limit."""
    items = _pay_items(
        facts,
        lambda changed: _blocking_rules(decide(changed)).isdisjoint(OVERDUE_RULES),
        blocked_by,
    )
    if items is None:
        return []
    after = items_paid(facts, items.references)
    still = _blocking_rules(decide(after))
    further = [_reduce(after, still), _raise(after, still)]
    return [
        Way(items.kind, items.amount, references=items.references, also=(way,))
        for way in further
        if way is not None
    ]


def _smallest(most: int, enough: Callable[[int], bool]) -> int | None:
    """The smallest count from 1 to `most` that is enough; None when even `most` is not.

    More is never worse in any of the questions asked here, so halving finds it.
    """
    if most < 1 or not enough(most):
        return None
    low, high = 0, most
    while high - low > 1:
        middle = (low + high) // 2
        if enough(middle):
            high = middle
        else:
            low = middle
    return high
