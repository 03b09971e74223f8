"""Exposure from real rows: every value in one component, one statement, any day."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from credit_limits.engine.types import Component
from credit_limits.selectors import credit_position
from documents.amounts import LineInput
from documents.services.save import order_create
from documents.services.steps import document_cancel, document_close
from documents.services.submit import document_submit
from ledger.services import payment_record
from tests.factories.core import CurrencyFactory, ExchangeRateFactory
from tests.world import TODAY, World, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world(limit=100_000)


def amounts(world: World, as_of: datetime.date = TODAY) -> dict[str, Decimal]:
    position = credit_position(account=world.account, as_of=as_of)
    return {c.value: amount for c, amount in position.components.items() if amount}


def test_open_overdue_and_credit_items_sit_apart(world: World) -> None:
    world.item(100, due_on=TODAY)
    world.item(40, due_on=TODAY - datetime.timedelta(days=1))
    world.item(30, due_on=TODAY, direction="credit")

    position = credit_position(account=world.account, as_of=TODAY)

    assert amounts(world) == {"invoice_open": 100, "invoice_overdue": 40, "credits": -30}
    assert position.total == 110
    assert position.worst_days_overdue == 1


def test_a_provisional_payment_frees_nothing(world: World) -> None:
    world.item(100)
    payment_record(
        account=world.account, received_on=TODAY, amount=Decimal(60), provisional=True, actor=None
    )

    assert amounts(world) == {"invoice_open": 100}


def test_drafts_held_cancelled_and_closed_orders_do_not_count(world: World) -> None:
    world.order(10)
    cancelled = document_submit(document=world.order(20), actor=world.clerk, as_of=TODAY).document
    closed = document_submit(document=world.order(40), actor=world.clerk, as_of=TODAY).document
    document_submit(document=world.order(80), actor=world.clerk, as_of=TODAY)
    held = document_submit(document=world.order(200_000), actor=world.clerk, as_of=TODAY).document
    assert amounts(world) == {"order_open": 140}

    document_cancel(document=cancelled, actor=world.clerk, as_of=TODAY)
    document_close(document=closed, actor=world.clerk, as_of=TODAY)

    assert amounts(world) == {"order_open": 80}
    assert held.status == "held"


def test_a_negative_line_counts_as_it_is_checked(world: World) -> None:
    """Tryton counts positive lines only: 100 instead of 70."""
    order = order_create(
        header=world.header(),
        lines=[
            LineInput("Goods", Decimal(10), Decimal(10)),
            LineInput("Rebate", Decimal(-3), Decimal(10)),
        ],
        actor=world.clerk,
    )

    result = document_submit(document=order, actor=world.clerk, as_of=TODAY)

    assert result.decision.projected == 70
    assert amounts(world) == {"order_open": 70}


def test_the_past_is_read_from_facts_not_from_today(world: World) -> None:
    invoice = world.item(100, due_on=TODAY - datetime.timedelta(days=10))
    payment = world.item(
        70,
        due_on=TODAY - datetime.timedelta(days=5),
        direction="credit",
        document_on=TODAY - datetime.timedelta(days=5),
    )
    world.allocate(invoice, payment, 70, on=TODAY)

    assert amounts(world, TODAY) == {"invoice_overdue": 30}
    assert amounts(world, TODAY - datetime.timedelta(days=1)) == {
        "invoice_overdue": 100,
        "credits": -70,
    }
    assert amounts(world, TODAY - datetime.timedelta(days=6)) == {"invoice_overdue": 100}
    assert amounts(world, TODAY - datetime.timedelta(days=90)) == {}


def test_foreign_items_keep_their_own_rate_and_need_one_when_they_have_none(world: World) -> None:
    usd = CurrencyFactory(code="USD")
    world.item(100, currency=usd, rate=Decimal("0.80"))
    world.item(100, currency=usd, rate=None)

    position = credit_position(account=world.account, as_of=TODAY)
    assert position.missing_rates == ("USD-EUR",)
    assert position.components[Component.INVOICE_OPEN] == 80

    ExchangeRateFactory(
        from_currency=usd,
        to_currency=world.company.currency,
        valid_on=datetime.date(2026, 3, 1),
        rate=Decimal("0.90"),
    )
    position = credit_position(account=world.account, as_of=TODAY)
    assert position.missing_rates == ()
    assert position.components[Component.INVOICE_OPEN] == 170


def test_the_whole_exposure_is_one_statement(world: World) -> None:
    world.item(100)
    world.item(30, direction="credit")
    document_submit(document=world.order(20), actor=world.clerk, as_of=TODAY)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        credit_position(account=world.account, as_of=TODAY)

    reading = [q for q in queries.captured_queries if "ledger_openitem" in q["sql"]]
    assert len(reading) == 1
    assert "documents_documentline" in reading[0]["sql"]
