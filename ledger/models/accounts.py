"""What a company keeps its books with: ledger accounts, settings, and causes of delay."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.fields import MoneyField, PercentField
from core.models import Company


class LedgerRole(models.TextChoices):
    """What an account of the ledger is used for; services find accounts by their role."""

    RECEIVABLE = "receivable", _("Receivables (control account)")
    REVENUE = "revenue", _("Revenue")
    TAX = "tax", _("Tax")
    BANK = "bank", _("Bank")
    DISCOUNT = "discount", _("Cash discounts")
    WRITE_OFF = "write_off", _("Write-offs")
    DIFFERENCE = "difference", _("Small differences")
    OPENING = "opening", _("Opening balances")
    FX = "fx", _("Exchange differences")
    CLEARING = "clearing", _("Clearing")
    BANK_FEE = "bank_fee", _("Bank fees")
    BILLS = "bills", _("Bills receivable")
    ADVANCES = "advances", _("Advances of banks on bills")


class LedgerAccount(models.Model):
    """An account of the general ledger. One of each role per company."""

    company = models.ForeignKey(
        Company, models.PROTECT, related_name="ledger_accounts", verbose_name=_("company")
    )
    code = models.CharField(_("code"), max_length=20)
    name = models.CharField(_("name"), max_length=80)
    role = models.CharField(_("role"), max_length=10, choices=LedgerRole.choices)

    class Meta:
        verbose_name = _("ledger account")
        verbose_name_plural = _("ledger accounts")
        ordering = ("company", "code")
        constraints = (
            models.UniqueConstraint(name="one_ledger_account_per_code", fields=("company", "code")),
            models.UniqueConstraint(name="one_ledger_account_per_role", fields=("company", "role")),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class LedgerSettings(models.Model):
    """How a company keeps its receivables: closed periods and what a clerk may give away."""

    company = models.OneToOneField(
        Company, models.PROTECT, related_name="ledger_settings", verbose_name=_("company")
    )
    closed_through = models.DateField(
        _("closed through"),
        null=True,
        blank=True,
        help_text=_("Nothing is posted on this day or before it."),
    )
    difference_tolerance = MoneyField(
        _("small differences up to"),
        default=1,
        validators=[MinValueValidator(0)],
        help_text=_("In company currency, per item. More than this needs the right to write off."),
    )
    discount_percent = PercentField(
        _("cash discount up to %"),
        default=3,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
        help_text=_("Of the item. More than this needs the right to write off."),
    )

    class Meta:
        verbose_name = _("ledger settings")
        verbose_name_plural = _("ledger settings")
        ordering = ("company",)
        permissions = (("close_period", _("Can close and reopen periods")),)
        constraints = (
            models.CheckConstraint(
                name="tolerance_not_negative", condition=Q(difference_tolerance__gte=0)
            ),
            models.CheckConstraint(
                name="discount_percent_within_bounds",
                condition=Q(discount_percent__gte=0) & Q(discount_percent__lte=100),
            ),
        )

    def __str__(self) -> str:
        return str(self.company)


class DelayCause(models.Model):
    """Why an item is paid late. Some causes are ours: they do not count as the customer's delay."""

    code = models.SlugField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=80)
    counts_as_late = models.BooleanField(
        _("counts as late"),
        default=True,
        help_text=_("Off: rules about overdue items and payment behaviour leave the item out."),
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("cause of delay")
        verbose_name_plural = _("causes of delay")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
