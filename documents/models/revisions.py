"""A wished change of an accepted document, kept whole until it is decided."""

from __future__ import annotations

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.fields import MoneyField
from documents.models.documents import Document


class DocumentRevision(models.Model):
    """A wished change of an accepted document that was held: kept whole, nothing is retyped."""

    class Status(models.TextChoices):
        """What became of the wish."""

        PENDING = "pending", _("Waiting")
        ACCEPTED = "accepted", _("Accepted")
        DROPPED = "dropped", _("Dropped")

    document = models.ForeignKey(
        Document, models.PROTECT, related_name="revisions", verbose_name=_("document")
    )
    content = models.JSONField(_("content"), encoder=DjangoJSONEncoder)
    gross_amount = MoneyField(_("total"))
    base_version = models.PositiveIntegerField(_("based on version"))
    status = models.CharField(
        _("status"), max_length=8, choices=Status.choices, default=Status.PENDING
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("created by")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("pending change")
        verbose_name_plural = _("pending changes")
        ordering = ("-created_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                name="one_pending_change",
                fields=("document",),
                condition=Q(status="pending"),
            ),
        )

    def __str__(self) -> str:
        return f"{self.document} → {self.gross_amount}"
