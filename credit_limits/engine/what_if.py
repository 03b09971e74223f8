"""The facts as they would be: after a payment, with a smaller document, with a higher limit.

Nothing is decided here. A payment is taken to settle what is due the longest, then what is not
due yet, and to stand as a credit for the rest; that is how payments are allocated by default.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import ROUND_DOWN, Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING

from credit_limits.engine.rounding import CENT, to_cents
from credit_limits.engine.types import (
    ONE,
    ZERO,
    Component,
    Exposure,
    LimitFacts,
    LimitState,
    MethodTreatment,
    Way,
    WayKind,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from credit_limits.engine.types import CheckInput, OverdueFacts, ScopeFacts, ScopeKind

# Reference, date (due or document), residual.
type Item = tuple[str, date, Decimal]


def apply_way(facts: CheckInput, way: Way) -> CheckInput:
    """The facts after a suggested way was taken, with what has to be done besides.

    Raises ValueError for waiting, which changes more than one thing (`engine.waiting.waited`).
    """
    if way.kind is WayKind.REDUCE:
        facts = reduced(facts, facts.document.amount - way.amount)
    elif way.kind is WayKind.PAY_ITEMS:
        facts = items_paid(facts, way.references)
    elif way.kind is WayKind.PAY_AMOUNT:
        facts = amount_paid(facts, way.amount)
    elif way.kind is WayKind.PAY_IMMEDIATELY:
        facts = paid_immediately(facts)
    elif way.kind is WayKind.SHIP_AFTER:
        msg = "waiting needs the curve of the account: see engine.waiting"
        raise ValueError(msg)
    else:
        needed = zip(way.scopes, way.references, way.amounts, strict=True)
        facts = limits_raised(facts, {(kind, label): limit for kind, label, limit in needed})
    for further in way.also:
        facts = apply_way(facts, further)
    return facts


def reduced(facts: CheckInput, amount: Decimal) -> CheckInput:
    """The document with another gross amount (its currency); the scopes' shares in proportion."""
    share = amount / facts.document.amount if facts.document.amount else ONE
    return replace(
        facts,
        document=replace(facts.document, amount=amount),
        scopes=tuple(
            replace(scope, document_amount=to_cents(scope.document_amount * share))
            for scope in facts.scopes
        ),
    )


def overdue_items(overdue: OverdueFacts) -> tuple[Item, ...]:
    """What is past due, in the order it is paid: by due date."""
    return _in_order(overdue.items)


def payable_items(overdue: OverdueFacts) -> tuple[Item, ...]:
    """Everything known that can be paid: by due date, then what is not due by its date."""
    named = {item[0] for item in overdue.items}
    not_due = (item for item in overdue.open_since if item[0] not in named)
    return overdue_items(overdue) + _in_order(not_due)


def items_paid(facts: CheckInput, references: Collection[str]) -> CheckInput:
    """These open items paid in full."""
    due = {item[0] for item in facts.overdue.items}
    paid: dict[str, Decimal] = {}
    for reference, _, residual in payable_items(facts.overdue):
        if reference in references:
            paid[reference] = paid.get(reference, ZERO) + residual
    items = tuple(item for item in facts.overdue.items if item[0] not in paid)
    return _paid(
        facts,
        _left(facts.overdue, items, paid),
        overdue_amount=sum((paid[name] for name in paid if name in due), ZERO),
        not_due=sum((paid[name] for name in paid if name not in due), ZERO),
    )


def amount_paid(facts: CheckInput, amount: Decimal) -> CheckInput:
    """A payment of this amount (account currency), allocated as the module says."""
    exposure = facts.account_scope.exposure
    overdue_amount = _take(amount, exposure.of(Component.INVOICE_OVERDUE))
    not_due = _take(amount - overdue_amount, exposure.of(Component.INVOICE_OPEN))
    rest = amount
    paid: dict[str, Decimal] = {}
    left: list[Item] = []
    for reference, day, residual in payable_items(facts.overdue):
        part = _take(rest, residual)
        rest -= part
        paid[reference] = paid.get(reference, ZERO) + part
        if part < residual:
            left.append((reference, day, residual - part))
    due = {item[0] for item in facts.overdue.items}
    return _paid(
        facts,
        _left(facts.overdue, tuple(item for item in left if item[0] in due), paid),
        overdue_amount=overdue_amount,
        not_due=not_due,
        credit=amount - overdue_amount - not_due,
    )


def paid_immediately(facts: CheckInput) -> CheckInput:
    """The document on a payment method that always passes, at once and in one sum."""
    document = replace(
        facts.document,
        method_treatment=MethodTreatment.PASSES,
        method_immediate=True,
        instalments=1,
    )
    return replace(facts, document=document)


def limits_raised(facts: CheckInput, needed: Mapping[tuple[ScopeKind, str], Decimal]) -> CheckInput:
    """The scopes named by (kind, label) with a limit of this amount (their currency)."""
    return replace(
        facts,
        scopes=tuple(
            replace(scope, limit=_limit_of(scope.limit, needed[scope.kind, scope.label]))
            if (scope.kind, scope.label) in needed
            else scope
            for scope in facts.scopes
        ),
    )


def _limit_of(limit: LimitFacts, amount: Decimal) -> LimitFacts:
    return replace(
        limit,
        state=LimitState.AMOUNT if amount > ZERO else LimitState.ZERO,
        amount=max(amount, ZERO),
        permanent=max(amount - limit.temporary, ZERO),
    )


def _take(wanted: Decimal, available: Decimal) -> Decimal:
    """As much of `wanted` as there is, never below zero."""
    return max(ZERO, min(wanted, available))


def _in_order(items: Iterable[Item]) -> tuple[Item, ...]:
    return tuple(sorted(items, key=lambda item: (item[1], item[0], item[2])))


def _left(
    overdue: OverdueFacts, items: tuple[Item, ...], paid: Mapping[str, Decimal]
) -> OverdueFacts:
    """The overdue facts with these items left and this much paid on each reference.

    What then is the oldest open item is only known from `open_since`; without it, the oldest
    stays, so that no payment is said to help of which nobody knows whether it does.
    """
    if not overdue.open_since:
        return replace(overdue, items=items)
    owed: dict[str, Decimal] = {}
    for reference, _, residual in overdue.open_since:
        owed[reference] = owed.get(reference, ZERO) + residual
    still_open = tuple(
        item for item in overdue.open_since if paid.get(item[0], ZERO) < owed[item[0]]
    )
    oldest = min(still_open, key=lambda item: (item[1], item[0]), default=None)
    return replace(
        overdue,
        items=items,
        open_since=still_open,
        oldest_item_on=None if oldest is None else oldest[1],
        oldest_item_reference="" if oldest is None else oldest[0],
    )


def _paid(
    facts: CheckInput,
    overdue: OverdueFacts,
    *,
    overdue_amount: Decimal = ZERO,
    not_due: Decimal = ZERO,
    credit: Decimal = ZERO,
) -> CheckInput:
    """The facts with these parts (account currency) taken out of every scope's exposure."""
    parts = {
        Component.INVOICE_OVERDUE: overdue_amount,
        Component.INVOICE_OPEN: not_due,
        Component.CREDITS: credit,
    }
    currency = facts.account_scope.currency
    return replace(
        facts,
        overdue=overdue,
        scopes=tuple(_scope_paid(scope, parts, currency) for scope in facts.scopes),
    )


def _scope_paid(scope: ScopeFacts, parts: Mapping[Component, Decimal], currency: str) -> ScopeFacts:
    amounts = dict(scope.exposure.amounts)
    for component, amount in parts.items():
        part = amount if scope.currency == currency else _converted(amount, scope.to_account)
        if component is not Component.CREDITS:
            part = _take(part, scope.exposure.of(component))
        if part:
            amounts[component] = scope.exposure.of(component) - part
    return replace(scope, exposure=Exposure(amounts=MappingProxyType(amounts)))


def _converted(amount: Decimal, to_account: Decimal) -> Decimal:
    """An account amount in the scope's currency, rounded down: never more help than there is.

    Without a rate (0) nobody knows what it is worth there, so it counts as nothing.
    """
    if to_account <= ZERO:
        return ZERO
    return (amount / to_account).quantize(CENT, rounding=ROUND_DOWN)
