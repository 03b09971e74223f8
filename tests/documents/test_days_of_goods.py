"""On every past day goods and their bill are in one place, whatever was entered late."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from core.clock import business_day, today
from core.errors import Invalid
from documents.models import Document, DocumentType
from documents.services.convert import document_continue
from documents.services.posting import invoice_post
from tests.documents.chains import Chain, make_chain

pytestmark = pytest.mark.django_db

NOW = today()


def day(back: int) -> datetime.date:
    return NOW - datetime.timedelta(days=back)


@pytest.fixture
def chain() -> Chain:
    return make_chain()


def delivered(chain: Chain, order: Document, on: datetime.date) -> Document:
    """A note entered today for goods that went out on a day."""
    note = document_continue(
        lines=chain.parts((order,), None),
        type_=DocumentType.objects.get(code="delivery"),
        actor=chain.world.clerk,
        on=on,
    )
    return chain.accept(note)


def past(chain: Chain, *backs: int) -> list[dict[str, Decimal]]:
    found = [chain.amounts(as_of=day(back)) for back in backs]
    return [
        {name.replace("overdue", "open"): value for name, value in part.items()} for part in found
    ]


def test_goods_entered_late_count_from_the_day_they_went_and_their_bill_takes_over(
    chain: Chain,
) -> None:
    with business_day(day(20)):
        order = chain.order(10, 10)
    note = delivered(chain, order, day(5))
    invoice = chain.accept(chain.invoice(note))
    chain.post(invoice, on=day(4))

    ordered, sent, billed = (
        {"order_open": 100},
        {"delivered_uninvoiced": 100},
        {"invoice_open": 100},
    )
    assert past(chain, 19, 6, 5, 4, 1) == [ordered, ordered, sent, billed, billed]


def test_the_books_show_no_bill_of_goods_that_were_still_in_the_house(chain: Chain) -> None:
    with business_day(day(20)):
        order = chain.order(10, 10)
    note = delivered(chain, order, day(2))
    invoice = chain.accept(chain.invoice(note))

    with pytest.raises(Invalid, match="The goods are of") as error:
        invoice_post(document=invoice, actor=chain.world.manager, on=day(3))

    assert error.value.field == "posted_on"
    invoice.refresh_from_db()
    assert (invoice.status, invoice.entry) == ("submitted", None)
    chain.post(invoice, on=day(2))
    assert past(chain, 3, 2) == [{"order_open": 100}, {"invoice_open": 100}]


def test_what_is_billed_straight_from_its_order_is_free_in_its_day(chain: Chain) -> None:
    order = chain.order(10, 10)

    chain.post(chain.accept(chain.invoice(order)), on=day(3))

    assert past(chain, 4, 3, 1) == [{}, {"invoice_open": 100}, {"invoice_open": 100}]


def test_a_note_of_a_day_to_come_counts_when_it_is_accepted(chain: Chain) -> None:
    with business_day(day(3)):
        delivered(chain, chain.order(10, 10), NOW + datetime.timedelta(days=4))

    assert past(chain, 4, 3, 0) == [
        {},
        {"delivered_uninvoiced": 100},
        {"delivered_uninvoiced": 100},
    ]


def test_nothing_is_posted_that_is_dated_on_a_day_to_come(chain: Chain) -> None:
    ahead = NOW + datetime.timedelta(days=30)
    bill = chain.accept(chain.write("invoice", 1, 100, document_on=ahead))

    with pytest.raises(Invalid, match="still to come"):
        chain.post(bill)

    bill.refresh_from_db()
    assert (bill.status, bill.entry) == ("submitted", None)
