"""Cancel, close, reopen and copy, of every kind."""

from __future__ import annotations

import pytest

from approvals.services import step_approve
from core.errors import Conflict
from documents.services.quotes import quote_accept
from documents.services.steps import document_cancel, document_close, document_copy, document_reopen
from documents.services.submit import document_submit
from tests.documents.services.cycle import Cycle, actions, fresh, item
from tests.world import TODAY

pytestmark = pytest.mark.django_db

KINDS = [
    "quote", "order", "delivery", "return", "invoice", "credit_note", "advance", "pro_forma",
    "counter", "charge", "receipt", "move",
]  # fmt: skip


def cancel(cycle: Cycle, document: object) -> None:
    document_cancel(document=document, actor=cycle.world.clerk, as_of=TODAY)  # type: ignore[arg-type]


def test_what_something_continues_is_not_cancelled(cycle: Cycle) -> None:
    order = cycle.order(item(100, 10))
    delivery = cycle.deliver(order, 4)
    invoice = cycle.invoice(delivery)

    with pytest.raises(Conflict, match=rf"{delivery.number} continues this document"):
        cancel(cycle, order)
    with pytest.raises(Conflict, match="continues this document"):
        cancel(cycle, delivery)
    assert (fresh(order).status, fresh(delivery).status) == ("submitted", "submitted")

    cancel(cycle, invoice)
    assert cycle.figures() == {"O": 600, "N": 400}
    cancel(cycle, delivery)
    assert cycle.figures() == {"O": 1000}
    cancel(cycle, order)
    assert cycle.figures() == {}


def test_a_cancelled_delivery_reopens_and_takes_again(cycle: Cycle) -> None:
    order = cycle.order(item(100, 10))
    delivery = cycle.deliver(order, 4)
    number = delivery.number
    cancel(cycle, delivery)

    result = document_reopen(document=delivery, actor=cycle.world.clerk, as_of=TODAY)

    assert result.passed
    assert (fresh(delivery).status, fresh(delivery).number) == ("submitted", number)
    assert cycle.figures() == {"O": 600, "N": 400}


def test_a_delivery_whose_goods_went_otherwise_does_not_reopen(cycle: Cycle) -> None:
    order = cycle.order(item(100, 10))
    delivery = cycle.deliver(order, 4)
    cancel(cycle, delivery)
    cycle.deliver(order)

    with pytest.raises(Conflict, match="4 is too much, 0 of 10"):
        document_reopen(document=delivery, actor=cycle.world.clerk, as_of=TODAY)
    assert fresh(delivery).status == "cancelled"
    assert cycle.figures() == {"N": 1000}


def test_a_cancelled_draft_is_a_draft_again_and_was_never_asked_about(cycle: Cycle) -> None:
    draft = cycle.draft("order", item(100, 200))
    cancel(cycle, draft)

    result = document_reopen(document=draft, actor=cycle.world.clerk, as_of=TODAY)

    assert result.check is None
    assert fresh(draft).status == "draft"
    assert cycle.figures() == {}
    held = document_submit(document=draft, actor=cycle.world.clerk, as_of=TODAY)
    assert held.document.status == "held"


def test_a_cancelled_draft_invoice_counts_again_as_a_draft(cycle: Cycle) -> None:
    invoice = cycle.invoice(cycle.deliver(cycle.order(item(100, 10))))
    cancel(cycle, invoice)
    assert cycle.figures() == {"N": 1000}
    document_reopen(document=invoice, actor=cycle.world.clerk, as_of=TODAY)
    assert cycle.figures() == {"F": 1000}


def test_a_held_document_cancelled_comes_back_as_a_draft(cycle: Cycle) -> None:
    held = cycle.made("order", item(100, 200))
    cancel(cycle, held)
    document_reopen(document=held, actor=cycle.world.clerk, as_of=TODAY)
    assert fresh(held).status == "draft"


def test_a_cancelled_order_asks_to_stand_again(cycle: Cycle) -> None:
    order = cycle.order(item(100, 90))
    cancel(cycle, order)
    cycle.order(item(100, 20))

    result = document_reopen(document=order, actor=cycle.world.clerk, as_of=TODAY)

    assert not result.passed
    assert fresh(order).status == "cancelled"
    assert cycle.figures() == {"O": 2000}
    assert result.request is not None
    step_approve(
        request=result.request, actor=cycle.world.manager, comment="a good customer", as_of=TODAY
    )
    assert fresh(order).status == "released"
    assert cycle.figures() == {"O": 11_000}


def test_a_closed_order_reopens_with_what_was_not_delivered(cycle: Cycle) -> None:
    order = cycle.order(item(100, 10))
    cycle.deliver(order, 4)
    document_close(document=order, actor=cycle.world.clerk, as_of=TODAY, reason="sold out")
    assert cycle.figures() == {"N": 400}

    result = document_reopen(document=order, actor=cycle.world.clerk, as_of=TODAY)

    assert result.passed
    assert cycle.figures() == {"O": 600, "N": 400}
    cycle.deliver(order)
    assert cycle.figures() == {"N": 1000}


def test_only_the_rest_of_a_closed_order_asks_for_credit(cycle: Cycle) -> None:
    order = cycle.order(item(100, 90))
    cycle.deliver(order, 80)
    document_close(document=order, actor=cycle.world.clerk, as_of=TODAY)
    cycle.world.item(1500)

    result = document_reopen(document=order, actor=cycle.world.clerk, as_of=TODAY)

    assert result.decision is not None
    assert result.decision.projected == 10_500
    assert result.decision.overrun == 500
    assert fresh(order).status == "closed"


@pytest.mark.parametrize("code", ["quote", "receipt", "move"])
def test_what_asks_nobody_reopens_unasked(cycle: Cycle, code: str) -> None:
    document = cycle.made(code, item(100, 200))
    cancel(cycle, document)
    result = document_reopen(document=document, actor=cycle.world.clerk, as_of=TODAY)
    assert result.check is None
    assert fresh(document).status == "submitted"
    assert actions(document)[-1] == "reopened"
    assert cycle.figures() == {}


@pytest.mark.parametrize("code", KINDS)
def test_every_kind_is_copied_as_a_free_draft(cycle: Cycle, code: str) -> None:
    document = cycle.draft(code, item("12.50", 3, tax=22), reference="PO 1")

    copy = document_copy(document=document, actor=cycle.world.writer(document.type), on=TODAY)

    assert copy.pk != document.pk
    assert (copy.status, copy.type.code, copy.reference) == ("draft", code, "PO 1")
    assert (copy.gross_amount, copy.document_on) == (document.gross_amount, TODAY)
    assert not copy.lines.filter(source_line__isnull=False).exists()


def test_a_copy_of_an_accepted_quote_offers_it_anew(cycle: Cycle) -> None:
    quote = cycle.made("quote", item(100), valid_until=TODAY)
    quote_accept(quote=quote, actor=cycle.world.clerk, as_of=TODAY)

    copy = document_copy(document=quote, actor=cycle.world.clerk, on=TODAY)

    assert (copy.status, copy.valid_until) == ("draft", None)
    assert copy.number not in {"", quote.number}


def test_a_copied_invoice_deducts_no_advance_again(cycle: Cycle) -> None:
    from decimal import Decimal

    from documents.services.convert import advance_create

    order = cycle.order(item(100, 10))
    cycle.post(advance_create(order=order, percent=Decimal(30), actor=cycle.world.clerk, on=TODAY))
    invoice = cycle.posted(cycle.invoice(order))
    assert invoice.gross_amount == 700

    copy = document_copy(document=invoice, actor=cycle.world.clerk, on=TODAY)

    assert copy.gross_amount == 1000
    assert copy.lines.count() == 1


def test_a_posted_document_and_a_closed_delivery_stay(cycle: Cycle) -> None:
    delivery = cycle.deliver(cycle.order(item(100, 2)))
    with pytest.raises(Conflict):
        document_close(document=delivery, actor=cycle.world.clerk, as_of=TODAY)
    invoice = cycle.posted(cycle.draft("invoice", item(100)))
    for step in (document_cancel, document_close, document_reopen):
        with pytest.raises(Conflict):
            step(document=invoice, actor=cycle.world.clerk, as_of=TODAY)
    assert cycle.figures() == {"N": 200, "B": 100}
