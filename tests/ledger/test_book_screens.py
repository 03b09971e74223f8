"""Pages that give up, take back, contest, close periods and show the books."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from django.contrib.messages import get_messages
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.clock import today
from ledger.models import (
    Allocation,
    DelayCause,
    Dispute,
    JournalEntry,
    LedgerSettings,
    OpenItem,
)
from ledger.selectors import control_proof
from ledger.services import entry_post, period_close
from tests.factories.core import ExchangeRateFactory, UserFactory
from tests.factories.customers import CustomerAccountFactory, CustomerFactory
from tests.factories.ledger import JournalEntryFactory, OpenItemFactory, PaymentFactory

pytestmark = pytest.mark.django_db

D = datetime.date


@pytest.fixture
def treasurer(client):
    user = UserFactory(username="teo", role="treasury")
    client.force_login(user)
    return user


@pytest.fixture
def account():
    return CustomerAccountFactory(customer=CustomerFactory(code="C1", name="Rossi"))


def ago(days: int) -> datetime.date:
    return today() - datetime.timedelta(days=days)


def item_of(account, **values):
    defaults = {"amount": 100, "number": "A", "document_on": ago(40), "due_on": ago(10)}
    return OpenItemFactory(account=account, **(defaults | values))


def url(name, pk):
    return reverse(f"ledger:{name}", args=[pk])


def told(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


# --- paying --------------------------------------------------------------------------------------


def pay(client, account, item, **values):
    page = reverse("ledger:payment_create") + f"?account={account.pk}&currency=EUR"
    form = client.get(page).context["form"]
    data = {
        "received_on": ago(1),
        "amount": "97.50",
        "number": "P1",
        "token": form["token"].value(),
        f"item_{item.pk}": "97.50",
    }
    return client.post(page, data | values)


def test_a_payment_with_a_discount_and_a_difference(client, treasurer, account):
    item = item_of(account)
    response = pay(
        client, account, item, **{f"discount_{item.pk}": "2", f"difference_{item.pk}": "0.50"}
    )
    assert response.status_code == 302
    item.refresh_from_db()
    assert item.open_amount == 0
    assert control_proof() == []
    assert set(JournalEntry.objects.values_list("kind", flat=True)) == {
        "invoice",
        "payment",
        "discount",
        "difference",
    }


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("discount", "2.51", "Only 100.00 are open"),
        ("discount", "3.01", "More than 3 % of A needs the right"),
        ("difference", "1.01", "A difference of more than 1.00 EUR on A needs the right"),
        ("discount", "-1", "greater than or equal to 0"),
    ],
)
def test_too_much_given_up_is_refused_at_its_box(client, treasurer, account, field, value, text):
    item = item_of(account)
    part = "97.50" if value == "2.51" else "90"
    box = f"{field}_{item.pk}"
    response = pay(client, account, item, **{box: value, f"item_{item.pk}": part})
    assert response.status_code == 422
    errors = response.context["form"].errors
    name = f"item_{item.pk}" if value == "2.51" else box
    assert text in str(errors[name])
    assert not JournalEntry.objects.filter(kind="payment").exists()


def test_a_payment_in_a_closed_period_needs_a_posting_date(client, treasurer, account):
    item = item_of(account)
    period_close(company=account.company, through=ago(1), actor=None)
    response = pay(client, account, item)
    assert response.status_code == 422
    assert "The books are closed through" in str(response.context["form"].errors["received_on"])
    response = pay(client, account, item, posted_on=today())
    assert response.status_code == 302
    entry = JournalEntry.objects.get(kind="payment")
    assert (entry.document_on, entry.posted_on) == (ago(1), today())


# --- giving up and taking back -------------------------------------------------------------------


def test_giving_up_from_the_items_page(client, account):
    manager = UserFactory(username="max", role="credit_manager")
    client.force_login(manager)
    item = item_of(account)
    link = url("item_write_off", item.pk)
    assert link in client.get(url("item_detail", item.pk)).content.decode()
    page = client.get(link)
    assert "Write-off" in page.content.decode()
    data = {"kind": "write_off", "amount": "40", "on": today(), "reason": ""}
    refused = client.post(link, data)
    assert refused.status_code == 422
    assert "reason" in refused.context["form"].errors
    assert client.post(link, data | {"reason": "insolvent"}).status_code == 302
    item.refresh_from_db()
    assert item.open_amount == 60


def test_without_the_right_only_small_amounts_are_offered(client, treasurer, account):
    item = item_of(account)
    link = url("item_write_off", item.pk)
    assert "Write-off" not in str(client.get(link).context["form"]["kind"])
    data = {"kind": "write_off", "amount": "40", "on": today(), "reason": "x"}
    assert client.post(link, data).status_code == 422
    response = client.post(link, data | {"kind": "difference"})
    assert "needs the right" in response.content.decode()
    assert client.post(link, data | {"kind": "difference", "amount": "1"}).status_code == 302
    item.refresh_from_db()
    assert item.open_amount == 99


def test_reversing_says_first_what_will_be_open_again(client, treasurer, account):
    item = item_of(account)
    credit = PaymentFactory(pays=item, received_on=ago(5), number="P1")
    link = url("entry_reverse", credit.entry_id)
    assert link in client.get(url("item_detail", credit.pk)).content.decode()
    assert link in client.get(url("entry_detail", credit.entry_id)).content.decode()
    page = client.get(link).content.decode()
    assert "100.00 EUR of A are open again" in page
    assert not JournalEntry.objects.filter(kind="reversal").exists()
    early = client.post(link, {"on": ago(6), "reason": "returned"})
    assert early.status_code == 422
    assert "on" in early.context["form"].errors
    response = client.post(link, {"on": today(), "reason": "returned"})
    assert response.status_code == 302
    item.refresh_from_db()
    assert item.open_amount == 100
    assert " already." in client.get(link, follow=True).content.decode()
    page = client.get(url("entry_detail", credit.entry_id)).content.decode()
    assert "Reversed by" in page
    page = client.get(url("item_detail", item.pk)).content.decode()
    assert "Taken back" in page
    assert "was reversed: returned" in page


def test_taking_one_allocation_back(client, treasurer, account):
    item = item_of(account)
    PaymentFactory(pays=item, received_on=ago(5))
    link = url("allocation_reverse", Allocation.objects.get().pk)
    assert link in client.get(url("item_detail", item.pk)).content.decode()
    assert "old due date" in client.get(link).content.decode()
    assert client.post(link, {"on": today(), "reason": "wrong"}).status_code == 302
    item.refresh_from_db()
    assert item.open_amount == 100
    assert " already." in client.get(link, follow=True).content.decode()


def test_who_may_only_look_sees_no_buttons(client, account):
    client.force_login(UserFactory(username="ada", role="auditor"))
    item = item_of(account)
    PaymentFactory(
        account=account, amount=40, received_on=ago(3), allocations=[(item, Decimal(40))]
    )
    page = client.get(url("item_detail", item.pk)).content.decode()
    for name in ("item_write_off", "item_dispute", "item_cause"):
        assert url(name, item.pk) not in page
    assert url("allocation_reverse", Allocation.objects.get().pk) not in page
    assert client.get(url("item_write_off", item.pk)).status_code == 403


# --- disputes and causes -------------------------------------------------------------------------


def test_a_dispute_from_beginning_to_end(client, treasurer, account):
    item = item_of(account)
    link = url("item_dispute", item.pk)
    assert client.post(link, {"reason": "", "opened_on": today()}).status_code == 422
    data = {"reason": "goods broken", "amount": "30", "opened_on": ago(2)}
    assert client.post(link, data).status_code == 302
    dispute = Dispute.objects.get()
    page = client.get(url("item_detail", item.pk)).content.decode()
    assert "goods broken" in page
    listed = client.get(reverse("ledger:item_list") + "?state=disputed")
    assert [row.number for row in listed.context["table"].data.data] == ["A"]
    assert " already." in client.get(link, follow=True).content.decode()
    end = url("dispute_close", dispute.pk)
    assert end in page
    assert client.post(end, {"outcome": "credit note", "closed_on": today()}).status_code == 302
    page = client.get(url("item_detail", item.pk)).content.decode()
    assert "credit note" in page
    assert " already." in client.get(end, follow=True).content.decode()


def test_the_cause_of_delay_is_chosen_listed_and_filtered(client, treasurer, account):
    cause = DelayCause.objects.create(code="ours", name="Invoice lost", counts_as_late=False)
    old = DelayCause.objects.create(code="old", name="Old one", is_active=False)
    item, other = item_of(account), item_of(account, number="B")
    page = client.get(url("item_detail", item.pk)).content.decode()
    assert "Invoice lost (does not count as late)" in page
    assert "Old one" not in page
    response = client.post(url("item_cause", item.pk), {"cause": cause.pk})
    assert told(response) == ["The cause of delay was saved."]
    item.refresh_from_db()
    assert item.delay_cause == cause
    client.post(url("item_cause", other.pk), {"cause": old.pk})
    other.refresh_from_db()
    assert other.delay_cause is None
    listed = client.get(reverse("ledger:item_list") + f"?cause={cause.pk}")
    assert [row.number for row in listed.context["table"].data.data] == ["A"]
    assert "Invoice lost" in listed.content.decode()
    listed = client.get(reverse("ledger:item_list") + "?cause=null")
    assert [row.number for row in listed.context["table"].data.data] == ["B"]
    sheet = client.get(reverse("ledger:item_list") + "?export=csv")
    assert b"Invoice lost" in b"".join(sheet.streaming_content)


# --- the books -----------------------------------------------------------------------------------


def test_the_statement_runs_to_the_balance(client, treasurer, account):
    item_of(account, document_on=ago(40))
    item_of(account, number="B", document_on=ago(20), amount=50, due_on=today())
    PaymentFactory(account=account, amount=30, received_on=ago(30), number="P1")
    JournalEntryFactory(account=account, number="DRAFT", provisional=True)
    response = client.get(url("account_statement", account.pk))
    rows = [(line.entry.number, line.balance) for line in response.context["page"]]
    assert rows == [("B", 120), ("P1", 70), ("A", 100)]
    assert response.context["balance"] == 120


def test_the_statement_in_another_currency_shows_both_balances(client, treasurer, account):
    ExchangeRateFactory(valid_on=ago(60), rate=Decimal("0.5"))
    ExchangeRateFactory(valid_on=ago(5), rate=Decimal("0.4"))
    item = item_of(account, currency="USD")
    PaymentFactory(pays=item, received_on=ago(5))
    response = client.get(url("account_statement", account.pk) + "?currency=USD")
    rows = [
        (line.entry.kind, line.balance, line.company_balance) for line in response.context["page"]
    ]
    assert rows == [("exchange", 0, 0), ("payment", 0, 10), ("invoice", 100, 50)]
    assert client.get(url("account_statement", account.pk) + "?currency=XXX").status_code == 404


def test_ten_thousand_items_are_read_page_by_page(
    client, treasurer, account, django_assert_max_num_queries
):
    """The pages of a customer with many items ask as often as those of one with few."""
    JournalEntryFactory(account=account, number="FIRST")
    few = _asked(client, account)
    instalments = [(D(2026, 2, 1), Decimal(1))] * 2_000
    for number in range(5):
        entry_post(
            account=account,
            kind="invoice",
            number=f"BIG-{number}",
            document_on=D(2026, 1, 1),
            instalments=instalments,
            actor=None,
        )
    assert OpenItem.objects.filter(account=account).count() == 10_001
    assert _asked(client, account) == few


def _asked(client, account) -> dict[str, int]:
    from django.db import connection

    counts = {}
    for page in (
        f"{reverse('ledger:item_list')}?customer={account.customer_id}",
        url("account_statement", account.pk),
        reverse("ledger:payment_create") + f"?account={account.pk}",
    ):
        with CaptureQueriesContext(connection) as queries:
            response = client.get(page)
        assert response.status_code == 200
        assert len(response.content) < 1_000_000
        counts[page] = len(queries)
    return counts


def test_periods_are_closed_and_opened_again(client, treasurer, account):
    company = account.company
    listing = reverse("ledger:period_list")
    assert "nothing closed" in client.get(listing).content.decode()
    link = url("period_close", company.pk)
    refused = client.post(link, {"through": today()})
    assert refused.status_code == 422
    assert "through" in refused.context["form"].errors
    assert client.post(link, {"through": ago(30)}).status_code == 302
    assert LedgerSettings.objects.get(company=company).closed_through == ago(30)
    page = client.get(listing).content.decode()
    assert url("period_reopen", company.pk) in page
    assert "The books were closed through" in page
    again = url("period_reopen", company.pk)
    assert client.post(again, {"reason": ""}).status_code == 422
    assert client.post(again, {"reason": "late invoice"}).status_code == 302
    assert LedgerSettings.objects.get(company=company).closed_through is None


def test_a_provisional_entry_of_a_closed_period_is_confirmed_on_an_open_day(
    client, treasurer, account
):
    entry = JournalEntryFactory(account=account, document_on=ago(40), provisional=True)
    period_close(company=account.company, through=ago(30), actor=None)
    item = entry.items.get()
    page = client.get(url("item_detail", item.pk))
    assert page.context["post_on"] == ago(29)
    assert "Confirm, posted on" in page.content.decode()
    confirm = url("entry_confirm", entry.pk)
    assert "closed" in told(client.post(confirm))[0]
    assert "is not a date" in told(client.post(confirm, {"posted_on": "x"}))[-1]
    client.post(confirm, {"posted_on": str(ago(29))})
    entry.refresh_from_db()
    assert (entry.state, entry.posted_on) == ("posted", ago(29))
