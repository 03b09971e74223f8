"""An invoice being posted never vanishes from the exposure that others read meanwhile.

Its value moves from the unposted invoices to the open items. Whoever reads both in one statement
sees it in exactly one of them, wherever the posting stands; the control reads them one after the
other and loses it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from django.db import transaction
from django.db.models import Sum

from core import clock
from credit_limits.engine.types import Checkpoint, Component, Outcome
from credit_limits.selectors import credit_position
from credit_limits.services.checks import credit_check
from documents.asking import asked_document
from documents.models import Document, DocumentLine, DocumentType
from documents.services.convert import delivery_create, invoice_create, lines_left
from documents.services.posting import invoice_post
from documents.services.submit import document_submit
from ledger.models import OpenItem
from tests.factories.core import UserFactory
from tests.factories.customers import CustomerAccountFactory
from tests.harness.pauses import boundaries, paused, stepped
from tests.world import TODAY, World, make_world

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from customers.models import CustomerAccount

pytestmark = pytest.mark.django_db(transaction=True)

VALUE = 60
OTHER = 40
WISH = 50
LIMIT = 120
TOTAL = VALUE + OTHER

# How the invoice came about; "only ordered" has none yet.
ORIGINS = ("typed in", "from an order", "from a delivery note")


@dataclass
class Billing:
    """A customer at 100 of 120: an order of 40, an invoice of 60 to be posted, a wish for 50."""

    account: CustomerAccount
    invoice: Document
    wish: Document
    poster: Any
    day: date

    def post(self) -> None:
        invoice_post(document=self.invoice, actor=self.poster, as_of=self.day)

    def read(self) -> dict[Component, Decimal]:
        """What the screens read, without a lock. What is due already is put to what is open."""
        parts = dict(credit_position(account=self.account, as_of=self.day).components)
        parts[Component.INVOICE_OPEN] += parts.pop(Component.INVOICE_OVERDUE)
        return {part: amount for part, amount in parts.items() if amount}

    def ask(self) -> tuple[Decimal | None, Outcome]:
        """What the one door reads: under the lock. The stored check is taken back."""
        with transaction.atomic():
            result = credit_check(
                account=self.account,
                asked=asked_document(self.wish, checkpoint=Checkpoint.SUBMIT),
                checkpoint=Checkpoint.SUBMIT,
                actor=self.poster,
                as_of=self.day,
            )
            transaction.set_rollback(True)
        return result.check.used, result.decision.outcome


def everything(order: Document, code: str) -> list[tuple[DocumentLine, Decimal]]:
    return lines_left([order], DocumentType.objects.get(code=code))


def billing(world: World, origin: str, day: date) -> Billing:
    """All of it came about on `day`; read as a past day, it is read from the kept states."""
    account = CustomerAccountFactory(company=world.company)
    world.limit(LIMIT, account=account)
    poster = UserFactory(username="root", is_superuser=True)
    submit = partial(document_submit, actor=poster, as_of=day)
    with clock.business_day(day):
        submit(document=world.order(OTHER, account=account))
        if origin == "typed in":
            kind = DocumentType.objects.get(code="invoice")
            invoice = world.order(VALUE, account=account, type=kind, actor=poster)
        else:
            invoice = world.order(VALUE, account=account)
            submit(document=invoice)
        if origin == "from a delivery note":
            lines = everything(invoice, "delivery")
            invoice = delivery_create(lines=lines, actor=poster, on=TODAY)
            submit(document=invoice)
        if origin in ("from an order", "from a delivery note"):
            lines = everything(invoice, "invoice")
            invoice = invoice_create(lines=lines, actor=poster, on=TODAY)
    return Billing(account, invoice, world.order(WISH, account=account), poster, day)


@pytest.fixture
def world() -> World:
    return make_world(limit=None)


BEFORE = {Component.ORDER_OPEN: OTHER, Component.INVOICE_DRAFT: VALUE}
AFTER = {Component.ORDER_OPEN: OTHER, Component.INVOICE_OPEN: VALUE}


def value_is_in_one_place(case: Billing, *, posted: bool) -> None:
    read = case.read()
    assert sum(read.values()) == TOTAL
    assert read == (AFTER if posted else BEFORE)


@pytest.mark.parametrize("day", ["today", "a past day"])
@pytest.mark.parametrize("origin", ORIGINS)
def test_whoever_reads_sees_the_value_wherever_the_posting_stands(
    world: World, origin: str, day: str
) -> None:
    """`credit_position` beside every statement of a posting: from what stands, and from states."""
    case = billing(world, origin, clock.today() if day == "today" else TODAY)
    places = []

    for place in stepped(case.post):
        value_is_in_one_place(case, posted=place.when == "after")
        places.append(place)

    assert [str(place.event) for place in places[-2:]] == [str(places[-1].event)] * 2
    assert places[-1].event.is_commit
    assert len(places) > 40


@pytest.mark.parametrize(
    ("origin", "share"),
    [
        ("from a delivery note", 5),
        *(pytest.param(origin, 1, marks=pytest.mark.long) for origin in ORIGINS),
    ],
)
def test_whoever_asks_is_told_of_the_value_wherever_the_posting_stands(
    world: World, origin: str, share: int
) -> None:
    """`credit_check` beside the posting: it waits for the scope or not, and never finds room.

    The wish for 50 more must be held at 100 of 120. Without the invoice it would pass.
    """

    def case() -> Billing:
        return billing(world, origin, clock.today())

    case().post()  # numbers and settings of a new company are made once
    stops = boundaries(lambda: case().post)
    waited = []
    for place, stop in enumerate(stops):
        if share > 1 and place % share and stop.event.number < len(stops) - 2:
            continue
        ours = case()
        with paused(ours.post, at=stop) as held:
            probe = held.probe(ours.ask)
        assert probe.value == (TOTAL, Outcome.HOLD), stop
        waited.append(probe.waited)
        value_is_in_one_place(ours, posted=True)
    # Free before the posting takes the scope, waiting while it has it, free after its commit.
    assert (waited[0], waited[-2], waited[-1]) == (False, True, False)
    assert waited == [*sorted(waited[:-1]), False]


def test_whatever_stands_still_in_reading_sees_the_value_once(world: World) -> None:
    """The other way round: a reader paused at each of its statements while all is posted."""

    def case() -> Billing:
        return billing(world, "from an order", clock.today())

    stops = boundaries(lambda: case().read)
    for stop in stops:
        ours = case()
        with paused(ours.read, at=stop) as held:
            assert not held.probe(ours.post).waited
        assert held.outcome is not None
        assert held.outcome.value in (BEFORE, AFTER), stop


def test_whoever_asks_sees_it_while_others_write_the_invoice(world: World) -> None:
    """A check paused at each of its statements, while the order of 60 gets its invoice.

    A draft counts as soon as it is saved, so writing it moves the value, too.
    """

    def case() -> Billing:
        return billing(world, "only ordered", clock.today())

    def write_invoice(ours: Billing) -> Callable[[], object]:
        lines = everything(ours.invoice, "invoice")
        return partial(invoice_create, lines=lines, actor=ours.poster, on=TODAY)

    write_invoice(case())()
    for stop in boundaries(lambda: case().ask):
        ours = case()
        write = write_invoice(ours)
        with paused(ours.ask, at=stop) as held:
            held.probe(write)
        assert held.outcome is not None
        assert held.outcome.value == (TOTAL, Outcome.HOLD), stop
        assert ours.read() == BEFORE


def test_the_control_two_statements_lose_the_value(world: World) -> None:
    """Items first, unposted invoices next, all posted in between: the 60 are in neither."""
    case = billing(world, "typed in", clock.today())

    def read_in_two() -> Decimal:
        items = OpenItem.objects.filter(account=case.account, is_posted=True)
        owed = items.aggregate(owed=Sum("open_amount"))["owed"] or Decimal(0)
        unposted = Document.objects.filter(
            account=case.account, type__kind="invoice", status__in=("draft", "submitted")
        )
        return owed + (unposted.aggregate(drafts=Sum("gross_amount"))["drafts"] or Decimal(0))

    assert read_in_two() == VALUE
    _before, between, _after = boundaries(lambda: read_in_two)
    with paused(read_in_two, at=between) as held:
        held.probe(case.post)
    assert held.outcome is not None
    assert held.outcome.value == 0
    assert read_in_two() == VALUE
