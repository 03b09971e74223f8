"""Goods that were invoiced are given back once, whether from the invoice or from their return."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from core.clock import business_day
from core.errors import Conflict
from documents.amounts import LineInput
from documents.models import Document, DocumentLine, DocumentType
from documents.remaining import remaining
from documents.services.change import order_change
from documents.services.convert import price_credit_create
from documents.services.save import order_update
from documents.services.steps import document_cancel
from tests.documents.chains import Chain, make_chain
from tests.documents.histories.oracle import Terms
from tests.world import TODAY

if TYPE_CHECKING:
    from collections.abc import Iterator


pytestmark = pytest.mark.django_db


@pytest.fixture
def chain() -> Iterator[Chain]:
    with business_day(TODAY):
        yield make_chain()


def billed(chain: Chain, quantity: int = 10) -> tuple[Document, Document]:
    """A delivery note and its posted invoice: so many units at 10.00."""
    sent = chain.deliver(chain.order(quantity))
    return sent, chain.post(chain.invoice(sent))


def left(document: Document) -> Decimal:
    """What a credit note may still take of the only line."""
    line = DocumentLine.objects.select_related("document__type").get(document=document)
    return remaining([line], DocumentType.objects.get(code="credit_note"))[line.pk]


def worth(chain: Chain) -> dict[str, Decimal]:
    """What counts, invoices and credits added up: the ledger's side of it."""
    found = chain.amounts()
    found["items"] = found.pop("invoice_open", Decimal(0)) + found.pop("credits", Decimal(0))
    return {name: value for name, value in found.items() if value}


def test_a_credited_return_leaves_less_to_credit_on_the_invoice(chain: Chain) -> None:
    sent, bill = billed(chain)
    back = chain.give_back(sent, quantity=4)
    chain.post(chain.credit(back))

    assert left(bill) == 6
    with pytest.raises(Conflict, match="6 of 10 are left"):
        chain.credit(bill, quantity=7)
    chain.post(chain.credit(bill, quantity=6))
    assert left(bill) == left(back) == 0
    assert worth(chain) == {"order_open": 40}


def test_a_credited_invoice_leaves_nothing_to_credit_on_the_return(chain: Chain) -> None:
    sent, bill = billed(chain)
    back = chain.give_back(sent, quantity=4, reopens=False)
    assert worth(chain) == {"delivered_uninvoiced": -40, "items": 100}

    chain.post(chain.credit(bill))
    assert worth(chain) == {}
    assert left(back) == 0
    with pytest.raises(Conflict, match="0 of 4 are left"):
        chain.credit(back)


def test_the_credit_may_come_before_the_goods(chain: Chain) -> None:
    sent, bill = billed(chain)
    chain.post(chain.credit(bill, quantity=3))
    assert worth(chain) == {"items": 70}

    back = chain.give_back(sent, quantity=5, reopens=False)
    # Three of the five have their credit note already.
    assert worth(chain) == {"delivered_uninvoiced": -20, "items": 70}
    assert left(back) == 2
    chain.post(chain.credit(back, quantity=2))
    assert worth(chain) == {"items": 50}
    assert left(bill) == 5


@pytest.mark.parametrize("deliveries_count", [True, False])
def test_the_order_is_open_again_with_either_credit(
    chain: Chain, *, deliveries_count: bool
) -> None:
    terms = Terms(deliveries_count=deliveries_count)
    sent, bill = billed(chain)
    chain.post(chain.credit(bill, quantity=4))
    chain.give_back(sent, quantity=4, reopens=True)
    assert chain.total(terms) == 60 + 40  # still billed, and wanted again


def test_goods_that_were_never_invoiced_need_no_credit_note(chain: Chain) -> None:
    sent = chain.deliver(chain.order(10))
    chain.post(chain.invoice(sent, quantity=5))
    back = chain.give_back(sent, quantity=6, reopens=False)

    assert worth(chain) == {"delivered_uninvoiced": -10, "items": 50}
    assert left(back) == 1  # five of the six were to be invoiced still
    chain.post(chain.credit(back, quantity=1))
    assert worth(chain) == {"items": 40}


def test_two_invoices_of_one_delivery_share_what_its_return_gave_back(chain: Chain) -> None:
    sent = chain.deliver(chain.order(10))
    first, second = (chain.post(chain.invoice(sent, quantity=5)) for _each in range(2))
    chain.post(chain.credit(chain.give_back(sent, quantity=5, reopens=False)))

    assert left(first) == left(second) == 5
    with pytest.raises(Conflict, match="5 of 5 are left"):
        chain.credit(first, second, quantity=5)
    chain.post(chain.credit(first, quantity=5))
    assert left(second) == 0
    assert worth(chain) == {}


def test_what_the_price_was_lowered_by_is_not_given_back_with_the_goods(chain: Chain) -> None:
    sent, bill = billed(chain)
    line = bill.lines.select_related("document__type").get()
    chain.post(
        price_credit_create(amounts=[(line, Decimal(20))], actor=chain.world.clerk, on=TODAY)
    )
    back = chain.give_back(sent, reopens=False)
    assert worth(chain) == {"delivered_uninvoiced": -80, "items": 80}

    note = chain.credit(back)
    assert note.net_amount == 80
    chain.post(note)
    assert worth(chain) == {}


@pytest.mark.parametrize(("lowered", "came"), [(20, 5), (80, 3), (100, 4), (33, 7), (20, 10)])
def test_goods_that_came_back_free_what_their_credit_note_will_give(
    chain: Chain, lowered: int, came: int
) -> None:
    """Nothing changes when the credit note of the return is made, and nothing when it is posted."""
    sent, bill = billed(chain)
    line = bill.lines.select_related("document__type").get()
    chain.post(
        price_credit_create(amounts=[(line, Decimal(lowered))], actor=chain.world.clerk, on=TODAY)
    )
    back = chain.give_back(sent, quantity=came, reopens=False)
    freed = Decimal(came * (100 - lowered)) / 10
    counted = chain.total()
    assert counted == 100 - lowered - freed
    if freed:
        note = chain.credit(back)
        assert (note.net_amount, chain.total()) == (freed, counted)
        chain.post(note)
        assert chain.total() == counted


def test_goods_sent_after_their_invoice_are_credited_once(chain: Chain) -> None:
    bill = chain.post(chain.invoice(chain.order(10)))
    sent = chain.deliver(bill)
    back = chain.give_back(sent, quantity=4, reopens=False)
    chain.post(chain.credit(back))
    assert left(bill) == 6
    with pytest.raises(Conflict, match="0 of 10 are left"):
        chain.invoice(sent)


def test_a_cancelled_credit_note_gives_its_room_back(chain: Chain) -> None:
    sent, bill = billed(chain)
    back = chain.give_back(sent, quantity=4, reopens=False)
    note = chain.credit(bill, quantity=8)
    assert (left(bill), left(back)) == (2, 0)
    document_cancel(document=note, actor=chain.world.clerk, as_of=TODAY)
    assert (left(bill), left(back)) == (10, 4)


@pytest.mark.parametrize("accepted", [False, True])
def test_a_bill_is_not_taken_away_from_under_the_credit_of_its_goods(
    chain: Chain, accepted: bool
) -> None:
    """Neither cancelled nor lowered, as a draft and submitted, while the return is credited."""
    sent = chain.deliver(chain.order(10))
    bill = chain.invoice(sent, quantity=6)
    if accepted:
        bill = chain.accept(bill)
    note = chain.credit(chain.give_back(sent), quantity=4)
    before = worth(chain)

    with pytest.raises(Conflict, match="came back and was credited"):
        document_cancel(document=bill, actor=chain.world.clerk)
    for lowered in ("quantity", "price"):
        with pytest.raises(Conflict, match="came back and was credited"):
            rewrite(chain, bill, **{lowered: Decimal(3)})
    bill.refresh_from_db()
    assert bill.status == ("submitted" if accepted else "draft")
    assert (bill.net_amount, worth(chain)) == (60, before)

    rewrite(chain, bill, quantity=Decimal(4))
    document_cancel(document=note, actor=chain.world.clerk)
    bill.refresh_from_db()
    assert document_cancel(document=bill, actor=chain.world.clerk).status == "cancelled"


def rewrite(chain: Chain, bill: Document, **changed: Decimal) -> None:
    """The bill with another quantity or price, as a draft or as a change of what stands."""
    bill.refresh_from_db()
    row = bill.lines.get()
    wish = LineInput(
        "Goods",
        changed.get("quantity", row.quantity),
        changed.get("price", row.unit_price),
        line_id=row.pk,
    )
    write = order_update if bill.status == "draft" else order_change
    write(
        document=bill,
        header=chain.world.header(type=bill.type),
        lines=[wish],
        version=bill.version,
        actor=chain.world.clerk,
        as_of=TODAY,
    )


def test_a_draft_written_beside_another_is_refused_when_it_is_posted(chain: Chain) -> None:
    sent, bill = billed(chain)
    back = chain.give_back(sent, reopens=False)
    notes = [chain.credit(back, quantity=4)]
    notes.append(chain.credit(bill, quantity=6))
    DocumentLine.objects.filter(document=notes[1]).update(
        quantity=10, net_amount=100, gross_amount=100
    )
    for note in notes:
        with pytest.raises(Conflict, match="too much"):
            chain.post(note)
    document_cancel(document=notes[1], actor=chain.world.clerk, as_of=TODAY)
    chain.post(notes[0])


def test_lists_agree_with_what_is_left(chain: Chain) -> None:
    """What is to be invoiced and to be credited, as a list and line by line."""
    sent, bill = billed(chain)
    back = chain.give_back(sent, quantity=5, reopens=False)
    assert waiting() == {back}
    chain.post(chain.credit(bill, quantity=3))
    assert waiting() == {back}
    chain.post(chain.credit(back, quantity=2))
    assert waiting() == set()
    chain.post(chain.credit(bill, quantity=4, reopens=True))
    assert waiting() == {sent}
    chain.invoice(sent, quantity=4)
    assert waiting() == set()


def waiting() -> set[Document]:
    """Deliveries to be invoiced and returns to be credited."""
    return {*Document.objects.to_invoice(), *Document.objects.to_credit()}


def test_an_order_and_its_delivery_asked_about_together_are_counted_once(chain: Chain) -> None:
    """An invoice of an order offers both: what came back counted twice, and 14 of 10 were left."""
    order = chain.order(10)
    sent = chain.deliver(order, quantity=6)
    chain.give_back(sent, quantity=4)
    lines = list(
        DocumentLine.objects.filter(document__in=(order, sent)).select_related("document__type")
    )
    left_of = remaining(lines, DocumentType.objects.get(code="invoice"))
    assert {line.document: left_of[line.pk] for line in lines} == {order: 8, sent: 2}


def test_the_table_of_what_came_back(chain: Chain) -> None:
    """Two rows of docs/exposure.md: the invoice credited for two of three, and a lowered price."""
    sent, bill = billed(chain)
    chain.give_back(sent, quantity=3, reopens=False)
    chain.post(chain.credit(bill, quantity=2))
    assert chain.amounts()["delivered_uninvoiced"] == -10

    sent, bill = billed(chain)
    line = bill.lines.select_related("document__type").get()
    chain.post(
        price_credit_create(amounts=[(line, Decimal(80))], actor=chain.world.clerk, on=TODAY)
    )
    chain.give_back(sent, quantity=3, reopens=False)
    assert chain.amounts()["delivered_uninvoiced"] == -10 - 6
