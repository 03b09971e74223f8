"""Cents: every paper rounds its own lines, and nobody is held, or counted twice, because of it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from documents.amounts import LineInput
from documents.models import Document
from documents.services.save import order_update
from tests.documents.chains import EVERY_CHOICE, Chain, make_chain
from tests.documents.histories.oracle import Terms
from tests.world import World

pytestmark = pytest.mark.django_db

TAX = Decimal(22)
# Quantity, unit price: the whole comes to other cents than its units one by one.
UGLY = [(2, "5.07"), (3, "3.333"), (7, "0.999"), (6, "1.005"), (4, "0.37"), (5, "8.8889")]


@pytest.fixture
def chain() -> Chain:
    return make_chain(limit=1000)


def full(world: World, order: Document) -> None:
    """A limit that the order fills to the last cent."""
    world.limit(order.gross_amount)


def one_by_one(chain: Chain, order: Document, units: int) -> list[Document]:
    """Each unit on a delivery note of its own; none is held."""
    return [chain.deliver(order, quantity=1) for _unit in range(units)]


@pytest.mark.parametrize(("units", "price"), UGLY)
def test_moving_units_one_by_one_is_never_held_though_the_limit_is_full(
    chain: Chain, units: int, price: str
) -> None:
    order = chain.order(units, price, tax=TAX)
    full(chain.world, order)

    sent = one_by_one(chain, order, units)
    bills = [chain.invoice(note) for note in sent]
    for bill in bills:
        chain.post(chain.accept(bill))


def test_a_price_that_is_really_higher_is_held_though_only_by_cents(chain: Chain) -> None:
    """The room for rounding is for lines at the price of the line that they continue."""
    order = chain.order(2, "5.07", tax=TAX)
    full(chain.world, order)
    note = chain.deliver(order)
    bill = chain.invoice(note)
    row = bill.lines.get()
    order_update(
        document=bill,
        header=chain.world.header(type=bill.type),
        lines=[LineInput("Goods", row.quantity, Decimal("5.08"), tax_percent=TAX, line_id=row.pk)],
        version=bill.version,
        actor=chain.world.clerk,
    )

    assert chain.submit(bill).document.status == "held"


def test_what_continues_nothing_has_no_room_at_all(chain: Chain) -> None:
    full(chain.world, chain.order(2, "5.07", tax=TAX))

    assert chain.submit(chain.write("order", 1, "0.01")).document.status == "held"


@pytest.mark.parametrize("terms", EVERY_CHOICE, ids=str)
@pytest.mark.parametrize(("units", "price"), [(2, "5.07"), (6, "1.005"), (10, "0.05")])
def test_half_of_it_delivered_comes_to_the_same_under_every_policy(
    chain: Chain, terms: Terms, units: int, price: str
) -> None:
    order = chain.order(units, price, tax=TAX)
    assert chain.total(terms) == order.gross_amount

    chain.deliver(order, quantity=units // 2)

    assert chain.total(terms) == order.gross_amount


def test_what_a_paper_rounds_otherwise_is_a_cent_and_no_more(chain: Chain) -> None:
    """Two of four at 0.37 come to 0.90 on their own paper, and to 0.905 of the order's 1.81."""
    order = chain.order(4, "0.37", tax=TAX)

    chain.deliver(order, quantity=2)

    assert chain.amounts() == {
        "order_open": Decimal("0.90"),
        "delivered_uninvoiced": Decimal("0.90"),
    }
    assert order.gross_amount == Decimal("1.81")


def test_many_lines_half_delivered_leave_the_total_alone(chain: Chain) -> None:
    one = LineInput("Goods", Decimal(2), Decimal("5.07"), tax_percent=TAX)
    order = chain.order(lines=[one] * 40)
    full(chain.world, order)
    assert order.gross_amount == Decimal("494.80")

    chain.deliver(order, quantity=1)

    assert chain.totals() == [Decimal("494.80")] * len(EVERY_CHOICE)
