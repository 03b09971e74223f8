"""The tables of docs/exposure.md, worked through the services."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from core.clock import business_day
from documents.models import Document
from documents.services.steps import document_close
from ledger.services.bills import bill_issue, bill_return, bills_present
from ledger.services.bills.issue import NewBill
from tests.documents.chains import (
    EVERY_CHOICE,
    NEITHER,
    NO_DELIVERIES,
    NO_DRAFTS,
    Chain,
    make_chain,
)
from tests.documents.histories.oracle import Terms
from tests.world import TODAY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.models import Bill

pytestmark = pytest.mark.django_db
CHOICES = (Terms(), NO_DELIVERIES, NO_DRAFTS, NEITHER)


@pytest.fixture
def chain() -> Iterator[Chain]:
    with business_day(TODAY):
        yield make_chain(over_percent=20)


def counted(chain: Chain) -> list[str]:
    """Order, delivered, draft and open under the four choices, what is left out not told."""
    words = {
        "order_open": "order",
        "delivered_uninvoiced": "delivered",
        "invoice_draft": "draft",
        "invoice_open": "open",
    }
    rows = []
    for terms in CHOICES:
        out = set()
        if not terms.deliveries_count:
            out.add("delivered_uninvoiced")
        if not terms.drafts_count:
            out.add("invoice_draft")
        found = chain.amounts(terms)
        rows.append(
            ", ".join(
                f"{word} {found[name]:.0f}"
                for name, word in words.items()
                if name in found and name not in out
            )
        )
    return rows


def test_an_order_on_its_way(chain: Chain) -> None:
    order = chain.order(10)
    assert counted(chain) == ["order 100"] * 4

    sent = chain.deliver(order, quantity=6)
    some = "order 40, delivered 60"
    assert counted(chain) == [some, "order 100", some, "order 100"]

    bill = chain.invoice(sent)
    draft = "order 40, draft 60"
    assert counted(chain) == [draft, draft, some, "order 100"]
    assert chain.totals() == [100] * len(EVERY_CHOICE)

    chain.post(bill)
    assert counted(chain) == ["order 40, open 60"] * 4

    document_close(document=order, actor=chain.world.clerk, as_of=TODAY)
    assert counted(chain) == ["open 60"] * 4


def test_a_delivery_on_its_way(chain: Chain) -> None:
    def delivered() -> Decimal:
        return chain.amounts().get("delivered_uninvoiced", Decimal(0))

    sent = chain.accept(chain.write("delivery", 10))
    assert delivered() == 100
    bill = chain.post(chain.invoice(sent, quantity=4))
    assert delivered() == 60
    chain.post(chain.credit(bill, quantity=1, reopens=True))
    assert delivered() == 70

    other = chain.accept(chain.write("delivery", 10))
    chain.post(chain.invoice(other))
    back = chain.give_back(other, quantity=3)
    assert delivered() == 70 - 30
    chain.post(chain.credit(back, quantity=2))
    assert delivered() == 70 - 10

    chain.post(chain.invoice(chain.accept(chain.write("delivery", 10)), quantity=12))
    assert delivered() == 70 - 10


def test_an_advance_on_its_way(chain: Chain) -> None:
    order = chain.order(10)
    chain.advance(order, 30)
    assert chain.amounts() == {"order_open": 70, "invoice_open": 30}

    first = chain.deliver(order, quantity=4)
    assert chain.amounts() == {"order_open": 60, "delivered_uninvoiced": 10, "invoice_open": 30}

    second = chain.deliver(order, quantity=6)
    assert chain.amounts() == {"delivered_uninvoiced": 70, "invoice_open": 30}

    bill = chain.post(chain.invoice(first, second))
    assert chain.amounts() == {"invoice_open": 100}

    chain.post(chain.credit(bill, reopens=True))
    assert chain.amounts() == {"delivered_uninvoiced": 70, "invoice_open": 30}


def drawn(chain: Chain, amount: int) -> Bill:
    """A bill in hand on an item of its own."""
    item = chain.world.item(amount)
    new = NewBill(parts=[(item, Decimal(amount))])
    return bill_issue(account=item.account, kind="riba", bill=new, drawn_on=TODAY, actor=None)


def test_a_whole_customer(chain: Chain) -> None:
    """The worked example of the Fluentis components: 34,200; a posted return of 900 is told only.

    Its return is posted: the 900 are among the 12,000 of the items.
    """
    chain.order(800)
    chain.accept(chain.write("delivery", 400))
    chain.accept(chain.write("return", 50))
    chain.write("invoice", 600)
    chain.write("credit_note", 100)
    chain.world.item(11_100)
    chain.world.item(2_000, direction="credit")
    drawn(chain, 3_000)
    for kind, amount in (("discount", 1_000), ("subject", 2_500), ("after", 700)):
        bills_present(bills=[drawn(chain, amount)], kind=kind, bank="B", on=TODAY, actor=None)
    for amount, is_posted in ((500, False), (900, True)):
        bill = drawn(chain, amount)
        bills_present(bills=[bill], kind="subject", bank="B", on=TODAY, actor=None)
        bill_return(bill=bill, on=TODAY, post=is_posted, actor=None)

    assert chain.amounts() == {
        "order_open": 8_000,
        "delivered_uninvoiced": 3_500,
        "invoice_draft": 5_000,
        "invoice_open": 12_000,
        "credits": -2_000,
        "bill_issued": 3_000,
        "bill_presented": 4_200,
        "bill_returned": 500,
    }
    assert chain.total() == 34_200
    assert Document.objects.count() == 5
