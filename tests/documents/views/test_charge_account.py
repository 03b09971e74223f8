"""The movements of a charge account with their balance, and who sees what."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from approvals.services import step_approve
from core.permissions import ROLES
from credit_limits.selectors import credit_position
from documents.charge_account import charge_totals
from documents.services.charges import ChargeInput
from documents.services.settlements import charge_credit, charge_settle, settlement_reverse
from ledger.models import OpenItem
from ledger.services.payments import credit_apply
from tests.documents.views.charge_story import (
    DAY,
    account_path,
    agreement,
    charge,
    is_tied_to_the_ledger,
    movements,
    shown,
)
from tests.factories.core import CompanyFactory, UserFactory
from tests.factories.customers import CustomerAccountFactory
from tests.world import TODAY, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from core.models import User


def test_every_movement_with_its_balance(world: World, treasurer: User) -> None:
    first = charge(world, 100, on=TODAY - 3 * DAY)
    second = charge(world, 50, on=TODAY - 2 * DAY)
    charge(world, 5000)
    credit = charge_settle(
        charges=[(first, None), (second, Decimal(20))], received_on=TODAY - DAY, actor=treasurer
    )
    settlement_reverse(payment=credit.entry, reason="bounced", actor=treasurer)
    wanted = ChargeInput(amount=Decimal(160), text="Back", account=world.account)
    charge_credit(charge=wanted, actor=treasurer)

    assert shown(world) == [
        ("credit", "partly", -160, -10),
        ("settlement", "reversal", 120, 150),
        ("settlement", "reversed", -120, 30),
        ("charge", "analysis", 5000, None),
        ("charge", "settled", 50, 150),
        ("charge", "settled", 100, 100),
    ]
    is_tied_to_the_ledger(world)


def test_a_credit_used_elsewhere_is_a_movement_too(world: World, treasurer: User) -> None:
    charge(world, 30)
    invoice = world.item(70)
    wanted = ChargeInput(amount=Decimal(50), text="Back", account=world.account)
    note = charge_credit(charge=wanted, actor=treasurer)
    item = OpenItem.objects.get(entry__document=note)
    credit_apply(credit_item=item, allocations=[(invoice, Decimal(15))], actor=treasurer)

    assert shown(world)[0] == ("elsewhere", "applied", 15, -5)
    assert charge_totals(world.account, "EUR").balance == -5
    is_tied_to_the_ledger(world)


def test_approved_and_refused_movements_show_what_became_of_them(
    world: World, treasurer: User
) -> None:
    document = charge(world, 5000)
    request = document.hold_cases.get().request
    assert request is not None
    step_approve(request=request, actor=world.manager, comment="known")

    assert shown(world) == [("charge", "open", 5000, 5000)]
    assert credit_position(account=world.account, as_of=TODAY).total == 5000
    is_tied_to_the_ledger(world)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"state": "analysis"}, ["Lamp"]),
        ({"state": "open"}, ["Hose"]),
        ({"state": "settled"}, ["PAY", "Pump"]),
        ({"words": "hos"}, ["Hose"]),
        ({"words": "100%"}, []),
        ({"begin": TODAY - DAY}, ["PAY", "Lamp", "Hose"]),
        ({"end": TODAY - 2 * DAY}, ["Pump"]),
    ],
)
def test_filters(world: World, treasurer: User, wanted: dict[str, Any], found: list[str]) -> None:
    pump = charge(world, 100, on=TODAY - 2 * DAY)
    charge(world, 50, text="Hose", on=TODAY)
    charge(world, 5000, text="Lamp")
    charge_settle(charges=[(pump, None)], received_on=TODAY, actor=treasurer)

    rows = movements(world, **wanted)

    assert [row.document.reference if row.document else "PAY" for row in rows] == found


def test_the_page_says_it_all_and_narrows(clerk: Client, world: World) -> None:
    charge(world, 100)
    charge(world, 5000, text="Lamp")

    page = clerk.get(account_path(world)).content.decode()
    narrow = clerk.get(account_path(world, "?state=analysis"), headers={"HX-Request": "true"})

    assert "In analysis, not counted" in page
    assert page.count("charge-apart") == 1
    assert "Pump" not in narrow.content.decode()
    assert "Lamp" in narrow.content.decode()
    assert clerk.get(account_path(world, "?state=nonsense&begin=soon&page=x")).status_code == 200
    assert clerk.get(account_path(world, "?currency=XXX")).status_code == 404


def test_a_long_account_is_read_a_page_at_a_time(
    clerk: Client, world: World, django_assert_max_num_queries: Any
) -> None:
    for number in range(60):
        charge(world, 1, text=f"No. {number}")

    with django_assert_max_num_queries(20):
        page = clerk.get(account_path(world, "?page=2")).content.decode()

    assert page.count("<tr data-href") == 10


def test_the_list_of_accounts(clerk: Client, world: World) -> None:
    charge(world, 100, on=TODAY)
    charge(world, 5000)
    other = CustomerAccountFactory(company=world.company)

    every = clerk.get("/orders/charges/").content.decode()
    none = clerk.get("/orders/charges/?only=overdue").content.decode()

    assert account_path(world) in every
    assert "5,000.00" in every
    assert f"/accounts/{other.pk}/" not in every
    assert account_path(world) in clerk.get("/orders/charges/?only=analysis").content.decode()
    assert "No charge account fits" in none


@pytest.mark.parametrize("role", sorted(ROLES))
def test_buttons_are_there_for_who_may_press_them(
    world: World, login: Callable[[User], Client], role: str, treasurer: User
) -> None:
    paid, _open = charge(world, 100), charge(world, 10)
    charge_settle(charges=[(paid, None)], received_on=TODAY, actor=treasurer)
    response = login(UserFactory(username="somebody", role=role)).get(account_path(world))

    held = ROLES[role]
    assert response.status_code == (200 if "documents.view_charge" in held else 403)
    page = response.content.decode()
    assert ("New movement" in page) is ("documents.add_charge" in held)
    assert ("/settle/" in page) is ("documents.settle_charge" in held)
    assert ("/reverse/" in page) is ("documents.reverse_charge_settlement" in held)
    assert ("agreements/new/" in page) is ("documents.change_purchaseagreement" in held)


def test_strangers_find_nothing(world: World, login: Callable[[User], Client]) -> None:
    found = agreement(world)
    document = charge(world, 10)
    stranger = UserFactory(
        username="stranger", role="credit_manager", companies=[CompanyFactory(code="OTHER")]
    )
    client = login(stranger)

    for path in (
        account_path(world),
        account_path(world, "settle/"),
        f"/orders/charges/new/?account={world.account.pk}",
        f"/orders/charges/new/?agreement={found.pk}",
        f"/orders/charges/agreements/{found.pk}/",
        f"/orders/charges/agreements/{found.pk}/edit/",
        f"/orders/charges/agreements/new/?account={world.account.pk}",
        f"/orders/charges/settlements/{document.entry_id}/reverse/",
    ):
        assert client.get(path).status_code == 404, path
    assert world.account.customer.name not in client.get("/orders/charges/").content.decode()
    assert found.name not in client.get("/orders/charges/agreements/").content.decode()
