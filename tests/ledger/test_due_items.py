"""Exposure and overdue items of random ledgers, against the same worked out item by item."""

from __future__ import annotations

import datetime
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from random import Random

import pgtrigger
import pytest

from core.money import ZERO, quantize
from credit_limits.engine.types import Component
from credit_limits.exposure import AccountKey, gather
from ledger.models import Allocation, OpenItem
from ledger.overdue import DueItems, due_items
from ledger.services import dispute_close, dispute_open
from tests.factories.core import CurrencyFactory
from tests.factories.customers import CustomerAccountFactory
from tests.world import TODAY, World, make_world

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)
LOW, HIGH = Decimal("1.00"), Decimal("5.00")
RATES = (Decimal(1), Decimal("0.90"), Decimal("1.2345"), None)


@dataclass(frozen=True)
class Residual:
    """What was open of one item on a day."""

    item: OpenItem
    amount: Decimal

    @property
    def in_company_currency(self) -> Decimal | None:
        return None if self.item.rate is None else self.item.rate * self.amount


def invent(world: World, random: Random) -> None:
    """Forty debits and some credits in two currencies, partly or wholly settled at any time."""
    dollars = CurrencyFactory(code="USD")
    for _number in range(40):
        document_on = TODAY - random.randint(-3, 90) * DAY
        rate = random.choice(RATES)
        debit = world.item(
            random.choice(("0.60", "1.00", "3.10", "5.00", "77.77", "250.00")),
            due_on=document_on + random.randint(0, 40) * DAY,
            document_on=document_on,
            rate=rate,
            currency=world.company.currency if rate == 1 else dollars,
        )
        if random.random() < 0.1:
            with pgtrigger.ignore("ledger.OpenItem:stays_posted"):
                OpenItem.objects.filter(pk=debit.pk).update(is_posted=False)
            continue
        for _payment in range(random.choice((0, 0, 1, 2))):
            if not debit.open_amount:
                break
            on = max(document_on, TODAY - random.randint(-5, 60) * DAY)
            amount = random.choice((debit.open_amount, quantize(debit.open_amount / 3)))
            if amount:
                credit = world.item(
                    str(amount + random.choice((0, 7))),
                    direction="credit",
                    due_on=on,
                    document_on=on,
                    currency=debit.currency,
                    rate=debit.rate,
                )
                world.allocate(debit, credit, str(amount), on=on)


def residuals(account_id: int, as_of: datetime.date, direction: str) -> list[Residual]:
    """Item by item: the amount less what had been allocated by the day."""
    found = []
    for item in OpenItem.objects.filter(
        account=account_id, direction=direction, is_posted=True, document_on__lte=as_of
    ):
        settled = sum(
            (
                row.amount
                for row in Allocation.objects.filter(
                    **{f"{direction}_item": item}, allocated_on__lte=as_of
                )
            ),
            ZERO,
        )
        if item.amount > settled:
            found.append(Residual(item, item.amount - settled))
    return found


def due(world: World, as_of: datetime.date, is_current: bool = False) -> DueItems:
    return due_items(
        account_id=world.account.pk, as_of=as_of, is_current=is_current, low=LOW, high=HIGH
    )


@pytest.mark.parametrize("seed", range(4))
def test_random_ledgers_on_random_days(seed: int) -> None:
    random = Random(seed)
    world = make_world()
    invent(world, random)
    stranger = CustomerAccountFactory(company=world.company)
    world.item(999, due_on=TODAY - 50 * DAY, account=stranger)
    key = AccountKey(world.account.pk, "EUR", "EUR")

    for as_of in (TODAY, TODAY - 1 * DAY, *(TODAY - random.randint(2, 80) * DAY for _ in range(6))):
        debits = residuals(world.account.pk, as_of, "debit")
        _exposure_is_right(key, as_of, debits)
        _due_items_are_right(world, as_of, debits)


def _exposure_is_right(key: AccountKey, as_of: datetime.date, debits: list[Residual]) -> None:
    found = gather([key], as_of=as_of).accounts[key.id]
    overdue = [row for row in debits if row.item.due_on < as_of]
    known = [row for row in debits if row.item.rate is not None]
    for component, rows in (
        (Component.INVOICE_OVERDUE, [row for row in known if row in overdue]),
        (Component.INVOICE_OPEN, [row for row in known if row not in overdue]),
    ):
        assert found.exposure.of(component) == pytest.approx(
            sum((row.in_company_currency for row in rows), ZERO), abs=Decimal("0.40")
        )
    late = [row.item.due_on for row in overdue if row.item.rate is not None]
    assert found.worst_days == max(((as_of - day).days for day in late), default=0)
    assert found.counts.get("invoice_overdue", 0) == len(late)
    assert found.counts.get("invoice_open", 0) == len(known) - len(late)
    credits = residuals(key.id, as_of, "credit")
    assert found.exposure.of(Component.CREDITS) == pytest.approx(
        -sum((row.in_company_currency for row in credits if row.item.rate is not None), ZERO),
        abs=Decimal("0.40"),
    )
    assert bool(found.missing_rates) == (
        any(row.item.rate is None for row in debits) or any(r.item.rate is None for r in credits)
    )


def _due_items_are_right(world: World, as_of: datetime.date, debits: list[Residual]) -> None:
    expected: dict[tuple[object, ...], list[Residual]] = defaultdict(list)
    for row in debits:
        if row.item.due_on < as_of:
            alone = row.item.pk if LOW < row.amount <= HIGH else None
            expected[
                row.item.due_on,
                row.item.currency_id,
                row.item.rate is None,
                row.amount > LOW,
                alone,
            ].append(row)

    found = due(world, as_of)

    assert sorted((r.due_on, r.currency, r.count, r.amount) for r in found.rows) == sorted(
        (key[0], key[1], len(rows), sum((row.amount for row in rows), ZERO))
        for key, rows in expected.items()
    )
    numbers = {row.item.number: row.item for row in debits}
    for named in found.rows:
        assert numbers[named.number].due_on == named.due_on
    days = [named.due_on for named in found.rows]
    assert days == sorted(days)
    assert found.oldest_on == min((row.item.document_on for row in debits), default=None)
    if found.oldest_on is not None:
        assert numbers[found.oldest_number].document_on == found.oldest_on


def test_company_amounts_are_rounded_item_by_item() -> None:
    """0.05 × 0.9 = 0.045 → 0.05 each: three make 0.15, not 0.14 (0.135 rounded once)."""
    world = make_world()
    dollars = CurrencyFactory(code="USD")
    for _number in range(3):
        world.item(
            "0.05",
            due_on=TODAY - 3 * DAY,
            currency=dollars,
            rate=Decimal("0.9"),
            document_on=TODAY - 9 * DAY,
        )
    world.item(10, due_on=TODAY - 3 * DAY)

    amounts = {row.currency: row.company_amount for row in due(world, TODAY).rows}
    exposure = gather([AccountKey(world.account.pk, "EUR", "EUR")], as_of=TODAY)

    assert amounts == {"USD": Decimal("0.15"), "EUR": 10}
    found = exposure.accounts[world.account.pk]
    assert found.exposure.of(Component.INVOICE_OVERDUE) == Decimal("10.15")
    assert found.counts["invoice_overdue"] == 4


def test_an_item_settled_in_part_later_is_one_item_on_the_day() -> None:
    world = make_world()
    item = world.item(100, due_on=TODAY - 10 * DAY, document_on=TODAY - 20 * DAY)
    for on, amount in ((TODAY, 30), (TODAY + DAY, 20)):
        world.allocate(item, world.item(amount, direction="credit"), amount, on=on)

    past, now = due(world, TODAY - DAY), due(world, TODAY + DAY)

    assert [(row.count, row.amount) for row in past.rows] == [(1, 100)]
    assert [(row.count, row.amount) for row in now.rows] == [(1, 50)]
    key = AccountKey(world.account.pk, "EUR", "EUR")
    found = gather([key], as_of=TODAY - DAY).accounts[key.id]
    assert found.exposure.of(Component.INVOICE_OVERDUE) == 100
    assert found.counts["invoice_overdue"] == 1


def test_nothing_open_has_no_oldest() -> None:
    world = make_world()
    item = world.item(100, due_on=TODAY - 10 * DAY, document_on=TODAY - 20 * DAY)
    world.allocate(item, world.item(100, direction="credit"), 100, on=TODAY)

    assert due(world, TODAY) == DueItems((), None, "")
    assert due(world, TODAY - DAY).oldest_number == item.number


def late(world: World, day: datetime.date = TODAY, *, disputed: bool) -> list[Decimal]:
    found = due_items(
        account_id=world.account.pk,
        as_of=day,
        is_current=day == TODAY,
        low=LOW,
        high=HIGH,
        disputed=disputed,
    )
    assert bool(found.rows) is (found.oldest_on is not None)
    return [row.amount for row in found.rows]


@pytest.mark.parametrize(
    ("contested", "rest"), [("0.01", ["3999.99"]), ("3999", ["1.00"]), (None, [])]
)
def test_what_is_not_contested_of_an_item_stays_late(
    contested: str | None, rest: list[str]
) -> None:
    world = make_world()
    item = world.item("4000", due_on=TODAY - 100 * DAY, document_on=TODAY - 130 * DAY)
    part = None if contested is None else Decimal(contested)
    dispute = dispute_open(
        item=item, reason="price", opened_on=TODAY - 10 * DAY, amount=part, actor=None
    )

    left = [Decimal(amount) for amount in rest]
    assert late(world, disputed=False) == left
    assert late(world, disputed=True) == [4000]
    assert late(world, TODAY - 5 * DAY, disputed=False) == left
    assert late(world, TODAY - 20 * DAY, disputed=False) == [4000]
    dispute_close(dispute=dispute, outcome="agreed", closed_on=TODAY, actor=None)
    assert late(world, disputed=False) == [4000]
    assert late(world, TODAY - DAY, disputed=False) == left
