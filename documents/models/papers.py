"""What was printed for good: the content of each final paper, kept as it left the house."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from documents.models.documents import Document


class DocumentPaper(models.Model):
    """The content of a final print, append-only: a copy says the same, whatever changed since.

    `content` is what `documents.printing.content_of` gives: names, days and figures as text, in no
    language. A document that was changed after its print may be printed anew: another `edition`.
    """

    document = models.ForeignKey(
        Document, models.PROTECT, related_name="papers", verbose_name=_("document")
    )
    edition = models.PositiveSmallIntegerField(_("edition"), default=1)
    content = models.JSONField(_("content"))
    printed_on = models.DateField(_("printed on"))
    printed_at = models.DateTimeField(_("printed"), auto_now_add=True)
    printed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("printed by")
    )

    class Meta:
        verbose_name = _("paper")
        verbose_name_plural = _("papers")
        ordering = ("document", "edition")
        constraints = (
            models.UniqueConstraint(name="one_paper_per_edition", fields=("document", "edition")),
            models.CheckConstraint(name="paper_edition_starts_at_one", condition=Q(edition__gte=1)),
        )
        triggers = (
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        )

    def __str__(self) -> str:
        return f"{self.document_id}/{self.edition}"
