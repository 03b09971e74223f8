"""Posting entries, recording payments, applying them, confirming provisional ones."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from core.audit import sentence
from core.errors import Conflict, Invalid, NotAllowed
from core.models import AuditEvent
from ledger.models import Allocation, JournalEntry, OpenItem, PlannedAllocation
from ledger.selectors import residual_proof
from ledger.services import entry_confirm, entry_post, payment_allocate, payment_record
from tests.factories.core import CompanyFactory, CurrencyFactory, ExchangeRateFactory, UserFactory
from tests.factories.customers import CustomerAccountFactory
from tests.factories.ledger import JournalEntryFactory, OpenItemFactory, PaymentFactory

pytestmark = pytest.mark.django_db

D = datetime.date
JAN = D(2026, 1, 1)


def test_an_invoice_in_instalments_counts_to_the_cent():
    account = CustomerAccountFactory()
    entry = entry_post(
        account=account,
        kind="invoice",
        number=" 17 ",
        document_on=JAN,
        instalments=[
            (D(2026, 2, 1), Decimal("33.33")),
            (D(2026, 3, 1), Decimal("33.33")),
            (D(2026, 4, 1), Decimal("33.34")),
        ],
        actor=None,
    )
    assert (entry.number, entry.amount, entry.company_amount) == ("17", 100, 100)
    items = list(entry.items.order_by("instalment"))
    assert [item.open_amount for item in items] == [
        Decimal("33.33"),
        Decimal("33.33"),
        Decimal("33.34"),
    ]
    assert {item.direction for item in items} == {"debit"}
    event = AuditEvent.objects.get(action="ledger.entry.posted")
    assert event.subject_id == entry.pk
    assert event.customer_id == account.customer_id
    assert sentence(event) == "Invoice 17 over 100.00 EUR was posted."


def test_a_credit_note_is_the_customers():
    entry = JournalEntryFactory(kind="credit_note", due_on=JAN)
    assert entry.items.get().direction == "credit"
    event = AuditEvent.objects.get(action="ledger.credit_note.posted")
    assert sentence(event) == f"Credit note {entry.number} over 100.00 EUR was posted."


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"instalments": []}, "ledger.no_instalment"),
        ({"instalments": [(JAN, Decimal(0))]}, "ledger.amount_not_positive"),
        ({"instalments": [(JAN, Decimal(-5))]}, "ledger.amount_not_positive"),
        ({"instalments": [(JAN, Decimal("NaN"))]}, "ledger.amount_not_positive"),
        ({"instalments": [(JAN, Decimal("0.005"))]}, "ledger.amount_of_half_cents"),
        ({"instalments": [(JAN, Decimal("1e17"))]}, "ledger.amount_too_large"),
        ({"instalments": [(D(2025, 12, 31), Decimal(5))]}, "ledger.due_before_document"),
        ({"number": "  "}, "ledger.number_missing"),
        ({"number": "x" * 61}, "ledger.number_too_long"),
        ({"currency": "XXX"}, "ledger.currency_unknown"),
        ({"kind": "payment"}, "ledger.kind_unknown"),
        ({"rate": Decimal(0)}, "ledger.rate_not_positive"),
    ],
)
def test_nonsense_is_refused_and_leaves_nothing(change, code):
    account = CustomerAccountFactory()
    values = {
        "account": account,
        "kind": "invoice",
        "number": "1",
        "document_on": JAN,
        "instalments": [(JAN, Decimal(100))],
        "actor": None,
    }
    with pytest.raises(Invalid) as caught:
        entry_post(**(values | change))
    assert caught.value.code == code
    assert not JournalEntry.objects.exists()
    assert not AuditEvent.objects.exists()


def test_a_number_can_be_used_once_per_account_and_kind():
    first = JournalEntryFactory(number="1")
    with pytest.raises(Conflict) as caught:
        JournalEntryFactory(number="1", account=first.account)
    assert caught.value.code == "ledger.number_taken"
    assert "Invoice 1" in str(caught.value)
    JournalEntryFactory(number="1", account=first.account, kind="credit_note")
    JournalEntryFactory(number="1")
    assert JournalEntry.objects.count() == 3


def test_a_foreign_invoice_takes_the_rate_of_its_day_or_leaves_it_unknown():
    ExchangeRateFactory(valid_on=D(2026, 1, 1), rate=Decimal("0.9"))
    ExchangeRateFactory(valid_on=D(2026, 2, 1), rate=Decimal("0.8"))
    january = JournalEntryFactory(currency="USD", document_on=D(2026, 1, 31))
    february = JournalEntryFactory(currency="USD", document_on=D(2026, 2, 1))
    before = JournalEntryFactory(currency="USD", document_on=D(2025, 12, 31))
    assert (january.rate, january.company_amount) == (Decimal("0.9"), Decimal("90.00"))
    assert february.company_amount == Decimal("80.00")
    assert (before.rate, before.company_amount) == (None, None)
    assert before.items.get().rate is None


def test_debits_take_the_scope_lock_and_credits_do_not():
    account = CustomerAccountFactory()
    with CaptureQueriesContext(connection) as debit:
        JournalEntryFactory(account=account)
    with CaptureQueriesContext(connection) as credit:
        JournalEntryFactory(account=account, kind="credit_note")
        PaymentFactory(account=account)

    def locks(queries):
        texts = (query["sql"] for query in queries)
        return [text for text in texts if 'FROM "customers_' in text and "NO KEY" in text]

    assert locks(debit)
    assert not locks(credit)


def test_a_payment_settles_and_the_rest_stays_on_account():
    first = OpenItemFactory(amount=60, number="A")
    second = OpenItemFactory(amount=50, number="B", account=first.account)
    credit = payment_record(
        account=first.account,
        number="P1",
        received_on=D(2026, 2, 3),
        amount=Decimal(100),
        allocations=[(first, Decimal(60)), (second, Decimal(30))],
        actor=UserFactory(role="treasury"),
    )
    assert (credit.direction, credit.open_amount, credit.settled_on) == ("credit", 10, None)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.open_amount, first.settled_on) == (0, D(2026, 2, 3))
    assert (second.open_amount, second.settled_on) == (20, None)
    (event,) = AuditEvent.objects.filter(action__startswith="ledger.payment")
    assert sentence(event) == (
        "Payment P1 of 100.00 EUR was recorded and applied to A 60.00, B 30.00."
    )
    assert residual_proof() == []


def test_a_payment_without_number_takes_the_next_one():
    account = CustomerAccountFactory()
    numbers = [PaymentFactory(account=account).number for _ in range(2)]
    assert numbers == ["PAY-2026-00001", "PAY-2026-00002"]


def test_money_that_came_before_the_invoice_is_applied_on_the_invoices_day():
    item = OpenItemFactory(document_on=D(2026, 3, 10))
    PaymentFactory(pays=item, received_on=D(2026, 3, 1))
    assert Allocation.objects.get().allocated_on == D(2026, 3, 10)


def test_applying_later_is_dated_and_bounded():
    item = OpenItemFactory(amount=100, document_on=D(2026, 1, 10), number="A")
    credit = PaymentFactory(account=item.account, received_on=D(2026, 1, 20), amount=40)
    with pytest.raises(Invalid) as early:
        payment_allocate(
            credit_item=credit, debit_item=item, amount=Decimal(40), on=D(2026, 1, 19), actor=None
        )
    assert early.value.code == "ledger.allocation_too_early"
    with pytest.raises(Conflict) as greedy:
        payment_allocate(credit_item=credit, debit_item=item, amount=Decimal("40.01"), actor=None)
    assert greedy.value.code == "ledger.allocation_too_much"
    assert "Only 40.00 EUR" in str(greedy.value)
    assert not Allocation.objects.exists()
    debit = payment_allocate(
        credit_item=credit, debit_item=item, amount=Decimal(40), on=D(2026, 2, 1), actor=None
    )
    assert (debit.open_amount, debit.settled_on) == (60, None)
    credit.refresh_from_db()
    assert (credit.open_amount, credit.settled_on) == (0, D(2026, 2, 1))
    event = AuditEvent.objects.get(action="ledger.payment.allocated")
    assert sentence(event) == f"40.00 EUR of {credit.number} were applied to A 40.00."
    assert residual_proof() == []


def test_an_item_is_settled_on_the_day_of_its_latest_allocation():
    item = OpenItemFactory(amount=100, document_on=D(2026, 1, 1))
    for day in (D(2026, 3, 1), D(2026, 2, 1)):
        credit = PaymentFactory(account=item.account, received_on=day, amount=50)
        payment_allocate(credit_item=credit, debit_item=item, amount=Decimal(50), actor=None)
    item.refresh_from_db()
    assert item.settled_on == D(2026, 3, 1)


def test_only_credit_to_debit_of_one_account_and_currency():
    item = OpenItemFactory()
    elsewhere = PaymentFactory()
    CurrencyFactory(code="USD")
    dollars = PaymentFactory(account=item.account, currency="USD")
    other = OpenItemFactory(account=item.account)
    for credit, debit, code in (
        (elsewhere, item, "ledger.allocation_accounts"),
        (dollars, item, "ledger.allocation_currencies"),
        (item, other, "ledger.allocation_sides"),
        (dollars, dollars, "ledger.allocation_sides"),
    ):
        with pytest.raises(Invalid) as caught:
            payment_allocate(credit_item=credit, debit_item=debit, amount=Decimal(1), actor=None)
        assert caught.value.code == code
    assert not Allocation.objects.exists()


@pytest.mark.parametrize(
    ("amount", "parts", "code"),
    [
        (100, [100, 1], "ledger.payment_overspent"),
        (100, [-5, 0], "ledger.amount_not_positive"),
        (0, [], "ledger.amount_not_positive"),
    ],
)
def test_a_payment_that_does_not_add_up_is_refused_whole(amount, parts, code):
    items = [OpenItemFactory(amount=200)]
    items.append(OpenItemFactory(amount=200, account=items[0].account))
    entries = JournalEntry.objects.count()
    with pytest.raises(Invalid) as caught:
        payment_record(
            account=items[0].account,
            received_on=JAN,
            amount=Decimal(amount),
            allocations=[(i, Decimal(p)) for i, p in zip(items, parts, strict=False)],
            actor=None,
        )
    assert caught.value.code == code
    assert JournalEntry.objects.count() == entries
    assert not Allocation.objects.exists()


def test_more_than_an_item_owes_is_refused_whole():
    item = OpenItemFactory(amount=50)
    with pytest.raises(Conflict):
        PaymentFactory(account=item.account, amount=100, allocations=[(item, Decimal(60))])
    assert not JournalEntry.objects.filter(kind="payment").exists()


def test_recording_needs_the_right():
    account = CustomerAccountFactory()
    with pytest.raises(NotAllowed):
        PaymentFactory(account=account, actor=UserFactory(role="sales"))
    assert not JournalEntry.objects.exists()


def test_a_provisional_payment_frees_nothing_until_confirmed():
    item = OpenItemFactory(amount=100, number="A")
    actor = UserFactory(role="credit_manager")
    credit = payment_record(
        account=item.account,
        number="P1",
        received_on=D(2026, 2, 1),
        amount=Decimal(100),
        allocations=[(item, Decimal(80))],
        actor=actor,
        provisional=True,
    )
    assert not credit.is_posted
    item.refresh_from_db()
    assert item.open_amount == 100
    assert not Allocation.objects.exists()
    with pytest.raises(Conflict) as caught:
        payment_allocate(credit_item=credit, debit_item=item, amount=Decimal(1), actor=None)
    assert caught.value.code == "ledger.allocation_provisional"

    known_before = credit.entered_at
    entry_confirm(entry=credit.entry, actor=actor)
    credit.refresh_from_db()
    item.refresh_from_db()
    assert credit.is_posted
    assert credit.entered_at > known_before
    assert (credit.open_amount, item.open_amount) == (20, 20)
    assert not PlannedAllocation.objects.exists()
    event = AuditEvent.objects.get(action="ledger.entry.confirmed")
    assert sentence(event) == "Payment P1 over 100.00 EUR was confirmed and applied to A 80.00."
    with pytest.raises(Conflict) as caught:
        entry_confirm(entry=credit.entry, actor=actor)
    assert caught.value.code == "ledger.already_posted"
    assert residual_proof() == []


def test_a_plan_takes_only_what_is_still_open():
    item = OpenItemFactory(amount=100)
    plan = {"account": item.account, "allocations": [(item, Decimal(100))], "provisional": True}
    first, second = PaymentFactory(**plan), PaymentFactory(**plan)
    entry_confirm(entry=first.entry, actor=None)
    entry_confirm(entry=second.entry, actor=None)
    second.refresh_from_db()
    assert second.open_amount == 100
    assert Allocation.objects.count() == 1


def test_confirming_needs_the_right():
    entry = JournalEntryFactory(provisional=True)
    with pytest.raises(NotAllowed):
        entry_confirm(entry=entry, actor=UserFactory(role="auditor"))
    entry.refresh_from_db()
    assert entry.state == "provisional"


def test_allocations_are_append_only():
    PaymentFactory(pays=OpenItemFactory())
    for change in (
        lambda: Allocation.objects.update(amount=1),
        lambda: Allocation.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
            change()


def test_the_database_bounds_residuals():
    item = OpenItemFactory(amount=100)
    for values in ({"open_amount": -1}, {"open_amount": 101}, {"settled_on": JAN}):
        with pytest.raises(IntegrityError), transaction.atomic():
            OpenItem.objects.filter(pk=item.pk).update(**values)


def test_the_proof_finds_a_residual_that_is_not_backed():
    item, sound = OpenItemFactory(amount=100), OpenItemFactory(amount=100)
    PaymentFactory(pays=sound)
    OpenItem.objects.filter(pk=item.pk).update(open_amount=90)
    (miss,) = residual_proof()
    assert (miss.item_id, miss.stored, miss.proved) == (item.pk, 90, 100)
    assert residual_proof([sound.account_id]) == []


def test_companies_are_apart():
    other = CompanyFactory(code="US01", currency=CurrencyFactory(code="USD"))
    entry = JournalEntryFactory(account=CustomerAccountFactory(company=other))
    assert entry.company == other
    assert entry.currency_id == "USD"
    assert entry.rate == 1
