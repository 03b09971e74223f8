"""Notes and files: added once, named safely, handed out only to those who may see the order."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from core.models import AuditEvent, User
from documents.models import Document, DocumentAttachment
from tests.factories.core import CompanyFactory, UserFactory
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_store(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def attach(client: Client, document: Document, name: str, content: bytes = b"content") -> Any:
    return client.post(
        f"/orders/{document.pk}/files/add/", {"uploads": SimpleUploadedFile(name, content)}
    )


def test_a_note_is_added_with_its_event(world: World, clerk: Client) -> None:
    document = world.order(100)

    response = clerk.post(f"/orders/{document.pk}/notes/add/", {"text": " Call them \n today "})

    assert response["Location"] == f"/orders/{document.pk}/#notes"
    assert document.notes.get().text == "Call them \n today"
    assert AuditEvent.objects.filter(action="documents.document.note_added").count() == 1


def test_an_empty_note_comes_back_with_its_message(world: World, clerk: Client) -> None:
    document = world.order(100)

    response = clerk.post(f"/orders/{document.pk}/notes/add/", {"text": "  "})

    assert response.status_code == 422
    assert "Write the note first." in response.content.decode()
    assert not document.notes.exists()


def test_a_note_clicked_twice_is_one_note(world: World, clerk: Client) -> None:
    document = world.order(100)

    for _click in range(2):
        clerk.post(f"/orders/{document.pk}/notes/add/", {"text": "once"})

    assert document.notes.count() == 1


def test_a_file_is_kept_and_handed_out_as_a_download(world: World, clerk: Client) -> None:
    document = world.order(100)
    attach(clerk, document, "offer.html", b"<script>alert(1)</script>")

    response: Any = clerk.get(f"/orders/files/{document.attachments.get().pk}/")

    assert b"".join(response.streaming_content) == b"<script>alert(1)</script>"
    assert response["Content-Disposition"] == 'attachment; filename="offer.html"'
    assert response["Content-Type"] == "application/octet-stream"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "a\\b\\c.txt", "x\u202egnp.exe", 'q"uote\r\nX: y.txt', ".htaccess", "???"],
)
def test_the_name_of_a_file_cannot_lead_anywhere(
    world: World, clerk: Client, name: str, tmp_path: Path
) -> None:
    document = world.order(100)

    assert attach(clerk, document, name).status_code == 302

    attachment = document.attachments.get()
    for mark in ("/", "\\", "\u202e", '"', "\r", "\n"):
        assert mark not in attachment.name
    stored = Path(attachment.file.path)
    assert stored.is_relative_to(tmp_path / "documents" / str(document.pk))
    response = clerk.get(f"/orders/files/{attachment.pk}/")
    assert response["Content-Disposition"].startswith("attachment")


def test_two_files_of_one_name_are_both_kept(world: World, clerk: Client) -> None:
    document = world.order(100)

    attach(clerk, document, "plan.pdf", b"first")
    attach(clerk, document, "plan.pdf", b"second one")

    contents = [item.file.read() for item in document.attachments.order_by("pk")]
    assert contents == [b"first", b"second one"]


def test_a_file_that_is_too_large_is_not_kept(
    world: World, clerk: Client, settings: Any, tmp_path: Path
) -> None:
    settings.AFFIDO_ATTACHMENT_MAX_BYTES = 10
    document = world.order(100)

    response = attach(clerk, document, "plan.pdf", b"x" * 11)

    assert response.status_code == 422
    assert "plan.pdf" in response.content.decode()
    assert "too large" in response.content.decode()
    assert not DocumentAttachment.objects.exists()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_form_without_a_file(world: World, clerk: Client) -> None:
    document = world.order(100)

    response = clerk.post(f"/orders/{document.pk}/files/add/", {})

    assert response.status_code == 422
    assert "Choose a file." in response.content.decode()


def test_only_those_who_may_see_the_order_get_its_files(
    world: World, clerk: Client, login: Callable[[User], Client]
) -> None:
    document = world.order(100)
    attach(clerk, document, "offer.pdf")
    path = f"/orders/files/{document.attachments.get().pk}/"

    stranger = UserFactory(role="sales", companies=[CompanyFactory(code="FR01")])
    nobody = UserFactory(companies=[world.company])

    assert login(stranger).get(path).status_code == 404
    assert login(nobody).get(path).status_code == 403
    assert Client().get(path).status_code == 302
    assert login(world.approver).get(path).status_code == 200
    assert clerk.post(path).status_code == 405


def test_a_file_that_is_gone_is_not_found(world: World, clerk: Client) -> None:
    document = world.order(100)
    attach(clerk, document, "offer.pdf")
    attachment = document.attachments.get()
    Path(attachment.file.path).unlink()

    assert clerk.get(f"/orders/files/{attachment.pk}/").status_code == 404


def test_no_address_serves_the_store(world: World, clerk: Client) -> None:
    document = world.order(100)
    attach(clerk, document, "offer.pdf")
    name = document.attachments.get().file.name

    for path in (f"/{name}", f"/media/{name}", f"/static/{name}"):
        assert clerk.get(path).status_code == 404
