"""What other credit modules got wrong about documents: each trap sprung once, and its absence.

The numbers are those of the list of traps the house plan names; each test says who fell into it.
"""

from __future__ import annotations

import datetime
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from core.clock import business_day
from core.errors import Conflict
from core.models import NumberSequence
from credit_limits.engine.types import Outcome
from credit_limits.models import CreditCheck
from credit_limits.selectors import credit_position
from credit_limits.services.limits import limit_grant
from customers.models import PaymentTerm
from documents.amounts import LineInput
from documents.models import Document, DocumentType
from documents.services.change import order_change
from documents.services.convert import price_credit_create
from documents.services.counter import counter_void
from documents.services.posting import invoice_post
from documents.services.save import order_create
from documents.services.steps import (
    document_cancel,
    document_close,
    document_copy,
    document_reopen,
)
from documents.services.submit import document_submit
from ledger.services.payments import payment_record
from tests.documents.chains import (
    NEITHER,
    NO_DELIVERIES,
    NO_DRAFTS,
    PRINTED_ONLY,
    Chain,
    make_chain,
)
from tests.documents.histories.oracle import Terms
from tests.factories.core import CompanyFactory, CurrencyFactory, ExchangeRateFactory
from tests.factories.customers import (
    CustomerAccountFactory,
    CustomerFactory,
    PaymentTermFactory,
)
from tests.world import TODAY

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with business_day(TODAY):
        yield


@pytest.fixture
def chain() -> Chain:
    return make_chain()


@pytest.fixture
def tight() -> Chain:
    """A limit of 150: one order of 100 fits, a second one does not."""
    return make_chain(limit=150)


def test_01_a_value_is_never_counted_as_order_and_as_invoice(chain: Chain) -> None:
    """OCA, metasfresh, Tryton 4.6 counted an order beside its draft or posted invoice."""
    order = chain.order(10)
    other = chain.order(3)
    assert chain.amounts() == {"order_open": 130}

    bill = chain.invoice(order)
    assert chain.amounts() == {"order_open": 30, "invoice_draft": 100}

    chain.post(bill)
    assert chain.amounts() == {"order_open": 30, "invoice_open": 100}
    assert chain.totals() == [130] * 6
    assert other.status == "submitted"


def test_02_a_value_is_never_nowhere_between_two_documents(chain: Chain) -> None:
    """OCA lost an order closed by a draft invoice that the policy did not count."""
    order = chain.order(10)
    sent = chain.deliver(order)
    bill = chain.invoice(sent)

    assert chain.amounts() == {"invoice_draft": 100}
    assert chain.total(NO_DRAFTS) == 100
    assert chain.amounts(NO_DRAFTS)["delivered_uninvoiced"] == 100
    assert chain.amounts(PRINTED_ONLY) == {"delivered_uninvoiced": 100}
    assert chain.amounts(NEITHER)["order_open"] == 100
    assert chain.amounts(NO_DELIVERIES) == {"invoice_draft": 100}

    document_cancel(document=bill, actor=chain.world.clerk, as_of=TODAY)
    assert chain.totals() == [100] * 6


def test_03_a_document_is_not_counted_beside_itself_in_its_own_check(tight: Chain) -> None:
    """ERPNext and OCA counted the order under test a second time."""
    first = tight.submit(tight.write("order", 10))
    assert (first.check.used, first.check.projected) == (0, 100)

    sent = tight.deliver(first.document)
    assert CreditCheck.objects.latest("pk").projected == 100
    bill = tight.invoice(sent)
    assert tight.submit(bill).decision.projected == 100
    tight.post(bill)
    assert CreditCheck.objects.latest("pk").projected == 100


def test_04_a_document_is_counted_in_its_own_check(tight: Chain) -> None:
    """Axelor, iDempiere and OCA's stock module asked without the value at stake."""
    held = tight.submit(tight.write("order", 16))

    assert held.decision.projected == 160
    assert held.document.status == "held"
    assert tight.submit(tight.write("invoice", 15)).decision.projected == 150
    assert tight.submit(tight.write("delivery", 1)).document.status == "held"


def test_09_other_orders_count_and_a_batch_adds_up(tight: Chain) -> None:
    """iDempiere forgot other open orders; OCA asked a batch as if each came alone."""
    batch = [tight.write("order", 10) for _each in range(3)]

    results = [tight.submit(document) for document in batch]

    assert [result.decision.projected for result in results] == [100, 200, 200]
    assert [result.document.status for result in results] == ["submitted", "held", "held"]
    assert tight.read().waiting == 200
    assert tight.total() == 100


def test_10_a_foreign_amount_is_converted_once_at_the_rate_its_document_carries(
    tight: Chain,
) -> None:
    """OCA, ERPNext and Axelor forgot the rate, or took that of another day for a part of a sum."""
    dollars = CurrencyFactory(code="USD")
    ExchangeRateFactory(rate=Decimal("0.80"), valid_on=TODAY - 9 * DAY)
    ExchangeRateFactory(rate=Decimal("0.90"), valid_on=TODAY)
    ExchangeRateFactory(rate=Decimal("0.50"), valid_on=TODAY + DAY)
    order = tight.order(10, currency=dollars)
    assert tight.amounts() == {"order_open": 90}

    held = tight.submit(tight.write("order", 7, currency=dollars))
    assert (held.decision.projected, held.document.status) == (153, "held")
    fits = tight.submit(tight.write("order", 6, currency=dollars))
    assert (fits.decision.projected, fits.document.status) == (144, "submitted")

    with business_day(TODAY + DAY):
        assert tight.amounts() == {"order_open": 144}
        bill = tight.post(tight.invoice(order))
        assert tight.amounts() == {"order_open": 54, "invoice_open": 50}
        assert bill.entry.items.get().rate == Decimal("0.50")


def test_10_an_amount_in_the_risk_currency_stays_and_a_sum_is_rounded_once(chain: Chain) -> None:
    """OCA went through the company's currency and back; LedgerSMB rounded item by item."""
    dollars = CurrencyFactory(code="USD")
    ExchangeRateFactory(rate=Decimal("0.50"), valid_on=TODAY)
    account = CustomerAccountFactory(company=chain.world.company, currency=dollars)
    abroad = Chain(replace(chain.world, account=account))
    abroad.order(1, "0.07")
    assert abroad.amounts() == {"order_open": Decimal("0.07")}

    ExchangeRateFactory(rate=Decimal("0.90"), valid_on=TODAY + DAY)
    with business_day(TODAY + DAY):
        for _each in range(3):
            abroad.order(1, "0.05", currency=chain.world.company.currency)
        # 0.15 ÷ 0.90 = 0.1667; each alone would be 0.06.
        assert abroad.amounts() == {"order_open": Decimal("0.24")}


def test_12_companies_stay_apart_and_a_customer_limit_adds_them_up(chain: Chain) -> None:
    """OCA overwrote one company's figures with another's; Odoo took the company of the session."""
    world = chain.world
    world.limit(1000)
    other = CompanyFactory(code="FR01")
    world.clerk.companies.add(other)
    branch = CustomerAccountFactory(company=other, customer=world.account.customer)
    document_submit(
        document=order_create(
            header=world.header(branch), lines=[LineInput("Goods", Decimal(7), Decimal(10))],
            actor=world.clerk,
        ),
        actor=world.clerk,
        as_of=TODAY,
    )  # fmt: skip
    chain.order(10)
    assert credit_position(account=world.account, as_of=TODAY).total == 100
    assert credit_position(account=branch, as_of=TODAY).total == 70

    limit_grant(
        customer=world.account.customer,
        state="amount",
        amount=Decimal(1000),
        currency=world.company.currency,
        valid_from=datetime.date(2026, 1, 1),
        reason="all companies",
        actor=None,
    )
    result = chain.submit(chain.write("order", 1))
    scopes = {scope.kind.value: scope.projected for scope in result.decision.scopes}
    assert scopes == {"account": 110, "customer": 180}


def test_13_the_bill_to_party_decides_whoever_orders_or_receives(tight: Chain) -> None:
    """Tryton, OCA, Odoo and iDempiere asked the contact or the ship-to party."""
    receiver = CustomerAccountFactory(company=tight.world.company)
    document = tight.write(
        "order", 10, ship_to_customer=receiver.customer, ordered_by=CustomerFactory()
    )

    tight.accept(document)

    assert tight.total() == 100
    assert credit_position(account=receiver, as_of=TODAY).total == 0
    assert tight.submit(tight.write("order", 10)).document.status == "held"


def test_14_no_back_door_goes_round_the_check(tight: Chain) -> None:
    """Copy, reopen, a changed quantity, an invoice by hand, a posting: each asks."""
    order = tight.order(10)
    clerk = tight.world.clerk

    copied = document_copy(document=order, actor=clerk, on=TODAY)
    assert copied.status == "draft"
    assert tight.submit(copied).document.status == "held"

    line = order.lines.get()
    wish = LineInput("Goods", Decimal(20), Decimal(10), line_id=line.pk)
    changed = order_change(
        document=order,
        header=tight.world.header(),
        lines=[wish],
        version=Document.objects.get(pk=order.pk).version,
        actor=clerk,
        as_of=TODAY,
    )
    assert changed.case is not None
    assert tight.total() == 100

    bill = tight.write("invoice", 10)
    posting = invoice_post(document=bill, actor=tight.world.manager, on=TODAY, as_of=TODAY)
    assert posting.case is not None
    assert posting.document.status == "draft"

    document_cancel(document=bill, actor=clerk, as_of=TODAY)
    closed = document_close(document=order, actor=clerk, as_of=TODAY)
    tight.order(10)
    assert document_reopen(document=closed, actor=clerk, as_of=TODAY).case is not None
    assert tight.total() == 100


def test_17_a_price_credit_leaves_the_order_closed_and_a_return_opens_it(chain: Chain) -> None:
    """ERPNext and Odoo opened the order for a price credit, and left it closed for a return."""
    order = chain.order(10)
    sent = chain.deliver(order)
    bill = chain.post(chain.invoice(sent))

    chain.post(
        price_credit_create(
            amounts=[(bill.lines.select_related("document__type").get(), Decimal(20))],
            actor=chain.world.clerk,
            on=TODAY,
        )
    )
    assert chain.amounts() == {"invoice_open": 80}

    chain.give_back(sent, quantity=3, reopens=True)
    assert chain.amounts() == {
        "order_open": 30,
        "delivered_uninvoiced": -24,  # three of ten that are billed at 80
        "invoice_open": 80,
    }


def test_18_documents_count_with_their_tax_unless_the_policy_says_net(chain: Chain) -> None:
    """Tryton and iDempiere compared net orders with gross invoices."""
    chain.accept(chain.write("order", 10, tax=Decimal(22)))
    net = Terms(with_tax=False)
    assert chain.amounts() == {"order_open": 122}
    assert chain.amounts(net) == {"order_open": 100}

    sent = chain.deliver(Document.objects.get(type__code="order"))
    assert chain.amounts() == {"delivered_uninvoiced": 122}
    chain.invoice(sent)
    assert chain.amounts() == {"invoice_draft": 122}
    assert chain.amounts(net) == {"invoice_draft": 100}


def test_19_what_is_cancelled_closed_or_only_quoted_counts_nothing(chain: Chain) -> None:
    """ERPNext, Dolibarr, LedgerSMB and metasfresh counted some of these."""
    clerk = chain.world.clerk
    document_cancel(document=chain.order(1), actor=clerk, as_of=TODAY)
    document_close(document=chain.order(2), actor=clerk, as_of=TODAY)
    document_cancel(document=chain.write("invoice", 4), actor=clerk, as_of=TODAY)
    counter_void(
        document=chain.accept(chain.write("counter", 256)),
        reason="wrong customer",
        actor=clerk,
        as_of=TODAY,
    )
    chain.accept(chain.write("quote", 8))
    chain.accept(chain.write("receipt", 16))
    chain.accept(chain.write("move", 32))
    chain.write("pro_forma", 64)
    chain.write("order", 128)
    assert chain.amounts() == {}

    chain.order(1)
    assert chain.amounts() == {"order_open": 10}


def test_20_overdue_is_told_by_instalment_and_the_due_day_is_not_late(chain: Chain) -> None:
    """ERPNext, Axelor and OCA took the whole invoice, or the due day itself."""
    term = PaymentTermFactory(code="halves", lines=[(50, 10), (50, 30)])
    assert isinstance(term, PaymentTerm)
    chain.post(
        chain.write("invoice", 10, document_on=TODAY - 10 * DAY, payment_term=term),
        on=TODAY - 10 * DAY,
    )

    assert chain.amounts() == {"invoice_open": 100}
    assert chain.amounts(as_of=TODAY + DAY) == {"invoice_overdue": 50, "invoice_open": 50}
    assert chain.amounts(as_of=TODAY + 21 * DAY) == {"invoice_overdue": 100}


def test_21_a_remainder_below_zero_frees_no_other_order(chain: Chain) -> None:
    """Axelor, Tryton and an Odoo test let an over-invoiced order pay for another one."""
    DocumentType.objects.filter(code__in=("delivery", "invoice")).update(over_delivery_percent=50)
    over = chain.order(10)
    chain.order(10)

    chain.deliver(over, quantity=14)

    assert chain.amounts() == {"order_open": 100, "delivered_uninvoiced": 140}
    rebate = chain.accept(
        chain.write(
            "order",
            lines=[
                LineInput("Goods", Decimal(10), Decimal(10)),
                LineInput("Rebate", Decimal(-5), Decimal(10)),
            ],
        )
    )
    assert chain.amounts()["order_open"] == 150
    chain.deliver(rebate)
    assert chain.amounts() == {"order_open": 100, "delivered_uninvoiced": 190}


def test_22_an_unposted_payment_frees_nothing_and_one_on_account_hides_no_overdue(
    chain: Chain,
) -> None:
    """LedgerSMB took unapproved payments; ERPNext netted a payment on account with overdue."""
    world = chain.world
    world.item(100, due_on=TODAY - DAY)
    payment_record(
        account=world.account, received_on=TODAY, amount=Decimal(60), provisional=True, actor=None
    )
    assert chain.amounts() == {"invoice_overdue": 100}
    assert chain.amounts(Terms(provisional=True)) == {"invoice_overdue": 100}

    payment_record(account=world.account, received_on=TODAY, amount=Decimal(60), actor=None)
    assert chain.amounts() == {"invoice_overdue": 100, "credits": -60}
    assert chain.read().worst_days == 1


def test_24_a_lower_limit_stops_nothing_that_was_accepted(chain: Chain) -> None:
    """Moving an accepted value along adds nothing, so it is not asked a second time."""
    chain.world.limit(100)
    order = chain.order(10)
    chain.world.limit(10, valid_from=TODAY)

    sent = chain.deliver(order)
    bill = chain.invoice(sent, quantity=6)
    assert chain.submit(bill).decision.outcome in {Outcome.PASS, Outcome.WARN}
    chain.post(bill)
    chain.post(chain.invoice(sent, quantity=4))  # straight from its draft

    assert chain.amounts() == {"invoice_open": 100}
    assert chain.submit(chain.write("order", 1)).document.status == "held"


def test_25_the_number_is_drawn_after_the_check(tight: Chain) -> None:
    """ERPNext numbered and moved stock before it asked; the gap stayed."""
    numbers = NumberSequence.objects.filter(code="invoice")
    held = tight.submit(tight.write("invoice", 16)).document
    refused = invoice_post(
        document=tight.write("invoice", 16), actor=tight.world.manager, on=TODAY, as_of=TODAY
    )
    assert held.number == ""
    assert not numbers.exists()
    assert refused.document.number == ""

    for document in (held, refused.document):
        document_cancel(document=document, actor=tight.world.clerk, as_of=TODAY)
    assert tight.accept(tight.write("invoice", 15)).number.endswith("1")
    assert numbers.exists()


def test_26_a_short_closed_order_counts_no_rest_and_over_delivery_is_seen(chain: Chain) -> None:
    """OCA and Tryton kept the rest of a short-closed order, and missed what was sent too much."""
    order = chain.order(10)
    sent = chain.deliver(order, quantity=6)
    document_close(document=order, actor=chain.world.clerk, as_of=TODAY)

    assert chain.totals() == [60] * 6
    chain.post(chain.invoice(sent))
    assert chain.amounts() == {"invoice_open": 60}

    with pytest.raises(Conflict):
        chain.deliver(chain.order(10), quantity=11)
    DocumentType.objects.filter(code="delivery").update(over_delivery_percent=10)
    chain.deliver(Document.objects.filter(type__code="order").latest("pk"), quantity=11)
    assert chain.amounts() == {"invoice_open": 60, "delivered_uninvoiced": 110}
    assert chain.total(replace(Terms(), deliveries_count=False)) == 160
