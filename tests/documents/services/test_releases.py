"""A release sticks along the cycle: the order was asked about, its deliveries and invoices are not.

Only a higher amount or a new reason asks again, and only for the difference (law L5).
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest

from approvals.models import ApprovalRequest
from approvals.services import step_approve, step_refuse
from credit_limits.models import Release
from documents.amounts import LineInput
from documents.services.change import order_change
from documents.services.convert import delivery_create, invoice_create
from documents.services.recheck import held_recheck
from documents.services.save import order_update
from documents.services.submit import document_submit
from tests.documents.services.cycle import Cycle, actions, fresh, item, kind
from tests.world import TODAY

if TYPE_CHECKING:
    from documents.models import Document
    from documents.results import SubmitResult

pytestmark = pytest.mark.django_db

LONG_AGO = TODAY - datetime.timedelta(days=40)


@pytest.fixture(autouse=True)
def _small_limit(cycle: Cycle) -> None:
    cycle.world.limit(1000, valid_from=TODAY)


def approve(cycle: Cycle, held: SubmitResult, *, manager: bool = False) -> None:
    assert held.request is not None
    actor = cycle.world.manager if manager else cycle.world.approver
    step_approve(request=held.request, actor=actor, comment="a good customer", as_of=TODAY)


def released_order(cycle: Cycle, *lines: LineInput) -> Document:
    held = cycle.submit(cycle.draft("order", *lines))
    assert held.document.status == "held"
    approve(cycle, held)
    return fresh(held.document)


def dearer(cycle: Cycle, document: Document, price: int) -> Document:
    """The same draft with another price on its first line."""
    row = document.lines.order_by("position").first()
    assert row is not None
    return order_update(
        document=document,
        header=cycle.world.header(type=document.type),
        lines=[item(price, int(row.quantity))],
        version=document.version,
        actor=cycle.world.clerk,
        as_of=TODAY,
    )


def test_delivery_and_invoice_of_a_released_order_pass_unasked(cycle: Cycle) -> None:
    order = released_order(cycle, item(100, 15))
    assert cycle.figures() == {"O": 1500}

    delivery = cycle.submit(
        delivery_create(lines=cycle.parts(order, 10), actor=cycle.world.clerk, on=TODAY)
    )
    assert delivery.passed
    invoice = cycle.invoice(delivery.document)
    assert cycle.submit(invoice).passed
    assert cycle.post(invoice).passed
    direct = cycle.invoice(order)
    assert cycle.post(direct).passed

    assert cycle.figures() == {"B": 1500}
    assert ApprovalRequest.objects.count() == 1
    assert Release.objects.count() == 1


def test_a_higher_price_asks_for_the_difference_only(cycle: Cycle) -> None:
    order = released_order(cycle, item(100, 15))
    delivery = dearer(
        cycle,
        delivery_create(lines=cycle.parts(order, 15), actor=cycle.world.clerk, on=TODAY),
        120,
    )

    held = cycle.submit(delivery)

    assert not held.passed
    assert held.decision is not None
    assert held.decision.blocking == ("LIMIT_EXCEEDED",)
    assert held.decision.projected == 1800
    assert cycle.figures() == {"O": 1500}
    assert held.request is not None
    assert held.request.overrun == 800
    approve(cycle, held)
    assert cycle.figures() == {"N": 1800}
    assert fresh(delivery).status == "released"
    assert fresh(delivery).number


def test_the_invoice_of_a_dearer_released_delivery_passes(cycle: Cycle) -> None:
    order = released_order(cycle, item(100, 15))
    delivery = dearer(
        cycle,
        delivery_create(lines=cycle.parts(order, 15), actor=cycle.world.clerk, on=TODAY),
        120,
    )
    approve(cycle, cycle.submit(delivery))

    assert cycle.post(cycle.invoice(fresh(delivery))).passed
    assert cycle.figures() == {"B": 1800}


def test_a_new_reason_asks_again(cycle: Cycle) -> None:
    order = released_order(cycle, item(100, 15))
    cycle.world.item(10, due_on=LONG_AGO)

    held = cycle.submit(
        delivery_create(lines=cycle.parts(order, 15), actor=cycle.world.clerk, on=TODAY)
    )

    assert held.decision is not None
    assert held.decision.blocking == ("OVERDUE_DAYS",)
    assert cycle.figures()["O"] == 1500
    assert fresh(held.document).number == ""
    approve(cycle, held)
    assert fresh(held.document).status == "released"
    assert cycle.figures()["N"] == 1500


def test_the_same_value_moves_on_unasked_when_others_filled_the_limit(cycle: Cycle) -> None:
    """Nothing of it is new: an order within its limit is delivered though the customer is over."""
    order = cycle.order(item(100, 9))
    cycle.world.item(5000)

    delivery = cycle.submit(
        delivery_create(lines=cycle.parts(order, 9), actor=cycle.world.clerk, on=TODAY)
    )
    assert delivery.passed
    assert cycle.post(cycle.invoice(delivery.document)).passed


def test_over_delivery_within_the_tolerance_asks_for_the_excess(cycle: Cycle) -> None:
    type_ = kind("delivery")
    type_.over_delivery_percent = 20
    type_.save()
    order = cycle.order(item(100, 10))

    held = cycle.submit(
        delivery_create(lines=cycle.parts(order, 12), actor=cycle.world.clerk, on=TODAY)
    )

    assert held.decision is not None
    assert held.decision.blocking == ("LIMIT_EXCEEDED",)
    assert held.decision.projected == 1200
    assert (cycle.figures(), cycle.waiting()) == ({"O": 1000}, 1200)
    exact = order_update(
        document=fresh(held.document),
        header=cycle.world.header(type=type_),
        lines=[item(100, 10)],
        version=fresh(held.document).version,
        actor=cycle.world.clerk,
        as_of=TODAY,
    )
    assert exact.status == "submitted"
    assert cycle.figures() == {"N": 1000}


def test_one_invoice_of_two_released_orders_passes(cycle: Cycle) -> None:
    first = released_order(cycle, item(100, 15))
    held = cycle.submit(cycle.draft("order", item(50, 10)))
    approve(cycle, held)
    second = fresh(held.document)

    parts = [*cycle.left(first, "invoice"), *cycle.left(second, "invoice")]
    invoice = invoice_create(lines=parts, actor=cycle.world.clerk, on=TODAY)

    assert cycle.submit(invoice).passed
    assert cycle.post(invoice).passed
    assert cycle.figures() == {"B": 2000}


def test_a_changed_order_releases_its_delivery_as_far_as_it_was_approved(cycle: Cycle) -> None:
    order = released_order(cycle, item(100, 15))
    wish = order_change(
        document=order,
        header=cycle.world.header(),
        lines=[item(100, 20)],
        version=order.version,
        actor=cycle.world.clerk,
        as_of=TODAY,
    )
    approve(cycle, wish)

    delivery = cycle.deliver(fresh(order))

    assert (delivery.status, delivery.gross_amount) == ("submitted", 2000)
    assert cycle.figures() == {"N": 2000}


@pytest.mark.parametrize("code", ["delivery", "invoice", "advance", "charge"])
def test_a_held_document_approved_is_accepted_by_itself(cycle: Cycle, code: str) -> None:
    held = cycle.submit(cycle.draft(code, item(100, 15)))
    assert held.document.status == "held"
    assert (cycle.figures(), cycle.waiting()) == ({}, 1500)
    assert fresh(held.document).number == ""

    approve(cycle, held)

    document = fresh(held.document)
    where = {"delivery": "N", "invoice": "F", "advance": "F", "charge": "B"}[code]
    assert document.status == ("posted" if code == "charge" else "released")
    assert document.number
    assert (cycle.figures(), cycle.waiting()) == ({where: 1500}, 0)


@pytest.mark.parametrize("code", ["delivery", "invoice", "charge"])
def test_a_held_document_goes_on_by_itself_when_the_limit_is_raised(
    cycle: Cycle, code: str
) -> None:
    held = cycle.submit(cycle.draft(code, item(100, 15)))
    cycle.world.limit(3000, valid_from=TODAY)

    assert held_recheck(account_ids=[cycle.world.account.pk], as_of=TODAY)["ended"] == 1

    assert fresh(held.document).status == ("posted" if code == "charge" else "submitted")
    assert cycle.total() == 1500
    assert actions(held.document)[-1] == "hold_ended"


def test_a_held_delivery_refused_leaves_the_goods_in_the_order(cycle: Cycle) -> None:
    order = released_order(cycle, item(100, 15))
    cycle.world.item(10, due_on=LONG_AGO)
    held = cycle.submit(
        delivery_create(lines=cycle.parts(order, 15), actor=cycle.world.clerk, on=TODAY)
    )
    assert held.request is not None

    step_refuse(
        request=held.request, actor=cycle.world.approver, comment="not before he pays", as_of=TODAY
    )

    assert fresh(held.document).status == "refused"
    assert cycle.figures()["O"] == 1500
    assert [left for _line, left in cycle.left(order, "delivery")] == [15]


def test_a_release_that_expired_asks_for_nothing_while_nothing_is_added(cycle: Cycle) -> None:
    order = released_order(cycle, item(100, 15))
    later = TODAY + datetime.timedelta(days=60)

    delivery = document_submit(
        document=delivery_create(lines=cycle.parts(order, 15), actor=cycle.world.clerk, on=later),
        actor=cycle.world.clerk,
        as_of=later,
    )

    assert Release.objects.get().valid_until < later
    assert delivery.passed
