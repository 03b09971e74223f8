"""What random histories or the making of the oracle found, as plain examples."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from django.db import transaction

from core.clock import business_day, today
from core.errors import Conflict
from credit_limits.models import CreditCheck
from documents.amounts import LineInput
from documents.models import Document, DocumentType
from documents.services.change import order_change
from documents.services.convert import document_continue
from documents.services.history import live_refresh, state_write
from documents.services.steps import document_cancel
from tests.documents.chains import EVERY_CHOICE, NO_DELIVERIES, Chain, make_chain
from tests.documents.histories.oracle import Terms
from tests.factories.core import CurrencyFactory, ExchangeRateFactory
from tests.world import TODAY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.models import Currency
    from documents.results import SubmitResult

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with business_day(TODAY):
        yield


def test_invoicing_more_than_was_delivered_takes_nothing_more_from_the_order() -> None:
    """Else the order gives up units that are still to be delivered, and counts them again then."""
    chain = make_chain(over_percent=20)
    order = chain.order(10)
    first = chain.deliver(order, quantity=5)

    chain.post(chain.invoice(first, quantity=6))

    assert chain.totals() == [110] * 6
    assert chain.amounts() == {"order_open": 50, "invoice_open": 60}
    second = chain.deliver(order, quantity=5)
    assert chain.totals() == [110] * 6
    chain.post(chain.invoice(second))
    assert chain.totals() == [110] * 6


def test_a_deduction_given_back_with_its_invoice_lets_the_advance_stand_again() -> None:
    chain = make_chain()
    order = chain.order(10)
    chain.advance(order, 30)
    assert chain.amounts() == {"order_open": 70, "invoice_open": 30}
    bill = chain.post(chain.invoice(chain.deliver(order)))
    assert chain.amounts() == {"invoice_open": 100}

    chain.post(chain.credit(bill, reopens=True))

    assert chain.amounts() == {"delivered_uninvoiced": 70, "invoice_open": 30}
    assert chain.totals() == [100] * 6


def test_a_deduction_credited_for_good_stays_used() -> None:
    chain = make_chain()
    order = chain.order(10)
    chain.advance(order, 30)
    bill = chain.post(chain.invoice(chain.deliver(order)))

    chain.post(chain.credit(bill, reopens=False))

    assert chain.amounts() == {"invoice_open": 30}


def test_nothing_comes_back_or_is_credited_beyond_what_went_out() -> None:
    """With the tolerance of deliveries, an order had more left than was ordered."""
    chain = make_chain(over_percent=50)
    sent = chain.deliver(chain.order(10), quantity=12)
    with pytest.raises(Conflict) as caught:
        chain.give_back(sent, quantity=13, reopens=True)
    assert caught.value.code == "documents.too_much"
    back = chain.accept(chain.write("return", 10))

    with pytest.raises(Conflict) as caught:
        chain.credit(back, quantity=11)

    assert caught.value.code == "documents.too_much"
    chain.post(chain.credit(back, quantity=10))
    assert chain.amounts() == {"delivered_uninvoiced": 120, "credits": -100}


def test_goods_credited_before_they_were_invoiced_stay_to_be_invoiced() -> None:
    """Left out, deliveries leave that value to the order.

    No command gives up the invoice under its credit note any more; books that say so are read.
    """
    chain = make_chain()
    sent = chain.deliver(chain.order(10), quantity=5)
    bill = chain.invoice(sent)
    back = chain.give_back(sent, quantity=5, reopens=True)
    chain.post(chain.credit(back, quantity=2))
    with pytest.raises(Conflict) as caught:
        document_cancel(document=bill, actor=chain.world.clerk, as_of=TODAY)
    assert caught.value.code == "documents.credited_already"

    with transaction.atomic():
        bill.refresh_from_db()
        bill.status, bill.ended_on = Document.Status.CANCELLED, TODAY
        bill.save()
        state_write(bill, on=TODAY)
        live_refresh(bill)

    assert chain.amounts() == {"order_open": 100, "delivered_uninvoiced": 20, "credits": -20}
    shown = {"order_open": 120, "delivered_uninvoiced": 20, "credits": -20}
    assert chain.amounts(NO_DELIVERIES) == shown
    assert chain.totals() == [100] * 6


def test_between_the_books_day_and_the_posting_an_invoice_counts_once() -> None:
    """Read afterwards: the ledger says the day of the books, and so does the document."""
    chain = make_chain()
    bill = chain.write("invoice", document_on=TODAY - 5 * DAY)
    chain.post(bill, on=TODAY - 3 * DAY)

    for terms in EVERY_CHOICE:
        assert chain.amounts(terms, as_of=TODAY - 2 * DAY) == {"invoice_overdue": 100}
        assert chain.amounts(terms, as_of=TODAY - 3 * DAY) == {"invoice_overdue": 100}
        assert chain.amounts(terms, as_of=TODAY - 4 * DAY) == {}


def test_delivering_what_an_advance_stands_for_adds_nothing() -> None:
    """The delivery was asked about with its whole value, though the advance covers a part."""
    chain = make_chain(limit=110)
    order = chain.order(10)
    chain.advance(order, 30)
    assert chain.total() == 100

    sent = chain.deliver(order)

    assert chain.amounts() == {"delivered_uninvoiced": 70, "invoice_open": 30}
    assert CreditCheck.objects.get(subject_id=sent.pk).projected == 100


def test_of_a_sale_held_at_the_counter_only_the_unpaid_part_waits() -> None:
    chain = make_chain(limit=50)
    sale = chain.write("counter", 10, tax=Decimal(10), paid_amount=Decimal(30))

    assert chain.submit(sale).document.status == "held"

    assert chain.read().waiting == 80
    assert chain.read(Terms(with_tax=False)).waiting == Decimal("72.73")
    assert chain.amounts() == {}
    with business_day(TODAY + DAY):
        assert chain.read(as_of=TODAY).waiting == 80


def test_a_return_is_asked_about_as_it_stands() -> None:
    """Its value was taken off its delivery, and off the whole a second time."""
    chain = make_chain(limit=1000)
    sent = chain.deliver(chain.order(10))

    back = chain.give_back(sent, quantity=4, reopens=True)

    assert chain.amounts() == {"order_open": 40, "delivered_uninvoiced": 60}
    assert CreditCheck.objects.get(subject_id=back.pk).projected == 100
    kept = chain.give_back(sent, quantity=3, reopens=False)
    assert chain.amounts() == {"order_open": 40, "delivered_uninvoiced": 30}
    assert CreditCheck.objects.get(subject_id=kept.pk).projected == 70
    free = chain.accept(chain.write("return", 2))
    assert CreditCheck.objects.get(subject_id=free.pk).projected == chain.total() == 50


def test_delivering_what_was_invoiced_before_adds_nothing() -> None:
    """The delivery was asked about with its value, though it counts in the invoice alone."""
    chain = make_chain(limit=110)
    bill = chain.post(chain.write("invoice", 10))
    assert chain.total() == 100

    sent = chain.deliver(bill)

    assert sent.status == "submitted"
    assert chain.amounts() == {"invoice_open": 100}
    assert CreditCheck.objects.get(subject_id=sent.pk).projected == 100


def change_to(chain: Chain, order: Document, quantity: int, currency: Currency) -> SubmitResult:
    """Wish for so many units of an accepted order."""
    return order_change(
        document=order,
        header=chain.world.header(currency=currency),
        lines=[
            LineInput("Goods", Decimal(quantity), Decimal(10), line_id=order.lines.get().pk),
        ],
        version=Document.objects.get(pk=order.pk).version,
        actor=chain.world.clerk,
        as_of=today(),
    )


@pytest.mark.parametrize("what", ["post", "deliver", "change"])
@pytest.mark.parametrize("rate", ["1.20", "0.50"])
def test_a_kept_rate_is_asked_about_and_not_that_of_the_day(what: str, rate: str) -> None:
    """An accepted invoice was held when it was posted, or let through, for a rate it never had."""
    dollars = CurrencyFactory(code="USD")
    with business_day(TODAY):
        chain = make_chain(limit=110)
        ExchangeRateFactory(rate=Decimal("0.90"), valid_on=TODAY)
        ExchangeRateFactory(rate=Decimal(rate), valid_on=TODAY + DAY)
        order = chain.order(10, currency=dollars)
        if what == "post":
            later = chain.accept(chain.invoice(order))
        elif what == "deliver":
            later = document_continue(
                lines=chain.parts((order,), None),
                type_=DocumentType.objects.get(code="delivery"),
                actor=chain.world.clerk,
                on=TODAY,
            )
    with business_day(TODAY + DAY):
        if what == "post":
            chain.post(later)
        elif what == "deliver":
            chain.accept(later)
        else:
            result = change_to(chain, order, 12, currency=dollars)
            assert result.document.status == "submitted"
        stands = 108 if what == "change" else 90
        assert chain.total() == stands
        assert CreditCheck.objects.latest("pk").projected == stands


def test_a_change_is_held_at_the_rate_the_order_keeps() -> None:
    """At the lower rate of the day 13 units looked like 65."""
    dollars = CurrencyFactory(code="USD")
    with business_day(TODAY):
        chain = make_chain(limit=110)
        ExchangeRateFactory(rate=Decimal("0.90"), valid_on=TODAY)
        ExchangeRateFactory(rate=Decimal("0.50"), valid_on=TODAY + DAY)
        order = chain.order(10, currency=dollars)
    with business_day(TODAY + DAY):
        result = change_to(chain, order, 13, currency=dollars)

        assert result.case is not None
        assert result.decision is not None
        assert result.decision.projected == 117
        assert chain.total() == 90


@pytest.mark.parametrize("limit", [150, None])
def test_more_of_an_order_that_was_invoiced_whole_is_asked_about(limit: int | None) -> None:
    """What went on whole was read no more: the wish for more of it was asked about as nothing."""
    with business_day(TODAY):
        chain = make_chain(limit=limit)
        order = chain.order(10)
        chain.post(chain.invoice(order))
        result = change_to(chain, order, 20, currency=order.currency)
        assert CreditCheck.objects.latest("pk").projected == 200
        assert (result.case is None) == (limit is None)
        assert chain.total() == (100 if limit else 200)
