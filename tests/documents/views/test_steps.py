"""Submit, cancel, close, reopen and copy from the page of an order."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from approvals.models import ApprovalRequest
from core.models import AuditEvent, User
from credit_limits.models import CreditCheck, Release
from credit_limits.services.policies import policy_publish
from documents.models import Document, HoldCase
from documents.services.steps import document_close
from documents.services.submit import document_submit
from tests.documents.views.conftest import texts
from tests.factories.core import UserFactory, role_group
from tests.world import TODAY, World

pytestmark = pytest.mark.django_db


def submitted(world: World, gross: int = 500) -> Document:
    return document_submit(document=world.order(gross), actor=world.clerk, as_of=TODAY).document


def test_submit(world: World, clerk: Client) -> None:
    document = world.order(500)

    response = clerk.post(f"/orders/{document.pk}/submit/", {"version": "1"}, follow=True)

    document.refresh_from_db()
    assert document.status == "submitted"
    assert texts(response) == [f"Order {document} is submitted."]


def test_every_command_is_a_post(world: World, clerk: Client) -> None:
    document = submitted(world)

    for step in ("submit", "copy", "notes/add", "files/add"):
        assert clerk.get(f"/orders/{document.pk}/{step}/").status_code == 405, step
    for step in ("cancel", "close"):
        assert clerk.get(f"/orders/{document.pk}/{step}/").status_code == 200, step
    document.refresh_from_db()
    assert document.status == "submitted"


def test_a_post_without_the_token_is_refused(world: World) -> None:
    document = world.order(500)
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.clerk)

    response = client.post(f"/orders/{document.pk}/submit/", {"version": "1"})

    assert response.status_code == 403
    document.refresh_from_db()
    assert document.status == "draft"


def test_cancel_asks_first_and_says_what_it_means(world: World, clerk: Client) -> None:
    accepted, held, draft = submitted(world), submitted(world, 1100), world.order(1)

    def asked(document: Document) -> str:
        return clerk.get(f"/orders/{document.pk}/cancel/").content.decode()

    assert "no longer counts as exposure" in asked(accepted)
    assert "approval it waits for is withdrawn" not in asked(accepted)
    assert "approval it waits for is withdrawn" in asked(held)
    assert "no longer counts" not in asked(draft)


def test_cancel_frees_credit_and_withdraws_the_request(world: World, clerk: Client) -> None:
    document = submitted(world, 1100)

    response = clerk.post(
        f"/orders/{document.pk}/cancel/",
        {"version": document.version, "reason": "Customer withdrew"},
        follow=True,
    )

    document.refresh_from_db()
    assert document.status == "cancelled"
    assert ApprovalRequest.objects.get().status == "withdrawn"
    assert HoldCase.objects.get().status == "withdrawn"
    assert AuditEvent.objects.latest("pk").data["reason"] == "Customer withdrew"
    assert texts(response) == [f"Order {document} is cancelled."]


def test_a_stale_cancel_does_nothing(world: World, clerk: Client) -> None:
    document = submitted(world)

    response = clerk.post(f"/orders/{document.pk}/cancel/", {"version": "1"}, follow=True)

    document.refresh_from_db()
    assert document.status == "submitted"
    assert "changed meanwhile" in texts(response)[0]


def test_a_step_the_status_does_not_allow_is_refused_in_words(world: World, clerk: Client) -> None:
    document = world.order(500)

    for step in ("close", "reopen"):
        asked = clerk.get(f"/orders/{document.pk}/{step}/", follow=True)
        assert "not possible while the document is “Draft”" in texts(asked)[0]
        posted = clerk.post(f"/orders/{document.pk}/{step}/", {"version": "1"}, follow=True)
        assert "not possible while the document is “Draft”" in texts(posted)[0]
    document.refresh_from_db()
    assert document.status == "draft"


def test_close_and_reopen(world: World, clerk: Client) -> None:
    document = submitted(world)

    clerk.post(f"/orders/{document.pk}/close/", {"version": document.version})
    document.refresh_from_db()
    assert document.status == "closed"

    response = clerk.post(
        f"/orders/{document.pk}/reopen/", {"version": document.version}, follow=True
    )
    document.refresh_from_db()
    assert document.status == "submitted"
    assert texts(response)[-1] == f"Order {document} is open again."


def test_reopening_asks_for_credit(world: World, clerk: Client) -> None:
    document = document_close(document=submitted(world, 600), actor=world.clerk)
    submitted(world, 600)

    response = clerk.post(
        f"/orders/{document.pk}/reopen/", {"version": document.version}, follow=True
    )

    document.refresh_from_db()
    assert document.status == "closed"
    assert HoldCase.objects.get(checkpoint="reopen").status == "open"
    assert "held and waits for approval" in texts(response)[0]
    assert "Reopening is held" in response.content.decode()


def test_copy_makes_a_draft_and_opens_it(world: World, clerk: Client) -> None:
    document = submitted(world)

    response = clerk.post(f"/orders/{document.pk}/copy/", follow=True)

    copy = Document.objects.exclude(pk=document.pk).get()
    assert response.redirect_chain[-1][0] == f"/orders/{copy.pk}/edit/"
    assert (copy.status, copy.gross_amount) == ("draft", 500)
    assert copy.number != document.number
    assert CreditCheck.objects.count() == 1


@pytest.mark.parametrize("role", ["approver", "treasury", "auditor", "credit_manager"])
def test_roles_that_do_not_enter_orders_cannot_take_steps(
    world: World, login: Callable[[User], Client], role: str
) -> None:
    document = submitted(world)
    client = login(UserFactory(role=role, companies=[world.company]))

    for step in ("submit", "cancel", "close", "reopen", "copy", "edit", "notes/add", "files/add"):
        response = client.post(f"/orders/{document.pk}/{step}/", {"version": document.version})
        assert response.status_code == 403, step
    assert client.get("/orders/new/").status_code == 403
    assert client.post("/orders/credit-strip/").status_code == 403
    assert client.get("/orders/search/accounts/").status_code == 403
    assert client.get(f"/orders/{document.pk}/").status_code == 200
    document.refresh_from_db()
    assert (document.status, document.notes.count()) == ("submitted", 0)


def test_signed_out_users_are_sent_to_the_login(world: World) -> None:
    document = world.order(500)

    for path in ("", "new/", f"{document.pk}/", f"{document.pk}/edit/", "search/accounts/"):
        response = Client().get(f"/orders/{path}")
        assert response.status_code == 302
        assert response["Location"].startswith("/login/")


@pytest.fixture
def boss(world: World, login: Callable[[User], Client]) -> Client:
    """Somebody who enters orders and may decide any amount, under a policy that allows it."""
    world.manager.groups.add(role_group("sales"))
    world.policy.direct_override = True
    world.policy.save()
    policy_publish(policy=world.policy, actor=None)
    return login(world.manager)


def test_a_hold_is_passed_at_entry_with_a_reason(world: World, boss: Client) -> None:
    document = submitted(world, 1100)
    assert (
        "Pass it here, on my own authority" in boss.get(f"/orders/{document.pk}/").content.decode()
    )

    boss.post(
        f"/orders/{document.pk}/submit/",
        {"version": document.version, "override_reason": "Paid by phone"},
    )

    document.refresh_from_db()
    assert document.status == "released"
    assert Release.objects.get().comment == "Paid by phone"
    event = AuditEvent.objects.get(action="documents.document.override_used")
    _first, overruled, passed = CreditCheck.objects.filter(subject_id=document.pk).order_by("pk")
    assert event.data["overruled_check_id"] == overruled.pk
    assert event.data["check_id"] == passed.pk
    assert event.data["reason"] == "Paid by phone"


def test_passing_a_hold_needs_its_reason(world: World, boss: Client) -> None:
    document = submitted(world, 1100)

    response = boss.post(
        f"/orders/{document.pk}/submit/",
        {"version": document.version, "override_reason": "  "},
        follow=True,
    )

    document.refresh_from_db()
    assert document.status == "held"
    assert "Say why this order may pass." in texts(response)


def test_a_clerk_is_not_offered_to_pass_a_hold(world: World, boss: Client, clerk: Client) -> None:
    document = submitted(world, 1100)

    assert "on my own authority" not in clerk.get(f"/orders/{document.pk}/").content.decode()
    clerk.post(
        f"/orders/{document.pk}/submit/",
        {"version": document.version, "override_reason": "please"},
    )

    document.refresh_from_db()
    assert document.status == "held"
    assert not Release.objects.exists()
