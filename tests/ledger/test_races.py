"""Two people applying the same money at once, on two real connections."""

from __future__ import annotations

import threading
from decimal import Decimal

import pytest
from django.db import connection

from core.errors import DomainError
from ledger.models import Allocation
from ledger.selectors import residual_proof
from ledger.services import entry_confirm, payment_allocate
from tests.factories.ledger import OpenItemFactory, PaymentFactory

pytestmark = pytest.mark.django_db(transaction=True)


def together(*commands):
    """Run the commands at the same moment; return the code of the error of each, or None."""
    barrier = threading.Barrier(len(commands))
    outcomes: list[str | None] = [None] * len(commands)

    def run(position, command):
        try:
            barrier.wait(10)
            command()
        except DomainError as error:
            outcomes[position] = error.code
        finally:
            connection.close()

    threads = [
        threading.Thread(target=run, args=(position, command))
        for position, command in enumerate(commands)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def apply(credit, item):
    return lambda: payment_allocate(
        credit_item=credit, debit_item=item, amount=Decimal(100), actor=None
    )


def pay(*items):
    parts = [(item, Decimal(50)) for item in items]
    return lambda: PaymentFactory(account=items[0].account, amount=100, allocations=parts)


def test_the_same_credit_cannot_be_applied_twice():
    for _ in range(20):
        first = OpenItemFactory(amount=100)
        second = OpenItemFactory(amount=100, account=first.account)
        credit = PaymentFactory(account=first.account, amount=100)
        outcomes = together(apply(credit, first), apply(credit, second))
        assert sorted(outcomes, key=str) == [None, "ledger.allocation_too_much"]
        assert Allocation.objects.filter(credit_item=credit).count() == 1
    assert residual_proof() == []


def test_the_same_item_cannot_be_paid_twice():
    for _ in range(20):
        item = OpenItemFactory(amount=100)
        credits = [PaymentFactory(account=item.account, amount=100) for _ in range(2)]
        outcomes = together(*(apply(credit, item) for credit in credits))
        assert sorted(outcomes, key=str) == [None, "ledger.allocation_too_much"]
        item.refresh_from_db()
        assert item.open_amount == 0
    assert residual_proof() == []


def test_crossing_payments_do_not_deadlock():
    for _ in range(20):
        first = OpenItemFactory(amount=100)
        second = OpenItemFactory(amount=100, account=first.account)
        assert together(pay(first, second), pay(second, first)) == [None, None]
    assert residual_proof() == []


def test_confirming_twice_at_once_posts_once():
    item = OpenItemFactory(amount=100)
    payment = PaymentFactory(
        account=item.account, amount=100, allocations=[(item, Decimal(100))], provisional=True
    )
    outcomes = together(*[lambda: entry_confirm(entry=payment.entry, actor=None)] * 2)
    assert sorted(outcomes, key=str) == [None, "ledger.already_posted"]
    assert Allocation.objects.count() == 1
    assert residual_proof() == []
