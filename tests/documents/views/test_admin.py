"""Document types are settings; documents are only shown."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client

from core.models import AuditEvent, User
from documents.models import Document, DocumentType
from documents.services.submit import document_submit
from tests.documents.views.story import draft
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
            "nature": "normal",
            "sequence_code": "order",
            "number_prefix": "SO-",
            "counts_as_credit": "on",
            "block_printed": "on",
            "over_delivery_percent": "2.5",
            "is_active": "on",
        },
    )

    assert response.status_code == 302
    kind.refresh_from_db()
    assert (kind.name, kind.block_printed) == ("Sales order", True)
    assert (kind.automatic_confirmation, kind.over_delivery_percent) == (False, Decimal("2.5"))
    event = AuditEvent.objects.latest("pk")
    assert (event.action, event.subject_id) == ("core.setting.changed", kind.pk)


def type_form(type_: DocumentType, /, **changes: str) -> dict[str, str]:
    """The page of a type as the browser sends it."""
    data = {
        "code": type_.code,
        "name": type_.name,
        "kind": type_.kind,
        "nature": type_.nature,
        "sequence_code": type_.sequence_code,
        "number_prefix": type_.number_prefix,
        "over_delivery_percent": "0",
        "is_active": "on",
    }
    return data | changes


def test_what_a_type_is_stays_as_it_is_once_there_are_documents(
    world: World, administrator: Client
) -> None:
    kind = DocumentType.objects.get(code="delivery")
    path = f"/admin/documents/documenttype/{kind.pk}/change/"
    assert 'name="nature"' in administrator.get(path).content.decode()
    draft(world, "delivery")

    page = administrator.get(path).content.decode()
    administrator.post(path, type_form(kind, kind="invoice", nature="reverse", name="Bolla"))

    for field in ("kind", "nature", "is_pro_forma"):
        assert f'name="{field}"' not in page
    kind.refresh_from_db()
    assert (kind.kind, kind.nature, kind.name) == ("delivery", "normal", "Bolla")


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"nature": "reverse"}, "nature", "have a way back"),
        ({"is_pro_forma": "on"}, "is_pro_forma", "can be pro-forma"),
        (
            {"kind": "invoice", "is_pro_forma": "on", "counts_as_credit": "on"},
            "counts_as_credit",
            "A pro-forma never counts",
        ),
        (
            {"kind": "receipt", "counts_as_credit": "on"},
            "counts_as_credit",
            "Receipts and moves never count",
        ),
    ],
)
def test_a_type_that_makes_no_sense_is_refused_in_words(
    world: World, administrator: Client, changes: dict[str, str], field: str, words: str
) -> None:
    kind = DocumentType.objects.get(code="order")

    response = administrator.post(
        f"/admin/documents/documenttype/{kind.pk}/change/", type_form(kind, **changes)
    )

    assert response.status_code == 200
    assert words in str(response.context["adminform"].form.errors[field])
    kind.refresh_from_db()
    assert (kind.kind, kind.nature, kind.is_pro_forma) == ("order", "normal", False)


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


def test_no_tolerance_for_what_comes_back(world: World, administrator: Client) -> None:
    kind = DocumentType.objects.get(code="return")

    response = administrator.post(
        f"/admin/documents/documenttype/{kind.pk}/change/",
        type_form(kind, over_delivery_percent="5"),
    )

    assert "No more can come back or be credited than went out" in response.content.decode()
    kind.refresh_from_db()
    assert kind.over_delivery_percent == 0


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        # Another counter would hand out SO-2026-00001 a second time.
        ({"sequence_code": "order_new"}, "number_prefix", "sequence “order” has this prefix"),
        ({"number_prefix": "IN-"}, "number_prefix", "sequence “invoice” has this prefix"),
        ({"number_prefix": "in-"}, "number_prefix", "sequence “invoice” has this prefix"),
        ({"number_prefix": "PAY-"}, "number_prefix", "sequence “payment” has this prefix"),
        ({"number_prefix": "CB-"}, "number_prefix", "sequence “chargeback” has this prefix"),
        ({"sequence_code": "invoice"}, "sequence_code", "numbers with the prefix “IN-”"),
        (
            {"sequence_code": "payment", "number_prefix": "PAY-"},
            "sequence_code",
            "belongs to the ledger",
        ),
    ],
)
def test_numbers_that_could_come_twice_are_refused_at_the_field(
    world: World, administrator: Client, changes: dict[str, str], field: str, words: str
) -> None:
    kind = DocumentType.objects.get(code="order")
    world.order(10)

    response = administrator.post(
        f"/admin/documents/documenttype/{kind.pk}/change/", type_form(kind, **changes)
    )

    assert response.status_code == 200
    errors = response.context["adminform"].form.errors
    assert words in str(errors[field])
    assert list(errors) == [field]
    kind.refresh_from_db()
    assert (kind.sequence_code, kind.number_prefix) == ("order", "SO-")


def test_a_prefix_that_a_retired_sequence_numbered_with_is_refused(
    world: World, administrator: Client
) -> None:
    kind = DocumentType.objects.get(code="order")
    path = f"/admin/documents/documenttype/{kind.pk}/change/"
    world.order(10)
    move = type_form(kind, sequence_code="order_new", number_prefix="OR-")
    assert administrator.post(path, move).status_code == 302
    assert world.order(10).number == "OR-2026-00001"
    kind.refresh_from_db()

    response = administrator.post(path, type_form(kind, number_prefix="SO-"))

    words = str(response.context["adminform"].form.errors["number_prefix"])
    assert "sequence “order” has this prefix" in words


def test_two_types_may_number_together(world: World, administrator: Client) -> None:
    kind = DocumentType.objects.get(code="advance")
    changes = {"sequence_code": "invoice", "number_prefix": "IN-"}

    response = administrator.post(
        f"/admin/documents/documenttype/{kind.pk}/change/",
        type_form(kind, counts_as_credit="on", **changes),
    )

    assert response.status_code == 302
    kind.refresh_from_db()
    assert (kind.sequence_code, kind.number_prefix) == ("invoice", "IN-")
