"""Two people applying the same money at once, on two real connections."""

from __future__ import annotations

from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from itertools import count
from typing import TYPE_CHECKING
from unittest import mock

import pytest
from django.db import connection

from core.locks import lock_rows
from ledger.models import Allocation
from ledger.selectors import residual_proof
from ledger.services import allocations, entries, entry_confirm, payment_allocate
from tests.factories.ledger import OpenItemFactory, PaymentFactory
from tests.harness.races import Control, Scene, race
from tests.harness.runs import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

pytestmark = pytest.mark.django_db(transaction=True)

HUNDRED = Decimal(100)
ITEMS_READ = '^SELECT .*"ledger_openitem"'
ENTRY_READ = '^SELECT .*"ledger_journalentry"'


@contextmanager
def without_row_locks() -> Iterator[None]:
    """Items and entries are read as they stand; nobody waits for anybody."""

    def unlocked(queryset):
        return list(queryset.order_by("pk"))

    with (
        mock.patch.object(allocations, "lock_rows", unlocked),
        mock.patch.object(entries, "lock_rows", unlocked),
    ):
        yield


@contextmanager
def without_an_order_of_locks() -> Iterator[None]:
    """One locks its items up, the other down, one statement for each."""
    calls = count()

    def one_by_one(queryset):
        keys = sorted(queryset.values_list("pk", flat=True), reverse=next(calls) % 2 == 1)
        return [row for key in keys for row in lock_rows(queryset.model.objects.filter(pk=key))]

    with mock.patch.object(allocations, "lock_rows", one_by_one):
        yield


@contextmanager
def without_row_locks_and_trigger() -> Iterator[None]:
    """As `without_row_locks`; and the database lets an entry be posted again."""
    trigger = "pgtrigger_append_only_d47c8"
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE ledger_journalentry DISABLE TRIGGER {trigger}")
    try:
        with without_row_locks():
            yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE ledger_journalentry ENABLE TRIGGER {trigger}")


def apply(credit, item):
    return partial(
        payment_allocate, credit_item=credit, debit_item=item, amount=HUNDRED, actor=None
    )


def pay(*items):
    parts = [(item, HUNDRED / 2) for item in items]
    return partial(PaymentFactory, account=items[0].account, amount=100, allocations=parts)


def codes(outcomes: Sequence[Outcome]) -> list[str | None]:
    return sorted((outcome.code for outcome in outcomes), key=str)


def proved(account) -> None:
    assert residual_proof([account.pk]) == []


def test_the_same_credit_cannot_be_applied_twice():
    def scene() -> Scene:
        first = OpenItemFactory(amount=100)
        second = OpenItemFactory(amount=100, account=first.account)
        credit = PaymentFactory(account=first.account, amount=100)

        def holds(outcomes: Sequence[Outcome]) -> None:
            applied = Allocation.objects.filter(credit_item=credit).count()
            assert applied == 1, f"spent {applied} times"
            assert codes(outcomes) == [None, "ledger.allocation_too_much"]
            proved(first.account)

        return Scene([apply(credit, first), apply(credit, second)], holds)

    race(scene, control=Control(without_row_locks, breach="spent 2 times", meet=ITEMS_READ))


def test_the_same_item_cannot_be_paid_twice():
    def scene() -> Scene:
        item = OpenItemFactory(amount=100)
        credits = [PaymentFactory(account=item.account, amount=100) for _payment in range(2)]

        def holds(outcomes: Sequence[Outcome]) -> None:
            applied = Allocation.objects.filter(debit_item=item).count()
            assert applied == 1, f"paid {applied} times"
            assert codes(outcomes) == [None, "ledger.allocation_too_much"]
            item.refresh_from_db()
            assert item.open_amount == 0
            proved(item.account)

        return Scene([apply(credit, item) for credit in credits], holds)

    race(scene, control=Control(without_row_locks, breach="paid 2 times", meet=ITEMS_READ))


def test_crossing_payments_do_not_deadlock():
    def scene() -> Scene:
        first = OpenItemFactory(amount=100)
        second = OpenItemFactory(amount=100, account=first.account)

        def holds(outcomes: Sequence[Outcome]) -> None:
            assert codes(outcomes) == [None, None], f"turned away: {codes(outcomes)}"
            proved(first.account)

        return Scene([pay(first, second), pay(second, first)], holds)

    race(
        scene,
        control=Control(
            without_an_order_of_locks, breach="turned away.*core.busy", meet="FOR NO KEY UPDATE"
        ),
    )


def test_confirming_twice_at_once_posts_once():
    def scene() -> Scene:
        item = OpenItemFactory(amount=100)
        payment = PaymentFactory(
            account=item.account, amount=100, allocations=[(item, HUNDRED)], provisional=True
        )

        def holds(outcomes: Sequence[Outcome]) -> None:
            confirmed = sum(outcome.error is None for outcome in outcomes)
            assert confirmed == 1, f"confirmed {confirmed} times"
            assert codes(outcomes) == [None, "ledger.already_posted"]
            assert Allocation.objects.filter(debit_item=item).count() == 1
            proved(item.account)

        return Scene([partial(entry_confirm, entry=payment.entry, actor=None)] * 2, holds)

    race(
        scene,
        control=Control(without_row_locks_and_trigger, breach="confirmed 2 times", meet=ENTRY_READ),
    )
