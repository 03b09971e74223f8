"""What a change of status does to orders, and what it leaves alone."""

from __future__ import annotations

from typing import Any

import pytest

from credit_limits.models import CreditCheck
from customers.services import CustomerInput, customer_status_set, customer_update
from documents.models import Document
from documents.services.submit import document_submit
from tests.reports.books import account_in
from tests.world import TODAY, World, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world()


def set_status(world: World, status: str) -> None:
    customer_status_set(
        customer=world.account.customer,
        status=status,
        reason="test",
        actor=world.manager,
        on=TODAY,
    )


def submit(world: World, gross: int = 10, **values: Any) -> Document:
    order = world.order(gross, **values)
    return document_submit(document=order, actor=world.clerk, as_of=TODAY).document


def test_blocked_refuses_and_released_lets_pass_again(world: World) -> None:
    assert submit(world).status == "submitted"
    set_status(world, "blocked")
    stopped = submit(world)
    assert stopped.status == "held"
    assert CreditCheck.objects.get(subject_id=stopped.pk).blocking == ["STATUS_BLOCKED"]
    set_status(world, "released")
    assert submit(world).status == "submitted"


@pytest.mark.parametrize(
    ("status", "outcome"),
    [("debtor", "hold"), ("under_review", "hold"), ("protested", "refuse"), ("blocked", "refuse")],
)
def test_each_status_has_the_effect_of_the_policy(world: World, status: str, outcome: str) -> None:
    set_status(world, status)
    stopped = submit(world)
    assert CreditCheck.objects.get(subject_id=stopped.pk).outcome == outcome


def test_other_customers_and_accepted_orders_are_left_alone(world: World) -> None:
    accepted = submit(world)
    other = account_in(world, "Other")
    world.limit(1000, account=other)
    set_status(world, "blocked")
    accepted.refresh_from_db()
    assert accepted.status == "submitted"
    assert submit(world, account=other).status == "submitted"


def test_changing_master_data_has_no_effect_on_credit(world: World) -> None:
    customer = world.account.customer
    customer_update(
        customer=customer,
        fields=CustomerInput(code=customer.code, name="New name", country="IT"),
        actor=world.manager,
    )
    assert submit(world).status == "submitted"
