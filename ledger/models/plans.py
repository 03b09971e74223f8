"""What a provisional payment is meant for, until it is confirmed."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.fields import MoneyField
from ledger.models.items import OpenItem


class PlannedAllocation(models.Model):
    """Part of a provisional credit item, meant for a debit item. Gone once confirmed."""

    credit_item = models.ForeignKey(
        OpenItem, models.PROTECT, related_name="plans", verbose_name=_("credit")
    )
    debit_item = models.ForeignKey(
        OpenItem, models.PROTECT, related_name="planned_for", verbose_name=_("debit")
    )
    amount = MoneyField(_("amount"))

    class Meta:
        verbose_name = _("planned allocation")
        verbose_name_plural = _("planned allocations")
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                name="one_plan_per_pair_of_items", fields=("credit_item", "debit_item")
            ),
            models.CheckConstraint(name="plan_amount_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="plan_between_two_items", condition=~Q(debit_item=F("credit_item"))
            ),
        )

    def __str__(self) -> str:
        return f"{self.credit_item_id} → {self.debit_item_id}: {self.amount}"
