"""A provisional receivable is entered by hand, informs, and counts once it is confirmed."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal

import pytest
from django.urls import reverse

from core.clock import today
from core.errors import Conflict, Invalid, NotAllowed
from ledger.models import JournalEntry, OpenItem
from ledger.selectors.proof import ledger_misses
from ledger.services import entry_confirm, payment_record, receivable_note
from tests.factories.core import UserFactory
from tests.factories.customers import CustomerAccountFactory
from tests.ledger.test_random_history import clock_at, read

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)


@pytest.fixture
def account():
    return CustomerAccountFactory()


def note(account, **more):
    values = {
        "account": account,
        "amount": Decimal(70),
        "document_on": today(),
        "due_on": today() + 30 * DAY,
        "reason": "agreed by phone",
        "actor": None,
    }
    return receivable_note(**(values | more))


def test_it_counts_only_where_the_policy_says_so_and_once_when_confirmed(account):
    entry = note(account)
    found = read(account, today())
    assert (found["all"], found["provisional"]) == ({}, {"invoice_open": 70})
    entry_confirm(entry=entry, actor=None)
    found = read(account, today())
    assert found["all"] == found["provisional"] == found["balance"] == {"invoice_open": 70}
    assert ledger_misses([account.pk], on=today()) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"amount": Decimal(0)}, "amount"),
        ({"due_on": today() - DAY}, "due_on"),
        ({"document_on": today() + DAY}, "document_on"),
    ],
)
def test_nonsense_is_refused_and_leaves_nothing(account, changes, field):
    with pytest.raises(Invalid) as caught:
        note(account, **changes)
    assert caught.value.field == field
    assert not JournalEntry.objects.exists()


def test_a_form_counts_once_and_sales_enters_none(account):
    token = uuid.uuid4()
    note(account, token=token)
    with pytest.raises(Conflict):
        note(account, token=token)
    with pytest.raises(NotAllowed):
        note(account, actor=UserFactory(role="sales"))
    assert JournalEntry.objects.count() == 1


def test_it_is_entered_and_confirmed_in_the_browser(client, account):
    client.force_login(UserFactory(role="treasury", companies=[account.company]))
    address = reverse("ledger:receivable_create")
    assert f"?account={account.pk}" in client.get(address).text
    data = {
        "document_on": today().isoformat(),
        "due_on": (today() + 30 * DAY).isoformat(),
        "amount": "70",
        "reason": "typed",
        "token": str(uuid.uuid4()),
    }
    late = data | {"document_on": (today() + DAY).isoformat()}
    refused = client.post(f"{address}?account={account.pk}", late)
    assert refused.status_code == 422
    assert "document_on" in refused.context["form"].errors
    assert "typed" in refused.text
    assert not JournalEntry.objects.exists()
    page = client.post(f"{address}?account={account.pk}", data, follow=True)
    entry = JournalEntry.objects.get()
    assert reverse("ledger:entry_confirm", args=[entry.pk]) in page.text
    again = client.post(f"{address}?account={account.pk}", data)
    assert again.headers["Location"] == reverse("ledger:entry_detail", args=[entry.pk])
    assert not OpenItem.objects.get().is_posted
    client.post(reverse("ledger:entry_confirm", args=[entry.pk]))
    assert OpenItem.objects.get().is_posted
    page = client.get(reverse("ledger:entry_detail", args=[entry.pk]))
    assert reverse("ledger:entry_confirm", args=[entry.pk]) not in page.text
    assert JournalEntry.objects.count() == 1


def test_a_day_before_it_was_confirmed_is_told_as_it_was_then(account):
    """Confirmed with another posting date, two days on: the days in between stay what they were."""
    day = today() - 3 * DAY
    noon = datetime.time(12, tzinfo=datetime.UTC)
    with clock_at(datetime.datetime.combine(day, noon)):
        entry = note(account, document_on=day, due_on=day + 30 * DAY)
    then = datetime.datetime.combine(day + DAY, noon)
    with clock_at(then):
        before = read(account, day)
    with clock_at(datetime.datetime.combine(day + 2 * DAY, noon)):
        entry_confirm(entry=entry, actor=None, posted_on=day + 2 * DAY)
        after = read(account, day, known_at=then)
        between = read(account, day + DAY)
        now = read(account, day + 2 * DAY)

    assert before["provisional"] == {"invoice_open": 70}
    assert before["all"] == {}
    assert after == before
    assert (between["provisional"], between["all"]) == ({"invoice_open": 70}, {})
    assert now["provisional"] == now["all"] == {"invoice_open": 70}


def test_money_that_nobody_confirmed_frees_nothing_under_any_policy(account):
    entry_confirm(entry=note(account), actor=None)
    payment = payment_record(
        account=account, received_on=today(), amount=Decimal(30), provisional=True, actor=None
    )
    assert read(account, today())["provisional"] == {"invoice_open": 70}
    assert read(account, today() - DAY)["provisional"] == {}
    entry_confirm(entry=payment.entry, actor=None)
    assert read(account, today())["provisional"] == {"invoice_open": 70, "credits": -30}
