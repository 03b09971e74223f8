"""In-app notifications; the matching e-mail leaves after commit."""

from __future__ import annotations

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _


class Notification(models.Model):
    """A message for one user. `code` picks the sentence, `params` fill it, `url` opens it."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="notifications",
        verbose_name=_("user"),
    )
    code = models.CharField(_("code"), max_length=60)
    params = models.JSONField(_("figures"), default=dict, encoder=DjangoJSONEncoder)
    url = models.CharField(_("opens"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("at"), auto_now_add=True)
    read_at = models.DateTimeField(_("read"), null=True, blank=True)
    emailed_at = models.DateTimeField(_("e-mailed"), null=True, blank=True)

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering = ("-created_at", "-pk")
        indexes = (
            models.Index(
                fields=("user",),
                name="notification_unread",
                condition=models.Q(read_at__isnull=True),
            ),
            models.Index(
                fields=("created_at",),
                name="notification_to_email",
                condition=models.Q(emailed_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return f"{self.user_id}: {self.code}"
