"""Document types are settings; documents are only shown."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from core.models import AuditEvent, User
from documents.models import Document, DocumentType
from documents.services.submit import document_submit
from tests.factories.core import CompanyFactory, UserFactory
from tests.factories.customers import CustomerAccountFactory
from tests.factories.documents import OrderFactory
from tests.world import TODAY, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(world: World, login: Callable[[User], Client]) -> Client:
    """A user with the administrators' role, no superuser."""
    return login(UserFactory(username="root", role="admin", is_staff=True))


def test_a_type_is_changed_with_one_event(world: World, administrator: Client) -> None:
    kind = DocumentType.objects.get(code="order")

    response = administrator.post(
        f"/admin/documents/documenttype/{kind.pk}/change/",
        {
            "code": "order",
            "name": "Sales order",
            "kind": "order",
            "sequence_code": "order",
            "number_prefix": "SO-",
            "counts_as_credit": "on",
            "is_active": "on",
        },
    )

    assert response.status_code == 302
    kind.refresh_from_db()
    assert kind.name == "Sales order"
    event = AuditEvent.objects.latest("pk")
    assert (event.action, event.subject_id) == ("core.setting.changed", kind.pk)


def test_a_type_is_never_deleted(world: World, administrator: Client) -> None:
    kind = DocumentType.objects.get(code="order")

    response = administrator.post(
        f"/admin/documents/documenttype/{kind.pk}/delete/", {"post": "yes"}
    )

    assert response.status_code == 403
    assert DocumentType.objects.filter(pk=kind.pk).exists()


def test_documents_are_shown_and_cannot_be_changed(world: World, administrator: Client) -> None:
    document = world.order(1100)
    document_submit(document=document, actor=world.clerk, as_of=TODAY)
    path = f"/admin/documents/document/{document.pk}"

    page = administrator.get(f"{path}/change/").content.decode()
    assert "Goods" in page
    assert "LIMIT_EXCEEDED" in page
    assert 'name="_save"' not in page

    assert administrator.post(f"{path}/change/", {"reference": "x"}).status_code == 403
    assert administrator.post(f"{path}/delete/", {"post": "yes"}).status_code == 403
    assert administrator.get("/admin/documents/document/add/").status_code == 403
    assert Document.objects.filter(pk=document.pk, reference="").exists()


def test_only_documents_of_the_administrators_companies(
    world: World, administrator: Client
) -> None:
    mine = world.order(10)
    foreign = OrderFactory(account=CustomerAccountFactory(company=CompanyFactory(code="FR01")))
    Document.objects.filter(pk=foreign.pk).update(number="FOREIGN-1")

    page = administrator.get("/admin/documents/document/").content.decode()

    assert mine.number in page
    assert "FOREIGN-1" not in page
    assert administrator.get(f"/admin/documents/document/{foreign.pk}/change/").status_code == 302
