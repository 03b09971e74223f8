"""Companies, currencies, dated exchange rates and gapless number sequences."""

from __future__ import annotations

from decimal import Decimal

import pgtrigger
from django.core.validators import FileExtensionValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.banks import bic_check, compact, iban_check
from core.dates import day_text
from core.fields import RateField
from core.images import LOGO_ENDINGS, logo_check


class Currency(models.Model):
    """An ISO 4217 currency we trade in."""

    code = models.CharField(
        _("code"),
        max_length=3,
        primary_key=True,
        validators=[RegexValidator(r"^[A-Z]{3}$", _("Three capital letters, such as EUR."))],
    )
    name = models.CharField(_("name"), max_length=60)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("currency")
        verbose_name_plural = _("currencies")
        ordering = ("code",)
        constraints = (
            models.CheckConstraint(
                name="currency_code_is_iso", condition=Q(code__regex=r"^[A-Z]{3}$")
            ),
        )

    def __str__(self) -> str:
        return self.code


def logo_path(company: Company, filename: str) -> str:
    """Where a company's logo is kept: below private media, by company."""
    return f"companies/{company.pk or 'new'}/{filename}"


class Company(models.Model):
    """One of our own companies: the seller on a document and the owner of a ledger.

    From `address` on: what its letterhead shows. A logo is never overwritten, so that a paper
    printed again shows the one it was printed with.
    """

    code = models.SlugField(_("code"), max_length=12, unique=True)
    name = models.CharField(_("name"), max_length=120)
    currency = models.ForeignKey(Currency, models.PROTECT, verbose_name=_("currency"))
    address = models.TextField(_("address"), blank=True)
    vat_number = models.CharField(_("VAT number"), max_length=20, blank=True)
    logo = models.ImageField(
        _("logo"),
        upload_to=logo_path,
        max_length=200,
        blank=True,
        validators=[FileExtensionValidator(LOGO_ENDINGS), logo_check],
        help_text=_("PNG or JPEG, at most 1 MB. It stands on printed documents."),
    )
    registered_office = models.CharField(
        _("registered office"),
        max_length=200,
        blank=True,
        help_text=_("Where it differs from the address."),
    )
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    website = models.CharField(_("website"), max_length=120, blank=True)
    bank_name = models.CharField(_("bank"), max_length=120, blank=True)
    iban = models.CharField(_("IBAN"), max_length=42, blank=True, validators=[iban_check])
    bic = models.CharField(_("BIC"), max_length=11, blank=True, validators=[bic_check])
    legal_footer = models.TextField(
        _("legal footer"),
        blank=True,
        help_text=_("Share capital, register, directors: at the foot of every printed page."),
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        ordering = ("code",)
        constraints = (
            models.CheckConstraint(
                name="company_iban_is_compact",
                condition=Q(iban="") | Q(iban__regex=r"^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$"),
            ),
            models.CheckConstraint(
                name="company_bic_is_compact",
                condition=Q(bic="") | Q(bic__regex=r"^[A-Z0-9]{8}([A-Z0-9]{3})?$"),
            ),
        )

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Keep bank details without the blanks people write into them."""
        self.iban, self.bic = compact(self.iban), compact(self.bic)


class ExchangeRate(models.Model):
    """Units of `to_currency` for one unit of `from_currency`, valid from `valid_on` on.

    Rows are never changed, so that a past figure can be told as it was known: a rate is corrected
    by entering it again for its day (the one entered last counts), and taken back by a row that
    says it is withdrawn.
    """

    from_currency = models.ForeignKey(
        Currency, models.PROTECT, related_name="rates_from", verbose_name=_("from")
    )
    to_currency = models.ForeignKey(
        Currency, models.PROTECT, related_name="rates_to", verbose_name=_("to")
    )
    valid_on = models.DateField(_("valid on"))
    rate = RateField(
        _("rate"),
        validators=[MinValueValidator(Decimal("0.00000001"), _("A rate is above zero."))],
    )
    source = models.CharField(_("source"), max_length=40, blank=True)
    entered_at = models.DateTimeField(_("entered"), default=timezone.now, editable=False)
    is_withdrawn = models.BooleanField(_("withdrawn"), default=False, editable=False)

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        ordering = ("from_currency", "to_currency", "-valid_on", "-entered_at")
        triggers = (
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        )
        constraints = (
            models.UniqueConstraint(
                name="one_rate_per_pair_day_and_moment",
                fields=("from_currency", "to_currency", "valid_on", "entered_at"),
            ),
            models.CheckConstraint(name="rate_is_positive", condition=Q(rate__gt=0)),
            models.CheckConstraint(
                name="rate_between_two_currencies",
                condition=~Q(from_currency=F("to_currency")),
                violation_error_message=_("A rate leads from one currency to another."),
            ),
        )

    def __str__(self) -> str:
        day = day_text(self.valid_on)
        return f"{self.from_currency_id}/{self.to_currency_id} {day}: {self.rate}"


class NumberSequence(models.Model):
    """A gapless counter: the row is locked last, inside the command that uses the number."""

    company = models.ForeignKey(Company, models.PROTECT, verbose_name=_("company"))
    code = models.SlugField(_("code"), max_length=30)
    year = models.PositiveSmallIntegerField(_("year"))
    prefix = models.CharField(_("prefix"), max_length=12, blank=True)
    next_number = models.PositiveIntegerField(_("next number"), default=1)

    class Meta:
        verbose_name = _("number sequence")
        verbose_name_plural = _("number sequences")
        ordering = ("company", "code", "-year")
        constraints = (
            models.UniqueConstraint(
                name="one_sequence_per_company_and_year", fields=("company", "code", "year")
            ),
            models.CheckConstraint(name="sequence_starts_at_one", condition=Q(next_number__gte=1)),
        )

    def __str__(self) -> str:
        return f"{self.prefix}{self.year} → {self.next_number}"
