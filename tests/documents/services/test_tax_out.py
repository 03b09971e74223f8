"""Where documents count without their tax, they ask for credit without it as well."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.clock import today
from credit_limits.models import CreditCheck, CreditPolicy
from credit_limits.services.policies import policy_publish
from documents.amounts import LineInput
from documents.models import Document
from documents.services.change import order_change
from tests.documents.chains import Chain, make_chain

pytestmark = pytest.mark.django_db

TAX = Decimal(22)


@pytest.fixture
def chain() -> Chain:
    """Documents count without tax; a limit of 300."""
    chain = make_chain(limit=300)
    policy: CreditPolicy = chain.world.policy
    policy.documents_with_tax = False
    policy.save()
    policy_publish(policy=policy, actor=None)
    return chain


def asked(document: Document) -> Decimal:
    check = CreditCheck.objects.filter(subject_id=document.pk).latest("pk")
    scope = check.inputs["value"]["scopes"][0]
    return Decimal(scope["document_amount"]) - Decimal(scope["counted_before"])


def test_an_order_asks_for_what_it_then_counts(chain: Chain) -> None:
    order = chain.order(30, 10, tax=TAX)

    assert (order.gross_amount, asked(order)) == (366, 300)
    assert chain.submit(chain.write("order", 1, "0.01", tax=TAX)).document.status == "held"


def test_moving_it_asks_for_nothing_though_others_brought_their_tax_into_the_books(
    chain: Chain,
) -> None:
    orders = [chain.order(10, 10, tax=TAX) for _order in range(3)]
    first = chain.invoice(chain.deliver(orders[0]))
    assert asked(chain.post(chain.accept(first))) == 0
    assert chain.amounts()["invoice_open"] == 122

    note = chain.deliver(orders[1])
    assert asked(note) == 0
    bill = chain.post(chain.accept(chain.invoice(note)))
    assert asked(bill) == 0


def test_what_comes_back_frees_what_it_counted(chain: Chain) -> None:
    note = chain.deliver(chain.order(10, 10, tax=TAX))

    back = chain.give_back(note, quantity=4, reopens=False)

    assert asked(back) == -40


def test_a_changed_order_asks_for_the_difference_without_tax(chain: Chain) -> None:
    order = chain.order(10, 10, tax=TAX)

    row = order.lines.get()
    order_change(
        document=order,
        header=chain.world.header(type=order.type),
        lines=[LineInput("Goods", Decimal(30), Decimal(10), tax_percent=TAX, line_id=row.pk)],
        version=order.version,
        actor=chain.world.clerk,
        as_of=today(),
    )

    assert asked(order) == 200
    order.refresh_from_db()
    assert (order.status, order.gross_amount) == ("submitted", 366)


def test_what_becomes_an_item_at_once_asks_with_its_tax(chain: Chain) -> None:
    sale = chain.write("counter", 10, 10, tax=TAX)

    assert asked(chain.accept(sale)) == 122
