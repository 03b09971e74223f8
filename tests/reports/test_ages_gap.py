"""Where the policy counts more or less than the posted items, the pages say by how much."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from core.clock import today
from credit_limits.selectors import credit_position
from credit_limits.services.policies import policy_publish
from ledger.services import dispute_open, receivable_note
from reports.queries.ageing import ITEMS, ages_by_account, ages_gap
from reports.queries.portfolio import portfolio
from tests.factories.core import CurrencyFactory, ExchangeRateFactory, UserFactory
from tests.world import World, make_world

pytestmark = pytest.mark.django_db

AHEAD = datetime.timedelta(days=20)


@pytest.fixture
def world() -> World:
    """1,000 open, of which 200 are contested; 300 more noted and confirmed by nobody."""
    world = make_world()
    item = world.item(1000, due_on=today() + AHEAD, document_on=today())
    dispute_open(item=item, reason="price", opened_on=today(), amount=Decimal(200), actor=None)
    receivable_note(
        account=world.account,
        amount=Decimal(300),
        document_on=today(),
        due_on=today() + AHEAD,
        reason="by phone",
        actor=None,
    )
    return world


def pages(world: World, client: Client) -> list[str]:
    client.force_login(UserFactory(is_superuser=True))
    file = reverse("reports:credit_file", args=[world.account.customer_id])
    addresses = [file, f"{file}?tab=items", reverse("reports:treasury")]
    return [client.get(address).content.decode() for address in addresses]


@pytest.mark.parametrize(
    ("terms", "counted", "said"),
    [
        ({}, 1000, []),
        ({"provisional_items_count": True}, 1300, ["counts 300.00 EUR besides"]),
        ({"disputed_items_count": False}, 800, ["leaves 200.00 EUR out"]),
        (
            {"disputed_items_count": False, "provisional_items_count": True},
            1100,
            ["counts 300.00 EUR besides", "leaves 200.00 EUR out"],
        ),
    ],
)
def test_the_ages_say_what_the_exposure_counts_otherwise(
    world: World, client: Client, terms: dict[str, bool], counted: int, said: list[str]
) -> None:
    for name, value in terms.items():
        setattr(world.policy, name, value)
    world.policy.save()
    policy_publish(policy=world.policy, actor=None)

    found = pages(world, client)

    assert credit_position(account=world.account, as_of=today()).total == counted
    for page in found:
        told = [text for text in ("EUR besides", "EUR out") if text in page]
        assert len(told) == len(said)
        for text in said:
            assert text in page


def test_foreign_items_and_past_days_are_told_apart_alike(world: World) -> None:
    """Of a dollar item contested in part, and a provisional one noted yesterday, both days."""
    ExchangeRateFactory(valid_on=today() - AHEAD, rate=Decimal("0.5"))
    yesterday = today() - datetime.timedelta(days=1)
    dollars = CurrencyFactory(code="USD")
    item = world.item(
        400, due_on=today() + AHEAD, document_on=yesterday, currency=dollars, rate=Decimal("0.5")
    )
    dispute_open(item=item, reason="price", opened_on=yesterday, amount=Decimal(100), actor=None)
    world.policy.provisional_items_count = True
    world.policy.disputed_items_count = False
    world.policy.save()
    policy_publish(policy=world.policy, actor=None)
    keys = [world.account.pk]

    def gap(day: datetime.date) -> tuple[Decimal, Decimal, Decimal]:
        book = portfolio(account_ids=keys, as_of=day, user=world.manager)
        found = ages_gap(book)
        ages = ages_by_account(book.positions, day)[world.account.pk]
        position = book.positions[world.account.pk]
        counted = sum(position.components[part] for part in ITEMS)
        assert sum(ages.values()) + found.more - found.less == counted
        return sum(ages.values(), Decimal(0)), found.more, found.less

    assert gap(today()) == (1200, 300, 250)
    assert gap(yesterday) == (200, 0, 50)


def test_a_provisional_line_of_a_component_says_so(world: World, client: Client) -> None:
    world.policy.provisional_items_count = True
    world.policy.save()
    policy_publish(policy=world.policy, actor=None)
    client.force_login(UserFactory(is_superuser=True))

    page = client.get(
        reverse("reports:component_detail", args=[world.account.pk, "invoice_open"])
    ).content.decode()

    assert page.count("confirmed by nobody yet") == 1
