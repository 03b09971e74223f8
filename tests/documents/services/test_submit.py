"""The main line: submit, pass, warn, hold, release, refuse, change, recheck."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approvals.models import ApprovalRequest
from approvals.services import step_approve, step_refuse
from core.errors import Conflict, Invalid, NotAllowed
from core.models import AuditEvent
from credit_limits.models import CheckFinding, CreditCheck, Release
from credit_limits.selectors import check_replay, credit_position
from documents.models import Document, DocumentRevision, HoldCase
from documents.results import SubmitResult
from documents.services.change import order_change
from documents.services.recheck import held_recheck
from documents.services.save import order_update
from documents.services.steps import document_cancel, document_close, document_copy, document_reopen
from documents.services.submit import document_submit
from tests.factories.customers import CustomerGroupFactory, PaymentMethodFactory
from tests.world import TODAY, World, line, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world(limit=1000)


def used(world: World) -> Decimal:
    return credit_position(account=world.account, as_of=TODAY).total


def submit(world: World, document: Document, version: int | None = None) -> SubmitResult:
    return document_submit(document=document, actor=world.clerk, as_of=TODAY, version=version)


def events(document: Document) -> list[str]:
    found = AuditEvent.objects.filter(
        subject_type="documents.document", subject_id=document.pk
    ).order_by("pk")
    return [event.action.rsplit(".", 1)[1] for event in found]


def test_an_order_within_the_limit_passes_and_counts(world: World) -> None:
    result = submit(world, world.order(800))

    assert result.document.status == "submitted"
    assert result.document.accepted_on == TODAY
    assert result.check.outcome == "pass"
    assert used(world) == 800
    assert events(result.document) == ["created", "submitted"]
    assert not ApprovalRequest.objects.exists()


def test_equality_with_the_limit_passes_with_a_warning(world: World) -> None:
    result = submit(world, world.order(1000))

    assert (result.document.status, result.check.outcome) == ("submitted", "warn")
    assert result.decision.reasons == ("NEAR_LIMIT",)


def test_over_the_limit_is_held_whole_and_asks_an_approver(world: World) -> None:
    submit(world, world.order(400))

    result = submit(world, world.order("600.01"))

    document = Document.objects.get(pk=result.document.pk)
    assert document.status == "held"
    assert document.lines.count() == 1
    assert result.decision.blocking == ("LIMIT_EXCEEDED",)
    assert used(world) == 400
    request = ApprovalRequest.objects.get()
    assert request.amount == Decimal("0.01")
    assert request.reasons == ["LIMIT_EXCEEDED"]
    assert world.clerk.pk in request.barred_ids
    assert request.snapshot["used"] == "400.00"
    assert any("600.01" in way or "0.01" in way for way in request.snapshot["ways"])
    assert HoldCase.objects.get().request == request
    assert events(document) == ["created", "held"]


def test_every_rule_is_in_the_trace_and_the_check_replays(world: World) -> None:
    result = submit(world, world.order(2000))

    rules = set(CheckFinding.objects.values_list("rule", flat=True))
    assert len(rules) == 12
    again = check_replay(CreditCheck.objects.get())
    assert again == result.decision


def test_a_blocked_customer_is_refused_without_asking_anybody(world: World) -> None:
    world.account.customer.status = "blocked"
    world.account.customer.save()

    result = submit(world, world.order(1))

    assert result.document.status == "held"
    assert result.check.outcome == "refuse"
    assert HoldCase.objects.get().request is None
    assert not ApprovalRequest.objects.exists()


def test_status_outranks_a_method_that_always_passes(world: World) -> None:
    cash = PaymentMethodFactory(code="cash", treatment="passes", is_immediate=True)
    world.limit(None, state="zero", valid_from=TODAY)
    assert submit(world, world.order(500, payment_method=cash)).document.status == "submitted"

    world.account.customer.status = "debtor"
    world.account.customer.save()

    result = submit(world, world.order(500, payment_method=cash))
    assert result.decision.blocking == ("STATUS_DEBTOR",)


def test_release_rechecks_and_sticks(world: World) -> None:
    held = submit(world, world.order(1500))

    step_approve(request=held.request, actor=world.approver, comment="good customer", as_of=TODAY)

    document = Document.objects.get(pk=held.document.pk)
    assert document.status == "released"
    assert used(world) == 1500
    release = Release.objects.get()
    assert (release.amount_up_to, release.reasons) == (1500, ["LIMIT_EXCEEDED"])
    assert HoldCase.objects.get().status == "released"
    assert events(document) == ["created", "held", "released"]


def test_refusal_frees_nothing_and_keeps_everything_typed(world: World) -> None:
    held = submit(world, world.order(1500))

    step_refuse(request=held.request, actor=world.approver, comment="too risky", as_of=TODAY)

    document = Document.objects.get(pk=held.document.pk)
    assert document.status == "refused"
    assert document.lines.count() == 1
    assert used(world) == 0
    assert not Release.objects.exists()


def test_nobody_approves_their_own(world: World) -> None:
    for user in (world.clerk, world.manager):
        user.is_superuser = True
        user.save()
    held = document_submit(
        document=world.order(1500, actor=world.manager), actor=world.clerk, as_of=TODAY
    )

    for user in (world.clerk, world.manager):
        with pytest.raises(NotAllowed):
            step_approve(request=held.request, actor=user, comment="mine is fine", as_of=TODAY)

    assert Document.objects.get(pk=held.document.pk).status == "held"
    assert not Release.objects.exists()


def test_a_release_is_not_granted_when_the_overrun_grew_beyond_the_approver(world: World) -> None:
    held = submit(world, world.order(1500))
    world.item(8000)

    step_approve(request=held.request, actor=world.approver, comment="agreed", as_of=TODAY)

    document = Document.objects.get(pk=held.document.pk)
    assert document.status == "held"
    assert not Release.objects.exists()
    again = ApprovalRequest.objects.get(status="open")
    assert again.amount == 8500
    assert "release_outdated" in events(document)


def test_a_release_is_not_granted_for_a_reason_nobody_saw(world: World) -> None:
    held = submit(world, world.order(1500))
    world.item(10, due_on=TODAY - datetime.timedelta(days=40))

    step_approve(request=held.request, actor=world.manager, comment="agreed", as_of=TODAY)

    assert Document.objects.get(pk=held.document.pk).status == "held"
    assert set(ApprovalRequest.objects.get(status="open").reasons) == {
        "LIMIT_EXCEEDED",
        "OVERDUE_DAYS",
    }


def test_a_change_asks_only_for_the_difference(world: World) -> None:
    """ERPNext test_customer_credit_limit_after_submit: limit 300, 200 open, 100 ordered."""
    world.limit(300, valid_from=TODAY)
    world.item(200)
    order = submit(world, world.order(100)).document
    assert used(world) == 300

    wish = order_change(
        document=order,
        header=world.header(),
        lines=[line(100, 2)],
        version=order.version,
        actor=world.clerk,
        as_of=TODAY,
    )

    assert wish.decision.projected == 400
    assert wish.decision.blocking == ("LIMIT_EXCEEDED",)
    assert used(world) == 300
    order.refresh_from_db()
    assert (order.status, order.gross_amount) == ("submitted", 100)
    assert DocumentRevision.objects.get().gross_amount == 200

    lower = order_change(
        document=order,
        header=world.header(),
        lines=[line(100, "0.5")],
        version=order.version,
        actor=world.clerk,
        as_of=TODAY,
    )
    assert lower.passed
    assert used(world) == 250
    assert DocumentRevision.objects.get().status == "dropped"
    assert not ApprovalRequest.objects.filter(status="open").exists()


def test_an_approved_change_is_applied_with_nothing_retyped(world: World) -> None:
    order = submit(world, world.order(900)).document
    wish = order_change(
        document=order,
        header=world.header(reference="PO 7"),
        lines=[line(1200), line(50)],
        version=order.version,
        actor=world.clerk,
        as_of=TODAY,
    )

    step_approve(request=wish.request, actor=world.approver, comment="fine", as_of=TODAY)

    order.refresh_from_db()
    assert (order.gross_amount, order.reference, order.lines.count()) == (1250, "PO 7", 2)
    assert used(world) == 1250


def test_reopening_is_checked_like_a_submission(world: World) -> None:
    world.limit(100, valid_from=TODAY)
    first = submit(world, world.order(80)).document
    document_close(document=first, actor=world.clerk, as_of=TODAY)
    assert used(world) == 0
    submit(world, world.order(80))

    result = document_reopen(document=first, actor=world.clerk, as_of=TODAY)

    assert result.decision.projected == 160
    assert result.decision.blocking == ("LIMIT_EXCEEDED",)
    assert used(world) == 80
    assert Document.objects.get(pk=first.pk).status == "closed"

    step_approve(request=result.request, actor=world.approver, comment="agreed", as_of=TODAY)
    assert Document.objects.get(pk=first.pk).status == "released"
    assert used(world) == 160


def test_a_copy_is_a_new_question(world: World) -> None:
    held = submit(world, world.order(1500))
    step_approve(request=held.request, actor=world.approver, comment="agreed", as_of=TODAY)

    copy = document_copy(document=held.document, actor=world.clerk, on=TODAY)

    assert copy.status == "draft"
    assert submit(world, copy).decision.blocking == ("ALREADY_OVER_LIMIT",)


def test_a_stale_form_changes_nothing(world: World) -> None:
    order = world.order(10)
    order_update(
        document=order, header=world.header(), lines=[line(20)], version=1, actor=world.clerk
    )

    with pytest.raises(Conflict):
        order_update(
            document=order, header=world.header(), lines=[line(99)], version=1, actor=world.clerk
        )
    with pytest.raises(Conflict):
        submit(world, order, version=1)

    order.refresh_from_db()
    assert (order.gross_amount, order.status) == (20, "draft")


def test_submitting_twice_is_refused_and_counted_once(world: World) -> None:
    order = world.order(100)
    submit(world, order)

    with pytest.raises(Conflict):
        submit(world, order)

    assert used(world) == 100
    assert CreditCheck.objects.count() == 1


def test_lowering_a_held_order_below_the_limit_closes_the_hold(world: World) -> None:
    held = submit(world, world.order(1500))

    document = order_update(
        document=held.document,
        header=world.header(),
        lines=[line(500)],
        version=held.document.version,
        actor=world.clerk,
        as_of=TODAY,
    )

    assert document.status == "submitted"
    assert HoldCase.objects.get().status == "lapsed"
    assert ApprovalRequest.objects.get().status == "lapsed"


def test_a_payment_ends_the_hold_by_itself_and_only_then(world: World) -> None:
    item = world.item(900)
    held = submit(world, world.order(200))
    assert held_recheck(account_ids=[world.account.pk], as_of=TODAY)["ended"] == 0

    world.allocate(item, world.item(500, direction="credit"), 500, on=TODAY)
    counts = held_recheck(account_ids=[world.account.pk], as_of=TODAY)

    assert counts == {"asked": 1, "ended": 1, "busy": 0}
    assert Document.objects.get(pk=held.document.pk).status == "submitted"
    assert ApprovalRequest.objects.get().status == "lapsed"


def test_cancelling_withdraws_the_question(world: World) -> None:
    held = submit(world, world.order(1500))

    document_cancel(document=held.document, actor=world.clerk, as_of=TODAY)

    assert ApprovalRequest.objects.get().status == "withdrawn"
    with pytest.raises(Conflict):
        step_approve(request=held.request, actor=world.approver, comment="late", as_of=TODAY)


def test_clerks_without_the_right_change_nothing(world: World) -> None:
    order = world.order(10)

    with pytest.raises(NotAllowed):
        document_submit(document=order, actor=world.approver, as_of=TODAY)

    order.refresh_from_db()
    assert order.status == "draft"
    assert not CreditCheck.objects.exists()


def test_an_order_without_lines_or_worth_less_than_nothing_is_refused(world: World) -> None:
    with pytest.raises(Invalid):
        world.order(-1)
    assert not Document.objects.exists()


def test_a_group_limit_stops_what_every_member_alone_could_have(world: World) -> None:
    group = CustomerGroupFactory()
    world.account.customer.group = group
    world.account.customer.save()
    world.limit(500, account=None, group=group)

    result = submit(world, world.order(600))

    assert result.decision.blocking == ("LIMIT_EXCEEDED",)
    assert result.decision.overrun == 100


def test_a_credit_check_is_at_most_twelve_statements(world: World) -> None:
    from django.db import transaction

    from credit_limits.engine.types import Checkpoint
    from credit_limits.services.checks import credit_check
    from documents.asking import asked_document
    from documents.services.base import document_lock

    group = CustomerGroupFactory()
    world.account.customer.group = group
    world.account.customer.save()
    world.limit(5000, account=None, group=group)
    world.item(10, due_on=TODAY - datetime.timedelta(days=40))
    order = world.order(100)

    with transaction.atomic():
        current = document_lock(order.pk)
        asked = asked_document(current, checkpoint=Checkpoint.SUBMIT)
        with CaptureQueriesContext(connection) as queries:
            credit_check(
                account=current.account,
                asked=asked,
                checkpoint=Checkpoint.SUBMIT,
                actor=world.clerk,
                as_of=TODAY,
            )

    assert len(queries) <= 12, "\n".join(q["sql"][:150] for q in queries.captured_queries)
