"""Presentation lists: bills handed to a bank together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.models import Company, Currency
from ledger.models import triggers

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from ledger.models.bills import BillStep


class Presentation(models.Model):
    """A list of bills for one bank, in one currency and of one kind. Never changes."""

    class Kind(models.TextChoices):
        """How the bank takes them (the kinds of `ledger.bills`)."""

        DISCOUNT = "discount", pgettext_lazy("presentation", "At discount")
        SUBJECT = "subject", pgettext_lazy("presentation", "Subject to collection")
        AFTER = "after", pgettext_lazy("presentation", "After collection")

    company = models.ForeignKey(
        Company, models.PROTECT, related_name="+", verbose_name=_("company")
    )
    number = models.CharField(_("number"), max_length=60)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    bank = models.CharField(_("bank"), max_length=80)
    presented_on = models.DateField(_("presented on"))
    currency = models.ForeignKey(
        Currency, models.PROTECT, related_name="+", verbose_name=_("currency")
    )
    text = models.CharField(_("text"), max_length=200, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("created by"),
    )
    entered_at = models.DateTimeField(_("entered"), auto_now_add=True)
    form_token = models.UUIDField(null=True, blank=True, editable=False)

    if TYPE_CHECKING:
        steps: RelatedManager[BillStep]

    class Meta:
        verbose_name = _("presentation list")
        verbose_name_plural = _("presentation lists")
        ordering = ("-presented_on", "-pk")
        constraints = (
            models.UniqueConstraint(
                name="one_presentation_per_number", fields=("company", "number")
            ),
            models.UniqueConstraint(name="one_presentation_per_form", fields=("form_token",)),
        )
        triggers = (triggers.append_only(),)

    def __str__(self) -> str:
        return self.number
