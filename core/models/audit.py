"""The append-only audit trail: one event per command (law L10)."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models.company import Company


class AuditEvent(models.Model):
    """What somebody did to something, when, with which figures. Names are copied as text."""

    at = models.DateTimeField(_("at"), auto_now_add=True)
    action = models.CharField(_("action"), max_length=80)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("who"),
    )
    actor_name = models.CharField(_("name"), max_length=160)
    company = models.ForeignKey(
        Company, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("company")
    )
    subject_type = models.CharField(_("subject type"), max_length=60)
    subject_id = models.BigIntegerField(_("subject id"))
    subject_text = models.CharField(_("subject"), max_length=200)
    customer_id = models.BigIntegerField(_("customer"), null=True, blank=True)
    data = models.JSONField(_("data"), default=dict, encoder=DjangoJSONEncoder)
    request_id = models.CharField(_("request"), max_length=36, blank=True)

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
        ordering = ("-at", "-pk")
        indexes = (
            models.Index(fields=("subject_type", "subject_id", "-at"), name="audit_by_subject"),
            models.Index(fields=("customer_id", "-at"), name="audit_by_customer"),
            models.Index(fields=("-at",), name="audit_by_time"),
        )
        triggers = (
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        )

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.subject_text}"
