"""Disputes and causes of delay: who says what, and what rules make of it."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from core.audit import sentence
from core.errors import Conflict, Invalid, NotAllowed
from core.models import AuditEvent
from credit_limits.models import CreditPolicy
from documents.services.submit import document_submit
from ledger.models import DelayCause
from ledger.overdue import due_items
from ledger.selectors import behaviour_rows
from ledger.services import dispute_close, dispute_open, item_delay_cause_set
from ledger.services.accounts import CAUSES, delay_causes_install_defaults
from tests.factories.core import UserFactory
from tests.factories.ledger import JournalEntryFactory, OpenItemFactory, PaymentFactory
from tests.world import TODAY, make_world

pytestmark = pytest.mark.django_db

D = datetime.date
JUNE = D(2026, 6, 1)


def overdue(item, as_of=JUNE, *, disputed=True, is_current=True):
    found = due_items(
        account_id=item.account_id,
        as_of=as_of,
        is_current=is_current,
        low=Decimal(0),
        high=Decimal(0),
        disputed=disputed,
    )
    return sum((row.amount for row in found.rows), Decimal(0)), found.oldest_number


def test_an_item_is_contested_and_settled():
    item = OpenItemFactory(amount=100, number="A")
    actor = UserFactory(role="treasury")
    dispute = dispute_open(
        item=item, reason="goods broken", opened_on=D(2026, 2, 1), amount=Decimal(30), actor=actor
    )
    item.refresh_from_db()
    assert item.is_disputed
    with pytest.raises(Conflict) as caught:
        dispute_open(item=item, reason="again", actor=actor)
    assert caught.value.code == "ledger.contested_already"
    dispute_close(dispute=dispute, outcome="credit note", closed_on=D(2026, 3, 1), actor=actor)
    item.refresh_from_db()
    assert not item.is_disputed
    with pytest.raises(Conflict):
        dispute_close(dispute=dispute, outcome="again", actor=actor)
    assert [sentence(event) for event in AuditEvent.objects.order_by("pk")][-2:] == [
        "The customer contests 30.00 EUR of A: goods broken.",
        "The dispute about A is settled: credit note.",
    ]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"opened_on": D(2025, 12, 31)}, "opened_on"),
        ({"opened_on": D(2999, 1, 1)}, "opened_on"),
        ({"amount": Decimal("100.01")}, "amount"),
        ({"amount": Decimal(0)}, "amount"),
    ],
)
def test_disputes_that_make_no_sense(change, field):
    item = OpenItemFactory(amount=100)
    with pytest.raises(Invalid) as caught:
        dispute_open(**({"item": item, "reason": "broken", "actor": None} | change))
    assert caught.value.field == field
    item.refresh_from_db()
    assert not item.is_disputed


def test_only_what_is_owed_can_be_contested_by_who_may():
    with pytest.raises(Conflict):
        dispute_open(item=PaymentFactory(), reason="x", actor=None)
    with pytest.raises(NotAllowed):
        dispute_open(item=OpenItemFactory(), reason="x", actor=UserFactory(role="sales"))


def test_contested_items_stay_out_of_overdue_when_the_policy_says_so():
    item = OpenItemFactory(amount=100, number="A", due_on=D(2026, 2, 1))
    dispute = dispute_open(item=item, reason="x", opened_on=D(2026, 3, 1), actor=None)
    assert overdue(item) == (100, "A")
    assert overdue(item, disputed=False) == (0, "")
    past = {"disputed": False, "is_current": False}
    assert overdue(item, D(2026, 2, 28), **past) == (100, "A")
    assert overdue(item, D(2026, 3, 1), **past) == (0, "")
    dispute_close(dispute=dispute, outcome="x", closed_on=D(2026, 4, 1), actor=None)
    assert overdue(item, disputed=False) == (100, "A")
    assert overdue(item, D(2026, 3, 31), **past) == (0, "")
    assert overdue(item, D(2026, 4, 1), **past) == (100, "A")


def test_a_cause_of_ours_does_not_count_as_late():
    delay_causes_install_defaults()
    ours = DelayCause.objects.get(code="invoice_wrong")
    theirs = DelayCause.objects.get(code="no_money")
    item = OpenItemFactory(amount=100, number="A", due_on=D(2026, 2, 1))
    item_delay_cause_set(item=item, cause=theirs, actor=None)
    assert overdue(item) == (100, "A")
    item_delay_cause_set(item=item, cause=ours, actor=UserFactory(role="credit_manager"))
    assert overdue(item) == (0, "")
    assert overdue(item, D(2026, 5, 1), is_current=False) == (0, "")
    item_delay_cause_set(item=item, cause=None, actor=None)
    assert overdue(item) == (100, "A")
    assert [
        sentence(event)
        for event in AuditEvent.objects.filter(action="ledger.item.cause_set").order_by("pk")
    ] == [
        "A is late because of: Customer has no money.",
        "A is late because of: Invoice is wrong. It does not count as late.",
        "The cause of delay of A was taken away.",
    ]


def test_behaviour_leaves_out_what_was_late_for_a_cause_of_ours():
    cause = DelayCause.objects.create(code="ours", name="Ours", counts_as_late=False)
    late = OpenItemFactory(amount=100, due_on=D(2026, 1, 31))
    other = OpenItemFactory(amount=100, due_on=D(2026, 1, 31), account=late.account)
    PaymentFactory(pays=late, received_on=D(2026, 3, 31))
    PaymentFactory(pays=other, received_on=D(2026, 1, 31))
    (row,) = behaviour_rows([late.account_id], D(2026, 4, 1))
    assert (row.settled_amount, row.late_count) == (200, 1)
    item_delay_cause_set(item=late, cause=cause, actor=None)
    (row,) = behaviour_rows([late.account_id], D(2026, 4, 1))
    assert (row.settled_amount, row.late_count) == (100, 0)


def test_causes_are_installed_once_and_kept_as_they_are():
    assert delay_causes_install_defaults() == len(CAUSES)
    DelayCause.objects.filter(code="goods").update(name="Ours", counts_as_late=True)
    assert delay_causes_install_defaults() == 0
    assert DelayCause.objects.get(code="goods").name == "Ours"


def test_causes_out_of_use_and_people_without_the_right():
    cause = DelayCause.objects.create(code="old", name="Old", is_active=False)
    item = OpenItemFactory()
    with pytest.raises(Invalid) as caught:
        item_delay_cause_set(item=item, cause=cause, actor=None)
    assert caught.value.field == "cause"
    with pytest.raises(NotAllowed):
        item_delay_cause_set(item=item, cause=None, actor=UserFactory(role="sales"))


def test_the_same_cause_twice_is_one_event():
    cause = DelayCause.objects.create(code="x", name="X")
    item = JournalEntryFactory().items.get()
    for _time in range(2):
        item_delay_cause_set(item=item, cause=cause, actor=None)
    assert AuditEvent.objects.filter(action="ledger.item.cause_set").count() == 1


def test_the_check_reads_causes_and_disputes():
    """The same order: held for an overdue item, and not for one that is late by our fault."""
    world = make_world(limit=100_000)
    world.rule("overdue_days", "hold", threshold=10)
    item = world.item(100, TODAY - datetime.timedelta(days=60))

    def reasons() -> set[str]:
        order = world.order(10)
        submitted = document_submit(document=order, actor=world.clerk, as_of=TODAY)
        found = submitted.check.findings.filter(fired=True, rule="overdue_days")
        return set(found.values_list("rule", flat=True))

    assert reasons() == {"overdue_days"}
    cause = DelayCause.objects.create(code="ours", name="Ours", counts_as_late=False)
    item_delay_cause_set(item=item, cause=cause, actor=None)
    assert reasons() == set()
    item_delay_cause_set(item=item, cause=None, actor=None)
    dispute_open(item=item, reason="broken", opened_on=TODAY, actor=None)
    assert reasons() == {"overdue_days"}
    CreditPolicy.objects.filter(pk=world.policy.pk).update(disputed_items_count=False)
    world.policy.refresh_from_db()
    world.rule("overdue_days", "hold", threshold=10)
    assert reasons() == set()
