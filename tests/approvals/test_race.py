"""Two approvers at once, and an approver who meets a lock: real threads, real transactions."""

from __future__ import annotations

import threading

import pytest
from django.core import mail
from django.db import connections, transaction

from approvals.models import ApprovalRequest, ApprovalStep
from approvals.services import step_approve, step_refuse
from core import locks, tasks
from core.errors import Busy, Conflict
from core.models import AuditEvent, Notification
from core.notifications import notifications_email_pending
from customers.models import Customer
from tests.approvals.handlers import REFUSED, RELEASED
from tests.factories.approvals import AuthorityFactory, RequestFactory
from tests.factories.core import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 15


def in_threads(*commands) -> list[object]:
    """Start all commands at the same moment; their results or exceptions, in order."""
    start = threading.Barrier(len(commands))
    results: list[object] = [None] * len(commands)

    def run(place, command):
        try:
            start.wait(timeout=10)
            results[place] = command()
        except Exception as error:
            results[place] = error
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=run, args=(place, command))
        for place, command in enumerate(commands)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return results


def test_of_two_verdicts_at_once_exactly_one_counts():
    AuthorityFactory()
    aldo = UserFactory(username="aldo", role="approver")
    luisa = UserFactory(username="luisa", role="approver")
    winners = set()
    for _round in range(ROUNDS):
        request = RequestFactory()
        results = in_threads(
            lambda request=request: step_approve(request=request, actor=aldo, comment="good one"),
            lambda request=request: step_refuse(request=request, actor=luisa, comment="not him"),
        )
        lost = [result for result in results if isinstance(result, Conflict)]
        won = [result for result in results if isinstance(result, ApprovalRequest)]
        assert (len(won), len(lost)) == (1, 1), results
        assert lost[0].code == "approvals.decided_meanwhile"
        request.refresh_from_db()
        approved = request.status == "approved"
        winners.add(approved)
        step = request.steps.get()
        assert step.acted_by == (aldo if approved else luisa)
        verdict = Customer.objects.get(pk=request.subject_id).status_reason
        assert verdict == (RELEASED if approved else REFUSED)
        assert AuditEvent.objects.filter(subject_id=request.subject_id).count() == 1
        told = Notification.objects.filter(user=request.requested_by)
        assert told.count() == 1


def test_an_approver_who_meets_a_lock_is_told_to_try_again_and_nothing_is_stored(monkeypatch):
    AuthorityFactory()
    aldo = UserFactory(username="aldo", role="approver")
    request = RequestFactory()
    monkeypatch.setattr(locks.set_lock_timeout, "__defaults__", ("200ms",))
    with transaction.atomic():
        ApprovalRequest.objects.select_for_update().get(pk=request.pk)
        (result,) = in_threads(
            lambda: step_approve(request=request, actor=aldo, comment="good one")
        )
    assert isinstance(result, Busy)
    request.refresh_from_db()
    assert request.status == "open"
    assert list(ApprovalStep.objects.values_list("status", flat=True)) == ["waiting"]
    assert not AuditEvent.objects.exists()
    # The lock is gone: the same click now works.
    step_approve(request=request, actor=aldo, comment="good one")
    request.refresh_from_db()
    assert request.status == "approved"


def test_the_mail_of_a_decision_goes_to_the_asker_only_when_the_decision_stands():
    AuthorityFactory()
    aldo = UserFactory(username="aldo", role="approver")
    sara = UserFactory(username="sara", role="sales", email="sara@example.com")
    debtor = RequestFactory(account__customer__status="debtor", requested_by=sara)
    with pytest.raises(Conflict):
        step_approve(request=debtor, actor=aldo, comment="good one")
    assert notifications_email_pending() == 0
    good = RequestFactory(requested_by=sara, subject_text="SO-9", amount="2360")
    step_approve(request=good, actor=aldo, comment="good customer")
    ids = list(Notification.objects.values_list("pk", flat=True))
    tasks.send_notification_emails(ids)
    tasks.send_notification_emails(ids)
    (message,) = mail.outbox
    assert message.to == ["sara@example.com"]
    assert message.subject == f"SO-9, {good.account.customer}: approved"
    assert "Aldo approved SO-9" in message.body
    assert "“good customer”" in message.body
    assert "Amount to approve: 2,360.00 EUR" in message.body
