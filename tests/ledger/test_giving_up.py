"""Cash discounts, small differences, write-offs; and taking payments and allocations back."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from core.audit import sentence
from core.errors import Conflict, Invalid, NotAllowed
from core.models import AuditEvent, User
from ledger.models import Allocation, JournalEntry, LedgerSettings, OpenItem
from ledger.selectors import (
    ageing_rows,
    balance_proof,
    behaviour_rows,
    control_proof,
    items_as_of,
    residual_proof,
)
from ledger.services import (
    Deduction,
    allocation_reverse,
    entry_post,
    item_write_off,
    payment_allocate,
    payment_record,
    payment_reverse,
)
from tests.factories.core import ExchangeRateFactory, UserFactory
from tests.factories.customers import CustomerAccountFactory
from tests.factories.ledger import JournalEntryFactory, OpenItemFactory, PaymentFactory

pytestmark = pytest.mark.django_db

D = datetime.date
JAN = D(2026, 1, 1)


@pytest.fixture(autouse=True)
def _proved():
    """Whatever a test did, the books are right in the end."""
    yield
    assert residual_proof() == []
    assert control_proof() == []
    assert balance_proof() == []


def pay(item: OpenItem, amount: object, *deductions: tuple[str, object], **values: Any):
    actor: User = values.pop("actor", None) or UserFactory(role="treasury", username="tina")
    return payment_record(
        account=item.account,
        number=str(values.pop("number", "P1")),
        received_on=values.pop("received_on", D(2026, 1, 20)),
        amount=Decimal(str(amount)),
        allocations=[(item, Decimal(str(amount)))],
        deductions=[Deduction(item, kind, Decimal(str(part))) for kind, part in deductions],
        currency=item.currency_id,
        actor=actor,
        **values,
    )


def roles(entry: JournalEntry) -> dict[str, Decimal]:
    return {
        line.ledger_account.role: line.debit - line.credit
        for line in entry.lines.select_related("ledger_account")
    }


# --- giving up -----------------------------------------------------------------------------------


def test_a_cash_discount_is_taken_with_the_payment():
    item = OpenItemFactory(amount=100, number="A")
    pay(item, 98, ("discount", 2))
    item.refresh_from_db()
    assert (item.open_amount, item.settled_on) == (0, D(2026, 1, 20))
    discount = JournalEntry.objects.get(kind="discount")
    assert roles(discount) == {"receivable": -2, "discount": 2}
    assert discount.goes_with is not None
    assert discount.goes_with.number == "P1"
    event = AuditEvent.objects.get(action="ledger.payment.recorded")
    assert sentence(event) == (
        "Payment P1 of 98.00 EUR was recorded and applied to A 98.00. "
        "Given up: cash discount on A 2.00."
    )


def test_a_partial_payment_leaves_the_rest_open_with_its_due_date():
    item = OpenItemFactory(amount=100)
    due_on = item.due_on
    pay(item, 40)
    item.refresh_from_db()
    assert (item.open_amount, item.due_on, item.settled_on) == (60, due_on, None)


@pytest.mark.parametrize(
    ("kind", "fine", "too_much", "code"),
    [
        ("discount", "3.00", "3.01", "ledger.discount_too_large"),
        ("difference", "1.00", "1.01", "ledger.difference_too_large"),
    ],
)
def test_the_company_bounds_what_a_clerk_gives_up(kind, fine, too_much, code):
    item = OpenItemFactory(amount=100, number="A")
    with pytest.raises(Invalid) as caught:
        pay(item, 50, (kind, too_much))
    assert (caught.value.code, caught.value.field) == (code, kind)
    assert not JournalEntry.objects.exclude(pk=item.entry_id).exists()
    pay(item, 50, (kind, fine))
    # The bound holds for the item, not for each payment.
    with pytest.raises(Invalid):
        pay(item, 10, (kind, "0.01"), number="P2")
    manager = UserFactory(role="credit_manager", username="max")
    pay(item, 10, (kind, "0.01"), number="P2", actor=manager)
    item.refresh_from_db()
    assert item.open_amount == Decimal("39.99") - Decimal(fine)


def test_the_bounds_are_the_companys():
    item = OpenItemFactory(amount=100)
    LedgerSettings.objects.filter(company=item.account.company).update(
        discount_percent=0, difference_tolerance=5
    )
    with pytest.raises(Invalid):
        pay(item, 50, ("discount", "0.01"))
    pay(item, 95, ("difference", 5))


def test_a_difference_in_another_currency_is_measured_in_the_companys():
    ExchangeRateFactory(valid_on=JAN, rate=Decimal("0.5"))
    item = OpenItemFactory(amount=100, currency="USD")
    with pytest.raises(Invalid):
        pay(item, 90, ("difference", "2.02"))
    pay(item, 90, ("difference", "2.00"))
    unknown = OpenItemFactory(account=item.account, currency="USD", document_on=D(2025, 1, 1))
    with pytest.raises(Invalid):
        pay(unknown, 90, ("difference", "0.01"), number="P2")


def test_more_than_is_open_cannot_be_given_up():
    item = OpenItemFactory(amount=100)
    with pytest.raises(Conflict) as caught:
        pay(item, 99, ("discount", 2))
    assert caught.value.code == "ledger.allocation_too_much"
    assert not JournalEntry.objects.exclude(pk=item.entry_id).exists()
    with pytest.raises(Conflict):
        item_write_off(item=item, amount=Decimal("100.01"), reason="gone", actor=None)


def test_a_provisional_payment_takes_no_discount():
    item = OpenItemFactory(amount=100)
    with pytest.raises(Invalid) as caught:
        pay(item, 98, ("discount", 2), provisional=True)
    assert caught.value.field == "provisional"


def test_writing_off_needs_a_right_and_a_reason():
    item = OpenItemFactory(amount=100, number="A")
    with pytest.raises(NotAllowed):
        item_write_off(item=item, reason="gone", actor=UserFactory(role="treasury"))
    manager = UserFactory(role="credit_manager", username="max")
    with pytest.raises(Invalid) as caught:
        item_write_off(item=item, reason=" ", actor=manager)
    assert caught.value.field == "reason"
    done = item_write_off(
        item=item, amount=Decimal(60), reason="insolvent", on=D(2026, 3, 1), actor=manager
    )
    assert done.open_amount == 40
    entry = JournalEntry.objects.get(kind="write_off")
    assert roles(entry) == {"receivable": -60, "write_off": 60}
    event = AuditEvent.objects.get(action="ledger.item.written_off")
    assert sentence(event) == "60.00 EUR of A were given up (write-off): insolvent."
    assert (event.data["entry_id"], event.data["entry"]) == (entry.pk, entry.number)
    assert item_write_off(item=item, reason="insolvent", actor=manager).open_amount == 0
    with pytest.raises(Conflict):
        item_write_off(item=item, reason="again", actor=manager)


def test_what_was_paid_too_much_by_cents_can_be_kept():
    credit = PaymentFactory(amount="0.02")
    done = item_write_off(
        item=credit, kind="difference", reason="rounding", actor=UserFactory(role="treasury")
    )
    assert done.open_amount == 0
    assert roles(JournalEntry.objects.get(kind="difference")) == {
        "receivable": Decimal("0.02"),
        "difference": Decimal("-0.02"),
    }


def test_giving_up_is_no_payment():
    item = OpenItemFactory(amount=100, document_on=JAN, due_on=JAN)
    pay(item, 98, ("discount", 2), received_on=D(2026, 1, 11))
    (row,) = behaviour_rows([item.account_id], D(2026, 2, 1))
    assert (row.settled_amount, row.average_days_late) == (98, 10)


# --- taking back ---------------------------------------------------------------------------------


def residuals(on: datetime.date) -> dict[str, Decimal]:
    return {item.number: vars(item)["residual"] for item in items_as_of(on)}


def test_a_returned_payment_opens_the_item_again_with_its_old_due_date():
    item = OpenItemFactory(amount=100, number="A", due_on=D(2026, 1, 31))
    credit = pay(item, 98, ("discount", 2), received_on=D(2026, 1, 20))
    reversal = payment_reverse(
        payment=credit.entry,
        on=D(2026, 2, 10),
        reason="returned by the bank",
        actor=UserFactory(role="treasury"),
    )
    item.refresh_from_db()
    credit.refresh_from_db()
    assert (item.open_amount, item.due_on, item.settled_on) == (100, D(2026, 1, 31), None)
    assert (credit.open_amount, credit.settled_on) == (0, D(2026, 2, 10))
    assert reversal.reverses == credit.entry
    assert roles(reversal) == {"receivable": 98, "bank": -98}
    taken = JournalEntry.objects.get(kind="discount")
    assert roles(taken.reversed_by) == {"receivable": 2, "discount": -2}
    # On every day the books say what was true.
    assert residuals(D(2026, 1, 19))["A"] == 100
    assert residuals(D(2026, 2, 9))["A"] == 0
    assert residuals(D(2026, 2, 10))["A"] == 100
    (row,) = ageing_rows(account_ids=[item.account_id], as_of=D(2026, 2, 10))
    assert (row.bucket.key, row.amount, row.item_count) == ("1-30", 100, 1)
    assert ageing_rows(account_ids=[item.account_id], as_of=D(2026, 2, 9)) == []
    event = AuditEvent.objects.get(action="ledger.payment.reversed")
    assert sentence(event) == (
        "Payment P1 over 98.00 EUR was reversed: returned by the bank. Open again: A 98.00, A 2.00."
    )


def test_money_that_went_back_was_no_payment():
    item = OpenItemFactory(amount=100, document_on=JAN, due_on=JAN)
    credit = pay(item, 100, received_on=D(2026, 1, 11))
    payment_reverse(payment=credit.entry, on=D(2026, 2, 10), reason="returned", actor=None)
    assert behaviour_rows([item.account_id], D(2026, 2, 10)) == []
    (row,) = behaviour_rows([item.account_id], D(2026, 2, 9))
    assert row.settled_amount == 100
    pay(item, 100, received_on=D(2026, 2, 20), number="P2")
    (row,) = behaviour_rows([item.account_id], D(2026, 3, 1))
    assert (row.settled_amount, row.average_days_late) == (100, 50)


def test_taking_back_needs_the_right_a_reason_and_happens_once():
    credit = PaymentFactory(pays=OpenItemFactory())
    with pytest.raises(NotAllowed):
        payment_reverse(payment=credit.entry, reason="x", actor=UserFactory(role="sales"))
    with pytest.raises(Invalid):
        payment_reverse(payment=credit.entry, reason="", actor=None)
    with pytest.raises(Invalid) as early:
        payment_reverse(payment=credit.entry, on=D(2026, 1, 1), reason="x", actor=None)
    assert (early.value.code, early.value.field) == ("ledger.reversal_too_early", "on")
    assert not JournalEntry.objects.filter(kind="reversal").exists()
    payment_reverse(payment=credit.entry, reason="x", actor=None)
    with pytest.raises(Conflict) as twice:
        payment_reverse(payment=credit.entry, reason="x", actor=None)
    assert twice.value.code == "ledger.already_reversed"


def test_invoices_and_provisional_payments_are_not_taken_back():
    with pytest.raises(Invalid) as caught:
        payment_reverse(payment=JournalEntryFactory(), reason="x", actor=None)
    assert caught.value.code == "ledger.not_reversible"
    credit = PaymentFactory(provisional=True)
    with pytest.raises(Conflict):
        payment_reverse(payment=credit.entry, reason="x", actor=None)


def test_a_payment_on_account_can_be_returned_too():
    credit = PaymentFactory()
    payment_reverse(payment=credit.entry, reason="wrong account", actor=None)
    credit.refresh_from_db()
    assert credit.open_amount == 0


def test_a_write_off_can_be_taken_back():
    item = OpenItemFactory(amount=100)
    item_write_off(item=item, reason="insolvent", actor=None)
    payment_reverse(
        payment=JournalEntry.objects.get(kind="write_off"), reason="paid after all", actor=None
    )
    item.refresh_from_db()
    assert item.open_amount == 100


def test_one_allocation_can_be_taken_back_and_the_money_is_on_account_again():
    item = OpenItemFactory(amount=100, number="A")
    other = OpenItemFactory(amount=100, number="B", account=item.account)
    credit = pay(item, 100)
    row = allocation_reverse(
        allocation=Allocation.objects.get(),
        on=D(2026, 1, 25),
        reason="meant for B",
        actor=UserFactory(role="treasury"),
    )
    assert row.amount == -100
    payment_allocate(credit_item=credit, debit_item=other, amount=Decimal(100), on=None, actor=None)
    assert Allocation.objects.order_by("-pk")[0].allocated_on == D(2026, 1, 25)
    assert residuals(D(2026, 1, 24)) == {"A": 0, "B": 100, "P1": 0}
    assert residuals(D(2026, 1, 25)) == {"A": 100, "B": 0, "P1": 0}
    event = AuditEvent.objects.get(action="ledger.allocation.reversed")
    assert sentence(event) == "100.00 EUR of P1 were taken back from A: meant for B."
    with pytest.raises(Conflict):
        allocation_reverse(allocation=Allocation.objects.earliest("pk"), reason="x", actor=None)


def test_nothing_is_applied_before_it_was_taken_back():
    """Else a past day would show less than nothing open."""
    item = OpenItemFactory(amount=100)
    credit = pay(item, 100, received_on=D(2026, 1, 20))
    payment_reverse(payment=credit.entry, on=D(2026, 2, 10), reason="x", actor=None)
    second = PaymentFactory(account=item.account, received_on=D(2026, 1, 25))
    with pytest.raises(Invalid) as caught:
        payment_allocate(
            credit_item=second,
            debit_item=item,
            amount=Decimal(100),
            on=D(2026, 1, 25),
            actor=None,
        )
    assert caught.value.code == "ledger.allocation_too_early"
    payment_allocate(credit_item=second, debit_item=item, amount=Decimal(100), actor=None)
    assert Allocation.objects.order_by("-pk")[0].allocated_on == D(2026, 2, 10)


def test_the_database_takes_back_only_what_was_applied_and_once():
    item = OpenItemFactory(amount=100)
    credit = pay(item, 100)
    given = Allocation.objects.get()
    values = {
        "account": item.account,
        "debit_item": item,
        "credit_item": credit,
        "amount": -100,
        "allocated_on": D(2026, 2, 1),
        "reverses": given,
    }
    for change in ({"amount": -99}, {"allocated_on": D(2026, 1, 19)}):
        with pytest.raises(DatabaseError, match="exactly what was applied"), transaction.atomic():
            Allocation.objects.create(**(values | change))
    with transaction.atomic():
        taken = Allocation.objects.create(**values)
        with pytest.raises(DatabaseError), transaction.atomic():
            Allocation.objects.create(**values)
        with pytest.raises(DatabaseError), transaction.atomic():
            Allocation.objects.create(**(values | {"reverses": taken, "amount": 100}))
        transaction.set_rollback(True)


# --- two rates -----------------------------------------------------------------------------------


def test_where_two_rates_meet_the_difference_is_posted():
    ExchangeRateFactory(valid_on=JAN, rate=Decimal("0.90"))
    ExchangeRateFactory(valid_on=D(2026, 2, 1), rate=Decimal("0.80"))
    account = CustomerAccountFactory()
    invoice = entry_post(
        account=account,
        kind="invoice",
        number="1",
        document_on=JAN,
        instalments=[(JAN, Decimal(100))],
        currency="USD",
        actor=None,
    )
    item = invoice.items.get()
    credit = pay(item, 60, received_on=D(2026, 2, 1))
    exchange = JournalEntry.objects.get(kind="exchange")
    assert (exchange.amount, exchange.company_amount) == (0, -6)
    assert exchange.goes_with == credit.entry
    assert {
        line.ledger_account.role: line.company_debit - line.company_credit
        for line in exchange.lines.all()
    } == {"receivable": -6, "fx": 6}
    payment_reverse(payment=credit.entry, on=D(2026, 3, 1), reason="x", actor=None)
    assert sum(
        entry.company_amount for entry in JournalEntry.objects.filter(kind="exchange")
    ) == Decimal(0)


def test_one_rate_makes_no_difference():
    ExchangeRateFactory(valid_on=JAN, rate=Decimal("0.33333333"))
    item = OpenItemFactory(amount="99.99", currency="USD")
    for number, part in enumerate(("33.31", "33.34", "33.34")):
        pay(item, part, number=f"P{number}")
    total = sum(entry.company_amount for entry in JournalEntry.objects.filter(kind="exchange"))
    assert abs(total) <= Decimal("0.02")


def test_an_unknown_rate_posts_no_difference():
    ExchangeRateFactory(valid_on=D(2026, 1, 20), rate=Decimal("0.5"))
    item = OpenItemFactory(amount=100, currency="USD", document_on=JAN)
    pay(item, 100, received_on=D(2026, 1, 20))
    assert not JournalEntry.objects.filter(kind="exchange").exists()
