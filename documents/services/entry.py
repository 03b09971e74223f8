"""What is typed with an order but kept beside it: a note and files, once for each filling-in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.text import get_valid_filename

from core.locks import busy_on_timeout
from documents.models import DocumentAttachment, DocumentNote
from documents.services.base import document_lock
from documents.services.remarks import attachment_add, note_add

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.core.files.uploadedfile import UploadedFile

    from core.models import User
    from documents.models import Document


def remarks_add(
    *, document: Document, text: str, files: Sequence[UploadedFile[Any]], actor: User
) -> None:
    """Add the note and the files sent with an order form.

    The same form sent twice (a double click) adds nothing twice: a note with the same words and
    a file of the same name and size by the same person are there already. Raises Busy, NotAllowed
    and Invalid like `note_add` and `attachment_add`.
    """
    text = text.strip()
    if not text and not files:
        return
    with busy_on_timeout(), transaction.atomic():
        current = document_lock(document.pk)
        notes = DocumentNote.objects.filter(document=current, added_by=actor)
        if text and not notes.filter(text=text).exists():
            note_add(document=current, text=text, actor=actor)
        attached = DocumentAttachment.objects.filter(document=current, added_by=actor)
        for file in files:
            name = get_valid_filename(file.name or "file")[-200:]
            if not attached.filter(name=name, size=file.size or 0).exists():
                attachment_add(document=current, file=file, actor=actor)
