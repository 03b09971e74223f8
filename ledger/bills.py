"""The life of a bill, and where its value sits on a day. Pure.

A bill (a bank collection order, a promissory note, a cheque …) is drawn on what a customer owes.
Posting it closes the items behind it; from then on the value is the bill's until it is money or
comes back. The rules are those of the Fluentis customer-risk manual (docs/bills.md names them).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class State(StrEnum):
    """Where a bill is."""

    ISSUED = "issued"  # drawn; its items are still open
    IN_HAND = "in_hand"  # posted: its items are closed, and no bank has it
    PRESENTED = "presented"  # with the bank
    COLLECTED = "collected"  # money
    RETURNED = "returned"  # unpaid; its items are not open again yet
    REOPENED = "reopened"  # the return is posted: its items are open again
    CANCELLED = "cancelled"  # given back; its items are open


class Step(StrEnum):
    """What happens to a bill."""

    ISSUE = "issue"
    POST = "post"
    PRESENT = "present"
    WITHDRAW = "withdraw"
    COLLECT = "collect"
    RETURN = "return"
    POST_RETURN = "post_return"
    PROTEST = "protest"
    CANCEL = "cancel"
    UNDO = "undo"


class Presented(StrEnum):
    """How a bill is presented to a bank."""

    DISCOUNT = "discount"
    SUBJECT = "subject"  # subject to collection (salvo buon fine)
    AFTER = "after"  # after collection (dopo incasso)


ADVANCED: Final = frozenset({Presented.DISCOUNT, Presented.SUBJECT})
"""The bank credits these at once; it takes the money back when the bill is not paid."""

CLOSED: Final = frozenset({State.IN_HAND, State.PRESENTED, State.COLLECTED, State.RETURNED})
"""The items behind a bill in these states are closed by it."""

# Step → state before → state after. A step that is not here for a state is refused.
TRANSITIONS: Final[Mapping[Step, Mapping[State, State]]] = MappingProxyType(
    {
        Step.POST: MappingProxyType({State.ISSUED: State.IN_HAND}),
        Step.PRESENT: MappingProxyType(
            {State.IN_HAND: State.PRESENTED, State.RETURNED: State.PRESENTED}
        ),
        Step.WITHDRAW: MappingProxyType({State.PRESENTED: State.IN_HAND}),
        Step.COLLECT: MappingProxyType(
            {
                State.IN_HAND: State.COLLECTED,
                State.PRESENTED: State.COLLECTED,
                State.RETURNED: State.COLLECTED,
            }
        ),
        # A bank takes money back that it reported as collected (a refunded direct debit).
        Step.RETURN: MappingProxyType(
            {State.PRESENTED: State.RETURNED, State.COLLECTED: State.RETURNED}
        ),
        Step.POST_RETURN: MappingProxyType({State.RETURNED: State.REOPENED}),
        Step.PROTEST: MappingProxyType(
            {State.RETURNED: State.RETURNED, State.REOPENED: State.REOPENED}
        ),
        Step.CANCEL: MappingProxyType(
            {State.ISSUED: State.CANCELLED, State.IN_HAND: State.CANCELLED}
        ),
    }
)

UNDOABLE: Final = frozenset({Step.PRESENT, Step.WITHDRAW, Step.COLLECT, Step.RETURN, Step.PROTEST})
"""Steps that can be taken back when they were recorded by mistake, while they are the last one."""


@dataclass(frozen=True, slots=True)
class Grace:
    """Days after its due date during which a presented bill still counts, by how it was presented.

    `subject` and `after` are the parameters P1 and P2 of the Fluentis module.
    """

    discount: int = 0
    subject: int = 0
    after: int = 0

    def of(self, presented: Presented) -> int:
        """The days for one kind of presentation."""
        return {
            Presented.DISCOUNT: self.discount,
            Presented.SUBJECT: self.subject,
            Presented.AFTER: self.after,
        }[presented]


@dataclass(frozen=True, slots=True)
class BillFacts:
    """A bill on a day. `presented` and `due_on` are those of its last presentation.

    `due_on` is the day it is to be paid; `presented` None when it never was with a bank.
    """

    state: State
    due_on: date
    presented: Presented | None = None


def bill_component(bill: BillFacts, as_of: date, grace: Grace) -> str | None:
    """The component in which the value of a bill sits on a day: at most one.

    `bill_issued` (E1): posted and not with a bank, without an end. `bill_presented` (E2): with a
    bank while `due date + grace days > as_of`, strictly. `bill_returned` (U): unpaid, its return
    not posted. None: its items are open and count themselves, or it is money.

    Source: Fluentis manual, customer risk, parameters and recalculation of the customer's risk.
    Raises ValueError for a bill that is with a bank without saying how.
    """
    if bill.state is State.IN_HAND:
        return "bill_issued"
    if bill.state is State.RETURNED:
        return "bill_returned"
    if bill.state is not State.PRESENTED:
        return None
    if bill.presented is None:
        msg = "a presented bill says how it was presented"
        raise ValueError(msg)
    last = bill.due_on + timedelta(days=grace.of(bill.presented))
    return "bill_presented" if last > as_of else None


def leaves_on(bill: BillFacts, grace: Grace) -> date | None:
    """The first day on which a bill with a bank counts no more; None while it is not with one."""
    if bill.state is not State.PRESENTED or bill.presented is None:
        return None
    return bill.due_on + timedelta(days=grace.of(bill.presented))


def after(state: State, step: Step) -> State | None:
    """The state after a step; None where the step makes no sense in this state."""
    return TRANSITIONS.get(step, {}).get(state)
