"""Disputes: when the customer contested an item, why, and until when."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.fields import MoneyField
from ledger.models.items import OpenItem


class Dispute(models.Model):
    """A contested item, or part of it, from the day it was contested until it was settled."""

    item = models.ForeignKey(
        OpenItem, models.PROTECT, related_name="disputes", verbose_name=_("item")
    )
    amount = MoneyField(
        _("contested amount"), null=True, blank=True, help_text=_("Empty: the whole item.")
    )
    reason = models.CharField(_("reason"), max_length=200)
    opened_on = models.DateField(_("contested on"))
    opened_at = models.DateTimeField(_("entered"), auto_now_add=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("entered by"),
    )
    closed_on = models.DateField(_("settled on"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("closed by"),
    )
    outcome = models.CharField(_("outcome"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")
        ordering = ("-opened_on", "-pk")
        constraints = (
            models.UniqueConstraint(
                name="one_open_dispute_per_item",
                fields=("item",),
                condition=Q(closed_at__isnull=True),
            ),
            models.CheckConstraint(
                name="dispute_amount_positive",
                condition=Q(amount__isnull=True) | Q(amount__gt=0),
            ),
            models.CheckConstraint(
                name="dispute_closed_whole",
                condition=Q(closed_on__isnull=True, closed_at__isnull=True)
                | Q(
                    closed_on__isnull=False, closed_on__gte=F("opened_on"), closed_at__isnull=False
                ),
            ),
        )

    def __str__(self) -> str:
        return f"{self.item_id}: {self.reason}"
