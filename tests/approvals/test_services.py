"""Opening, deciding and closing requests: what happens, and what must not."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from approvals.models import ApprovalRequest, ApprovalStep, RequestKind
from approvals.services import (
    request_close,
    request_may_act,
    request_open,
    step_approve,
    step_refuse,
)
from config import wiring
from core.errors import Conflict, Invalid, NotAllowed
from core.models import AuditEvent, Notification
from customers.models import Customer
from tests.approvals.handlers import REFUSED, RELEASED
from tests.factories.approvals import AuthorityFactory, RequestFactory
from tests.factories.core import (
    CompanyFactory,
    CurrencyFactory,
    ExchangeRateFactory,
    UserFactory,
    role_group,
)
from tests.factories.customers import CustomerAccountFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def approver():
    AuthorityFactory()
    return UserFactory(username="aldo", role="approver")


def asked(account=None, *, by=None, barred=(), amount="2360", currency="EUR", **facts):
    """A request opened the way a command opens it."""
    account = account or CustomerAccountFactory()
    with transaction.atomic():
        return request_open(
            kind=RequestKind.DOCUMENT_RELEASE,
            subject=account.customer,
            account=account,
            requested_by=by or UserFactory(username="sara", role="sales"),
            barred_ids=barred,
            amount=Decimal(amount),
            overrun=Decimal(amount),
            currency=currency,
            reasons=["LIMIT_EXCEEDED"],
            snapshot={"reason_labels": {"LIMIT_EXCEEDED": "Over the limit"}, **facts},
        )


def untouched(request: ApprovalRequest) -> bool:
    """Whether nothing at all of a decision was stored."""
    request.refresh_from_db()
    customer = Customer.objects.get(pk=request.subject_id)
    return (
        request.status == "open"
        and request.closed_at is None
        and [(s.status, s.acted_by_id, s.comment) for s in request.steps.all()]
        == [("waiting", None, "")]
        and customer.status_reason == ""
        and not AuditEvent.objects.exists()
        and not Notification.objects.filter(code__endswith="approved").exists()
    )


# --- opening ---------------------------------------------------------------------------------


def test_opening_keeps_the_figures_and_waits_for_one_decision(approver):
    sara = UserFactory(username="sara", role="sales")
    request = asked(by=sara, barred=[77], amount="2360.005")
    assert request.status == "open"
    assert request.amount == Decimal("2360.01")
    assert request.barred_ids == sorted({sara.pk, 77})
    assert request.snapshot["reason_labels"] == {"LIMIT_EXCEEDED": "Over the limit"}
    assert list(request.steps.values_list("position", "status")) == [(1, "waiting")]
    assert not AuditEvent.objects.exists()  # the command that asks records its own event


def test_opening_twice_for_one_subject_is_a_conflict_and_stores_nothing(approver):
    account = CustomerAccountFactory()
    asked(account)
    with pytest.raises(Conflict):
        asked(account)
    assert ApprovalRequest.objects.count() == 1


def test_the_database_itself_refuses_two_open_requests_about_one_subject():
    request = RequestFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        RequestFactory(account=request.account)


@pytest.mark.django_db(transaction=True)
def test_opening_needs_the_transaction_of_its_command():
    account = CustomerAccountFactory()
    with pytest.raises(RuntimeError):
        request_open(
            kind=RequestKind.DOCUMENT_RELEASE,
            subject=account.customer,
            account=account,
            requested_by=UserFactory(),
            barred_ids=[],
            amount=Decimal(1),
            currency="EUR",
            reasons=[],
            snapshot={},
        )
    assert not ApprovalRequest.objects.exists()


def test_opening_tells_those_who_may_decide_and_nobody_else(approver):
    small = UserFactory(username="small")
    AuthorityFactory(group=None, user=small, max_amount=Decimal(100))
    stranger = UserFactory(username="far", role="approver", companies=[CompanyFactory(code="X")])
    sara = UserFactory(username="sara", role="sales")
    asked(by=sara)
    told = {note.user: note.code for note in Notification.objects.all()}
    assert told == {approver: "approvals.request.waiting"}
    assert small not in told
    assert stranger not in told
    assert sara not in told


def test_opening_tells_the_writer_when_somebody_else_submits(approver):
    writer = UserFactory(username="walter", role="sales")
    asked(by=UserFactory(username="sara", role="sales"), barred=[writer.pk])
    note = Notification.objects.get(user=writer)
    assert note.code == "approvals.request.held"
    assert note.params["people"] == ["Aldo"]


def test_nobody_with_authority_opens_all_the_same_and_tells_the_credit_managers(approver):
    carla = UserFactory(username="carla", role="credit_manager")
    admin = UserFactory(username="admin", role="admin")
    elsewhere = UserFactory(role="credit_manager", companies=[CompanyFactory(code="X")])
    request = asked(amount="10000.01")
    assert request.status == "open"
    told = {note.user: note for note in Notification.objects.all()}
    assert set(told) == {carla, admin}
    assert elsewhere not in told
    assert told[carla].code == "approvals.request.without_authority"
    assert told[carla].params["top"] == "10000.00"
    assert not request_may_act(request, approver)


# --- deciding --------------------------------------------------------------------------------


def test_approving_closes_runs_the_handler_and_tells_the_asker(approver):
    sara = UserFactory(username="sara", role="sales")
    request = asked(by=sara)
    Notification.objects.all().delete()
    step_approve(request=request, actor=approver, comment="  good customer  ")
    request.refresh_from_db()
    assert request.status == "approved"
    assert request.closed_at is not None
    step = request.steps.get()
    assert (step.status, step.acted_by, step.comment) == ("approved", approver, "good customer")
    assert Customer.objects.get(pk=request.subject_id).status_reason == RELEASED
    assert AuditEvent.objects.count() == 1  # one command, one event: the handler's
    note = Notification.objects.get()
    assert (note.user, note.code) == (sara, "approvals.request.approved")
    assert note.params["who"] == "Aldo"
    assert note.params["reason"] == "good customer"


def test_refusing_closes_runs_the_handler_and_tells_the_asker(approver):
    sara = UserFactory(username="sara", role="sales")
    request = asked(by=sara)
    Notification.objects.all().delete()
    step_refuse(request=request, actor=approver, comment="pay first")
    request.refresh_from_db()
    assert request.status == "refused"
    assert request.steps.get().status == "refused"
    assert Customer.objects.get(pk=request.subject_id).status_reason == REFUSED
    assert AuditEvent.objects.count() == 1
    note = Notification.objects.get()
    assert (note.user, note.code) == (sara, "approvals.request.refused")


@pytest.mark.parametrize("decide", [step_approve, step_refuse])
@pytest.mark.parametrize("comment", ["", "   ", "ok", " \n x "])
def test_without_a_reason_nothing_is_decided(approver, decide, comment):
    request = asked()
    with pytest.raises(Invalid) as caught:
        decide(request=request, actor=approver, comment=comment)
    assert caught.value.field == "reason"
    assert untouched(request)


@pytest.mark.parametrize("decide", [step_approve, step_refuse])
@pytest.mark.parametrize("superuser", [False, True])
def test_nobody_decides_what_they_asked_for(decide, superuser):
    AuthorityFactory(group=role_group("credit_manager"), max_amount=None)
    carla = UserFactory(username="carla", role="credit_manager", is_superuser=superuser)
    request = asked(by=carla)
    with pytest.raises(NotAllowed) as caught:
        decide(request=request, actor=carla, comment="my own order")
    assert caught.value.code == "approvals.own_request"
    assert untouched(request)


@pytest.mark.parametrize("superuser", [False, True])
def test_nobody_decides_what_they_wrote(superuser):
    AuthorityFactory(group=role_group("credit_manager"), max_amount=None)
    writer = UserFactory(username="walter", role="credit_manager", is_superuser=superuser)
    request = asked(barred=[writer.pk])
    with pytest.raises(NotAllowed):
        step_approve(request=request, actor=writer, comment="I wrote this")
    assert untouched(request)


def test_a_superuser_without_authority_may_not_decide(approver):
    root = UserFactory(username="root", is_superuser=True)
    request = asked()
    assert not request_may_act(request, root)
    with pytest.raises(NotAllowed):
        step_approve(request=request, actor=root, comment="because I can")
    assert untouched(request)


@pytest.mark.parametrize(
    ("amount", "may"), [("9999.99", True), ("10000.00", True), ("10000.01", False)]
)
def test_authority_reaches_exactly_its_amount(approver, amount, may):
    request = asked(amount=amount)
    assert request_may_act(request, approver) is may
    if may:
        step_approve(request=request, actor=approver, comment="within my limit")
    else:
        with pytest.raises(NotAllowed):
            step_approve(request=request, actor=approver, comment="above my limit")
        assert untouched(request)


def test_authority_of_another_company_does_not_count():
    other = CompanyFactory(code="X")
    approver = UserFactory(role="approver", companies=[CompanyFactory(), other])
    authority = AuthorityFactory(company=other)
    request = asked()
    assert not request_may_act(request, approver)
    authority.company = request.account.company
    authority.save()
    assert request_may_act(request, approver)


def test_authority_of_another_kind_does_not_count():
    AuthorityFactory(kind=RequestKind.LIMIT_CHANGE)
    request = asked()
    assert not request_may_act(request, UserFactory(role="approver"))


def test_authority_without_the_right_to_decide_does_not_count():
    sara = UserFactory(username="sara", role="sales")
    AuthorityFactory(group=None, user=sara)
    request = asked(by=UserFactory(role="sales"))
    assert not request_may_act(request, sara)
    with pytest.raises(NotAllowed):
        step_approve(request=request, actor=sara, comment="I was named")
    assert untouched(request)


def test_who_left_or_cannot_see_the_customer_may_not_decide(approver):
    request = asked()
    assert request_may_act(request, approver)
    approver.own_accounts_only = True
    approver.save()
    assert not request_may_act(request, approver)
    request.account.agent = approver
    request.account.save()
    assert request_may_act(request, approver)
    approver.is_active = False
    approver.save()
    assert not request_may_act(request, approver)


def test_authority_in_another_currency_counts_at_the_rate_of_the_day():
    usd = CurrencyFactory(code="USD")
    AuthorityFactory(max_amount=Decimal("3000"), currency=usd)
    approver = UserFactory(role="approver")
    today = timezone.localdate()
    ExchangeRateFactory(rate=Decimal("0.50"), valid_on=today - datetime.timedelta(days=30))
    ExchangeRateFactory(rate=Decimal("0.90"), valid_on=today)
    ExchangeRateFactory(rate=Decimal("0.10"), valid_on=today + datetime.timedelta(days=1))
    account = CustomerAccountFactory()
    enough = asked(account, amount="2700.00")  # 3,000 USD at 0.90
    assert request_may_act(enough, approver)
    with transaction.atomic():
        request_close(request=enough, status="withdrawn", comment="")
    assert not request_may_act(asked(account, amount="2700.01"), approver)


def test_authority_in_a_currency_without_a_rate_gives_nothing():
    AuthorityFactory(currency=CurrencyFactory(code="CHF"))
    request = asked(amount="1")
    assert not request_may_act(request, UserFactory(role="approver"))


def test_unlimited_authority_needs_no_rate():
    AuthorityFactory(max_amount=None, currency=CurrencyFactory(code="CHF"))
    assert request_may_act(asked(amount="99999999"), UserFactory(role="approver"))


def test_a_handler_that_refuses_leaves_no_trace(approver):
    account = CustomerAccountFactory(customer__status="debtor")
    request = asked(account)
    Notification.objects.all().delete()
    with pytest.raises(Conflict, match="debtor"):
        step_approve(request=request, actor=approver, comment="let it pass")
    assert untouched(request)
    assert not Notification.objects.exists()
    assert request_may_act(request, approver)


def test_deciding_what_is_decided_says_who_was_faster(approver):
    request = asked()
    step_approve(request=request, actor=approver, comment="good customer")
    late = UserFactory(username="luisa", role="approver")
    with pytest.raises(Conflict, match="Aldo was faster: approved, because “good customer”"):
        step_refuse(request=request, actor=late, comment="no way")
    request.refresh_from_db()
    assert request.status == "approved"
    assert AuditEvent.objects.count() == 1


def test_deciding_what_was_withdrawn_says_so(approver):
    request = asked()
    with transaction.atomic():
        request_close(request=request, status="withdrawn", comment="order cancelled")
    with pytest.raises(Conflict, match="Withdrawn"):
        step_approve(request=request, actor=approver, comment="too late")
    assert Customer.objects.get(pk=request.subject_id).status_reason == ""


def test_a_step_before_the_last_keeps_the_request_open(approver):
    request = asked()
    ApprovalStep.objects.create(request=request, position=2)
    step_approve(request=request, actor=approver, comment="first yes")
    request.refresh_from_db()
    assert request.status == "open"
    assert list(request.steps.values_list("status", flat=True)) == ["approved", "waiting"]
    assert Customer.objects.get(pk=request.subject_id).status_reason == ""
    event = AuditEvent.objects.get()
    assert event.action == "approvals.step.approved"
    step_approve(request=request, actor=approver, comment="second yes")
    request.refresh_from_db()
    assert request.status == "approved"
    assert Customer.objects.get(pk=request.subject_id).status_reason == RELEASED


def test_a_refusal_ends_all_steps(approver):
    request = asked()
    ApprovalStep.objects.create(request=request, position=2)
    step_refuse(request=request, actor=approver, comment="not this one")
    assert list(request.steps.values_list("status", flat=True)) == ["refused", "closed"]


def test_a_verdict_on_outdated_figures_tells_the_asker_that_it_was_asked_again(
    approver, monkeypatch
):
    monkeypatch.setitem(
        wiring.APPROVAL_HANDLERS,
        "document_release",
        "tests.approvals.handlers.customer_asked_again",
    )
    sara = UserFactory(username="sara", role="sales")
    request = asked(by=sara)
    Notification.objects.all().delete()
    step_approve(request=request, actor=approver, comment="good customer")
    assert Notification.objects.get(user=sara).code == "approvals.request.outdated"
    assert Notification.objects.get(user=approver).code == "approvals.request.waiting"
    assert ApprovalRequest.objects.waiting().get().amount == request.amount * 2


# --- closing without a verdict ---------------------------------------------------------------


@pytest.mark.parametrize("status", ["withdrawn", "lapsed"])
def test_closing_ends_the_steps_and_asks_no_handler(approver, status):
    request = asked()
    with transaction.atomic():
        request_close(request=request, status=status, comment="cause gone")
    request.refresh_from_db()
    assert request.status == status
    step = request.steps.get()
    assert (step.status, step.acted_by, step.comment) == ("closed", None, "cause gone")
    assert Customer.objects.get(pk=request.subject_id).status_reason == ""
    assert not request_may_act(request, approver)
    with transaction.atomic():
        assert asked(request.account).pk != request.pk  # it may be asked again


def test_closing_twice_is_a_conflict(approver):
    request = asked()
    with transaction.atomic():
        request_close(request=request, status="lapsed", comment="")
    with pytest.raises(Conflict), transaction.atomic():
        request_close(request=request, status="withdrawn", comment="")
    request.refresh_from_db()
    assert request.status == "lapsed"
