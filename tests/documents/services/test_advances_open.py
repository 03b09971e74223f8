"""An advance stands for what is still to be invoiced, and for nothing else."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from core.clock import business_day
from core.errors import Conflict
from documents.amounts import LineInput
from documents.models import Document
from documents.services.advances import advance_create, advance_left
from documents.services.convert import price_credit_create
from documents.services.steps import document_cancel
from tests.documents.chains import Chain, make_chain
from tests.world import TODAY

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain() -> Iterator[Chain]:
    with business_day(TODAY):
        yield make_chain()


def draft(chain: Chain, order: Document, percent: int) -> Document:
    """An advance that is not posted."""
    return advance_create(order=order, percent=Decimal(percent), actor=chain.world.clerk, on=TODAY)


def test_nothing_is_left_of_an_order_that_was_invoiced(chain: Chain) -> None:
    order = chain.order(10)
    chain.post(chain.invoice(order))
    assert advance_left(order) == 0
    with pytest.raises(Conflict, match=r"advances can still take 0\.00"):
        draft(chain, order, 30)
    assert chain.amounts() == {"invoice_open": 100}


def test_what_was_delivered_and_invoiced_needs_no_advance(chain: Chain) -> None:
    order = chain.order(10)
    sent = chain.deliver(order, quantity=6)
    assert advance_left(order) == 100
    chain.post(chain.invoice(sent))
    assert advance_left(order) == 40
    with pytest.raises(Conflict):
        draft(chain, order, 50)
    chain.advance(order, 40)
    assert advance_left(order) == 0
    assert chain.amounts() == {"invoice_open": 100}


def test_a_deducted_advance_is_used_up(chain: Chain) -> None:
    order = chain.order(10)
    chain.advance(order, 30)
    assert advance_left(order) == 70
    bill = chain.post(chain.invoice(order, quantity=4))
    assert bill.net_amount == 10  # 40 less the advance
    assert advance_left(order) == 60
    chain.advance(order, 60)
    assert chain.total() == 100


def test_an_advance_that_was_deducted_is_not_given_back_as_well(chain: Chain) -> None:
    order = chain.order(10)
    advance = chain.advance(order, 30)
    bill = chain.post(chain.invoice(order, quantity=2))
    assert bill.net_amount == 0  # 20 of the advance are used up
    with pytest.raises(Conflict, match=r"15\.00 is too much, 10\.00 of 30\.00"):
        price_credit_create(
            amounts=[(advance.lines.get(), Decimal(15))], actor=chain.world.clerk, on=TODAY
        )
    note = chain.post(chain.credit(advance))
    assert note.net_amount == 10
    assert chain.total() == 100

    with pytest.raises(Conflict, match=r"30\.00 is too much, 0\.00 of 30\.00"):
        chain.credit(advance)
    assert chain.total() == 100


def test_a_deduction_given_back_can_be_credited_of_the_advance(chain: Chain) -> None:
    order = chain.order(10)
    advance = chain.advance(order, 30)
    bill = chain.post(chain.invoice(order, quantity=4))
    with pytest.raises(Conflict):
        chain.credit(advance)
    chain.post(chain.credit(bill, reopens=True))
    assert chain.post(chain.credit(advance)).net_amount == 30
    assert advance_left(order) == 100
    assert chain.amounts() == {"order_open": 100}


def test_a_cancelled_invoice_leaves_room_again(chain: Chain) -> None:
    order = chain.order(10)
    bill = chain.invoice(order)
    assert advance_left(order) == 0
    document_cancel(document=bill, actor=chain.world.clerk, as_of=TODAY)
    assert advance_left(order) == 100


def test_a_part_of_the_order_is_spread_over_what_is_open(chain: Chain) -> None:
    order = chain.order(
        lines=[
            LineInput("First", Decimal(10), Decimal(10)),
            LineInput("Second", Decimal(10), Decimal(10)),
        ]
    )
    first = order.lines.select_related(
        "document__type", "document__account__company", "document__currency"
    ).get(position=1)
    from documents.services.convert import invoice_create

    chain.post(invoice_create(lines=[(first, Decimal(10))], actor=chain.world.clerk, on=TODAY))
    advance = draft(chain, order, 30)
    assert [line.net_amount for line in advance.lines.all()] == [60]
    chain.post(advance)
    assert chain.total() == 200


def test_an_advance_overtaken_by_the_invoice_cannot_be_posted(chain: Chain) -> None:
    order = chain.order(10)
    advance = draft(chain, order, 30)
    bill = chain.invoice(order)
    chain.post(bill)
    with pytest.raises(Conflict, match="too much"):
        chain.post(advance)
    document_cancel(document=advance, actor=chain.world.clerk, as_of=TODAY)
    assert chain.amounts() == {"invoice_open": 100}
