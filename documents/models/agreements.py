"""Charges on account, and the agreements by which a company's employees buy on its account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from core.fields import MoneyField
from customers.models import CustomerAccount, PaymentTerm
from documents.models.documents import Document

if TYPE_CHECKING:
    from datetime import date


class PurchaseAgreement(models.Model):
    """A company whose employees buy on its account, each up to a ceiling.

    The company's account is billed: it decides and carries the exposure, whoever buys.
    """

    code = models.SlugField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=120)
    account = models.ForeignKey(
        CustomerAccount, models.PROTECT, related_name="agreements", verbose_name=_("billed to")
    )
    employee_ceiling = MoneyField(
        _("ceiling per employee"),
        null=True,
        blank=True,
        help_text=_("What one employee may have open at a time, in the account's currency."),
    )
    payment_term = models.ForeignKey(
        PaymentTerm, models.PROTECT, null=True, blank=True, verbose_name=_("payment terms")
    )
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("purchase agreement")
        verbose_name_plural = _("purchase agreements")
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(
                name="agreement_ceiling_positive",
                condition=Q(employee_ceiling__isnull=True) | Q(employee_ceiling__gt=0),
            ),
            models.CheckConstraint(
                name="agreement_ends_after_it_begins",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
            ),
        )

    def __str__(self) -> str:
        return self.name

    def is_valid(self, day: date) -> bool:
        """Whether its employees may buy on that day."""
        ended = self.valid_to is not None and self.valid_to < day
        return self.is_active and self.valid_from <= day and not ended


class AgreementEmployee(models.Model):
    """Somebody who may buy under an agreement. An agreement without any takes every name.

    Names are kept with single blanks between their words; upper and lower case are one name.
    """

    agreement = models.ForeignKey(
        PurchaseAgreement,
        models.CASCADE,
        related_name="employees",
        verbose_name=_("agreement"),
    )
    name = models.CharField(_("name"), max_length=120)
    ceiling = MoneyField(
        _("own ceiling"),
        null=True,
        blank=True,
        help_text=_("In place of the agreement's; empty: that one."),
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("entitled employee")
        verbose_name_plural = _("entitled employees")
        ordering = ("agreement", "name")
        constraints = (
            models.UniqueConstraint(
                "agreement", Lower("name"), name="one_employee_of_a_name_per_agreement"
            ),
            models.CheckConstraint(
                name="employee_name_has_single_blanks", condition=Q(name__regex=r"^\S+( \S+)*$")
            ),
            models.CheckConstraint(
                name="employee_ceiling_is_positive",
                condition=Q(ceiling__isnull=True) | Q(ceiling__gt=0),
            ),
        )

    def __str__(self) -> str:
        return self.name


class Charge(models.Model):
    """What a movement of a charge account is, beside its document: a charge, or a credit note.

    With an agreement it names the employee who bought. A credit note with such a row belongs to
    the charge account.
    """

    document = models.OneToOneField(
        Document, models.PROTECT, related_name="charge", verbose_name=_("document")
    )
    agreement = models.ForeignKey(
        PurchaseAgreement,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="charges",
        verbose_name=_("agreement"),
    )
    employee = models.CharField(_("employee"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("charge")
        verbose_name_plural = _("charges")
        ordering = ("-document",)
        constraints = (
            models.CheckConstraint(
                name="charge_of_an_agreement_names_the_employee",
                condition=Q(agreement__isnull=True, employee="")
                | (Q(agreement__isnull=False) & ~Q(employee="")),
            ),
        )
        indexes = (models.Index(fields=("agreement", "employee"), name="charge_by_employee"),)

    def __str__(self) -> str:
        return f"{self.document_id} {self.employee}".strip()
