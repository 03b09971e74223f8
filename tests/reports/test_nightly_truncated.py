"""Past nights know nothing of the future: a year of invented history, cut off at a day."""

from __future__ import annotations

import datetime
from random import Random

import pgtrigger
import pytest
from django.db import connection

from core.models import JobRun
from credit_limits.models import ExposureSnapshot, PaymentBehaviour
from credit_limits.services.limits import limit_grant
from ledger.models import Allocation, OpenItem
from ledger.selectors import residual_proof
from reports.demo.history import Book
from tests.factories.customers import CustomerAccountFactory
from tests.reports.nights import DAY, night, stored
from tests.world import TODAY, make_world

pytestmark = pytest.mark.django_db

PROFILES = ("prompt", "slow", "late", "debtor", "tight")

CUT_OFF = """
WITH gone AS (
    DELETE FROM ledger_allocation WHERE allocated_on > %s
    RETURNING debit_item_id, credit_item_id, amount
), back AS (
    SELECT item_id, SUM(amount) AS amount
    FROM (
        SELECT debit_item_id AS item_id, amount FROM gone
        UNION ALL
        SELECT credit_item_id, amount FROM gone
    ) side
    GROUP BY item_id
)
UPDATE ledger_openitem i
SET open_amount = i.open_amount + back.amount, settled_on = NULL
FROM back WHERE back.item_id = i.id
"""


def cut_off(day: datetime.date) -> None:
    """Take away everything that the ledger learned after `day`."""
    connection.check_constraints()  # what is asked at the end is asked before the rows go
    with pgtrigger.ignore(), connection.cursor() as cursor:
        cursor.execute(CUT_OFF, [day])
        later = "SELECT id FROM ledger_journalentry WHERE document_on > %s"
        cursor.execute(f"DELETE FROM ledger_journalline WHERE entry_id IN ({later})", [day])  # noqa: S608
        cursor.execute(
            "DELETE FROM ledger_dispute WHERE item_id IN ("  # noqa: S608
            f"SELECT id FROM ledger_openitem WHERE entry_id IN ({later}))",
            [day],
        )
        cursor.execute("DELETE FROM ledger_openitem WHERE document_on > %s", [day])
        cursor.execute("DELETE FROM ledger_journalentry WHERE document_on > %s", [day])


def test_a_past_night_is_the_same_with_and_without_what_came_later() -> None:
    world = make_world()
    book = Book(TODAY, Random(4))
    for profile in PROFILES:
        account = CustomerAccountFactory(company=world.company)
        book.account(account, profile, 30)
        limit_grant(
            account=account,
            state="amount",
            amount=book.items[-1].amount * 2,
            currency=world.company.currency,
            valid_from=TODAY - 400 * DAY,
            reason="test",
            actor=None,
        )
    book.write()
    assert residual_proof() == []
    days = [TODAY - 150 * DAY, TODAY - 40 * DAY]
    for day in days:
        assert night(day).status == JobRun.Status.DONE
    before = stored()
    assert all(before.values())
    later = days[-1]
    assert Allocation.objects.filter(allocated_on__gt=later).exists()
    assert OpenItem.objects.filter(document_on__gt=later).exists()

    for day in reversed(days):
        cut_off(day)
        assert residual_proof() == []
        run = night(day)

        assert run.counts["snapshots_written"] == run.counts["behaviours_written"] == 0
        assert stored() == before

    figures = PaymentBehaviour.objects.filter(settled_amount__gt=0, average_days_late__gt=0)
    assert figures.count() >= len(PROFILES)
    assert ExposureSnapshot.objects.filter(invoice_overdue__gt=0).count() >= len(PROFILES)
