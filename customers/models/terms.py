"""Payment methods and payment terms (instalments)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pgtrigger
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


# The shares of a term make up the whole amount: asked at the end of the transaction, since the
# lines of a term are written one by one.
_WHOLE = """
SELECT SUM(l.percent) INTO whole FROM customers_paymenttermline l WHERE l.term_id = {row}.term_id;
IF whole <> 100 THEN
    RAISE EXCEPTION 'The shares of the instalments add up to %', whole
        USING ERRCODE = 'check_violation', CONSTRAINT = 'term_shares_make_the_whole';
END IF;
RETURN NULL;
"""


def _whole(name: str, row: str, operation: pgtrigger.Operation) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.After,
        operation=operation,
        timing=pgtrigger.Deferred,
        declare=[("whole", "NUMERIC")],
        func=_WHOLE.format(row=row),
    )


class PaymentTermLine(models.Model):
    """One instalment: its share, and when it falls due after the document date.

    Months and days are added first; then the end of that month, if wanted; then the next
    `fixed_day` on or after (the last day of a shorter month stands in for a day that it lacks).
    """

    term = models.ForeignKey(
        PaymentTerm, models.CASCADE, related_name="lines", verbose_name=_("terms")
    )
    position = models.PositiveSmallIntegerField(_("no."), default=1)
    percent = PercentField(
        _("share in %"),
        default=100,
        validators=[
            MinValueValidator(Decimal("0.0001"), _("The share of an instalment is above zero.")),
            MaxValueValidator(100),
        ],
    )
    months = models.PositiveSmallIntegerField(
        _("months"), default=0, validators=[MaxValueValidator(60)]
    )
    days = models.PositiveSmallIntegerField(
        _("days"), default=30, validators=[MaxValueValidator(1830)]
    )
    end_of_month = models.BooleanField(_("end of month"), default=False)
    fixed_day = models.PositiveSmallIntegerField(
        _("fixed day"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(31)],
        help_text=_("Day of the month, on or after the day found so far."),
    )

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
            models.CheckConstraint(
                name="instalment_day_is_a_day",
                condition=Q(fixed_day__isnull=True) | Q(fixed_day__gte=1, fixed_day__lte=31),
            ),
            # More would only be a typing error, and could lead past the last day there is.
            models.CheckConstraint(
                name="instalment_within_years", condition=Q(months__lte=60) & Q(days__lte=1830)
            ),
        )
        triggers = (
            _whole("whole", "NEW", pgtrigger.Insert | pgtrigger.Update),
            _whole("whole_after_delete", "OLD", pgtrigger.Delete),
        )

    def __str__(self) -> str:
        return f"{self.percent:f} % / {self.days}"
