"""Payment methods and payment terms (instalments)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.fields import PercentField

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


class PaymentMethod(models.Model):
    """How a customer pays, and what that means for credit."""

    class Treatment(models.TextChoices):
        """What the credit check makes of the method."""

        NORMAL = "normal", _("Checked like any other")
        PASSES = "passes", _("Always passes")
        ANALYSIS = "analysis", _("Always goes to analysis")

    code = models.SlugField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=60)
    treatment = models.CharField(
        _("credit treatment"),
        max_length=8,
        choices=Treatment.choices,
        default=Treatment.NORMAL,
    )
    is_immediate = models.BooleanField(
        _("paid immediately"),
        default=False,
        help_text=_("The money is there before the goods leave: cash, card, advance payment."),
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("payment method")
        verbose_name_plural = _("payment methods")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class PaymentTerm(models.Model):
    """Terms of payment: one or more instalments whose shares add up to 100 %."""

    code = models.SlugField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=80)
    is_active = models.BooleanField(_("active"), default=True)

    if TYPE_CHECKING:
        lines: RelatedManager[PaymentTermLine]

    class Meta:
        verbose_name = _("payment terms")
        verbose_name_plural = _("payment terms")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class PaymentTermLine(models.Model):
    """One instalment: its share, days after the document date, and whether month end."""

    term = models.ForeignKey(
        PaymentTerm, models.CASCADE, related_name="lines", verbose_name=_("terms")
    )
    position = models.PositiveSmallIntegerField(_("no."), default=1)
    percent = PercentField(
        _("share in %"),
        default=100,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    days = models.PositiveSmallIntegerField(_("days"), default=30)
    end_of_month = models.BooleanField(_("end of month"), default=False)

    class Meta:
        verbose_name = _("instalment")
        verbose_name_plural = _("instalments")
        ordering = ("term", "position")
        constraints = (
            models.UniqueConstraint(name="one_line_per_position", fields=("term", "position")),
            models.CheckConstraint(
                name="instalment_share_within_bounds",
                condition=Q(percent__gt=0) & Q(percent__lte=100),
            ),
        )

    def __str__(self) -> str:
        return f"{self.percent:f} % / {self.days}"
