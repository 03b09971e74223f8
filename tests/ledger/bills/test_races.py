"""Two people with the same bill or item at once, on two real connections."""

from __future__ import annotations

import datetime
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING
from unittest import mock

import pytest
from django.db.models import Sum

from customers.models import CustomerAccount
from ledger.models import BillPart, Presentation
from ledger.services import allocations, payment_record
from ledger.services.bills import bills_present, issue
from tests.factories.ledger import OpenItemFactory
from tests.harness.races import Control, Scene, Uncontrolled, race
from tests.ledger.bills import places

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.harness.runs import Outcome

pytestmark = pytest.mark.django_db(transaction=True)
D = datetime.date
HUNDRED = Decimal(100)


@contextmanager
def without_locks() -> Iterator[None]:
    """Accounts and items are read as they stand; nobody waits for anybody."""

    def accounts(*, account_ids: Sequence[int]) -> list[CustomerAccount]:
        return list(CustomerAccount.objects.filter(pk__in=account_ids))

    with (
        mock.patch.object(issue, "scope_lock", accounts),
        mock.patch.object(allocations, "lock_rows", lambda rows: list(rows.order_by("pk"))),
    ):
        yield


def codes(outcomes: Sequence[Outcome]) -> list[str | None]:
    return sorted((outcome.code for outcome in outcomes), key=str)


def test_the_same_item_is_not_promised_twice():
    def scene() -> Scene:
        item = OpenItemFactory(document_on=D(2026, 1, 1), amount=100)
        draw = partial(places.issue, item, parts=[(item, HUNDRED)], post=False)

        def holds(outcomes: Sequence[Outcome]) -> None:
            parts = BillPart.objects.filter(item=item).aggregate(sum=Sum("amount"))
            assert parts["sum"] == HUNDRED, f"promised {parts['sum']}"
            assert codes(outcomes) == [None, "ledger.bill_too_much"]

        return Scene([draw, draw], holds)

    race(
        scene,
        control=Control(without_locks, breach="promised 200", meet='SUM\\("ledger_billpart"'),
    )


def test_an_item_is_paid_or_on_a_bill_and_never_both():
    def scene() -> Scene:
        item = OpenItemFactory(document_on=D(2026, 1, 1), amount=100)
        draw = partial(places.issue, item, parts=[(item, HUNDRED)])
        pay = partial(
            payment_record,
            account=item.account,
            amount=HUNDRED,
            received_on=D(2026, 1, 10),
            allocations=[(item, HUNDRED)],
            actor=None,
        )

        def holds(outcomes: Sequence[Outcome]) -> None:
            assert sum(outcome.error is None for outcome in outcomes) == 1
            item.refresh_from_db()
            assert item.open_amount == 0

        return Scene([draw, pay], holds)

    race(
        scene,
        control=Uncontrolled("what is open of an item cannot fall below zero in the database"),
    )


def test_a_bill_goes_to_one_bank():
    def scene() -> Scene:
        bill = places.issue(OpenItemFactory(document_on=D(2026, 1, 1), amount=100))
        present = [
            partial(
                bills_present,
                bills=[bill],
                kind="discount",
                bank=bank,
                on=D(2026, 1, 12),
                actor=None,
            )
            for bank in ("Alba", "Brera")
        ]

        def holds(outcomes: Sequence[Outcome]) -> None:
            assert codes(outcomes) == [None, "ledger.bill_not_present"]
            assert Presentation.objects.filter(steps__bill=bill).count() == 1
            assert bill.steps.count() == 3

        return Scene(present, holds)

    race(
        scene,
        control=Uncontrolled("two steps at one place of a bill are refused by the database, too"),
    )
