"""Two approvers at once, and an approver who meets a lock: real threads, real transactions."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING
from unittest import mock

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone

from approvals import services
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
from tests.harness.races import Control, Scene, race
from tests.harness.runs import Outcome, together

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def without_lock_and_turn() -> Iterator[None]:
    """Neither the request is locked nor the turn taken by compare-and-set: two lines of defence."""

    def unlocked(queryset):
        return list(queryset)

    def take_blindly(request, actor, reason, *, approved):
        step = request.steps.get()
        step.status = ApprovalStep.Status.APPROVED if approved else ApprovalStep.Status.REFUSED
        step.acted_by, step.acted_at, step.comment = actor, timezone.now(), reason
        step.save()
        return step

    with (
        mock.patch.object(services, "lock_rows", unlocked),
        mock.patch.object(services, "_step_take", take_blindly),
    ):
        yield


def test_of_two_verdicts_at_once_exactly_one_counts():
    AuthorityFactory()
    aldo = UserFactory(username="aldo", role="approver")
    luisa = UserFactory(username="luisa", role="approver")

    def scene() -> Scene:
        request = RequestFactory()

        def holds(outcomes: Sequence[Outcome]) -> None:
            won = [outcome for outcome in outcomes if outcome.error is None]
            assert len(won) == 1, f"{len(won)} verdicts counted"
            [lost] = [outcome.error for outcome in outcomes if outcome.error is not None]
            assert isinstance(lost, Conflict)
            assert lost.code == "approvals.decided_meanwhile"
            request.refresh_from_db()
            approved = request.status == "approved"
            assert request.steps.get().acted_by == (aldo if approved else luisa)
            verdict = Customer.objects.get(pk=request.subject_id).status_reason
            assert verdict == (RELEASED if approved else REFUSED)
            assert AuditEvent.objects.filter(subject_id=request.subject_id).count() == 1
            assert Notification.objects.filter(user=request.requested_by).count() == 1

        return Scene(
            [
                partial(step_approve, request=request, actor=aldo, comment="good one"),
                partial(step_refuse, request=request, actor=luisa, comment="not him"),
            ],
            holds,
        )

    race(
        scene,
        control=Control(
            without_lock_and_turn, breach="2 verdicts counted", meet='^SELECT .*"approvals_'
        ),
        rounds=15,
    )


def test_an_approver_who_meets_a_lock_is_told_to_try_again_and_nothing_is_stored(monkeypatch):
    AuthorityFactory()
    aldo = UserFactory(username="aldo", role="approver")
    request = RequestFactory()
    monkeypatch.setattr(locks.set_lock_timeout, "__defaults__", ("200ms",))
    with transaction.atomic():
        ApprovalRequest.objects.select_for_update().get(pk=request.pk)
        [outcome] = together(
            [partial(step_approve, request=request, actor=aldo, comment="good one")]
        )
    assert isinstance(outcome.error, Busy)
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
