"""Payments the bank took back: reopened items, the fee, what is counted of it."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from core.audit import sentence
from core.errors import Conflict, Invalid, NotAllowed
from core.models import AuditEvent
from ledger.models import JournalEntry, OpenItem, ReturnedPayment
from ledger.selectors import residual_proof, returned_figures, returned_payments
from ledger.selectors.proof import ledger_misses
from ledger.services import payment_return
from tests.factories.core import UserFactory
from tests.factories.customers import CustomerAccountFactory
from tests.factories.ledger import OpenItemFactory, PaymentFactory

pytestmark = pytest.mark.django_db

D = datetime.date
DAY = D(2026, 3, 1)


@pytest.fixture
def item():
    return OpenItemFactory(document_on=D(2026, 1, 1), amount="100", number="A")


@pytest.fixture
def payment(item):
    """The item paid in full on 1 February."""
    return PaymentFactory(pays=item, received_on=D(2026, 2, 1), number="P").entry


def back(payment, **more):
    return payment_return(
        **({"payment": payment, "reason": "funds", "on": DAY, "actor": None} | more)
    )


def proved(account):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert residual_proof([account.pk]) == []
    assert ledger_misses([account.pk], on=DAY) == []


def test_what_it_settled_is_open_again_and_the_reason_is_kept(item, payment):
    returned = back(payment)
    item.refresh_from_db()
    assert item.open_amount == 100
    assert (returned.amount, returned.fee_amount, returned.fee_entry) == (100, 0, None)
    event = AuditEvent.objects.get(action="ledger.payment.returned")
    assert sentence(event) == (
        "Payment P over 100.00 EUR was returned by the bank: Insufficient funds. "
        "Open again: A 100.00."
    )
    assert list(returned_payments(item.account.customer)) == [returned]
    proved(item.account)


def test_a_fee_that_is_charged_on_is_an_item_due_at_once(item, payment):
    returned = back(payment, fee=Decimal("7.50"), fee_bearer="customer")
    fee = OpenItem.objects.get(entry=returned.fee_entry)
    assert (fee.direction, fee.open_amount, fee.due_on) == ("debit", Decimal("7.50"), DAY)
    assert fee.entry.kind == "fee"
    assert roles(fee.entry) == {"receivable": Decimal("7.50"), "bank": Decimal("-7.50")}
    proved(item.account)


def test_a_fee_we_bear_is_an_expense_and_nothing_the_customer_owes(item, payment):
    returned = back(payment, fee=Decimal("7.50"), fee_bearer="us")
    assert roles(returned.fee_entry) == {"bank_fee": Decimal("7.50"), "bank": Decimal("-7.50")}
    assert not OpenItem.objects.filter(entry=returned.fee_entry).exists()
    owed = OpenItem.objects.filter(account=item.account, open_amount__gt=0)
    assert [row.open_amount for row in owed] == [100]
    proved(item.account)


def roles(entry):
    rows = entry.lines.select_related("ledger_account")
    return {row.ledger_account.role: row.debit - row.credit for row in rows}


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"reason": "mood"}, "ledger.return_reason", "reason"),
        ({"fee": Decimal(5)}, "ledger.fee_bearer", "fee_bearer"),
        ({"fee_bearer": "us"}, "ledger.fee_missing", "fee"),
        ({"fee": Decimal(-5), "fee_bearer": "us"}, "ledger.amount_not_positive", "fee"),
        ({"on": D(2999, 1, 1)}, "ledger.day_to_come", "on"),
        ({"on": D(2026, 1, 31)}, "ledger.reversal_too_early", "on"),
    ],
)
def test_nonsense_is_refused_and_leaves_nothing(item, payment, changes, code, field):
    with pytest.raises(Invalid) as caught:
        back(payment, **changes)
    assert (caught.value.code, caught.value.field) == (code, field)
    assert JournalEntry.objects.count() == 2
    assert not ReturnedPayment.objects.exists()
    item.refresh_from_db()
    assert item.open_amount == 0


def test_it_comes_back_once_and_only_a_payment_does(item, payment):
    back(payment)
    with pytest.raises(Conflict) as caught:
        back(payment)
    assert caught.value.code == "ledger.already_reversed"
    with pytest.raises(Invalid):
        back(item.entry)
    with pytest.raises(NotAllowed):
        back(payment, actor=UserFactory(role="sales"))
    assert ReturnedPayment.objects.count() == 1


def test_returns_of_a_period_are_counted_by_account():
    account = CustomerAccountFactory()
    for month, amount in ((1, 10), (2, 20), (3, 40)):
        paid = PaymentFactory(account=account, amount=amount, received_on=D(2026, month, 1))
        back(paid.entry, on=D(2026, month, 15))
    other = PaymentFactory(received_on=D(2026, 2, 1))
    assert other.account_id not in returned_figures(None, since=D(2026, 1, 1), until=DAY)
    found = returned_figures([account.pk], since=D(2026, 1, 16), until=D(2026, 3, 15))
    assert (found[account.pk].count, found[account.pk].amount) == (2, Decimal(60))
    found = returned_figures([account.pk], since=D(2026, 1, 15), until=D(2026, 3, 14))
    assert (found[account.pk].count, found[account.pk].amount) == (2, Decimal(30))
    assert returned_figures([account.pk], since=D(2025, 1, 1), until=D(2025, 12, 31)) == {}


def test_the_database_wants_a_bearer_for_a_fee(payment):
    returned = back(payment)
    for changes in ({"fee_amount": 5}, {"fee_bearer": "us"}, {"amount": 0}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ReturnedPayment.objects.filter(pk=returned.pk).update(**changes)
