"""Nothing that counts gets out of sight by the date, or the currency, of what continues it."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from core.clock import business_day, today
from core.errors import Invalid
from credit_limits.models import CreditPolicy
from credit_limits.services.policies import policy_publish
from documents.amounts import LineInput
from documents.models import Document
from documents.services.convert import delivery_create, invoice_create
from documents.services.save import order_update
from documents.services.submit import document_submit
from tests.documents.chains import Chain, make_chain
from tests.documents.histories.oracle import Terms
from tests.factories.core import CurrencyFactory, ExchangeRateFactory

pytestmark = pytest.mark.django_db

NOW = today()
START = NOW - datetime.timedelta(days=10)
BEFORE = START - datetime.timedelta(days=1)


@pytest.fixture
def chain() -> Chain:
    """An older order, and a policy that counts deliveries and invoices of the last ten days."""
    chain = make_chain()
    policy: CreditPolicy = chain.world.policy
    policy.start_on = START
    policy.save()
    policy_publish(policy=policy, actor=None)
    return chain


@pytest.fixture
def order(chain: Chain) -> Document:
    with business_day(START - datetime.timedelta(days=20)):
        return chain.order(10, 10)


def test_a_delivery_dated_before_the_start_takes_nothing_out_of_sight(
    chain: Chain, order: Document
) -> None:
    note = delivery_create(lines=chain.parts((order,), None), on=START, actor=chain.world.clerk)
    Document.objects.filter(pk=note.pk).update(document_on=BEFORE)

    with pytest.raises(Invalid, match="counts from") as error:
        document_submit(document=note, actor=chain.world.clerk)

    assert error.value.field == "document_on"
    assert sum(chain.amounts().values()) == 100
    with pytest.raises(Invalid, match="counts from"):
        delivery_create(lines=chain.parts((order,), None), on=BEFORE, actor=chain.world.clerk)


def test_neither_does_a_draft_invoice(chain: Chain, order: Document) -> None:
    note = chain.deliver(order)
    with pytest.raises(Invalid, match="counts from"):
        invoice_create(lines=chain.parts((note,), None), on=BEFORE, actor=chain.world.clerk)
    bill = invoice_create(lines=chain.parts((note,), None), on=START, actor=chain.world.clerk)
    header = chain.world.header(type=bill.type, document_on=BEFORE)
    row = bill.lines.get()

    with pytest.raises(Invalid, match="counts from"):
        order_update(
            document=bill,
            header=header,
            lines=[LineInput("Goods", row.quantity, row.unit_price, line_id=row.pk)],
            version=bill.version,
            actor=chain.world.clerk,
        )

    assert chain.amounts() == {"invoice_draft": 100}


def test_what_continues_nothing_may_be_as_old_as_it_is(chain: Chain) -> None:
    old = chain.write("delivery", 1, 100, document_on=BEFORE)

    assert chain.accept(old).status == "submitted"
    assert (
        chain.amounts(Terms(start_on=START)) == {}
    )  # it was there before the policy begins to count


def test_a_draft_invoice_of_an_unknown_amount_is_not_kept_and_holds_nobody(chain: Chain) -> None:
    francs = CurrencyFactory(code="CHF")

    with pytest.raises(Invalid, match="no exchange rate for CHF/EUR") as error:
        chain.write("invoice", 1, 1000, currency=francs)

    assert error.value.field == "currency"
    chain.world.limit(1000)
    assert chain.order(1, 10).status == "submitted"
    ExchangeRateFactory(from_currency=francs, valid_on=NOW, rate=Decimal("1.1"))
    bill = chain.write("invoice", 1, 100, currency=francs)
    assert chain.amounts()["invoice_draft"] == 110
    assert bill.rate == Decimal("1.1")
