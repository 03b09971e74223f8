"""Posting: from an invoice to items of the ledger, once, on an open day, after the check."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from approvals.models import ApprovalRequest
from approvals.services import step_approve, step_refuse
from core.errors import Conflict, Invalid, NotAllowed
from credit_limits.models import CreditCheck
from customers.models import PaymentTerm, PaymentTermLine
from documents.models import Document
from documents.services.recheck import held_recheck
from documents.services.steps import document_cancel
from ledger.models import JournalEntry
from ledger.services.periods import period_close
from tests.documents.services.cycle import Cycle, actions, fresh, item
from tests.world import TODAY

pytestmark = pytest.mark.django_db

FEBRUARY = datetime.date(2026, 2, 28)


def terms() -> PaymentTerm:
    term = PaymentTerm.objects.create(code="half", name="Half now, half in 30 days")
    PaymentTermLine.objects.create(term=term, position=1, percent=Decimal(50), days=0)
    PaymentTermLine.objects.create(term=term, position=2, percent=Decimal(50), days=30)
    return term


def test_an_invoice_becomes_items_by_its_terms(cycle: Cycle) -> None:
    invoice = cycle.draft("invoice", item("33.33", 1, tax=22), payment_term=terms())
    assert invoice.number == ""

    result = cycle.post(invoice)

    posted = fresh(invoice)
    assert result.passed
    assert (posted.status, posted.posted_on) == ("posted", TODAY)
    assert posted.number
    assert posted.entry is not None
    items = posted.entry.items.order_by("due_on")
    assert [(row.due_on, row.amount) for row in items] == [
        (TODAY, Decimal("20.33")),
        (TODAY + datetime.timedelta(days=30), Decimal("20.33")),
    ]
    assert cycle.figures() == {"B": Decimal("40.66")}
    assert actions(invoice) == ["created", "posted"]
    assert CreditCheck.objects.get().checkpoint == "post"


def test_posting_a_submitted_invoice_adds_nothing_and_asks_nobody(cycle: Cycle) -> None:
    invoice = cycle.made("invoice", item(100, 99))
    check = cycle.post(invoice).check

    assert check is not None
    assert (check.outcome, check.projected) == ("pass", 9900)
    assert cycle.figures() == {"B": 9900}


def test_the_day_of_the_books_may_differ_and_must_be_open(cycle: Cycle) -> None:
    period_close(company=cycle.world.company, through=FEBRUARY, actor=None)
    invoice = cycle.draft("invoice", item(100))

    with pytest.raises(Invalid, match="closed through") as caught:
        cycle.post(invoice, on=FEBRUARY)
    assert caught.value.field == "posted_on"
    assert (fresh(invoice).status, fresh(invoice).number) == ("draft", "")
    assert not JournalEntry.objects.exists()
    assert cycle.figures() == {"F": 100}

    cycle.post(invoice, on=FEBRUARY + datetime.timedelta(days=1))
    assert fresh(invoice).posted_on == datetime.date(2026, 3, 1)
    assert fresh(invoice).number


def test_an_invoice_is_posted_once(cycle: Cycle) -> None:
    invoice = cycle.draft("invoice", item(100))
    cycle.post(invoice)
    with pytest.raises(Conflict, match="Posted"):
        cycle.post(invoice)
    assert JournalEntry.objects.count() == 1


@pytest.mark.parametrize("code", ["order", "delivery", "quote", "pro_forma", "receipt"])
def test_other_kinds_are_not_posted(cycle: Cycle, code: str) -> None:
    document = cycle.made(code, item(100))
    with pytest.raises((Invalid, Conflict)):
        cycle.post(document)
    assert not JournalEntry.objects.exists()


def test_a_stale_page_posts_nothing(cycle: Cycle) -> None:
    invoice = cycle.draft("invoice", item(100))
    with pytest.raises(Conflict, match="changed meanwhile"):
        cycle.post(invoice, version=7)
    assert fresh(invoice).status == "draft"


def test_the_sales_clerk_does_not_post(cycle: Cycle) -> None:
    from documents.services.posting import invoice_post

    invoice = cycle.draft("invoice", item(100))
    with pytest.raises(NotAllowed):
        invoice_post(document=invoice, actor=cycle.world.clerk, as_of=TODAY)
    assert fresh(invoice).status == "draft"


def test_a_held_posting_stays_and_approving_posts_it(cycle: Cycle) -> None:
    """A draft counts already, but nobody was asked about it: posting asks."""
    cycle.world.limit(1000, valid_from=TODAY)
    invoice = cycle.draft("invoice", item(100, 15))

    held = cycle.post(invoice)

    assert not held.passed
    assert (fresh(invoice).status, fresh(invoice).number) == ("draft", "")
    assert cycle.figures() == {"F": 1500}
    assert held.case is not None
    assert held.case.checkpoint == "post"
    assert held.request is not None
    assert held.request.amount == 500
    assert not JournalEntry.objects.exists()

    step_approve(
        request=held.request, actor=cycle.world.approver, comment="a good customer", as_of=TODAY
    )

    posted = fresh(invoice)
    assert posted.status == "posted"
    assert posted.number
    assert cycle.figures() == {"B": 1500}
    assert JournalEntry.objects.count() == 1
    assert held.case.__class__.objects.get(pk=held.case.pk).status == "released"
    assert actions(invoice) == ["created", "post_held", "released"]


def test_a_refused_posting_leaves_the_invoice_where_it_was(cycle: Cycle) -> None:
    cycle.world.limit(1000, valid_from=TODAY)
    invoice = cycle.draft("invoice", item(100, 15))
    held = cycle.post(invoice)
    assert held.request is not None

    step_refuse(request=held.request, actor=cycle.world.approver, comment="too risky", as_of=TODAY)

    assert fresh(invoice).status == "draft"
    assert not JournalEntry.objects.exists()
    again = cycle.post(invoice)
    assert not again.passed
    assert ApprovalRequest.objects.filter(status="open").count() == 1


def test_when_the_cause_is_gone_only_the_hold_ends(cycle: Cycle) -> None:
    cycle.world.limit(1000, valid_from=TODAY)
    invoice = cycle.draft("invoice", item(100, 15))
    cycle.post(invoice)
    cycle.world.limit(2000, valid_from=TODAY)

    counts = held_recheck(account_ids=[cycle.world.account.pk], as_of=TODAY)

    assert counts["ended"] == 1
    assert fresh(invoice).status == "draft"
    cycle.post(invoice)
    assert fresh(invoice).status == "posted"


def test_a_credit_note_is_never_held(cycle: Cycle) -> None:
    invoice = cycle.posted(cycle.draft("invoice", item(100, 50)))
    cycle.world.limit(10, valid_from=TODAY)
    cycle.world.account.customer.status = "blocked"
    cycle.world.account.customer.save()

    cycle.post(cycle.credit(invoice, 20))

    assert cycle.figures() == {"B": 3000}


def test_a_credit_note_larger_than_what_is_open_leaves_a_credit(cycle: Cycle) -> None:
    invoice = cycle.posted(cycle.draft("invoice", item(100, 10)))
    assert invoice.entry is not None
    paid = cycle.world.item(700, direction="credit")
    cycle.world.allocate(invoice.entry.items.get(), paid, 700, on=TODAY)

    cycle.post(cycle.credit(invoice))

    assert cycle.figures() == {"C": -700}
    assert invoice.entry.items.get().open_amount == 0


def test_an_invoice_in_a_foreign_currency_keeps_its_rate(cycle: Cycle) -> None:
    from core.models import ExchangeRate
    from tests.factories.core import CurrencyFactory

    dollar = CurrencyFactory(code="USD")
    ExchangeRate.objects.create(
        from_currency=dollar,
        to_currency=cycle.world.company.currency,
        rate=Decimal("0.5"),
        valid_on=TODAY,
    )
    invoice = cycle.draft("invoice", item(100), currency=dollar)
    cycle.post(invoice)
    posted = fresh(invoice)
    assert posted.entry is not None
    assert posted.entry.items.get().amount == 100
    assert cycle.figures() == {"B": 50}


def test_a_document_in_the_ledger_is_neither_cancelled_nor_edited(cycle: Cycle) -> None:
    invoice = cycle.posted(cycle.draft("invoice", item(100)))
    with pytest.raises(Conflict):
        document_cancel(document=invoice, actor=cycle.world.clerk, as_of=TODAY)
    assert Document.objects.get(pk=invoice.pk).status == "posted"
