"""Figures of the ledger as of a day: ageing, residuals, payment behaviour."""

from __future__ import annotations

import datetime
import random
from decimal import Decimal

import pytest
from django.utils import timezone

from core.clock import business_day
from ledger import metrics
from ledger.models import Allocation, OpenItem
from ledger.selectors import (
    ageing_rows,
    behaviour_rows,
    bucket_label,
    items_as_of,
    items_to_settle,
    paid_rows,
)
from ledger.services import entry_confirm, payment_allocate
from tests.factories.core import ExchangeRateFactory
from tests.factories.customers import CustomerAccountFactory
from tests.factories.ledger import JournalEntryFactory, OpenItemFactory, PaymentFactory

pytestmark = pytest.mark.django_db

D = datetime.date
JAN = D(2026, 1, 1)


def aged(account, as_of, **kwargs):
    rows = ageing_rows(account_ids=[account.pk], as_of=as_of, **kwargs)
    return {row.bucket.key: row.amount for row in rows}


def test_ageing_on_any_day_follows_the_allocations():
    item = OpenItemFactory(amount=100, document_on=JAN, due_on=D(2026, 1, 31))
    account = item.account
    PaymentFactory(
        account=account, received_on=D(2026, 3, 10), amount=40, allocations=[(item, Decimal(40))]
    )
    assert aged(account, D(2025, 12, 31)) == {}
    assert aged(account, D(2026, 1, 31)) == {"not_due": 100}
    assert aged(account, D(2026, 2, 1)) == {"1-30": 100}
    assert aged(account, D(2026, 3, 9)) == {"31-60": 100}
    assert aged(account, D(2026, 3, 10)) == {"31-60": 60}
    assert aged(account, D(2026, 12, 31)) == {"over-180": 60}


def test_ageing_counts_each_item_once_and_leaves_out_credits_and_provisional_items():
    item = OpenItemFactory(amount=100, document_on=JAN)
    PaymentFactory(
        account=item.account,
        received_on=D(2026, 2, 1),
        amount=500,
        allocations=[(item, Decimal(40))],
    )
    JournalEntryFactory(account=item.account, provisional=True)
    (row,) = ageing_rows(account_ids=[item.account_id], as_of=D(2026, 1, 15))
    assert (row.amount, row.item_count, row.company_amount) == (100, 1, 100)
    assert ageing_rows(account_ids=[], as_of=JAN) == []
    assert ageing_rows(account_ids=None, as_of=D(2026, 1, 15)) == [row]
    assert bucket_label(row.bucket.key) == "Not due"


def test_ageing_says_when_a_rate_is_missing():
    known = ExchangeRateFactory(valid_on=D(2026, 1, 1), rate=Decimal("0.5"))
    account = CustomerAccountFactory()
    OpenItemFactory(account=account, currency="USD", amount=100, document_on=JAN)
    (row,) = ageing_rows(account_ids=[account.pk], as_of=JAN)
    assert (row.currency, row.amount, row.company_amount) == ("USD", 100, 50)
    OpenItemFactory(account=account, currency="USD", amount=100, document_on=D(2025, 12, 31))
    (row,) = ageing_rows(account_ids=[account.pk], as_of=JAN)
    assert (row.amount, row.company_amount) == (200, None)
    assert known.rate == Decimal("0.5")


def test_what_was_entered_later_was_not_known():
    item = OpenItemFactory(amount=100, document_on=JAN)
    before = timezone.now()
    PaymentFactory(pays=item, received_on=D(2026, 1, 5))
    late = OpenItemFactory(amount=70, document_on=JAN, account=item.account)
    assert aged(item.account, D(2026, 1, 10)) == {"not_due": 70}
    assert aged(item.account, D(2026, 1, 10), known_at=before) == {"not_due": 100}
    provisional = JournalEntryFactory(account=item.account, amount=7, provisional=True)
    moment = timezone.now()
    entry_confirm(entry=provisional, actor=None)
    assert aged(item.account, D(2026, 1, 10), known_at=moment) == {"not_due": 70}
    assert aged(item.account, D(2026, 1, 10)) == {"not_due": 77}
    assert late.open_amount == 70


def test_items_as_of_a_day():
    item = OpenItemFactory(amount=100, document_on=JAN)
    credit = PaymentFactory(account=item.account, received_on=D(2026, 1, 10), amount=30)
    payment_allocate(
        credit_item=credit,
        debit_item=item,
        amount=Decimal(20),
        on=D(2026, 1, 20),
        actor=None,
    )

    def residuals(as_of):
        return {item.pk: vars(item)["residual"] for item in items_as_of(as_of)}

    assert residuals(D(2025, 12, 31)) == {}
    assert residuals(D(2026, 1, 9)) == {item.pk: 100}
    assert residuals(D(2026, 1, 19)) == {item.pk: 100, credit.pk: 30}
    assert residuals(D(2026, 1, 20)) == {item.pk: 80, credit.pk: 10}
    assert residuals(None) == {item.pk: 80, credit.pk: 10}
    assert items_as_of(D(2026, 1, 9), OpenItem.objects.credits()).count() == 0


def test_items_to_settle_come_oldest_due_first():
    young = OpenItemFactory(due_on=D(2026, 3, 1))
    old = OpenItemFactory(account=young.account, due_on=D(2026, 2, 1))
    PaymentFactory(pays=OpenItemFactory(account=young.account, due_on=D(2026, 1, 15)))
    JournalEntryFactory(account=young.account, provisional=True)
    assert list(items_to_settle(young.account, "EUR")) == [old, young]
    assert not items_to_settle(young.account, "USD").exists()


def test_behaviour_looks_at_when_the_money_came_not_when_it_was_applied():
    item = OpenItemFactory(amount=100, document_on=JAN, due_on=D(2026, 1, 31))
    credit = PaymentFactory(account=item.account, received_on=D(2026, 1, 31), amount=100)
    payment_allocate(
        credit_item=credit, debit_item=item, amount=Decimal(100), on=D(2026, 3, 1), actor=None
    )
    assert behaviour_rows([item.account_id], D(2026, 2, 28)) == []
    (row,) = behaviour_rows([item.account_id], D(2026, 3, 1))
    assert row.average_days_late == 0
    assert row.settled_amount == 100


def test_credit_notes_are_no_payments():
    item = OpenItemFactory(amount=100, document_on=JAN)
    note = JournalEntryFactory(
        account=item.account, kind="credit_note", document_on=D(2026, 2, 1)
    ).items.get()
    payment_allocate(credit_item=note, debit_item=item, amount=Decimal(100), actor=None)
    assert behaviour_rows(None, D(2026, 3, 1)) == []


def test_behaviour_of_a_bank_statement():
    account = CustomerAccountFactory()
    for amount, due_on, paid_on in (
        (1000, D(2025, 2, 9), D(2025, 2, 20)),
        (3000, D(2025, 2, 20), D(2025, 3, 1)),
        (2000, D(2025, 3, 31), D(2025, 3, 31)),
    ):
        item = OpenItemFactory(
            account=account, amount=amount, document_on=D(2025, 1, 2), due_on=due_on
        )
        PaymentFactory(pays=item, received_on=paid_on)
    (row,) = behaviour_rows([account.pk], D(2025, 12, 31))
    assert row.average_days_late == row.average_deviation_days == Decimal("6.33")
    assert row.late_share_percent == Decimal("66.6667")
    assert (row.settled_amount, row.settled_count, row.late_count) == (6000, 3, 2)
    assert behaviour_rows([account.pk], D(2025, 2, 19)) == []


def test_the_statement_and_the_pure_figures_agree_on_random_ledgers(django_assert_num_queries):
    dice = random.Random(17)
    ExchangeRateFactory(valid_on=D(2020, 1, 1), rate=Decimal("0.91"))
    accounts = [CustomerAccountFactory() for _ in range(3)]
    with business_day(D(2028, 1, 1)):  # later than all of it: nothing is booked ahead
        for _ in range(60):
            document_on = JAN + datetime.timedelta(days=dice.randrange(400))
            item = OpenItemFactory(
                account=dice.choice(accounts),
                amount=Decimal(dice.randrange(1, 100_000)) / 100,
                currency=dice.choice(["EUR", "EUR", "USD"]),
                document_on=document_on,
                due_on=document_on + datetime.timedelta(days=dice.randrange(90)),
            )
            while item.open_amount and dice.random() < 0.8:
                part = min(item.open_amount, Decimal(dice.randrange(1, 60_000)) / 100)
                PaymentFactory(
                    account=item.account,
                    received_on=document_on + datetime.timedelta(days=dice.randrange(-10, 200)),
                    amount=part,
                    currency=item.currency_id,
                    allocations=[(item, part)],
                )
                item.refresh_from_db()
    assert Allocation.objects.count() > 40
    for as_of, months in ((D(2026, 9, 1), 12), (D(2026, 9, 1), 3), (D(2027, 3, 1), 12)):
        with django_assert_num_queries(1):
            rows = behaviour_rows([account.pk for account in accounts], as_of, months)
        paid = paid_rows(None, as_of, months)
        assert [row.account_id for row in rows] == sorted(paid)
        everything = paid_rows(None, D(2030, 1, 1), 240)
        for row in rows:
            pure = metrics.behaviour(paid[row.account_id], as_of, months)
            assert metrics.behaviour(everything[row.account_id], as_of, months) == pure
            assert row.settled_amount == pure.settled_amount
            assert (row.settled_count, row.late_count) == (pure.settled_count, pure.late_count)
            assert row.late_amount == pure.late_amount
            for name, places in (
                ("average_days_late", 2),
                ("average_deviation_days", 2),
                ("late_share_percent", 4),
                ("mean_days_late", 4),
            ):
                difference = abs(getattr(row, name) - getattr(pure, name))
                assert difference <= Decimal(5).scaleb(-places - 1), name


def test_a_later_payment_changes_no_earlier_figure():
    item = OpenItemFactory(amount=100, document_on=JAN, due_on=D(2026, 1, 31))
    PaymentFactory(
        account=item.account,
        received_on=D(2026, 2, 10),
        amount=50,
        allocations=[(item, Decimal(50))],
    )
    before = behaviour_rows([item.account_id], D(2026, 3, 1))
    known_at = timezone.now()
    item.refresh_from_db()
    PaymentFactory(pays=item, received_on=D(2026, 4, 1))
    assert behaviour_rows([item.account_id], D(2026, 3, 1)) == before
    backdated = OpenItemFactory(account=item.account, document_on=JAN)
    PaymentFactory(pays=backdated, received_on=D(2026, 2, 1))
    assert behaviour_rows([item.account_id], D(2026, 3, 1)) != before
    assert behaviour_rows([item.account_id], D(2026, 3, 1), known_at=known_at) == before
