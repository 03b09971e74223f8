"""What the database itself refuses about bills, whoever writes the SQL."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pgtrigger
import pytest
from django.db import DatabaseError, connection, transaction

from ledger.bills import TRANSITIONS, State, Step
from ledger.models import Bill, BillPart
from ledger.selectors.proof import ledger_misses
from ledger.selectors.proof_bills import bills_proof
from ledger.services.bills import bill_collect, bill_return
from tests.factories.ledger import OpenItemFactory
from tests.ledger.bills.places import issue

pytestmark = pytest.mark.django_db
D = datetime.date


@pytest.fixture
def bill(item):
    return issue(item)


def refused(sql, *params):
    """What the database says to the statement and to the end of the transaction after it."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, params)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            transaction.set_rollback(True)
    except DatabaseError as error:
        return str(error)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return ""


def add_step(bill, kind, state, *, position=3, on="2026-01-20"):
    return refused(
        'INSERT INTO ledger_billstep (bill_id, position, kind, "on", state, presented, pay_on,'
        " is_protested, charges, text, entered_at)"
        " VALUES (%s, %s, %s, %s, %s, '', %s, false, 0, '', now())",
        bill.pk,
        position,
        kind,
        on,
        state,
        bill.pay_on,
    )


@pytest.mark.parametrize(
    "change",
    [
        "amount = amount + 1",
        "account_id = account_id + 1",
        "due_on = due_on + 1",
        "drawn_on = drawn_on - 1",
        "number = 'x'",
        "kind = 'note'",
        "currency_id = 'USD'",
        "reference = 'x'",
        "bank = 'x'",
        "entered_at = now()",
    ],
)
def test_a_bill_stays_as_it_was_issued(bill, change):
    assert "Cannot update" in refused(f"UPDATE ledger_bill SET {change} WHERE id = %s", bill.pk)  # noqa: S608


def test_a_bill_is_not_deleted(bill):
    assert "Cannot delete" in refused("DELETE FROM ledger_bill WHERE id = %s", bill.pk)


def test_its_parts_are_its_amount(bill, account):
    other = OpenItemFactory(account=account, document_on=D(2026, 1, 1))
    assert "do not add up" in refused(
        "INSERT INTO ledger_billpart (bill_id, item_id, amount) VALUES (%s, %s, 1)",
        bill.pk,
        other.pk,
    )


def test_a_bill_without_parts_is_refused(bill):
    columns = "company_id, account_id, kind, drawn_on, due_on, pay_on, currency_id, amount,"
    assert "do not add up" in refused(
        f"INSERT INTO ledger_bill ({columns} number, reference, bank, state, presented,"  # noqa: S608
        f" is_protested, entered_at) SELECT {columns} 'x', '', '', 'issued', '', false, now()"
        " FROM ledger_bill WHERE id = %s",
        bill.pk,
    )


@pytest.mark.parametrize(
    "change", ["state = 'collected'", "pay_on = pay_on + 1", "presented = 'after'"]
)
def test_a_bill_stands_where_its_last_step_left_it(bill, change):
    said = refused(f"UPDATE ledger_bill SET {change} WHERE id = %s", bill.pk)  # noqa: S608
    assert "does not stand where its last step left it" in said


def test_a_step_moves_its_bill(bill):
    assert "does not stand" in add_step(bill, "collect", "collected")


def test_a_step_follows_the_one_before(bill):
    possible = {
        (step, to)
        for step in Step
        for before, to in TRANSITIONS.get(step, {}).items()
        if before is State.IN_HAND
    }
    for step in Step:
        for state in State:
            said = add_step(bill, step.value, state.value)
            # The way back from the posting would be the state before it: no service goes it.
            is_way = (step, state) in possible or (step, state) == (Step.UNDO, State.ISSUED)
            assert ("does not follow" not in said) == is_way, (step, state, said)
    assert "does not follow" in add_step(bill, "collect", "collected", position=4)
    assert "does not follow" in add_step(bill, "collect", "collected", on="2026-01-09")


def test_the_first_step_is_the_issue(bill):
    said = add_step(Bill(pk=0, pay_on=D(2026, 1, 1)), "post", "in_hand", position=1)
    assert "does not follow" in said


def test_a_part_is_of_what_its_own_account_owes(bill):
    other = OpenItemFactory(document_on=D(2026, 1, 1))
    assert "drawn on what its own account owes" in refused(
        "INSERT INTO ledger_billpart (bill_id, item_id, amount) VALUES (%s, %s, 1)",
        bill.pk,
        other.pk,
    )


def test_what_the_services_write_is_taken(bill):
    bill_collect(bill=bill, on=D(2026, 1, 20), actor=None)
    bill_return(bill=bill, on=D(2026, 1, 21), actor=None)
    assert BillPart.objects.get().amount == Decimal(1000)
    assert [step.state for step in bill.steps.all()] == [
        "issued",
        "in_hand",
        "collected",
        "returned",
    ]


def test_the_proof_finds_books_and_bills_that_differ(bill):
    """Past every trigger: a bill that says it is with a bank, and no advance of it in the books."""
    assert ledger_misses() == []

    def stands(**values):
        with pgtrigger.ignore("ledger.Bill:stands"):
            Bill.objects.filter(pk=bill.pk).update(**values)

    with transaction.atomic():
        stands(state="presented", presented="discount")
        (miss,) = bills_proof()
        assert (miss.booked, miss.bills, miss.advanced, miss.owed) == (1000, 1000, 0, 1000)
        stands(state="collected")
        assert bills_proof([bill.account_id + 1]) == []
        (text,) = ledger_misses([bill.account_id])
        assert text.endswith("EUR: bills booked 1000.00, there are 0; advances of banks 0, due 0")
        transaction.set_rollback(True)
