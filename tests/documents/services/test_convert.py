"""From one document to the next: quantities handed over, merged, given back; what is refused."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.errors import Conflict, Invalid, NotAllowed
from documents.models import Document, DocumentLine, DocumentType
from documents.services.convert import (
    advance_create,
    credit_note_create,
    delivery_create,
    invoice_create,
    invoice_of_pro_forma,
    price_credit_create,
    return_create,
)
from documents.services.steps import document_cancel, document_close
from tests.documents.services.cycle import Cycle, fresh, item, kind
from tests.factories.core import UserFactory
from tests.factories.customers import CustomerAccountFactory
from tests.world import TODAY

pytestmark = pytest.mark.django_db


def quantities(document: Document) -> list[Decimal]:
    return list(document.lines.order_by("position").values_list("quantity", flat=True))


# ---- deliveries ---------------------------------------------------------------------------------


def test_a_value_moves_along_and_the_total_stays(cycle: Cycle) -> None:
    order = cycle.order(item(100, 10))
    assert cycle.figures() == {"O": 1000}

    first = cycle.deliver(order, 4)
    assert cycle.figures() == {"O": 600, "N": 400}
    second = cycle.deliver(order)
    assert quantities(second) == [6]
    assert cycle.figures() == {"N": 1000}

    invoice = cycle.invoice(first)
    assert invoice.status == "draft"
    assert cycle.figures() == {"N": 600, "F": 400}
    cycle.submit(invoice)
    assert cycle.figures() == {"N": 600, "F": 400}
    cycle.post(invoice)
    assert cycle.figures() == {"N": 600, "B": 400}
    cycle.post(cycle.invoice(second))
    assert cycle.figures() == {"B": 1000}


def test_a_draft_takes_from_what_is_left_and_a_cancelled_one_gives_it_back(cycle: Cycle) -> None:
    order = cycle.order(item(100, 10))
    draft = delivery_create(lines=cycle.parts(order, 7), actor=cycle.world.clerk, on=TODAY)

    assert [left for _line, left in cycle.left(order, "delivery")] == [3]
    assert cycle.figures() == {"O": 1000}

    document_cancel(document=draft, actor=cycle.world.clerk, as_of=TODAY)
    assert [left for _line, left in cycle.left(order, "delivery")] == [10]


def test_over_delivery_is_refused_and_nothing_is_half_written(cycle: Cycle) -> None:
    order = cycle.order(item(100, 10), item(5, 2, "Bolts"))

    with pytest.raises(Conflict, match=r"Goods .*11 is too much, 10 of 10") as caught:
        delivery_create(lines=cycle.parts(order, 11, 1), actor=cycle.world.clerk, on=TODAY)

    assert caught.value.field == "lines"
    assert caught.value.params["source_line_id"] == order.lines.get(position=1).pk
    assert Document.objects.count() == 1
    assert DocumentLine.objects.count() == 2


def test_over_delivery_within_the_tolerance_passes_and_counts_what_goes_out(cycle: Cycle) -> None:
    DocumentType.objects.filter(code="delivery").update(over_delivery_percent=10)
    order = cycle.order(item(100, 10))

    delivery = cycle.deliver(order, 11)

    assert delivery.gross_amount == 1100
    assert cycle.figures() == {"N": 1100}
    with pytest.raises(Conflict):
        cycle.deliver(order, "0.1001")


def test_two_drafts_cannot_promise_the_same_goods(cycle: Cycle) -> None:
    order = cycle.order(item(100, 10))
    delivery_create(lines=cycle.parts(order, 6), actor=cycle.world.clerk, on=TODAY)

    with pytest.raises(Conflict, match="5 is too much, 4 of 10 are left"):
        delivery_create(lines=cycle.parts(order, 5), actor=cycle.world.clerk, on=TODAY)


def test_several_orders_go_out_together(cycle: Cycle) -> None:
    first = cycle.order(item(100, 2), reference="PO 1", ship_to="Bergamo")
    second = cycle.order(item(50, 4), reference="PO 2", ship_to="Bergamo")

    delivery = cycle.submit(
        delivery_create(
            lines=cycle.left([first, second], "delivery"), actor=cycle.world.clerk, on=TODAY
        )
    ).document

    assert quantities(delivery) == [2, 4]
    assert (delivery.reference, delivery.ship_to) == ("", "Bergamo")
    assert {line.source_line.document_id for line in delivery.lines.all() if line.source_line} == {
        first.pk,
        second.pk,
    }
    assert cycle.figures() == {"N": 400}
    assert not any(left for _line, left in cycle.left([first, second], "delivery"))


def test_orders_of_two_customers_do_not_merge(cycle: Cycle) -> None:
    other = CustomerAccountFactory(company=cycle.world.company)
    cycle.world.limit(1000, account=other)
    mine = cycle.order(item(100, 2))
    foreign = cycle.submit(
        cycle.draft("order", item(10, 3), account=other),
    ).document

    with pytest.raises(Invalid, match="billed to another customer"):
        delivery_create(
            lines=cycle.left([mine, foreign], "delivery"), actor=cycle.world.clerk, on=TODAY
        )
    assert not Document.objects.filter(type__code="delivery").exists()


def test_what_was_not_accepted_is_not_delivered(cycle: Cycle) -> None:
    draft = cycle.draft("order", item(100, 1))
    cycle.world.limit(50, valid_from=TODAY)
    held = cycle.made("order", item(100, 1))
    assert held.status == "held"

    for order in (draft, held):
        with pytest.raises(Conflict, match="Delivery note cannot be made from it"):
            cycle.deliver(order, 1)
    assert not Document.objects.filter(type__code="delivery").exists()


def test_a_foreign_kind_is_refused(cycle: Cycle) -> None:
    order = cycle.order(item(100, 2))
    with pytest.raises(Invalid, match="Return note cannot continue"):
        return_create(lines=cycle.parts(order, 1), actor=cycle.world.clerk, on=TODAY)
    with pytest.raises(Invalid, match="Credit note cannot continue"):
        credit_note_create(lines=cycle.parts(order, 1), actor=cycle.world.clerk, on=TODAY)


def test_nothing_chosen_is_said(cycle: Cycle) -> None:
    order = cycle.order(item(100, 2))
    for make in (delivery_create, invoice_create, return_create, credit_note_create):
        with pytest.raises(Invalid, match="Choose at least one line"):
            make(lines=cycle.parts(order, 0), actor=cycle.world.clerk, on=TODAY)


def test_without_the_right_nothing_is_made(cycle: Cycle) -> None:
    order = cycle.order(item(100, 2))
    auditor = UserFactory(username="olga", role="auditor")
    with pytest.raises(NotAllowed):
        delivery_create(lines=cycle.parts(order, 1), actor=auditor, on=TODAY)
    assert Document.objects.count() == 1


def test_a_forced_closing_frees_the_rest_and_keeps_what_went_out(cycle: Cycle) -> None:
    order = cycle.order(item(100, 10))
    delivery = cycle.deliver(order, 4)

    document_close(document=order, actor=cycle.world.clerk, as_of=TODAY)

    assert cycle.figures() == {"N": 400}
    with pytest.raises(Conflict, match="Closed"):
        cycle.deliver(order, 1)
    cycle.post(cycle.invoice(delivery))
    assert cycle.figures() == {"B": 400}


# ---- invoices -----------------------------------------------------------------------------------


def test_an_invoice_of_two_deliveries_and_an_order(cycle: Cycle) -> None:
    goods = cycle.order(item(100, 10))
    service = cycle.order(item(250, 1, "Start-up"))
    first, second = cycle.deliver(goods, 4), cycle.deliver(goods, 6)

    parts = [*cycle.left([first, second], "invoice"), *cycle.left(service, "invoice")]
    invoice = invoice_create(lines=parts, actor=cycle.world.clerk, on=TODAY)

    assert quantities(invoice) == [4, 6, 1]
    assert cycle.figures() == {"F": 1250}
    cycle.post(invoice)
    assert cycle.figures() == {"B": 1250}


def test_a_direct_invoice_takes_from_the_order(cycle: Cycle) -> None:
    order = cycle.order(item(100, 10))

    cycle.post(cycle.invoice(order, 4))

    assert cycle.figures() == {"O": 600, "B": 400}
    assert [left for _line, left in cycle.left(order, "delivery")] == [6]


def test_goods_invoiced_before_go_out_without_counting_again(cycle: Cycle) -> None:
    order = cycle.order(item(100, 10))
    invoice = cycle.posted(cycle.invoice(order, 10))
    assert cycle.figures() == {"B": 1000}

    delivery = cycle.deliver(invoice, 7)

    assert delivery.status == "submitted"
    assert cycle.figures() == {"B": 1000}
    assert [left for _line, left in cycle.left(invoice, "delivery")] == [3]
    with pytest.raises(Conflict, match="4 is too much, 3 of 10"):
        cycle.deliver(invoice, 4)


def test_an_invoice_made_before_a_forced_closing_is_still_posted(cycle: Cycle) -> None:
    order = cycle.order(item(100, 10))
    invoice = cycle.invoice(order, 4)
    document_close(document=order, actor=cycle.world.clerk, as_of=TODAY)
    assert cycle.total() == 400

    cycle.post(invoice)

    assert cycle.figures() == {"B": 400}
    with pytest.raises(Conflict, match="Closed"):
        cycle.invoice(order, 1)


def test_more_than_was_delivered_is_not_invoiced(cycle: Cycle) -> None:
    delivery = cycle.deliver(cycle.order(item(100, 10)), 4)
    with pytest.raises(Conflict, match="5 is too much, 4 of 4"):
        cycle.invoice(delivery, 5)
    cycle.invoice(delivery, 4)
    with pytest.raises(Conflict, match="1 is too much, 0 of 4"):
        cycle.invoice(delivery, 1)


# ---- returns and credit notes -------------------------------------------------------------------


def test_goods_back_are_wanted_again_or_not(cycle: Cycle) -> None:
    order = cycle.order(item(100, 10))
    delivery = cycle.deliver(order)

    cycle.give_back(delivery, 3)
    assert cycle.figures() == {"O": 300, "N": 700}
    cycle.give_back(delivery, 2, reopens=False)
    assert cycle.figures() == {"O": 300, "N": 500}
    with pytest.raises(Conflict, match="6 is too much, 5 of 10"):
        cycle.give_back(delivery, 6)
    assert [left for _line, left in cycle.left(delivery, "invoice")] == [5]


def test_a_credit_note_settles_its_invoice_and_what_is_more_stays_as_credit(cycle: Cycle) -> None:
    invoice = cycle.posted(cycle.draft("invoice", item(100, 10)))
    note = cycle.credit(invoice, 4)
    assert cycle.figures() == {"B": 1000, "F": -400}

    cycle.post(note)

    assert cycle.figures() == {"B": 600}
    assert invoice.entry is not None
    assert invoice.entry.items.get().open_amount == 600
    with pytest.raises(Conflict, match="7 is too much, 6 of 10"):
        cycle.credit(invoice, 7)


def test_a_credit_note_for_goods_back_settles_the_invoice_of_their_delivery(cycle: Cycle) -> None:
    delivery = cycle.deliver(cycle.order(item(100, 10)))
    invoice = cycle.posted(cycle.invoice(delivery))
    back = cycle.give_back(delivery, 3, reopens=False)
    before = cycle.total()

    note = cycle.credit(back)
    assert quantities(note) == [3]
    cycle.post(note)

    assert before == 700  # the goods that came back are owed no more, credited or not
    assert cycle.figures() == {"B": 700}
    assert invoice.entry is not None
    assert invoice.entry.items.get().open_amount == 700


def test_a_credit_note_can_open_the_invoicing_again(cycle: Cycle) -> None:
    delivery = cycle.deliver(cycle.order(item(100, 10)))
    invoice = cycle.posted(cycle.invoice(delivery))

    cycle.post(cycle.credit(invoice, 10, reopens=True))

    assert cycle.figures() == {"N": 1000}
    assert [left for _line, left in cycle.left(delivery, "invoice")] == [10]


def test_a_price_credit_gives_back_money_and_no_goods(cycle: Cycle) -> None:
    delivery = cycle.deliver(cycle.order(item(100, 10, tax=22)))
    invoice = cycle.posted(cycle.invoice(delivery))

    note = price_credit_create(
        amounts=cycle.parts(invoice, "50.00"), actor=cycle.world.clerk, on=TODAY
    )
    cycle.post(note)

    assert (note.net_amount, note.gross_amount) == (50, 61)
    assert cycle.figures() == {"B": 1159}
    assert [left for _line, left in cycle.left(invoice, "credit_note")] == [10]
    whole = cycle.credit(invoice)
    assert (quantities(whole), whole.net_amount) == ([10], 950)
    cycle.post(whole)
    assert cycle.figures() == {}


def test_never_more_is_credited_than_was_invoiced(cycle: Cycle) -> None:
    invoice = cycle.posted(cycle.draft("invoice", item(100, 10)))
    clerk = cycle.world.clerk
    price_credit_create(amounts=cycle.parts(invoice, 900), actor=clerk, on=TODAY)

    with pytest.raises(Conflict, match=r"100\.01 is too much, 100\.00 of 1,000\.00") as caught:
        price_credit_create(amounts=cycle.parts(invoice, "100.01"), actor=clerk, on=TODAY)
    assert caught.value.field == f"line-{invoice.lines.get().pk}"
    for nothing in ("0", "-5"):
        with pytest.raises(Invalid):
            price_credit_create(amounts=cycle.parts(invoice, nothing), actor=clerk, on=TODAY)
    assert Document.objects.filter(type__code="credit_note").count() == 1
    assert cycle.figures() == {"B": 1000, "F": -900}


def test_a_price_credit_is_not_for_goods_that_came_back(cycle: Cycle) -> None:
    delivery = cycle.deliver(cycle.order(item(100, 10)))
    back = cycle.give_back(delivery, 3)
    with pytest.raises(Invalid, match="something invoiced"):
        price_credit_create(amounts=cycle.parts(back, 10), actor=cycle.world.clerk, on=TODAY)


def test_a_third_and_a_third_and_a_third_credit_the_whole(cycle: Cycle) -> None:
    invoice = cycle.posted(cycle.draft("invoice", item("33.3333", 3, tax=22)))
    assert invoice.net_amount == 100
    for _time in range(3):
        cycle.post(cycle.credit(invoice, 1))
    left = cycle.total()
    assert abs(left) <= Decimal("0.02")


# ---- advances -----------------------------------------------------------------------------------


def advance(cycle: Cycle, order: Document, percent: int) -> Document:
    return advance_create(order=order, percent=Decimal(percent), actor=cycle.world.clerk, on=TODAY)


def test_an_advance_stands_for_a_part_of_the_order_until_it_is_deducted(cycle: Cycle) -> None:
    order = cycle.order(item(100, 10))
    cycle.post(advance(cycle, order, 30))
    assert cycle.figures() == {"O": 700, "B": 300}

    delivery = cycle.deliver(order)
    assert cycle.figures() == {"N": 700, "B": 300}
    final = cycle.invoice(delivery)

    assert [(line.quantity, line.net_amount) for line in final.lines.order_by("position")] == [
        (10, 1000),
        (-1, -300),
    ]
    cycle.post(final)
    assert cycle.figures() == {"B": 1000}


def test_an_advance_by_amount_is_spread_to_the_cent(cycle: Cycle) -> None:
    order = cycle.order(item("33.33", 1, "A"), item("66.67", 1, "B"), item(100, 1, "C", tax=22))

    made = advance_create(order=order, amount=Decimal("100.01"), actor=cycle.world.clerk, on=TODAY)

    assert made.net_amount == Decimal("100.01")
    assert [line.net_amount for line in made.lines.order_by("position")] == [
        Decimal("16.67"),
        Decimal("33.34"),
        Decimal("50.00"),
    ]


def test_advances_never_take_more_than_the_order_is_worth(cycle: Cycle) -> None:
    order = cycle.order(item(100, 10))
    advance(cycle, order, 70)

    with pytest.raises(Conflict, match=r"400\.00 is too much.*300\.00"):
        advance(cycle, order, 40)
    for wrong in (0, -1, 101):
        with pytest.raises(Invalid):
            advance(cycle, order, wrong)
    with pytest.raises(Invalid):
        advance_create(order=order, amount=Decimal(0), actor=cycle.world.clerk, on=TODAY)
    assert Document.objects.filter(type__code="advance").count() == 1


def test_an_advance_on_an_order_with_a_rebate_is_deducted_whole(cycle: Cycle) -> None:
    order = cycle.order(item(100, 10), item(100, -1, "Rebate"))
    made = cycle.posted(advance(cycle, order, 50))
    assert made.gross_amount == 450

    final = cycle.invoice(order)

    assert final.gross_amount == 450
    cycle.post(final)
    assert cycle.figures() == {"B": 900}


def test_a_pro_forma_uses_up_no_advance(cycle: Cycle) -> None:
    order = cycle.order(item(100, 10))
    cycle.post(advance(cycle, order, 30))
    paper = invoice_create(
        lines=cycle.left(order, "pro_forma"),
        actor=cycle.world.clerk,
        on=TODAY,
        type_=kind("pro_forma"),
    )
    assert paper.gross_amount == 700

    assert cycle.invoice(order).gross_amount == 700
    assert cycle.figures() == {"F": 700, "B": 300}


def test_a_small_invoice_deducts_no_more_than_it_is_worth(cycle: Cycle) -> None:
    order = cycle.order(item(100, 10))
    cycle.post(advance(cycle, order, 30))

    small = cycle.posted(cycle.invoice(order, 2))
    assert small.gross_amount == 0
    assert small.entry is None
    rest = cycle.invoice(order)
    assert rest.gross_amount == 700
    cycle.post(rest)
    assert cycle.figures() == {"B": 1000}


# ---- pro-formas ---------------------------------------------------------------------------------


def test_a_pro_forma_counts_nothing_takes_nothing_and_becomes_one_invoice(cycle: Cycle) -> None:
    order = cycle.order(item(100, 10))
    paper = cycle.submit(
        invoice_create(
            lines=cycle.left(order, "pro_forma"),
            actor=cycle.world.clerk,
            on=TODAY,
            type_=kind("pro_forma"),
        )
    ).document
    assert paper.status == "submitted"
    assert cycle.figures() == {"O": 1000}
    with pytest.raises(Invalid, match="is not posted"):
        cycle.post(paper)

    invoice = invoice_of_pro_forma(document=paper, actor=cycle.world.clerk, on=TODAY)
    again = invoice_of_pro_forma(document=paper, actor=cycle.world.clerk, on=TODAY)

    assert again == invoice
    assert (invoice.type.code, invoice.gross_amount) == ("invoice", 1000)
    assert cycle.figures() == {"F": 1000}
    document_cancel(document=invoice, actor=cycle.world.clerk, as_of=TODAY)
    assert cycle.figures() == {"O": 1000}
    third = invoice_of_pro_forma(document=paper, actor=cycle.world.clerk, on=TODAY)
    assert third.pk != invoice.pk
    cycle.post(third)
    assert cycle.figures() == {"B": 1000}


def test_a_pro_forma_whose_goods_were_invoiced_meanwhile_is_refused(cycle: Cycle) -> None:
    order = cycle.order(item(100, 10))
    paper = invoice_create(
        lines=cycle.left(order, "pro_forma"),
        actor=cycle.world.clerk,
        on=TODAY,
        type_=kind("pro_forma"),
    )
    cycle.post(cycle.invoice(order, 1))

    with pytest.raises(Conflict, match="10 is too much, 9 of 10"):
        invoice_of_pro_forma(document=paper, actor=cycle.world.clerk, on=TODAY)
    assert not Document.objects.filter(type__code="invoice", status="draft").exists()
    with pytest.raises(Invalid, match="no pro-forma"):
        invoice_of_pro_forma(document=order, actor=cycle.world.clerk, on=TODAY)


def test_what_is_left_is_never_less_than_nothing(cycle: Cycle) -> None:
    DocumentType.objects.filter(code="delivery").update(over_delivery_percent=50)
    order = cycle.order(item(100, 10), item(20, 5))
    cycle.deliver(order, 12, 0)

    assert [left for _line, left in cycle.left(order, "delivery")] == [0, 5]
    assert cycle.figures() == {"O": 100, "N": 1200}
    assert fresh(order).is_live


def test_goods_of_a_delivery_are_not_sent_again_for_their_invoice(cycle: Cycle) -> None:
    delivery = cycle.deliver(cycle.order(item(100, 10)))
    invoice = cycle.posted(cycle.invoice(delivery))

    assert [left for _line, left in cycle.left(invoice, "delivery")] == [0]
    with pytest.raises(Conflict, match="1 is too much, 0 of 10"):
        cycle.deliver(invoice, 1)


def test_a_credited_final_invoice_gives_its_advance_back_to_be_deducted_again(
    cycle: Cycle,
) -> None:
    order = cycle.order(item(100, 10))
    advance_invoice = cycle.posted(advance(cycle, order, 30))
    final = cycle.posted(cycle.invoice(order))
    assert cycle.figures() == {"B": 1000}

    note = cycle.credit(final, reopens=True)
    assert [(row.quantity, row.net_amount) for row in note.lines.order_by("position")] == [
        (10, 1000),
        (-1, -300),
    ]
    cycle.post(note)

    assert final.entry is not None
    assert advance_invoice.entry is not None
    assert final.entry.items.get().open_amount == 0
    assert advance_invoice.entry.items.get().open_amount == 300
    assert cycle.figures() == {"O": 700, "B": 300}
    assert not any(left for _line, left in cycle.left(final, "credit_note"))
    again = cycle.invoice(order)
    assert again.gross_amount == 700
    cycle.post(again)
    assert cycle.figures() == {"B": 1000}
