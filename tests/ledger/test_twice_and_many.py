"""Forms sent twice do nothing twice; among many open items every one can be paid."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from core.clock import today
from core.errors import Conflict
from core.models import Currency
from customers.models import CustomerAccount
from ledger.models import Allocation, Chargeback, OpenItem
from ledger.services import (
    credit_apply,
    entry_post,
    item_charge_back,
    item_write_off,
    payment_record,
    receivable_note,
)
from ledger.views import payments
from tests.factories.core import CurrencyFactory, ExchangeRateFactory, UserFactory
from tests.factories.customers import CustomerAccountFactory
from tests.factories.ledger import OpenItemFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def account() -> CustomerAccount:
    return CustomerAccountFactory()


@pytest.fixture
def treasurer(client: Client, account: CustomerAccount) -> Client:
    client.force_login(UserFactory(role="credit_manager", companies=[account.company]))
    return client


def hidden(page: str, name: str) -> str:
    marker = f'name="{name}" value="'
    start = page.index(marker) + len(marker)
    return page[start : page.index('"', start)]


def post_twice(client: Client, url: str, data: dict[str, str]) -> str:
    """The same form twice; the words of the second answer."""
    seen = hidden(client.get(url).content.decode(), "seen")
    first = client.post(url, data | {"seen": seen})
    assert first.status_code == 302, first.content.decode()
    second = client.post(url, data | {"seen": seen})
    assert second.status_code == 422
    return second.content.decode()


def day() -> str:
    return today().isoformat()


def test_giving_up_twice_gives_up_once_and_says_what_is_open_now(
    treasurer: Client, account: CustomerAccount
) -> None:
    item = OpenItemFactory(account=account, amount=100)
    url = reverse("ledger:item_write_off", args=[item.pk])
    data = {"kind": "write_off", "amount": "10", "on": day(), "reason": "small"}

    words = post_twice(treasurer, url, data)

    item.refresh_from_db()
    assert item.open_amount == 90
    assert "there are 90.00 open now, not 100.00" in words
    # Whoever looked again goes on with what is open now.
    again = treasurer.post(url, data | {"seen": hidden(words, "seen")})
    assert again.status_code == 302
    item.refresh_from_db()
    assert item.open_amount == 80


def test_charging_back_twice_charges_back_once(treasurer: Client, account: CustomerAccount) -> None:
    item = OpenItemFactory(account=account, amount=100)
    url = reverse("ledger:item_charge_back", args=[item.pk])

    post_twice(treasurer, url, {"amount": "20", "reason": "price", "on": day()})

    assert Chargeback.objects.count() == 1


def test_applying_twice_applies_once(treasurer: Client, account: CustomerAccount) -> None:
    item = OpenItemFactory(account=account, amount=100)
    credit = payment_record(account=account, received_on=today(), amount=Decimal(50), actor=None)
    url = reverse("ledger:item_apply", args=[credit.pk])

    post_twice(treasurer, url, {f"item_{item.pk}": "10", "on": day()})

    assert Allocation.objects.count() == 1


def test_services_told_what_was_seen_refuse_what_has_changed(account: CustomerAccount) -> None:
    item = OpenItemFactory(account=account, amount=100)
    credit = payment_record(account=account, received_on=today(), amount=Decimal(50), actor=None)
    wrong = Decimal(99)

    with pytest.raises(Conflict, match="open now"):
        item_write_off(item=item, amount=Decimal(1), reason="x", seen=wrong, actor=None)
    with pytest.raises(Conflict, match="open now"):
        item_charge_back(item=item, amount=Decimal(1), reason="price", seen=wrong, actor=None)
    with pytest.raises(Conflict, match="open now"):
        credit_apply(credit_item=credit, allocations=[(item, Decimal(1))], seen=wrong, actor=None)

    assert not Allocation.objects.exists()
    item_write_off(item=item, amount=Decimal(1), reason="x", seen=Decimal(100), actor=None)


def test_what_is_provisional_is_confirmed_first(
    treasurer: Client, account: CustomerAccount
) -> None:
    noted = receivable_note(
        account=account,
        amount=Decimal(70),
        document_on=today(),
        due_on=today(),
        reason="by phone",
        actor=None,
    ).items.get()
    credit = payment_record(
        account=account, received_on=today(), amount=Decimal(5), provisional=True, actor=None
    )
    for name, item in (
        ("item_write_off", noted),
        ("item_charge_back", noted),
        ("item_apply", credit),
    ):
        page = treasurer.get(reverse(f"ledger:{name}", args=[item.pk]), follow=True)
        assert "is provisional. Confirm it first." in page.content.decode(), name


def test_instalments_are_told_apart_on_the_form(
    treasurer: Client, account: CustomerAccount
) -> None:
    entry_post(
        account=account,
        kind="invoice",
        number="F9",
        document_on=today(),
        instalments=[(today(), Decimal(10)), (today(), Decimal(20))],
        actor=None,
    )
    page = treasurer.get(f"{reverse('ledger:payment_create')}?account={account.pk}")
    labels = {str(field.label) for field in page.context["form"].fields.values()}
    assert {"Part of F9", "Part of F9/2", "Cash discount on F9/2"} <= labels


# --- many open items -----------------------------------------------------------------------------


@pytest.fixture
def many(account: CustomerAccount, monkeypatch: pytest.MonkeyPatch) -> list[OpenItem]:
    """Five items where a page offers three."""
    monkeypatch.setattr(payments, "MOST_ITEMS", 3)
    due = today() - datetime.timedelta(days=40)
    return [
        OpenItemFactory(
            account=account,
            amount=100,
            number=f"F{number}",
            document_on=due,
            due_on=due + datetime.timedelta(days=number),
        )
        for number in range(5)
    ]


def boxes(page: str, items: list[OpenItem]) -> list[str]:
    return [item.number for item in items if f'name="item_{item.pk}"' in page]


def test_the_item_a_link_names_is_on_the_form_and_can_be_paid(
    treasurer: Client, account: CustomerAccount, many: list[OpenItem]
) -> None:
    url = f"{reverse('ledger:payment_create')}?account={account.pk}"
    assert boxes(treasurer.get(url).content.decode(), many) == ["F0", "F1", "F2"]

    page = treasurer.get(f"{url}&item={many[4].pk}").content.decode()

    assert boxes(page, many) == ["F0", "F1", "F2", "F4"]
    data = {
        "received_on": day(),
        "amount": "100",
        "token": hidden(page, "token"),
        f"item_{many[4].pk}": "100",
    }
    assert treasurer.post(url, data).status_code == 302
    assert not OpenItem.objects.get(pk=many[4].pk).open_amount


def test_looking_for_an_item_keeps_what_was_typed(
    treasurer: Client, account: CustomerAccount, many: list[OpenItem]
) -> None:
    url = f"{reverse('ledger:payment_create')}?account={account.pk}"
    token = hidden(treasurer.get(url).content.decode(), "token")
    data = {
        "received_on": day(),
        "amount": "170",
        "token": token,
        f"item_{many[1].pk}": "70",
        "find": "f4",
        "look": "1",
    }

    response = treasurer.post(url, data)

    page = response.content.decode()
    assert response.status_code == 200
    assert boxes(page, many) == ["F1", "F4"]
    assert hidden(page, "token") == token
    assert hidden(page, f"item_{many[1].pk}") == "70"
    assert not Allocation.objects.exists()


def test_a_credit_is_applied_to_an_item_far_down(
    treasurer: Client, account: CustomerAccount, many: list[OpenItem]
) -> None:
    credit = payment_record(account=account, received_on=today(), amount=Decimal(50), actor=None)
    url = reverse("ledger:item_apply", args=[credit.pk])
    page = treasurer.post(url, {"find": "F3", "look": "1", "on": day()}).content.decode()
    assert boxes(page, many) == ["F3"]

    data = {f"item_{many[3].pk}": "50", "on": day(), "seen": hidden(page, "seen")}
    assert treasurer.post(url, data).status_code == 302
    assert OpenItem.objects.get(pk=many[3].pk).open_amount == 50


def test_an_item_of_somebody_else_is_not_offered(
    treasurer: Client, account: CustomerAccount, many: list[OpenItem]
) -> None:
    foreign = OpenItemFactory(amount=100, number="X")
    url = f"{reverse('ledger:payment_create')}?account={account.pk}&item={foreign.pk}"

    assert boxes(treasurer.get(url).content.decode(), [foreign]) == []


def test_money_on_account_comes_in_any_currency_in_use(
    treasurer: Client, account: CustomerAccount
) -> None:
    CurrencyFactory(code="USD")
    ExchangeRateFactory(valid_on=today(), rate=Decimal("0.5"))
    url = f"{reverse('ledger:payment_create')}?account={account.pk}"
    assert "<option>USD</option>" in treasurer.get(url).content.decode()
    page = treasurer.get(f"{url}&currency=USD")
    assert page.status_code == 200
    data = {
        "received_on": day(),
        "amount": "80",
        "token": hidden(page.content.decode(), "token"),
    }

    assert treasurer.post(f"{url}&currency=USD", data).status_code == 302

    credit = OpenItem.objects.get(direction="credit")
    assert (credit.currency_id, credit.open_amount, credit.company_amount) == ("USD", 80, 40)
    Currency.objects.filter(pk="USD").update(is_active=False)
    assert treasurer.get(f"{url}&currency=XXX").status_code == 404
