"""Granting a limit: the state is chosen, and a fault stands beside its field."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from core.models import AuditEvent, User
from credit_limits.models import CreditLimit
from credit_limits.selectors import credit_position
from tests.factories.core import CompanyFactory, UserFactory
from tests.factories.customers import CustomerAccountFactory
from tests.world import TODAY, World

pytestmark = pytest.mark.django_db


def form(**changes: str) -> dict[str, str]:
    return {
        "state": "amount",
        "amount": "2.500,00",
        "currency": "EUR",
        "kind": "permanent",
        "valid_from": TODAY.isoformat(),
        "last_day": "",
        "reason": "Good payer",
    } | changes


def url(world: World) -> str:
    return f"/credit/accounts/{world.account.pk}/limit/"


def limit_on(world: World, day: datetime.date) -> Decimal:
    return credit_position(account=world.account, as_of=day).limit.amount


def test_a_new_limit_holds_from_its_first_day(world: World, manager: Client) -> None:
    response = manager.post(url(world), form())

    assert response.status_code == 302
    assert limit_on(world, TODAY) == 2500
    assert limit_on(world, TODAY - datetime.timedelta(days=1)) == 1000
    event = AuditEvent.objects.latest("pk")
    assert (event.action, event.actor) == ("credit_limits.limit.granted", world.manager)


def test_the_last_day_is_included(world: World, manager: Client) -> None:
    last = TODAY + datetime.timedelta(days=10)

    manager.post(url(world), form(kind="temporary", last_day=last.isoformat()))

    assert limit_on(world, last) == 3500
    assert limit_on(world, last + datetime.timedelta(days=1)) == 1000


@pytest.mark.parametrize("state", ["zero", "unlimited", "none"])
def test_states_without_an_amount(world: World, manager: Client, state: str) -> None:
    manager.post(url(world), form(state=state, amount=""))

    position = credit_position(account=world.account, as_of=TODAY)
    assert position.limit.state.value == state


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": ""}, "amount"),
        ({"amount": "0"}, "amount"),
        ({"amount": "-5"}, "amount"),
        ({"amount": "1.234"}, "amount"),
        ({"amount": "plenty"}, "amount"),
        ({"state": "zero"}, "amount"),
        ({"state": "much"}, "state"),
        ({"currency": "ZZZ"}, "currency"),
        ({"kind": "eternal"}, "kind"),
        ({"valid_from": "31.02.2026"}, "valid_from"),
        ({"valid_from": ""}, "valid_from"),
        ({"last_day": "2026-03-01"}, "last_day"),
        ({"kind": "temporary"}, "last_day"),
        ({"reason": " "}, "reason"),
    ],
)
def test_a_fault_stands_beside_its_field_and_nothing_changes(
    world: World, manager: Client, changes: dict[str, str], field: str
) -> None:
    before = CreditLimit.objects.count()

    response = manager.post(url(world), form(**changes))

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert CreditLimit.objects.count() == before
    assert limit_on(world, TODAY) == 1000
    page = response.content.decode()
    assert "Good payer" in page or "reason" in changes


def test_the_page_shows_where_the_account_stands_and_what_was_granted(
    world: World, manager: Client
) -> None:
    world.item(300)

    page = manager.get(url(world)).content.decode()

    assert "300.00" in page
    assert "700.00" in page
    assert "1,000.00" in page
    assert "Permanent" in page


@pytest.mark.parametrize("role", ["sales", "approver", "treasury", "auditor"])
def test_only_those_with_the_right(
    world: World, login: Callable[[User], Client], role: str
) -> None:
    client = login(UserFactory(role=role, companies=[world.company]))

    assert client.get(url(world)).status_code == 403
    assert client.post(url(world), form()).status_code == 403
    assert limit_on(world, TODAY) == 1000


def test_an_account_of_another_company_is_not_found(world: World, manager: Client) -> None:
    foreign: Any = CustomerAccountFactory(company=CompanyFactory(code="FR01"))

    assert manager.get(f"/credit/accounts/{foreign.pk}/limit/").status_code == 404
    assert manager.post(f"/credit/accounts/{foreign.pk}/limit/", form()).status_code == 404
    assert not CreditLimit.objects.filter(account=foreign).exists()
