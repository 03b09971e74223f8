"""The pure life of a bill: where its value sits, and what may follow what."""

from __future__ import annotations

import datetime
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.bills import (
    CLOSED,
    TRANSITIONS,
    UNDOABLE,
    BillFacts,
    Grace,
    Presented,
    State,
    Step,
    after,
    bill_component,
    leaves_on,
)
from ledger.models import BillState, BillStep, Presentation

D = datetime.date
DUE = D(2026, 3, 31)
GRACE = Grace(discount=3, subject=10, after=5)


@pytest.mark.parametrize(
    ("state", "component"),
    [
        (State.ISSUED, None),
        (State.IN_HAND, "bill_issued"),
        (State.COLLECTED, None),
        (State.RETURNED, "bill_returned"),
        (State.REOPENED, None),
        (State.CANCELLED, None),
    ],
)
@pytest.mark.parametrize("as_of", [DUE.replace(day=1), DUE, D(2030, 1, 1)])
def test_only_with_a_bank_does_the_day_matter(state, component, as_of):
    assert bill_component(BillFacts(state, DUE), as_of, GRACE) == component


@pytest.mark.parametrize(
    ("presented", "last"),
    [
        (Presented.DISCOUNT, D(2026, 4, 2)),
        (Presented.SUBJECT, D(2026, 4, 9)),
        (Presented.AFTER, D(2026, 4, 4)),
    ],
)
def test_with_a_bank_it_counts_while_due_plus_grace_is_after_the_day_strictly(presented, last):
    """Fluentis manual, customer risk: `due date + days > reference date`."""
    bill = BillFacts(State.PRESENTED, DUE, presented)
    day = datetime.timedelta(days=1)
    assert bill_component(bill, last, GRACE) == "bill_presented"
    assert bill_component(bill, last + day, GRACE) is None
    assert leaves_on(bill, GRACE) == last + day


def test_without_grace_it_leaves_on_its_due_date():
    bill = BillFacts(State.PRESENTED, DUE, Presented.SUBJECT)
    assert bill_component(bill, DUE, Grace()) is None
    assert bill_component(bill, DUE - datetime.timedelta(days=1), Grace()) == "bill_presented"


def test_a_bill_with_a_bank_says_how():
    with pytest.raises(ValueError, match="how it was presented"):
        bill_component(BillFacts(State.PRESENTED, DUE), DUE, GRACE)


@given(
    state=st.sampled_from(State),
    presented=st.sampled_from(Presented),
    days=st.integers(-400, 400),
    grace=st.builds(Grace, *(st.integers(0, 365) for _kind in range(3))),
)
def test_the_day_it_leaves_is_the_first_on_which_it_counts_no_more(state, presented, days, grace):
    bill = BillFacts(state, DUE, presented)
    day = DUE + datetime.timedelta(days=days)
    leaves = leaves_on(bill, grace)
    if leaves is None:
        assert bill_component(bill, day, grace) == bill_component(bill, DUE, grace)
    else:
        assert (bill_component(bill, day, grace) is None) == (day >= leaves)


def test_what_counts_has_closed_its_items_and_only_that():
    """Else a value would be in two places, or in none."""
    for state in State:
        counts = bill_component(BillFacts(state, DUE, Presented.AFTER), D(2026, 1, 1), GRACE)
        assert (counts is not None) == (state in CLOSED - {State.COLLECTED})


def test_every_state_but_the_last_ones_goes_on_and_all_are_reached():
    ways = {pair for step in TRANSITIONS.values() for pair in step.items()}
    assert {before for before, _after in ways} == set(State) - {State.CANCELLED}
    assert {to for _before, to in ways} == set(State) - {State.ISSUED}
    for step, state in itertools.product(Step, State):
        assert after(state, step) == TRANSITIONS.get(step, {}).get(state)


def test_what_can_be_taken_back_opens_no_items():
    for step in UNDOABLE:
        for before, to in TRANSITIONS[step].items():
            assert (before in CLOSED) == (to in CLOSED)


def test_the_tables_name_the_same_states_steps_and_kinds():
    assert set(BillState.values) == {state.value for state in State}
    assert set(BillStep.Kind.values) == {step.value for step in Step}
    assert set(Presentation.Kind.values) == {kind.value for kind in Presented}
