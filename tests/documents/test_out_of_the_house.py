"""Goods that have left the house count, wherever their value sits and however far the order."""

from __future__ import annotations

import datetime
from dataclasses import replace
from decimal import Decimal

import pytest

from core.clock import today
from tests.documents.chains import NEITHER, NO_DELIVERIES, Chain, make_chain
from tests.documents.histories.oracle import Terms

pytestmark = pytest.mark.django_db

FAR = datetime.timedelta(days=30)


@pytest.fixture
def chain() -> Chain:
    return make_chain()


def figures(chain: Chain, terms: Terms) -> tuple[dict[str, Decimal], Decimal]:
    """What counts under the terms, and what is later."""
    out = set() if terms.deliveries_count else {"delivered_uninvoiced"}
    counted = {name: value for name, value in chain.amounts(terms).items() if name not in out}
    return counted, chain.read(terms).later


@pytest.mark.parametrize("terms", [NO_DELIVERIES, NEITHER], ids=["deliveries", "drafts too"])
@pytest.mark.parametrize(
    "far", [{"horizon_days": 5}, {"printed_orders_only": True}], ids=["horizon", "print"]
)
def test_what_was_delivered_of_a_far_order_counts_where_it_stays(
    chain: Chain, terms: Terms, far: dict[str, object]
) -> None:
    terms = replace(terms, **far)  # type: ignore[arg-type]
    order = chain.order(10, 10, delivery_on=today() + FAR)
    assert figures(chain, terms) == ({}, 100)

    note = chain.deliver(order, quantity=5)
    assert figures(chain, terms) == ({"order_open": 50}, 50)

    back = chain.give_back(note, quantity=2)
    assert figures(chain, terms) == ({"order_open": 30}, 70)
    assert back.status == "submitted"

    chain.post(chain.accept(chain.invoice(note, quantity=3)))
    assert figures(chain, terms) == ({"invoice_open": 30}, 70)


def test_where_deliveries_count_the_rest_of_the_order_is_later(chain: Chain) -> None:
    terms = Terms(horizon_days=5)
    order = chain.order(10, 10, delivery_on=today() + FAR)

    chain.deliver(order, quantity=4)

    assert figures(chain, terms) == ({"delivered_uninvoiced": 40}, 60)


def test_a_near_order_counts_whole(chain: Chain) -> None:
    terms = replace(NO_DELIVERIES, horizon_days=5)
    order = chain.order(10, 10, delivery_on=today())

    chain.deliver(order, quantity=4)

    assert figures(chain, terms) == ({"order_open": 100}, 0)
