"""The inbox over real orders and the real handler: the line from held to released or refused."""

from __future__ import annotations

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from approvals.models import ApprovalRequest
from config import wiring
from core.models import AuditEvent, Notification
from core.notifications import notifications_email_pending
from core.selectors import timeline_for
from documents.models import Document
from documents.services.submit import document_submit
from tests.world import World, make_world

pytestmark = pytest.mark.django_db

REAL = "documents.services.release.document_release_decided"


@pytest.fixture(autouse=True)
def _real_handler(_handler: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """After conftest's small one: the documents' own handler, as the application wires it."""
    monkeypatch.setitem(wiring.APPROVAL_HANDLERS, "document_release", REAL)


@pytest.fixture
def world() -> World:
    return make_world(limit=1000)


def held_order(world: World, gross: int = 1500) -> tuple[Document, ApprovalRequest]:
    """An order submitted by its clerk and held over the limit."""
    document = world.order(gross, document_on=timezone.localdate())
    result = document_submit(document=document, actor=world.clerk)
    assert result.request is not None
    return result.document, result.request


def decide(client, request: ApprovalRequest, verdict: str, reason: str = "good customer") -> str:
    url = reverse(f"approvals:request_{verdict}", args=[request.pk])
    answer = client.post(url, {"reason": reason}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_held_order_shows_its_figures_and_goes_on_after_release(client, world):
    document, request = held_order(world)
    client.force_login(world.approver)
    html = client.get(reverse("approvals:inbox")).content.decode()
    for words in (
        str(document),
        "Over the limit",
        "500.00",  # over by
        "Exposure 1,500.00 of limit 1,000.00 EUR: over by 500.00.",
        "Covers this one reason",
        "can be decided by",
        reverse("documents:order_detail", args=[document.pk]),
        reverse("reports:account_panel", args=[world.account.pk]),
        reverse("credit_limits:check_detail", args=[request.snapshot["check_id"]]),
    ):
        assert words in html, words
    html = decide(client, request, "approve")
    assert f"Approved: {document} of" in html
    document.refresh_from_db()
    assert document.status == "released"
    assert document.lines.count() == 1
    newest = timeline_for(document)[0]
    assert newest.actor == str(world.approver)
    assert "good customer" in newest.sentence
    decisions = AuditEvent.objects.filter(actor=world.approver)
    assert [event.action for event in decisions] == ["documents.document.released"]


def test_a_refused_order_stops_and_its_clerk_hears_why(client, world):
    document, request = held_order(world)
    client.force_login(world.approver)
    decide(client, request, "refuse", "two invoices are late")
    document.refresh_from_db()
    assert document.status == "refused"
    note = Notification.objects.get(user=world.clerk)
    assert note.code == "approvals.request.refused"
    assert note.url == reverse("documents:order_detail", args=[document.pk])
    notifications_email_pending()
    assert any("two invoices are late" in message.body for message in mail.outbox)


def test_the_clerk_may_not_release_even_with_every_role(client, world):
    document, request = held_order(world)
    world.clerk.groups.add(*world.manager.groups.all())
    client.force_login(world.clerk)
    url = reverse("approvals:request_approve", args=[request.pk])
    assert client.post(url, {"reason": "my own order"}).status_code == 403
    document.refresh_from_db()
    request.refresh_from_db()
    assert (document.status, request.status) == ("held", "open")


def test_figures_that_grew_since_are_asked_again_instead_of_released(client, world):
    """The approver's 5,000 reached what was asked, not what it has become meanwhile."""
    document, request = held_order(world, 4000)
    world.item(9000)
    client.force_login(world.approver)
    html = decide(client, request, "approve")
    assert "have changed since it was asked, so it stays held" in html
    document.refresh_from_db()
    request.refresh_from_db()
    assert (document.status, request.status) == ("held", "approved")
    again = ApprovalRequest.objects.waiting().get()
    assert again.overrun == 12000
    assert Notification.objects.filter(user=world.clerk).latest("pk").code == (
        "approvals.request.outdated"
    )
    client.force_login(world.manager)
    decide(client, again, "approve")
    document.refresh_from_db()
    assert document.status == "released"


def test_more_than_the_approver_may_is_for_the_manager(client, world):
    _document, request = held_order(world, 6001)
    client.force_login(world.approver)
    assert "Nothing waits for you" in client.get(reverse("approvals:inbox")).content.decode()
    everything = client.get(reverse("approvals:inbox"), {"tab": "all"}).content.decode()
    assert "is beyond what you may decide" in everything
    told = set(Notification.objects.values_list("user__username", flat=True))
    assert told == {"carla"}
    client.force_login(world.manager)
    assert "data-decide>" in client.get(reverse("approvals:inbox")).content.decode()
    assert request.status == "open"
