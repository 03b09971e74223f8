"""Exchange rates: dated, corrected by entering them again, and told as they were known."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from core.errors import Invalid
from core.models import AuditEvent, ExchangeRate
from core.rates import rate_on, rates_on
from tests.factories.core import CurrencyFactory, ExchangeRateFactory, UserFactory

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db

DAY = datetime.date(2026, 3, 10)
NOON = datetime.datetime(2026, 3, 10, 12, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)
PAIR = ("USD", "EUR")


def enter(rate: str, at: datetime.datetime = NOON, day: datetime.date = DAY) -> ExchangeRate:
    return ExchangeRate.objects.create(
        from_currency=CurrencyFactory(code="USD"),
        to_currency=CurrencyFactory(code="EUR"),
        valid_on=day,
        rate=Decimal(rate),
        entered_at=at,
    )


def known(at: datetime.datetime | None = None, on: datetime.date = DAY) -> Decimal | None:
    return rates_on({PAIR}, on, known_at=at)[PAIR]


def test_the_rate_entered_last_for_a_day_counts() -> None:
    enter("0.90")
    enter("0.80", NOON + HOUR)

    assert known() == Decimal("0.80")
    assert known(NOON) == Decimal("0.90")
    assert known(NOON - HOUR) is None


def test_a_rate_entered_for_a_day_gone_by_was_not_known_before() -> None:
    enter("0.90", day=DAY - datetime.timedelta(days=5))
    enter("0.50", NOON + HOUR, day=DAY - datetime.timedelta(days=1))

    assert known() == Decimal("0.50")
    assert known(NOON) == Decimal("0.90")


def test_across_a_third_currency_only_what_was_known_is_used() -> None:
    enter("0.90")
    ExchangeRateFactory(
        from_currency=CurrencyFactory(code="GBP"), valid_on=DAY, rate=2, entered_at=NOON + HOUR
    )

    assert rates_on({("GBP", "USD")}, DAY)["GBP", "USD"] == Decimal(2) * (1 / Decimal("0.90"))
    assert rates_on({("GBP", "USD")}, DAY, known_at=NOON)["GBP", "USD"] is None


@pytest.fixture
def administrator(client: Client) -> Client:
    client.force_login(UserFactory(role="admin", is_staff=True))
    return client


def test_a_rate_is_corrected_by_entering_it_again(administrator: Client) -> None:
    wrong = enter("9.0", day=DAY)
    before = wrong.entered_at
    data = {"from_currency": "USD", "to_currency": "EUR", "valid_on": "2026-03-10", "rate": "0.9"}

    answer = administrator.post(reverse("admin:core_exchangerate_add"), data)

    assert answer.status_code == 302
    assert known() == Decimal("0.9")
    assert known(before) == Decimal(9)
    page = administrator.get(reverse("admin:core_exchangerate_change", args=[wrong.pk]), data)
    assert page.status_code == 200
    refused = administrator.post(
        reverse("admin:core_exchangerate_change", args=[wrong.pk]), {**data, "rate": "7"}
    )
    assert refused.status_code == 403
    gone = administrator.post(reverse("admin:core_exchangerate_delete", args=[wrong.pk]))
    assert gone.status_code == 403
    assert ExchangeRate.objects.count() == 2


def test_a_withdrawn_rate_leaves_the_one_before_it(administrator: Client) -> None:
    enter("0.90", day=DAY - datetime.timedelta(days=1))
    wrong = enter("9.0")

    answer = administrator.post(
        reverse("admin:core_exchangerate_changelist"),
        {"action": "withdraw", "_selected_action": [wrong.pk]},
        follow=True,
    )

    assert "1 rate withdrawn." in answer.content.decode()
    assert known() == Decimal("0.90")
    assert known(NOON) == Decimal(9)
    event = AuditEvent.objects.get()
    assert (event.action, event.data["model"]) == ("core.setting.removed", "core.exchangerate")
    # Once more finds nothing that counts, and records nothing.
    administrator.post(
        reverse("admin:core_exchangerate_changelist"),
        {"action": "withdraw", "_selected_action": [wrong.pk]},
    )
    assert AuditEvent.objects.count() == 1
    with pytest.raises(Invalid, match="no exchange rate from USD to EUR"):
        rate_on("USD", "EUR", DAY - datetime.timedelta(days=2))


def test_who_may_not_set_rates_withdraws_none(client: Client) -> None:
    client.force_login(UserFactory(role="treasury", is_staff=True))
    rate = enter("0.90")

    answer = client.post(
        reverse("admin:core_exchangerate_changelist"),
        {"action": "withdraw", "_selected_action": [rate.pk]},
    )

    assert answer.status_code == 403
    assert known() == Decimal("0.90")
