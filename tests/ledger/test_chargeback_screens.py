"""The pages of chargebacks and returned payments: forms, lists, downloads."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal

import pytest
from django.urls import reverse

from core.clock import today
from ledger.models import Chargeback, JournalEntry, OpenItem, ReturnedPayment
from ledger.services import chargeback_undo, item_charge_back, payment_return
from tests.factories.core import UserFactory
from tests.factories.ledger import OpenItemFactory, PaymentFactory

pytestmark = pytest.mark.django_db

D = datetime.date


def url(name, *args):
    return reverse(f"ledger:{name}", args=args)


@pytest.fixture
def item():
    return OpenItemFactory(document_on=D(2026, 1, 1), amount="100", number="A")


@pytest.fixture
def clerk(client, item):
    user = UserFactory(role="treasury", companies=[item.account.company])
    client.force_login(user)
    return user


def test_a_part_is_charged_back_from_the_page_of_the_item(client, clerk, item):
    page = client.get(url("item_detail", item.pk))
    assert url("item_charge_back", item.pk) in page.text
    answer = client.post(
        url("item_charge_back", item.pk),
        {"amount": "30", "reason": "price", "on": today().isoformat(), "owner": clerk.pk},
        follow=True,
    )
    made = Chargeback.objects.get()
    assert (made.amount, made.owner, made.created_by) == (30, clerk, clerk)
    assert url("item_detail", made.item_id) in answer.text
    assert url("chargeback_undo", made.pk) in answer.text
    # The new item is not charged back again, and names where it came from.
    page = client.get(url("item_detail", made.item_id))
    assert url("item_charge_back", made.item_id) not in page.text
    assert url("item_detail", item.pk) in page.text
    assert client.get(url("item_charge_back", made.item_id)).status_code == 404


def test_too_much_is_said_at_the_amount_and_keeps_what_was_typed(client, clerk, item):
    answer = client.post(
        url("item_charge_back", item.pk),
        {"amount": "100.01", "reason": "price", "on": today().isoformat(), "text": "typed"},
    )
    assert answer.status_code == 422
    assert "amount" in answer.context["form"].errors
    assert "typed" in answer.text
    assert not Chargeback.objects.exists()


def test_a_short_payment_charges_the_rest_back(client, clerk, item):
    data = {
        "received_on": today().isoformat(),
        "amount": "80",
        f"item_{item.pk}": "80",
        f"chargeback_{item.pk}": "20",
        "token": str(uuid.uuid4()),
    }
    address = url("payment_create") + f"?account={item.account_id}"
    refused = client.post(address, data)
    assert refused.status_code == 422
    assert "chargeback_reason" in refused.context["form"].errors
    assert not Chargeback.objects.exists()
    refused = client.post(
        address, data | {f"chargeback_{item.pk}": "20.01", "chargeback_reason": "damage"}
    )
    assert refused.status_code == 422
    assert f"item_{item.pk}" in refused.context["form"].errors
    assert JournalEntry.objects.count() == 1
    done = client.post(address, data | {"chargeback_reason": "damage"})
    assert done.status_code == 302
    item.refresh_from_db()
    assert (item.open_amount, Chargeback.objects.get().amount) == (0, 20)


def test_a_chargeback_is_undone_with_a_reason(client, clerk, item):
    made = item_charge_back(item=item, amount=Decimal(30), reason="price", actor=None)
    address = url("chargeback_undo", made.pk)
    assert client.post(address, {"on": today().isoformat(), "reason": ""}).status_code == 422
    client.post(address, {"on": today().isoformat(), "reason": "agreed"})
    item.refresh_from_db()
    assert item.open_amount == 100
    assert " already." in client.get(address, follow=True).content.decode()


def test_the_list_shows_filters_and_downloads_chargebacks(client, clerk, item):
    first = item_charge_back(
        item=item, amount=Decimal(30), reason="price", owner=clerk, actor=None
    ).item.number
    gone = item_charge_back(item=item, amount=Decimal(20), reason="damage", actor=None)
    chargeback_undo(chargeback=gone, reason="agreed", actor=None)
    page = client.get(url("chargeback_list"))
    assert first in page.text
    assert gone.item.number not in page.text
    for query, shown in (
        ("state=undone", gone.item.number),
        ("reason=price", first),
        (f"owner={clerk.pk}", first),
        (f"customer={item.account.customer_id}", first),
    ):
        assert shown in client.get(url("chargeback_list") + f"?{query}").text
    assert first not in client.get(url("chargeback_list") + "?reason=damage").text
    file = b"".join(client.get(url("chargeback_list") + "?state=all&export=csv").streaming_content)
    assert first in file.decode("utf-8-sig")
    assert gone.item.number in file.decode("utf-8-sig")


def test_another_company_sees_nothing_of_it(client, item):
    client.force_login(UserFactory(role="treasury", companies=[]))
    made = item_charge_back(item=item, amount=Decimal(30), reason="price", actor=None)
    assert made.item.number not in client.get(url("chargeback_list") + "?state=all").text
    assert client.get(url("chargeback_undo", made.pk)).status_code == 404
    assert client.get(url("item_charge_back", item.pk)).status_code == 404


def test_a_payment_is_returned_with_a_fee_and_listed(client, clerk, item):
    payment = PaymentFactory(pays=item, number="P")
    page = client.get(url("item_detail", payment.pk))
    address = url("payment_return", payment.entry_id)
    assert address in page.text
    refused = client.post(
        address, {"reason": "funds", "on": today().isoformat(), "fee": "5", "fee_bearer": ""}
    )
    assert "fee_bearer" in refused.context["form"].errors
    assert not ReturnedPayment.objects.exists()
    client.post(
        address,
        {"reason": "funds", "on": today().isoformat(), "fee": "5", "fee_bearer": "customer"},
    )
    item.refresh_from_db()
    assert item.open_amount == 100
    assert OpenItem.objects.get(entry__kind="fee").open_amount == 5
    page = client.get(url("return_list"))
    assert ">P</a>" in page.text
    assert "Insufficient funds" in page.text
    assert ">P</a>" not in client.get(url("return_list") + "?reason=closed").text
    file = b"".join(client.get(url("return_list") + "?export=csv").streaming_content)
    assert "Insufficient funds" in file.decode("utf-8-sig")
    assert " already." in client.get(address, follow=True).content.decode()


def test_sales_looks_and_does_nothing(client, item):
    client.force_login(UserFactory(role="sales", companies=[item.account.company]))
    payment = PaymentFactory(account=item.account)
    payment_return(payment=payment.entry, reason="other", actor=None)
    assert client.get(url("return_list")).status_code == 200
    assert client.post(url("item_charge_back", item.pk)).status_code == 403
    assert client.post(url("payment_return", payment.entry_id)).status_code == 403
