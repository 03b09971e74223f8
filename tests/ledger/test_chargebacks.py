"""Deductions charged back: the value goes on as an item of its own, and nothing else moves."""

from __future__ import annotations

import datetime
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from unittest import mock

import pytest
from django.db import connection

from core.audit import sentence
from core.clock import today
from core.errors import Conflict, Invalid, NotAllowed
from core.models import AuditEvent
from ledger.models import Allocation, Chargeback, JournalEntry, OpenItem
from ledger.selectors import control_proof, items_as_of, residual_proof
from ledger.selectors.proof import ledger_misses
from ledger.services import (
    ShortPart,
    allocation_reverse,
    chargeback_undo,
    chargebacks,
    dispute_open,
    item_charge_back,
    item_write_off,
    payment_record,
)
from tests.factories.core import ExchangeRateFactory, UserFactory
from tests.factories.ledger import OpenItemFactory, PaymentFactory
from tests.harness.races import Control, Scene, race
from tests.ledger.test_races import ITEMS_READ, codes, without_row_locks
from tests.ledger.test_random_history import read

pytestmark = pytest.mark.django_db

D = datetime.date
DAY = D(2026, 3, 1)


def charge(item, amount, **more):
    values = {"item": item, "amount": Decimal(amount), "reason": "quantity", "on": DAY}
    return item_charge_back(**(values | {"actor": None} | more))


@pytest.fixture
def item():
    """100 owed since January, due at the end of it."""
    return OpenItemFactory(document_on=D(2026, 1, 1), amount="100", number="A")


def checked(account):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert residual_proof([account.pk]) == []
    assert ledger_misses([account.pk], on=DAY) == []


def test_the_part_is_closed_and_carried_on_by_a_new_item(item):
    made = charge(item, "30", due_on=D(2026, 4, 1), text="three boxes short")
    item.refresh_from_db()
    assert item.open_amount == 70
    new = OpenItem.objects.get(pk=made.item_id)
    assert (new.direction, new.open_amount, new.due_on) == ("debit", 30, D(2026, 4, 1))
    assert new.entry.kind == "chargeback"
    assert (made.original, made.amount, made.reason) == (item, 30, "quantity")
    closing = OpenItem.objects.get(entry=new.entry, direction="credit")
    assert (closing.open_amount, closing.settled_on) == (0, DAY)
    checked(item.account)
    event = AuditEvent.objects.get(action="ledger.chargeback.made")
    assert sentence(event) == f"30.00 EUR of A were charged back as {new.number} (Quantity)."
    # The day before shows the item as it was.
    before = items_as_of(D(2026, 2, 28), OpenItem.objects.filter(account=item.account))
    residuals = before.debits().values_list("pk", "residual")  # type: ignore[misc]
    assert list(residuals) == [(item.pk, 100)]


def test_control_account_and_exposure_do_not_move(item):
    total = control_of(item.account), exposure_of(item.account, DAY)
    assert total[0] == 100
    charge(item, "33.33")
    assert (control_of(item.account), exposure_of(item.account, DAY)) == total
    made = charge(item, "66.67", reason="price")
    item.refresh_from_db()
    assert item.open_amount == 0
    assert (control_of(item.account), exposure_of(item.account, DAY)) == total
    chargeback_undo(chargeback=made, on=DAY, reason="agreed", actor=None)
    assert (control_of(item.account), exposure_of(item.account, DAY)) == total
    checked(item.account)


def control_of(account):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT SUM(debit - credit) FROM ledger_journalline WHERE account_id = %s", [account.pk]
        )
        return cursor.fetchone()[0]


def exposure_of(account, day):
    """Open and overdue together, under every kind of terms, today's reading and the day's."""
    return [
        {name: sum(parts.values()) for name, parts in read(account, each).items()}
        for each in (day, today())
    ]


def test_a_foreign_item_keeps_its_worth_to_the_cent():
    ExchangeRateFactory(valid_on=D(2025, 1, 1), rate=Decimal("0.5"))
    item = OpenItemFactory(
        document_on=D(2026, 1, 1), amount="100", currency="USD", rate=Decimal("0.33333333")
    )
    for part in ("33.33", "33.33", "33.34"):
        charge(item, part)
    checked(item.account)
    assert not JournalEntry.objects.filter(kind="exchange").exists()
    worth = sum(
        OpenItem.objects.filter(direction="debit", open_amount__gt=0).values_list(
            "company_amount", flat=True
        )
    )
    assert worth == item.company_amount
    assert control_proof([item.account_id]) == []


def test_it_is_settled_contested_and_given_up_like_any_item(item):
    made = charge(item, "30")
    dispute_open(item=made.item, reason="not ours", opened_on=DAY, actor=None)
    PaymentFactory(
        account=item.account, amount="10", received_on=DAY, allocations=[(made.item, Decimal(10))]
    )
    left = item_write_off(item=made.item, on=DAY, reason="goodwill", actor=None)
    assert left.open_amount == 0
    checked(item.account)


def test_undoing_opens_the_original_again_and_settles_the_chargeback(item):
    made = charge(item, "30")
    chargeback_undo(chargeback=made, on=DAY, reason="entered twice", actor=None)
    item.refresh_from_db()
    made.item.refresh_from_db()
    assert (item.open_amount, made.item.open_amount) == (100, 0)
    checked(item.account)
    with pytest.raises(Conflict) as caught:
        chargeback_undo(chargeback=made, on=DAY, reason="again", actor=None)
    assert caught.value.code == "ledger.chargeback_undone"
    assert AuditEvent.objects.filter(action="ledger.chargeback.undone").count() == 1


def test_what_is_paid_in_part_is_not_undone(item):
    made = charge(item, "30")
    PaymentFactory(
        account=item.account, amount="10", received_on=DAY, allocations=[(made.item, Decimal(10))]
    )
    with pytest.raises(Conflict) as caught:
        chargeback_undo(chargeback=made, on=DAY, reason="wrong", actor=None)
    assert caught.value.code == "ledger.chargeback_in_use"
    item.refresh_from_db()
    assert item.open_amount == 70


def test_its_closing_part_is_not_taken_back_alone(item):
    charge(item, "30")
    with pytest.raises(Invalid) as caught:
        allocation_reverse(allocation=Allocation.objects.get(), on=DAY, reason="x", actor=None)
    assert caught.value.code == "ledger.reverse_the_entry"
    assert Allocation.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount": Decimal("100.01")}, "ledger.chargeback_too_much"),
        ({"amount": Decimal(0)}, "ledger.amount_not_positive"),
        ({"reason": "mood"}, "ledger.chargeback_reason"),
        ({"due_on": D(2026, 2, 28)}, "ledger.due_before_document"),
        ({"on": D(2999, 1, 1)}, "ledger.day_to_come"),
    ],
)
def test_nonsense_is_refused_and_leaves_nothing(item, changes, code):
    with pytest.raises((Invalid, Conflict)) as caught:
        charge(item, changes.pop("amount", "30"), **changes)
    assert caught.value.code == code
    assert JournalEntry.objects.count() == 1
    assert not Chargeback.objects.exists()


def test_contested_items_and_chargebacks_are_not_charged_back(item):
    made = charge(item, "30")
    with pytest.raises(Invalid):
        charge(made.item, "5")
    dispute_open(item=item, reason="broken", opened_on=DAY, actor=None)
    with pytest.raises(Conflict) as caught:
        charge(item, "5")
    assert caught.value.code == "ledger.chargeback_contested"
    assert Chargeback.objects.count() == 1


def test_only_who_manages_items_charges_back(item):
    with pytest.raises(NotAllowed):
        charge(item, "30", actor=UserFactory(role="sales"))
    assert not Chargeback.objects.exists()


def test_a_short_payment_charges_the_rest_back_in_one_command(item):
    payment_record(
        account=item.account,
        received_on=DAY,
        amount=Decimal(80),
        allocations=[(item, Decimal(80))],
        chargebacks=[ShortPart(item, Decimal(20), "damage")],
        actor=None,
    )
    item.refresh_from_db()
    made = Chargeback.objects.get()
    assert (item.open_amount, made.amount, made.item.open_amount) == (0, 20, 20)
    assert made.item.entry.goes_with.kind == "payment"
    checked(item.account)
    events = AuditEvent.objects.filter(action__startswith="ledger.").exclude(
        action="ledger.entry.posted"
    )
    (event,) = events
    assert "20.00 EUR of A were charged back" in sentence(event)


def test_a_short_payment_that_charges_too_much_back_leaves_nothing(item):
    with pytest.raises(Conflict) as caught:
        payment_record(
            account=item.account,
            received_on=DAY,
            amount=Decimal(80),
            allocations=[(item, Decimal(80))],
            chargebacks=[ShortPart(item, Decimal("20.01"), "damage")],
            actor=None,
        )
    assert (caught.value.code, caught.value.field) == ("ledger.chargeback_too_much", "chargeback")
    assert JournalEntry.objects.count() == 1
    assert not Allocation.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_chargebacks_of_one_item_do_not_exceed_what_is_open():
    def scene():
        item = OpenItemFactory(document_on=D(2026, 1, 1), amount="100")

        def holds(outcomes):
            made = Chargeback.objects.filter(original=item).count()
            assert made == 1, f"charged back {made} times"
            assert codes(outcomes) == [None, "ledger.chargeback_too_much"], codes(outcomes)
            assert residual_proof([item.account_id]) == []

        return Scene([partial(charge, item, "60")] * 2, holds)

    race(
        scene, control=Control(without_locks, breach="ledger.allocation_too_much", meet=ITEMS_READ)
    )


@contextmanager
def without_locks():
    """Neither the account nor the items are locked: the second is stopped halfway, too late."""
    with without_row_locks(), mock.patch.object(chargebacks, "scope_lock"):
        yield
