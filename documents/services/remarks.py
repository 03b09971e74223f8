"""Notes and attachments on a document, whatever its status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils.text import get_valid_filename
from django.utils.translation import gettext_lazy as _

from core import events
from core.errors import Invalid
from core.permissions import require
from documents.models import DocumentAttachment, DocumentNote

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

    from core.models import User
    from documents.models import Document


def note_add(*, document: Document, text: str, actor: User) -> DocumentNote:
    """Add a remark. Raises Invalid when it is empty."""
    require(actor, "documents.change_document")
    text = text.strip()
    if not text:
        raise Invalid("documents.note_empty", _("Write something first."), field="text")
    with transaction.atomic():
        note = DocumentNote.objects.create(document=document, text=text, added_by=actor)
        events.record(
            "documents.document.note_added",
            document,
            actor=actor,
            company=document.company,
            customer_id=document.account.customer_id,
            data={"text": text},
        )
    return note


def attachment_add(
    *, document: Document, file: UploadedFile[Any], actor: User
) -> DocumentAttachment:
    """Keep a file with the document. Raises Invalid when it is empty or too large."""
    require(actor, "documents.change_document")
    size = file.size or 0
    if size == 0:
        raise Invalid("documents.file_empty", _("The file is empty."), field="file")
    if size > settings.AFFIDO_ATTACHMENT_MAX_BYTES:
        raise Invalid(
            "documents.file_too_large",
            _("The file has %(size)s; the most is %(most)s."),
            params={
                "size": filesizeformat(size),
                "most": filesizeformat(settings.AFFIDO_ATTACHMENT_MAX_BYTES),
            },
            field="file",
        )
    name = get_valid_filename(file.name or "file")[-200:]
    with transaction.atomic():
        attachment = DocumentAttachment(document=document, name=name, size=size, added_by=actor)
        attachment.file.save(name, file, save=True)
        events.record(
            "documents.document.file_attached",
            document,
            actor=actor,
            company=document.company,
            customer_id=document.account.customer_id,
            data={"name": name, "size": size},
        )
    return attachment
