"""Goods on their way keep the rate of the order: moving them adds nothing (law L2)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from core.clock import business_day
from documents.services.convert import delivery_create
from tests.documents.chains import Chain, make_chain
from tests.factories.core import CurrencyFactory, ExchangeRateFactory
from tests.world import TODAY

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
RATES = [(TODAY, "0.90"), (TODAY + DAY, "0.50"), (TODAY + 2 * DAY, "0.70")]


@pytest.fixture
def chain() -> Chain:
    """A customer of a company in euro, with rates of the dollar that move every day."""
    CurrencyFactory(code="USD")
    made = make_chain()
    for day, rate in RATES:
        ExchangeRateFactory(rate=Decimal(rate), valid_on=day)
    return made


def test_delivering_at_another_rate_adds_nothing(chain: Chain) -> None:
    with business_day(TODAY):
        order = chain.order(10, currency=CurrencyFactory(code="USD"))
        assert chain.amounts() == {"order_open": 90}
    with business_day(TODAY + DAY):
        sent = chain.deliver(order, quantity=4)
        assert sent.rate == Decimal("0.90")
        assert chain.amounts() == {"order_open": 54, "delivered_uninvoiced": 36}
    with business_day(TODAY + 2 * DAY):
        back = chain.give_back(sent, quantity=4)
        assert back.rate == Decimal("0.90")
        assert chain.amounts() == {"order_open": 90}


def test_an_invoice_has_the_rate_of_its_own_day(chain: Chain) -> None:
    with business_day(TODAY):
        sent = chain.deliver(chain.order(10, currency=CurrencyFactory(code="USD")))
    with business_day(TODAY + DAY):
        bill = chain.post(chain.invoice(sent))
        assert bill.rate == Decimal("0.50")
        assert chain.amounts() == {"invoice_open": 50}


def test_orders_at_several_rates_give_their_delivery_the_weighted_one(chain: Chain) -> None:
    dollars = CurrencyFactory(code="USD")
    with business_day(TODAY):
        first = chain.order(10, currency=dollars)
    with business_day(TODAY + DAY):
        second = chain.order(30, currency=dollars)
        assert chain.total() == 90 + 150
        sent = chain.deliver(first, second)
        assert sent.rate == Decimal("0.6")
        assert chain.amounts() == {"delivered_uninvoiced": 240}


def test_goods_sent_without_an_order_take_the_rate_of_their_day(chain: Chain) -> None:
    with business_day(TODAY + DAY):
        sent = chain.accept(chain.write("delivery", currency=CurrencyFactory(code="USD")))
        assert sent.rate == Decimal("0.50")


def test_an_order_without_a_rate_leaves_its_goods_without_one_too(chain: Chain) -> None:
    with business_day(TODAY - DAY):  # before the first rate
        order = chain.write("order", currency=CurrencyFactory(code="USD"))
        assert order.rate is None
    with business_day(TODAY):
        sent = delivery_create(
            lines=chain.parts((chain.accept(order),), 4), actor=chain.world.clerk, on=TODAY
        )
        assert sent.rate == Decimal("0.90")  # that of the order, taken when it was accepted
