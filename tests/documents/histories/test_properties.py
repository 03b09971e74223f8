"""What must hold of every chain: moving a value adds nothing; a night's figures come back."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from core.clock import business_day
from credit_limits.models import ExposureSnapshot
from credit_limits.selectors import credit_position
from credit_limits.services.snapshots import exposure_snapshots_take, snapshot_values
from documents.services.steps import document_cancel, document_close
from ledger.services.payments import payment_record
from tests.documents.chains import EVERY_CHOICE, make_chain
from tests.documents.histories import compare
from tests.documents.histories.house import House, furnish

if TYPE_CHECKING:
    from decimal import Decimal

DAY = datetime.timedelta(days=1)
# Two orders, then steps forward: which document, how much of what is left, submitted at once.
STEPS = st.lists(
    st.tuples(
        st.sampled_from(("delivery", "bill order", "bill delivery", "submit", "post", "print")),
        st.integers(0, 5),
        st.integers(0, 1),
    ),
    min_size=3,
    max_size=10,
)


def totals(house: House) -> list[Decimal]:
    """What counts of the first customer under every choice of what counts, tax included.

    (Items always carry their tax: where documents count without it, posting adds it.)
    """
    key = house.accounts[0].pk
    day = compare.today_of(house)
    return [
        compare.counts(compare.stated_totals(house, terms, day)[key], terms)
        for terms in EVERY_CHOICE
    ]


def forward(house: House, what: str, pick: int, portion: int) -> None:
    """One step of a value on its way from order to ledger."""
    standing = ("submitted", "released")
    if what == "submit":
        house.submit(pick)
    elif what == "post":
        house.post(pick)
    elif what == "print":
        house.print_final(pick)
    else:
        kind = "delivery" if what == "bill delivery" else "order"
        code = "delivery" if what == "delivery" else "invoice"
        made = house.go_on(house.together(pick, (kind,), standing), code, portion)
        if made is not None and pick % 2:
            house.submitted(made)


@pytest.mark.django_db
def test_moving_a_value_along_the_chain_adds_nothing_under_any_policy() -> None:
    """Tidy prices and whole units, so that no share of a line has to be rounded."""
    furnish()
    moved = []

    @settings(max_examples=12, deadline=None, derandomize=True, database=None)
    @given(seeds=st.lists(st.integers(0, 143), min_size=1, max_size=3), steps=STEPS)
    def moves(seeds: list[int], steps: list[tuple[str, int, int]]) -> None:
        point = transaction.savepoint_create()
        try:
            house = House(datetime.date(2120, 3, 2), tidy=True)
            for each in (seeds, seeds[::-1]):
                order = house.write(0, "order", "EUR", each)
                if order is not None:
                    house.submitted(order)
            before = totals(house)
            assert before[0] > 0
            for step in steps:
                forward(house, *step)
                assert totals(house) == before, step
                moved.append(step)
        finally:
            transaction.savepoint_rollback(point)

    moves()
    assert len(moved) > 50


@pytest.mark.django_db(transaction=True)
def test_the_snapshot_of_a_night_comes_back_with_what_was_known_then() -> None:
    """Every column, `waiting` too, after days of deliveries, invoices, payments and backdating."""
    chain = make_chain(limit=250)
    account = chain.world.account
    nights = []

    def night(day: datetime.date) -> None:
        exposure_snapshots_take(as_of=day, account_ids=[account.pk])
        nights.append(ExposureSnapshot.objects.get(account=account, as_of=day))

    first = datetime.date(2120, 3, 2)
    with business_day(first):
        order = chain.order(10, delivery_on=first + 5 * DAY)
        held = chain.write("order", 30)
        assert chain.submit(held).document.status == "held"
        night(first)
    with business_day(first + DAY):
        sent = chain.deliver(order, quantity=6)
        chain.advance(order, 20)
        night(first + DAY)
    with business_day(first + 2 * DAY):
        bill = chain.post(chain.invoice(sent), on=first + DAY)
        document_cancel(document=held, actor=chain.world.clerk, as_of=first)
        night(first + 2 * DAY)
    with business_day(first + 3 * DAY):
        item = bill.entry.items.get()
        payment_record(
            account=account,
            received_on=first + DAY,
            amount=item.open_amount,
            allocations=[(item, item.open_amount)],
            actor=None,
        )
        chain.post(chain.credit(bill, quantity=2, reopens=True), on=first + 3 * DAY)
        document_close(document=order, actor=chain.world.clerk, as_of=first + 2 * DAY)
        night(first + 3 * DAY)

    assert [row.waiting for row in nights] == [300, 300, 0, 0]
    assert len({row.total for row in nights}) > 1
    for row in nights:
        again = credit_position(account=account, as_of=row.as_of, known_at=row.taken_at)
        stored = {name: getattr(row, name) for name in snapshot_values(again)}
        assert stored == snapshot_values(again), row.as_of
    now = credit_position(account=account, as_of=nights[0].as_of)
    assert snapshot_values(now)["waiting"] != nights[0].waiting or now.total != nights[0].total
