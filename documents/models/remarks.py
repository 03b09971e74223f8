"""What people add to a document: files and notes."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from documents.models.documents import Document


def attachment_path(attachment: DocumentAttachment, filename: str) -> str:
    """Where an attachment's file is kept: below private media, by document."""
    return f"documents/{attachment.document_id}/{filename}"


class DocumentAttachment(models.Model):
    """A file on a document. Served only through a view that asks for the right."""

    document = models.ForeignKey(
        Document, models.PROTECT, related_name="attachments", verbose_name=_("document")
    )
    file = models.FileField(_("file"), upload_to=attachment_path, max_length=300)
    name = models.CharField(_("name"), max_length=200)
    size = models.PositiveIntegerField(_("size"))
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("added by")
    )
    added_at = models.DateTimeField(_("added"), auto_now_add=True)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ("added_at", "pk")

    def __str__(self) -> str:
        return self.name


class DocumentNote(models.Model):
    """A remark on a document."""

    document = models.ForeignKey(
        Document, models.PROTECT, related_name="notes", verbose_name=_("document")
    )
    text = models.TextField(_("note"))
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("added by")
    )
    added_at = models.DateTimeField(_("added"), auto_now_add=True)

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        ordering = ("added_at", "pk")

    def __str__(self) -> str:
        return self.text[:60]
