"""Hold cases: one per document and checkpoint (settled question 1)."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from approvals.models import ApprovalRequest
from credit_limits.models import CreditCheck
from documents.models.documents import Document


class HoldCase(models.Model):
    """Why a step of a document was stopped, who was asked, and how it ended."""

    class Status(models.TextChoices):
        """Where the case stands."""

        OPEN = "open", _("Open")
        RELEASED = "released", _("Released")
        REFUSED = "refused", _("Refused")
        LAPSED = "lapsed", _("Cause gone")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    document = models.ForeignKey(
        Document, models.PROTECT, related_name="hold_cases", verbose_name=_("document")
    )
    checkpoint = models.CharField(_("checkpoint"), max_length=8)
    check_run = models.ForeignKey(
        CreditCheck, models.PROTECT, related_name="+", verbose_name=_("credit check")
    )
    request = models.ForeignKey(
        ApprovalRequest,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("approval request"),
    )
    reasons = ArrayField(models.CharField(max_length=60), verbose_name=_("reasons"))
    status = models.CharField(
        _("status"), max_length=9, choices=Status.choices, default=Status.OPEN
    )
    opened_at = models.DateTimeField(_("opened"), auto_now_add=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("opened by")
    )
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("closed by"),
    )
    closing_comment = models.TextField(_("how it ended"), blank=True)

    class Meta:
        verbose_name = _("hold case")
        verbose_name_plural = _("hold cases")
        ordering = ("-opened_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                name="one_open_case_per_checkpoint",
                fields=("document", "checkpoint"),
                condition=Q(status="open"),
            ),
            models.CheckConstraint(
                name="case_closed_iff_not_open",
                condition=Q(status="open", closed_at__isnull=True)
                | (~Q(status="open") & Q(closed_at__isnull=False)),
            ),
        )

    def __str__(self) -> str:
        return f"{self.document}: {', '.join(self.reasons)}"
