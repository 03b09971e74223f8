"""The values of today and their ways: where each goes, and when it is expected to be paid. Pure.

Orders become invoices when they are delivered, invoices fall due by their terms, and the customer
pays as late as he pays on average.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from credit_limits.engine.types import ZERO, Component

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from decimal import Decimal

LEAST_WAIT: Final = 7  # what is overdue comes a week from today at the earliest
ITEMS: Final = frozenset({Component.INVOICE_OPEN, Component.INVOICE_OVERDUE})

# A day from which on the value sits in a component; None: it does not count yet.
type Step = tuple[date, Component | None]


@dataclass(frozen=True, slots=True)
class Flow:
    """One value and its way. `amount` below zero is the customer's (a credit, a return).

    `steps` start with where it sits today and ascend by day; `leaves_on` is when it is paid (None:
    nothing is expected). `key` names the line it comes from, `due_on` the day its item falls due.
    `pays`: it leaves as money; a bill that a bank has credited already only stops counting.
    """

    key: tuple[str, int]
    reference: str
    amount: Decimal
    steps: tuple[Step, ...]
    leaves_on: date | None
    document_on: date
    due_on: date | None = None
    pays: bool = True

    def component_on(self, day: date) -> Component | None:
        """Where it sits at the end of the day; None before it counts and once it is paid."""
        if self.leaves_on is not None and day >= self.leaves_on:
            return None
        return next((part for on, part in reversed(self.steps) if on <= day), None)

    @property
    def start(self) -> Component | None:
        """Where it sits before the first day begins."""
        return self.steps[0][1]

    @property
    def invoiced_on(self) -> date | None:
        """When it becomes an open item; None for what is one today, and for credits."""
        if self.start in ITEMS:
            return None
        return next((on for on, part in self.steps if part in ITEMS), None)


def expected_on(due_on: date, as_of: date, days_late: int) -> date:
    """When an item is expected to be paid by a customer who pays that many days late on average.

    Never before today; what is overdue comes after that lateness again, a week at least.
    """
    if due_on < as_of:
        return as_of + timedelta(days=max(days_late, LEAST_WAIT))
    return due_on + timedelta(days=max(days_late, 0))


def item_flow(
    key: tuple[str, int],
    reference: str,
    amount: Decimal,
    *,
    document_on: date,
    due_on: date,
    as_of: date,
    days_late: int,
    apart: bool = True,
) -> Flow:
    """The way of an open item: overdue from the day after its due date, then paid.

    Where the ledger balance is the base, overdue items are not told `apart` from the others.
    """
    return Flow(
        key=key,
        reference=reference,
        amount=amount,
        steps=_from_item(as_of, due_on, as_of, apart=apart),
        leaves_on=expected_on(due_on, as_of, days_late),
        document_on=document_on,
        due_on=due_on,
    )


def credit_flow(
    key: tuple[str, int],
    reference: str,
    amount: Decimal,
    *,
    document_on: date,
    as_of: date,
    component: Component = Component.CREDITS,
) -> Flow:
    """A value of the customer (below zero): it settles what is paid first."""
    return Flow(key, reference, amount, ((as_of, component),), None, document_on)


def bill_flow(
    key: tuple[str, int],
    reference: str,
    amount: Decimal,
    *,
    component: Component,
    document_on: date,
    due_on: date,
    as_of: date,
    leaves_on: date | None,
    is_advanced: bool,
    days_late: int,
) -> Flow:
    """The way of a bill: with a bank it counts until `leaves_on` (`ledger.bills.leaves_on`).

    One in hand is paid when it falls due; one that came back as late as the customer pays what is
    overdue. `is_advanced`: the bank has credited it, so no more money comes.
    """
    late = days_late if component is Component.BILL_RETURNED else 0
    return Flow(
        key=key,
        reference=reference,
        amount=amount,
        steps=((as_of, component),),
        leaves_on=leaves_on or expected_on(due_on, as_of, late),
        document_on=document_on,
        due_on=due_on,
        pays=not is_advanced,
    )


def paper_flow(
    key: tuple[str, int],
    reference: str,
    amount: Decimal,
    *,
    component: Component | None,
    as_of: date,
    counts_on: date,
    invoiced_on: date,
    due_on: date,
    days_late: int,
    apart: bool = True,
) -> Flow:
    """The way of what is not in the ledger yet: invoiced on a day, then like an item.

    `component` is where it sits today; None for an order that counts from `counts_on` only.
    """
    steps: list[Step] = [(as_of, component)]
    if component is None and counts_on < invoiced_on:
        steps.append((counts_on, Component.ORDER_OPEN))
    steps += _from_item(invoiced_on, due_on, as_of, apart=apart)
    return Flow(
        key=key,
        reference=reference,
        amount=amount,
        steps=tuple(steps),
        leaves_on=expected_on(max(due_on, as_of), as_of, days_late),
        document_on=invoiced_on,
        due_on=due_on,
    )


def _from_item(on: date, due_on: date, as_of: date, *, apart: bool) -> tuple[Step, ...]:
    if not apart:
        return ((on, Component.INVOICE_OPEN),)
    late_from = due_on + timedelta(days=1)
    if late_from <= max(on, as_of):
        return ((on, Component.INVOICE_OVERDUE),)
    return ((on, Component.INVOICE_OPEN), (late_from, Component.INVOICE_OVERDUE))


def payments(flows: Sequence[Flow], counted: Collection[Component]) -> tuple[Decimal, ...]:
    """What each flow brings in money, in their order: credits are taken off what is paid first.

    Nothing for what leaves without money.
    """
    credit = -sum(
        (flow.amount for flow in flows if flow.amount < ZERO and flow.steps[-1][1] in counted), ZERO
    )
    paid = [ZERO] * len(flows)
    order = sorted(
        (flow.leaves_on, number)
        for number, flow in enumerate(flows)
        if flow.leaves_on is not None and flow.amount > ZERO and flow.pays
    )
    for _on, number in order:
        amount = flows[number].amount
        taken = min(credit, amount) if flows[number].steps[-1][1] in counted else ZERO
        credit -= taken
        paid[number] = amount - taken
    return tuple(paid)


def merged(flows: Iterable[Flow]) -> tuple[Flow, ...]:
    """Flows of the same way as one each, named after the first: for figures, not for lists."""
    groups: dict[tuple[object, ...], list[Flow]] = {}
    for flow in flows:
        way = (flow.steps, flow.leaves_on, flow.due_on, flow.amount < ZERO, flow.pays)
        groups.setdefault(way, []).append(flow)
    return tuple(
        group[0]
        if len(group) == 1
        else replace(
            group[0],
            reference=f"{group[0].reference} +{len(group) - 1}",
            amount=sum((flow.amount for flow in group), ZERO),
            document_on=min(flow.document_on for flow in group),
        )
        for group in groups.values()
    )
