"""The control of remittances on its page, and the figure on the card."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from core.audit import sentence
from core.errors import Invalid, NotAllowed
from core.models import AuditEvent
from credit_limits.selectors_curve import exposure_curve
from customers.models import CustomerAccount
from customers.services import account_days_late_set
from ledger.models import DelayCause
from ledger.selectors.remittances import remittance_rows
from ledger.services import payment_reverse
from ledger.services.bills import bill_return, bills_present
from ledger.services.disputes import item_delay_cause_set
from tests.factories.core import CompanyFactory, UserFactory
from tests.factories.customers import CustomerAccountFactory
from tests.factories.ledger import OpenItemFactory, PaymentFactory
from tests.ledger.bills.places import issue

pytestmark = pytest.mark.django_db
D = datetime.date
SINCE, UNTIL = D(2025, 1, 1), D(2025, 12, 31)
LIST = reverse("ledger:remittance_list")


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel("2025-06-30 10:00Z", tick=True):
        yield


@pytest.fixture
def account():
    return CustomerAccountFactory()


def paid(account, amount, due_on, value_on):
    item = OpenItemFactory(
        account=account, document_on=D(2025, 1, 10), due_on=due_on, amount=amount
    )
    return PaymentFactory(pays=item, received_on=value_on)


@pytest.fixture
def golden(account):
    """Two payments, and a bill presented and over: of value on its due date."""
    paid(account, 1000, D(2025, 2, 9), D(2025, 2, 20))
    paid(account, 3000, D(2025, 2, 20), D(2025, 3, 1))
    item = OpenItemFactory(
        account=account, document_on=D(2025, 1, 10), due_on=D(2025, 3, 31), amount=2000
    )
    bill = issue(item, drawn_on=D(2025, 1, 20))
    bills_present(bills=[bill], kind="subject", bank="B", on=D(2025, 1, 21), actor=None)
    return bill


@pytest.fixture
def manager(client, account):
    user = UserFactory(role="credit_manager", companies=[account.company])
    client.force_login(user)
    return user


def page(client, account, **query):
    span = {"account": account.pk, "since": "2025-01-01", "until": "2025-12-31"}
    return client.get(LIST, span | query)


def test_the_golden_example_through_the_books(client, manager, account, golden):
    answer = page(client, account)
    found = answer.context["found"]
    assert round(found.delay, 2) == Decimal("6.33")
    assert (found.average_due, found.average_value) == (D(2025, 3, 3), D(2025, 3, 10))
    assert [row.value_on for row, _counted in answer.context["rows"]] == [
        D(2025, 3, 1),
        D(2025, 2, 20),
        D(2025, 3, 31),
    ]
    assert "Update days late to 6" in answer.text


def test_the_span_is_of_the_day_of_registration(account, golden):
    assert len(remittance_rows(account, D(2025, 2, 20), D(2025, 2, 28))) == 1
    assert [row.is_bill for row in remittance_rows(account, SINCE, D(2025, 1, 31))] == [True]


def test_what_came_back_was_not_remitted(account, golden):
    bill_return(bill=golden, on=D(2025, 4, 2), actor=None)
    (last, *_rest) = remittance_rows(account, SINCE, UNTIL)
    assert not last.is_bill
    payment_reverse(payment=last.entry, on=D(2025, 6, 1), reason="no funds", actor=None)
    assert [row.amount for row in remittance_rows(account, SINCE, UNTIL)] == [1000]


def test_what_is_late_for_a_cause_of_ours_is_left_out(account, golden):
    cause = DelayCause.objects.create(code="ours", name="Ours", counts_as_late=False)
    item = remittance_rows(account, SINCE, UNTIL)[0].item
    item_delay_cause_set(item=item, cause=cause, actor=None)
    assert len(remittance_rows(account, SINCE, UNTIL)) == 2


def test_the_average_is_written_on_the_card_and_the_weeks_reckon_with_it(
    client, manager, account, golden
):
    open_item = OpenItemFactory(
        account=account, document_on=D(2025, 6, 1), due_on=D(2025, 7, 10), amount=100
    )
    sent = {"since": "2025-01-01", "until": "2025-12-31"}
    answer = client.post(reverse("ledger:remittance_days", args=[account.pk]), sent, follow=True)
    assert "6 days late are on the card now" in answer.text
    assert "Update days late" not in answer.text
    account.refresh_from_db()
    assert account.days_late == 6
    assert sentence(AuditEvent.objects.get(action="customers.account.days_late_set")) == (
        f"Days late in {account.company.code} changed from – to 6. "
        "Remittances of 1 Jan 2025 to 31 Dec 2025."
    )
    loaded = CustomerAccount.objects.select_related("company").get(pk=account.pk)
    flows = exposure_curve(loaded, D(2025, 6, 30)).flows
    assert [flow.leaves_on for flow in flows if flow.key[1] == open_item.pk] == [D(2025, 7, 16)]
    again = client.post(reverse("ledger:remittance_days", args=[account.pk]), sent, follow=True)
    assert "The card says so already" in again.text


def test_nothing_paid_writes_nothing(client, manager, account):
    sent = {"since": "2025-01-01", "until": "2025-01-02"}
    answer = client.post(reverse("ledger:remittance_days", args=[account.pk]), sent, follow=True)
    assert "there is no delay to write" in answer.text
    assert "Nothing was paid in this span" in answer.text
    account.refresh_from_db()
    assert account.days_late is None


def test_a_span_that_runs_backwards_is_told_at_its_place(client, manager, account):
    answer = page(client, account, since="2025-12-31", until="2025-01-01")
    assert answer.status_code == 422
    assert "until" in answer.context["form"].errors


def test_it_asks_whose_first_and_knows_no_other_company(client, manager, account):
    assert f"?account={account.pk}" in client.get(LIST).text
    foreign = CustomerAccountFactory(company=CompanyFactory(code="US01"))
    assert page(client, foreign).status_code == 404


def test_readers_see_and_write_nothing(client, account, golden):
    client.force_login(UserFactory(role="sales", companies=[account.company]))
    assert "Update days late" not in page(client, account).text
    assert client.post(reverse("ledger:remittance_days", args=[account.pk]), {}).status_code == 403
    with pytest.raises(NotAllowed):
        account_days_late_set(account=account, days=1, actor=UserFactory())


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_it_is_downloaded(client, manager, account, golden, kind):
    answer = page(client, account, export=kind)
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if kind == "csv":
        assert len(content.decode("utf-8-sig").strip().splitlines()) == 4
    assert "remittances-" in answer["Content-Disposition"]


@pytest.mark.parametrize("days", [1000, -1000])
def test_days_beyond_reason_are_refused(account, days):
    with pytest.raises(Invalid) as refused:
        account_days_late_set(account=account, days=days, actor=None)
    assert refused.value.field == "days"
