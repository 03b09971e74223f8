"""Sales at the counter: only the unpaid part asks for credit; taking one back leaves no trace."""

from __future__ import annotations

import datetime
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from core.errors import Conflict, Invalid, NotAllowed
from credit_limits.selectors import credit_position
from customers.models import Customer
from documents.models import Document, DocumentType
from documents.services.counter import counter_sale, counter_void
from documents.services.history import live_refresh
from documents.services.save import order_create, order_update
from ledger.models import JournalEntry, OpenItem
from ledger.selectors.proof import ledger_misses
from ledger.services.payments import payment_record
from tests.factories.customers import PaymentMethodFactory, PaymentTermFactory
from tests.world import World, line, make_world

if TYPE_CHECKING:
    from documents.results import SubmitResult

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world(limit=100)


def today() -> datetime.date:
    return timezone.localdate()


def sale(world: World, gross: int, paid: int = 0, *, key: str = "") -> SubmitResult:
    header = world.header(
        type=DocumentType.objects.get(code="counter"), document_on=today(), import_key=key
    )
    return counter_sale(
        header=replace(header, paid_amount=Decimal(paid)), lines=[line(gross)], actor=world.clerk
    )


def total(world: World) -> Decimal:
    return credit_position(account=world.account, as_of=today()).total


def void(world: World, document: Document, reason: str = "returned") -> Document:
    return counter_void(document=document, reason=reason, actor=world.clerk)


def test_a_ticket_paid_in_full_asks_for_nothing(world: World) -> None:
    world.item(90, due_on=today() + datetime.timedelta(days=5))

    result = sale(world, 50, paid=50)

    assert result.passed
    assert result.document.status == "posted"
    assert result.decision is not None
    assert result.decision.projected == 90
    assert total(world) == 90
    assert ledger_misses([world.account.pk]) == []


def test_the_unpaid_part_is_asked_for_at_the_till(world: World) -> None:
    world.item(90, due_on=today() + datetime.timedelta(days=5))

    result = sale(world, 50, paid=30)

    assert not result.passed
    assert result.decision is not None
    assert result.decision.projected == 110
    assert result.decision.blocking == ("LIMIT_EXCEEDED",)
    assert result.document.status == "held"
    assert not JournalEntry.objects.filter(document=result.document).exists()
    assert total(world) == 90


def test_what_goes_on_account_is_an_open_item_and_the_money_is_applied(world: World) -> None:
    result = sale(world, 50, paid=20)

    item = OpenItem.objects.get(entry__document=result.document)
    assert (item.amount, item.open_amount) == (50, 30)
    assert result.document.number.startswith("CS-")
    assert total(world) == 30
    assert ledger_misses([world.account.pk]) == []


def test_the_same_form_twice_is_one_sale(world: World) -> None:
    first = sale(world, 50, paid=50, key="form-1")
    second = sale(world, 50, paid=50, key="form-1")
    with pytest.raises(Conflict) as caught:
        sale(world, 60, paid=50, key="form-1")

    assert caught.value.code == "documents.sale_entered"
    assert second.passed
    assert first.document == second.document == Document.objects.get()
    assert JournalEntry.objects.filter(kind="invoice").count() == 1
    assert first.document.status == "posted"


def test_a_held_sale_sent_twice_is_held_once(world: World) -> None:
    results = [sale(world, 150, key="form-2") for _click in range(2)]

    assert [result.passed for result in results] == [False, False]
    assert results[0].request == results[1].request
    assert Document.objects.get().status == "held"


def test_paying_more_ends_the_hold_and_posts_the_sale(world: World) -> None:
    document = sale(world, 150, paid=20).document
    header = world.header(type=document.type, document_on=today())

    order_update(
        document=document,
        header=replace(header, paid_amount=Decimal(50)),
        lines=[line(150)],
        version=document.version,
        actor=world.clerk,
    )

    document.refresh_from_db()
    assert (document.status, document.paid_amount) == ("posted", 50)
    assert total(world) == 100
    assert ledger_misses([world.account.pk]) == []


@pytest.mark.parametrize(("paid", "waiting"), [(0, 151), (50, 101)])
def test_only_what_is_not_paid_waits(world: World, paid: int, waiting: int) -> None:
    sale(world, 151, paid=paid)

    position = credit_position(account=world.account, as_of=today())
    assert (position.total, position.waiting) == (0, waiting)


def test_the_rest_falls_due_by_the_terms_and_what_is_paid_at_once(world: World) -> None:
    term = PaymentTermFactory(code="net30")
    header = world.header(
        type=DocumentType.objects.get(code="counter"), document_on=today(), payment_term=term
    )

    counter_sale(
        header=replace(header, paid_amount=Decimal(20)), lines=[line(50)], actor=world.clerk
    )

    items = OpenItem.objects.filter(direction="debit").order_by("due_on")
    assert [(item.due_on - today(), item.amount, item.open_amount) for item in items] == [
        (datetime.timedelta(0), 20, 0),
        (datetime.timedelta(30), 30, 30),
    ]
    void(world, Document.objects.get())
    assert total(world) == 0
    assert ledger_misses([world.account.pk]) == []


def test_a_method_that_is_always_analysed_does_not_stop_a_ticket_paid_in_full(
    world: World,
) -> None:
    cheque = PaymentMethodFactory(code="cheque", treatment="analysis")
    header = world.header(
        type=DocumentType.objects.get(code="counter"), document_on=today(), payment_method=cheque
    )

    def sell(paid: int) -> SubmitResult:
        return counter_sale(
            header=replace(header, paid_amount=Decimal(paid)), lines=[line(50)], actor=world.clerk
        )

    assert sell(50).passed
    assert not sell(49).passed


def test_a_blocked_customer_is_served_by_nobody(world: World) -> None:
    Customer.objects.update(status="blocked")

    assert not sale(world, 50, paid=50).passed


def test_erp_20_the_ticket_is_asked_about_at_the_till(world: World) -> None:
    """Limit 100, owed 90: a ticket of 50 paid in full adds nothing, 20 on account make 110."""
    world.item(90, due_on=today() + datetime.timedelta(days=5))

    paid, partly = sale(world, 50, paid=50), sale(world, 50, paid=30)

    assert paid.decision is not None
    assert partly.decision is not None
    assert (paid.passed, paid.decision.projected) == (True, 90)
    assert (partly.passed, partly.decision.projected) == (False, 110)
    assert partly.decision.blocking == ("LIMIT_EXCEEDED",)


def test_ide_05_on_account_adds_the_total_and_cash_nothing_not_even_voided() -> None:
    """Limit 500, owed 100: 30 on account is 130; 30 in cash stays 130, voided as well."""
    world = make_world(limit=500)
    world.item(100, due_on=today() + datetime.timedelta(days=5))

    sale(world, 30)
    after_account = total(world)
    document = sale(world, 30, paid=30).document
    after_cash = total(world)
    void(world, document)

    assert (after_account, after_cash, total(world)) == (130, 130, 130)


@pytest.mark.parametrize("paid", [-1, 51])
def test_nobody_pays_less_than_nothing_or_more_than_the_ticket(world: World, paid: int) -> None:
    with pytest.raises(Invalid) as caught:
        sale(world, 50, paid=paid)

    assert caught.value.field == "paid_amount"
    assert not Document.objects.exists()


@pytest.mark.parametrize("paid", [0, 20, 50])
def test_voiding_leaves_exposure_as_before_and_the_books_in_balance(
    world: World, paid: int
) -> None:
    world.item(40, due_on=today() + datetime.timedelta(days=5))
    document = sale(world, 50, paid=paid).document
    assert total(world) == 40 + 50 - paid

    done = void(world, document)

    assert done.status == "cancelled"
    assert total(world) == 40
    assert not OpenItem.objects.filter(entry__number=document.number, open_amount__gt=0).exists()
    assert ledger_misses([world.account.pk]) == []


def test_voiding_a_paid_ticket_frees_nothing(world: World) -> None:
    world.item(100, due_on=today() + datetime.timedelta(days=5))
    document = sale(world, 50, paid=50).document

    void(world, document)

    assert total(world) == 100
    assert not sale(world, 1).passed


def test_a_sale_is_voided_once_with_a_reason_and_by_right(world: World) -> None:
    document = sale(world, 50, paid=50).document

    with pytest.raises(Invalid):
        void(world, document, reason=" ")
    with pytest.raises(NotAllowed):
        counter_void(document=document, reason="x", actor=world.approver)
    void(world, document)
    with pytest.raises(Conflict):
        void(world, document)

    assert total(world) == 0


def test_a_sale_that_something_else_paid_is_not_voided(world: World) -> None:
    document = sale(world, 50, paid=20).document
    item = OpenItem.objects.get(entry__document=document)
    payment_record(
        account=world.account,
        received_on=today(),
        amount=Decimal(10),
        allocations=[(item, Decimal(10))],
        actor=None,
    )

    with pytest.raises(Conflict) as caught:
        void(world, document)

    assert caught.value.code == "documents.sale_settled"
    assert Document.objects.get(pk=document.pk).status == "posted"
    assert total(world) == 20


@pytest.mark.parametrize(
    ("code", "live"), [("counter", False), ("charge", False), ("order", False), ("invoice", True)]
)
def test_only_drafts_that_count_are_read_for_exposure(world: World, code: str, live: bool) -> None:
    document = order_create(
        header=world.header(type=DocumentType.objects.get(code=code), document_on=today()),
        lines=[line(10)],
        actor=world.clerk,
    )
    assert document.is_live is live

    live_refresh(document)

    document.refresh_from_db()
    assert document.is_live is live
