"""The lock of a credit scope: what it takes, in which order, and what it refuses."""

from __future__ import annotations

import re
import threading

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from core.errors import Busy
from core.locks import busy_on_timeout
from customers.locks import scope_lock
from customers.models import CustomerAccount
from tests.factories.customers import (
    CustomerAccountFactory,
    CustomerFactory,
    CustomerGroupFactory,
)


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_it_refuses():
    account = CustomerAccountFactory()
    with pytest.raises(RuntimeError):
        scope_lock(account_ids=[account.pk])


@pytest.mark.django_db
def test_locks_group_then_customer_then_account_in_key_order():
    group = CustomerGroupFactory()
    accounts = [CustomerAccountFactory(customer=CustomerFactory(group=group)) for _ in range(3)]
    lone = CustomerAccountFactory()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        locked = scope_lock(account_ids=[lone.pk, *(a.pk for a in reversed(accounts))])
    assert locked == sorted([*accounts, lone], key=lambda a: a.pk)
    assert locked[0].customer.group == group
    locks = [q["sql"] for q in queries if "FOR NO KEY UPDATE" in q["sql"]]
    tables = [re.findall(r'FROM "customers_(\w+)"', sql)[0] for sql in locks]
    assert tables == ["customergroup", "customer", "customeraccount"]
    assert all("ORDER BY" in sql for sql in locks)


@pytest.mark.django_db(transaction=True)
def test_a_held_group_makes_a_member_wait_and_then_say_busy():
    group = CustomerGroupFactory()
    first, second = (
        CustomerAccountFactory(customer=CustomerFactory(group=group)) for _ in range(2)
    )
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                scope_lock(account_ids=[first.pk])
                held.set()
                done.wait(10)
        finally:
            connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert held.wait(5)
        with pytest.raises(Busy), busy_on_timeout(), transaction.atomic():
            scope_lock(account_ids=[second.pk], timeout="200ms")
    finally:
        done.set()
        thread.join()
    with transaction.atomic():
        assert scope_lock(account_ids=[second.pk]) == [second]


@pytest.mark.django_db
def test_a_lone_customer_takes_no_group_lock():
    account = CustomerAccountFactory()
    with CaptureQueriesContext(connection) as queries:
        assert scope_lock(account_ids=[account.pk]) == [account]
    assert not any('FROM "customers_customergroup"' in q["sql"] for q in queries)
    assert CustomerAccount.objects.count() == 1
