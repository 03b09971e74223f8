"""The final print (parameter P8): a gate that asks for credit, and what it leaves behind."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.db import transaction

from approvals.services import step_approve, step_refuse
from core.errors import Conflict, NotAllowed
from core.models import AuditEvent
from credit_limits.engine.types import Component
from credit_limits.models import CreditCheck
from credit_limits.selectors import credit_position
from credit_limits.services.policies import policy_publish
from documents.models import Document, DocumentPaper, DocumentState, DocumentType, HoldCase
from documents.paper_files import is_outdated
from documents.services.change import order_change
from documents.services.convert import delivery_create, invoice_create, return_create
from documents.services.printing import PrintOutcome, PrintResult, document_print_final
from documents.services.recheck import held_recheck
from documents.services.save import order_update
from documents.services.steps import document_cancel
from tests.documents.papers import Papers, goods, make_papers
from tests.factories.core import UserFactory
from tests.world import TODAY, line

if TYPE_CHECKING:
    from core.models import User

pytestmark = pytest.mark.django_db


MORNING = datetime.datetime.combine(TODAY, datetime.time(8), tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def _on_the_day(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with time_machine.travel(MORNING, tick=True):
        yield


@pytest.fixture
def papers() -> Papers:
    return make_papers(limit=1000)


def policy(papers: Papers, **values: object) -> None:
    """Set parameters of the policy and publish it."""
    for name, value in values.items():
        setattr(papers.world.policy, name, value)
    papers.world.policy.save()
    policy_publish(policy=papers.world.policy, actor=None)


def printed(papers: Papers, document: Document, actor: User | None = None) -> PrintResult:
    return document_print_final(document=document, actor=actor or papers.world.clerk, as_of=TODAY)


def part(papers: Papers, component: Component) -> Decimal:
    return credit_position(account=papers.world.account, as_of=TODAY).components.get(
        component, Decimal(0)
    )


def decide(step: Any, request: Any, papers: Papers) -> None:
    step(request=request, actor=papers.world.manager, comment="Known for years", as_of=TODAY)


def block(papers: Papers) -> None:
    """Something that stops every outward step of the customer, whatever the amount."""
    papers.world.rule("customer_status", "hold")
    customer = papers.world.account.customer
    customer.status = "under_review"
    customer.save()


# --- what passes ---------------------------------------------------------------------------------


def test_a_print_sets_the_flag_keeps_the_paper_and_is_one_event(papers: Papers) -> None:
    order = papers.made("order", [line(400)])
    events = AuditEvent.objects.count()
    states = DocumentState.objects.count()

    result = printed(papers, order)

    assert result.outcome is PrintOutcome.PRINTED
    order.refresh_from_db()
    assert (order.printed_on, order.printed_by) == (TODAY, papers.world.clerk)
    paper = DocumentPaper.objects.get()
    assert result.paper == paper
    assert (paper.edition, paper.content["number"]) == (1, order.number)
    assert AuditEvent.objects.count() == events + 1
    assert AuditEvent.objects.latest("pk").action == "documents.document.printed"
    assert DocumentState.objects.count() == states + 1
    assert DocumentState.objects.latest("pk").printed_on == TODAY
    check = CreditCheck.objects.latest("pk")
    assert (check.checkpoint, check.outcome) == ("print", "pass")


def test_printing_adds_no_value_that_counts_already(papers: Papers) -> None:
    """The whole limit is used by the order: its paper asks for nothing more."""
    order = papers.made("order", [line(1000)])

    assert printed(papers, order).outcome is PrintOutcome.PRINTED
    assert CreditCheck.objects.latest("pk").projected == 1000


def test_an_order_that_is_half_delivered_asks_for_the_other_half_only(papers: Papers) -> None:
    order = papers.made("order", [line(100, 10)])
    papers.taken(delivery_create, order, 5)

    assert printed(papers, order).outcome is PrintOutcome.PRINTED
    check = CreditCheck.objects.latest("pk")
    assert (check.projected, check.amount) == (1000, 500)


def test_what_is_in_the_ledger_asks_for_nothing(papers: Papers) -> None:
    invoice = papers.posted(papers.made("invoice", [line(1000)]))

    assert printed(papers, invoice).outcome is PrintOutcome.PRINTED
    check = CreditCheck.objects.latest("pk")
    assert (check.projected, check.amount) == (1000, 0)
    invoice.refresh_from_db()
    assert invoice.status == Document.Status.POSTED


@pytest.mark.parametrize("code", ["quote", "pro_forma", "receipt", "move"])
def test_what_asks_nobody_prints_without_a_check(papers: Papers, code: str) -> None:
    document = papers.made(code, [line(9000)])

    assert printed(papers, document).outcome is PrintOutcome.PRINTED
    assert not CreditCheck.objects.exists()
    document.refresh_from_db()
    assert document.printed_on == TODAY


def test_every_kind_prints() -> None:
    papers = make_papers()
    for code, document in papers.of_every_kind().items():
        assert printed(papers, document).outcome is PrintOutcome.PRINTED, code


def test_what_comes_back_is_never_stopped(papers: Papers) -> None:
    order = papers.made("order", [line(100, 10)])
    delivery = papers.taken(delivery_create, order)
    returned = papers.taken(return_create, delivery, 2)
    block(papers)

    assert printed(papers, returned).outcome is PrintOutcome.PRINTED
    assert printed(papers, delivery).outcome is not PrintOutcome.PRINTED


# --- P8 ------------------------------------------------------------------------------------------


def test_block_on_a_print_that_is_held_leaves_no_paper(papers: Papers) -> None:
    policy(papers, block_print=True)
    order = papers.made("order", [line(400)])
    block(papers)

    result = printed(papers, order)

    assert result.outcome is PrintOutcome.BLOCKED
    assert result.paper is None
    assert result.reasons == ("STATUS_UNDER_REVIEW",)
    assert not DocumentPaper.objects.exists()
    order.refresh_from_db()
    assert (order.printed_on, order.printed_by, order.status) == (None, None, "submitted")
    case = HoldCase.objects.get()
    assert (case.checkpoint, case.status, case.request.status) == ("print", "open", "open")
    event = AuditEvent.objects.latest("pk")
    assert (event.action, event.data["paper"]) == ("documents.document.print_held", "blocked")


def test_block_off_a_marked_paper_goes_out_and_the_document_stays_unprinted(
    papers: Papers,
) -> None:
    policy(papers, block_print=False)
    order = papers.made("order", [line(400)])
    block(papers)

    result = printed(papers, order)

    assert result.outcome is PrintOutcome.MARKED
    order.refresh_from_db()
    assert order.printed_on is None
    assert not DocumentPaper.objects.exists()
    assert HoldCase.objects.get().checkpoint == "print"
    assert AuditEvent.objects.latest("pk").data["paper"] == "marked"


@pytest.mark.parametrize(
    ("blocks", "outcome"), [(True, PrintOutcome.BLOCKED), (False, PrintOutcome.MARKED)]
)
def test_a_held_document_is_not_asked_about_again(
    papers: Papers, blocks: bool, outcome: PrintOutcome
) -> None:
    policy(papers, block_print=blocks)
    order = papers.made("order", [line(1001)])
    assert order.status == Document.Status.HELD
    checks = CreditCheck.objects.count()

    result = printed(papers, order)

    assert (result.outcome, result.paper) == (outcome, None)
    assert result.reasons == ("LIMIT_EXCEEDED",)
    assert CreditCheck.objects.count() == checks
    order.refresh_from_db()
    assert (order.status, order.printed_on) == (Document.Status.HELD, None)
    assert HoldCase.objects.get().checkpoint == "submit"


def test_a_held_document_released_prints_under_that_release(papers: Papers) -> None:
    policy(papers, block_print=True)
    order = papers.made("order", [line(1500)])
    assert printed(papers, order).outcome is PrintOutcome.BLOCKED
    request = HoldCase.objects.get().request
    step_approve(
        request=request, actor=papers.world.manager, comment="Known for years", as_of=TODAY
    )

    assert printed(papers, order).outcome is PrintOutcome.PRINTED


def test_a_release_of_the_print_covers_the_next_print(papers: Papers) -> None:
    order = papers.made("order", [line(400)])
    block(papers)
    case = printed(papers, order).case
    assert case is not None
    step_approve(
        request=case.request, actor=papers.world.manager, comment="Known for years", as_of=TODAY
    )
    order.refresh_from_db()
    assert order.printed_on is None, "a person prints"

    assert printed(papers, order).outcome is PrintOutcome.PRINTED
    assert not HoldCase.objects.filter(status="open").exists()


def test_a_refused_print_is_asked_about_anew(papers: Papers) -> None:
    order = papers.made("order", [line(400)])
    block(papers)
    case = printed(papers, order).case
    assert case is not None
    decide(step_refuse, case.request, papers)
    order.refresh_from_db()
    assert order.status == Document.Status.SUBMITTED

    assert printed(papers, order).outcome is not PrintOutcome.PRINTED
    assert HoldCase.objects.filter(status="open").count() == 1


def test_the_hold_ends_with_its_cause_and_a_person_prints(papers: Papers) -> None:
    order = papers.made("order", [line(400)])
    block(papers)
    printed(papers, order)
    customer = papers.world.account.customer
    customer.status = "released"
    customer.save()

    assert held_recheck(as_of=TODAY)["ended"] == 1
    order.refresh_from_db()
    assert order.printed_on is None
    assert printed(papers, order).outcome is PrintOutcome.PRINTED


def test_exclude_block_prints_over_the_limit(papers: Papers) -> None:
    policy(papers, block_print=True)
    DocumentType.objects.filter(code="order").update(exclude_block=True)
    order = papers.made("order", [line(5000)])

    assert printed(papers, order).outcome is PrintOutcome.PRINTED


# --- what may not be printed ---------------------------------------------------------------------


def test_a_draft_is_not_printed_for_good(papers: Papers) -> None:
    draft = papers.draft("order")
    with pytest.raises(Conflict, match="Draft"):
        printed(papers, draft)
    assert not DocumentPaper.objects.exists()


def test_a_cancelled_document_is_not_printed_for_good(papers: Papers) -> None:
    order = papers.made("order", [line(1)])
    document_cancel(document=order, actor=papers.world.clerk, as_of=TODAY)
    with pytest.raises(Conflict, match="Cancelled"):
        printed(papers, order)


def test_it_needs_its_right(papers: Papers) -> None:
    order = papers.made("order", [line(1)])
    for role in ("approver", "auditor", "admin"):
        with pytest.raises(NotAllowed):
            printed(papers, order, UserFactory(username=f"a-{role}", role=role))
    order.refresh_from_db()
    assert order.printed_on is None
    assert printed(papers, order, papers.treasurer).outcome is PrintOutcome.PRINTED


# --- once printed --------------------------------------------------------------------------------


def test_printed_again_it_is_the_same_paper_without_a_check(papers: Papers) -> None:
    order = papers.made("order", [line(400)])
    first = printed(papers, order).paper
    block(papers)
    papers.world.account.customer.address = "Moved away 1"
    papers.world.account.customer.save()
    before = (CreditCheck.objects.count(), AuditEvent.objects.count(), HoldCase.objects.count())

    again = printed(papers, order)

    assert (again.outcome, again.paper) == (PrintOutcome.COPY, first)
    assert first is not None
    assert "Corso Magenta" in again.paper.content["bill_to"]["address"]
    assert (
        CreditCheck.objects.count(),
        AuditEvent.objects.count(),
        HoldCase.objects.count(),
    ) == before


def test_posting_what_is_printed_changes_nothing_it_says(papers: Papers) -> None:
    invoice = papers.made("invoice", [line(400)])
    printed(papers, invoice)
    invoice = papers.posted(invoice)

    assert not is_outdated(invoice)
    assert printed(papers, invoice).outcome is PrintOutcome.COPY


def changed(papers: Papers, order: Document, price: int) -> None:
    order.refresh_from_db()
    order_change(
        document=order,
        header=papers.world.header(reference=order.reference),
        lines=[line(price)],
        version=order.version,
        actor=papers.world.clerk,
        as_of=TODAY,
    )


def test_after_a_change_it_is_printed_anew_with_a_check(papers: Papers) -> None:
    order = papers.made("order", [line(400)])
    printed(papers, order)
    changed(papers, order, 500)
    order.refresh_from_db()
    assert is_outdated(order)
    checks = CreditCheck.objects.count()

    result = document_print_final(
        document=order, actor=papers.treasurer, as_of=TODAY + datetime.timedelta(days=3)
    )

    assert (result.outcome, result.paper.edition) == (PrintOutcome.PRINTED, 2)
    assert CreditCheck.objects.count() == checks + 1
    order.refresh_from_db()
    assert (order.printed_on, order.printed_by) == (TODAY, papers.world.clerk), "its first day"
    assert [paper.content["gross"] for paper in order.papers.all()] == ["400.00", "500.00"]


def test_a_type_that_locks_what_is_printed_locks_change_and_edit(papers: Papers) -> None:
    DocumentType.objects.filter(code__in=("order", "invoice")).update(block_printed=True)
    order = papers.made("order", [line(400)])
    changed(papers, order, 300)
    printed(papers, order)

    with pytest.raises(Conflict, match="cannot be edited any more"):
        changed(papers, order, 200)
    order.refresh_from_db()
    assert order.gross_amount == 300

    # A document that fell back to a draft is still the printed one.
    Document.objects.filter(pk=order.pk).update(status="draft")
    with pytest.raises(Conflict, match="cannot be edited any more"):
        order_update(
            document=order,
            header=papers.world.header(),
            lines=[line(1)],
            version=order.version,
            actor=papers.world.clerk,
            as_of=TODAY,
        )


def test_a_wish_that_waits_keeps_a_locking_type_from_being_printed(papers: Papers) -> None:
    DocumentType.objects.filter(code="order").update(block_printed=True)
    order = papers.made("order", [line(400)])
    changed(papers, order, 5000)
    assert order.revisions.filter(status="pending").exists()

    with pytest.raises(Conflict, match="waits for a decision"):
        printed(papers, order)
    order.refresh_from_db()
    assert order.printed_on is None


def test_a_wish_that_waits_is_no_matter_for_other_types(papers: Papers) -> None:
    order = papers.made("order", [line(400)])
    changed(papers, order, 5000)

    assert printed(papers, order).outcome is PrintOutcome.PRINTED
    assert order.revisions.filter(status="pending").exists()


# --- what counts only once it is printed ---------------------------------------------------------


def test_orders_that_count_from_their_print_ask_for_credit_there(papers: Papers) -> None:
    policy(papers, orders_count_from="printed")
    first = papers.made("order", [line(700)])
    second = papers.made("order", [line(700)])
    assert part(papers, Component.ORDER_OPEN) == 0

    assert printed(papers, first).outcome is PrintOutcome.PRINTED
    assert part(papers, Component.ORDER_OPEN) == 700

    held = printed(papers, second)
    assert held.outcome is not PrintOutcome.PRINTED
    assert held.reasons == ("LIMIT_EXCEEDED",)
    assert part(papers, Component.ORDER_OPEN) == 700


def test_unprinted_invoices_leave_their_value_where_it_was(papers: Papers) -> None:
    """P9 off: until it is printed the delivery note keeps the value, then the invoice has it."""
    policy(papers, unprinted_invoices_count=False)
    order = papers.made("order", [line(100, 6)])
    delivery = papers.taken(delivery_create, order)
    invoice = papers.taken(invoice_create, delivery)
    assert part(papers, Component.DELIVERED_UNINVOICED) == 600
    assert part(papers, Component.INVOICE_DRAFT) == 0

    assert printed(papers, invoice).outcome is PrintOutcome.PRINTED

    assert part(papers, Component.DELIVERED_UNINVOICED) == 0
    assert part(papers, Component.INVOICE_DRAFT) == 600
    check = CreditCheck.objects.latest("pk")
    assert (check.projected, check.overrun) == (600, 0)


def test_the_past_knows_what_was_not_printed_yet(papers: Papers) -> None:
    policy(papers, orders_count_from="printed")
    order = papers.made("order", [line(700)])
    day = datetime.timedelta(days=1)
    with time_machine.travel(MORNING + 5 * day, tick=True):
        document_print_final(document=order, actor=papers.world.clerk)

        def counted(on: datetime.date) -> Decimal:
            found = credit_position(account=papers.world.account, as_of=on)
            return found.components.get(Component.ORDER_OPEN, Decimal(0))

        assert [counted(TODAY + number * day) for number in (0, 4, 5)] == [0, 0, 700]


# --- nothing before the check --------------------------------------------------------------------


def test_a_print_that_fails_half_way_leaves_nothing(papers: Papers, monkeypatch) -> None:
    from documents.services import printing

    order = papers.made("order", [line(400)])
    counts = (CreditCheck.objects.count(), AuditEvent.objects.count())

    def broken(*_args: object, **_kwargs: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(printing, "live_refresh", broken)
    with pytest.raises(ConnectionError), transaction.atomic():
        printed(papers, order)

    order.refresh_from_db()
    assert order.printed_on is None
    assert not DocumentPaper.objects.exists()
    assert (CreditCheck.objects.count(), AuditEvent.objects.count()) == counts


def test_the_command_asks_a_bounded_number_of_statements(
    papers: Papers, django_assert_max_num_queries
) -> None:
    order = papers.made("order", [goods(f"Part {index}", "1", "1") for index in range(60)])
    with django_assert_max_num_queries(45):
        printed(papers, order)


def test_a_document_of_every_status_but_the_accepted_is_refused(papers: Papers) -> None:
    order = papers.made("order", [line(1)])
    for status in ("draft", "refused", "cancelled"):
        Document.objects.filter(pk=order.pk).update(status=status)
        with pytest.raises(Conflict):
            printed(papers, order)
    assert not DocumentPaper.objects.exists()
