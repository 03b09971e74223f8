"""Customers (shared by our companies), their accounts per company, groups and contacts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.models import Company, Currency
from customers.models.terms import PaymentMethod, PaymentTerm
from customers.querysets import CustomerAccountQuerySet, CustomerQuerySet

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


class CustomerGroup(models.Model):
    """Customers under one economic control; the head's limit can stand for all."""

    code = models.SlugField(_("code"), max_length=30, unique=True)
    name = models.CharField(_("name"), max_length=160)
    head = models.ForeignKey(
        "customers.Customer",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="heads_groups",
        verbose_name=_("head of the group"),
    )

    if TYPE_CHECKING:
        members: RelatedManager[Customer]

    class Meta:
        verbose_name = _("customer group")
        verbose_name_plural = _("customer groups")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Customer(models.Model):
    """A party we sell to. One row however many of our companies trade with it."""

    class Status(models.TextChoices):
        """The commercial status; the policy gives each its own effect."""

        RELEASED = "released", _("Released")
        BLOCKED = "blocked", _("Blocked")
        DEBTOR = "debtor", _("Debtor")
        PROTESTED = "protested", _("Protested")
        UNDER_REVIEW = "under_review", _("Under review")

    code = models.CharField(_("code"), max_length=30, unique=True)
    name = models.CharField(_("name"), max_length=160)
    legal_name = models.CharField(_("legal name"), max_length=200, blank=True)
    vat_number = models.CharField(_("VAT number"), max_length=30, blank=True)
    country = models.CharField(_("country"), max_length=3, blank=True)
    address = models.TextField(_("address"), blank=True)
    group = models.ForeignKey(
        CustomerGroup,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="members",
        verbose_name=_("group"),
    )
    status = models.CharField(
        _("status"), max_length=12, choices=Status.choices, default=Status.RELEASED
    )
    status_reason = models.CharField(_("reason for the status"), max_length=200, blank=True)
    status_on = models.DateField(_("status since"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = CustomerQuerySet.as_manager()

    if TYPE_CHECKING:
        accounts: RelatedManager[CustomerAccount]
        contacts: RelatedManager[Contact]

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        ordering = ("name", "pk")
        permissions = (
            ("change_customer_status", _("Can change the status of a customer")),
            ("view_credit_file", _("Can open the credit file of a customer")),
        )
        constraints = (
            models.CheckConstraint(
                name="customer_status_is_known",
                condition=Q(
                    status__in=("released", "blocked", "debtor", "protested", "under_review")
                ),
            ),
            models.CheckConstraint(name="customer_has_a_name", condition=~Q(name="")),
        )

    def __str__(self) -> str:
        return self.name


class CustomerAccount(models.Model):
    """A customer in one of our companies: terms, method, people, risk currency."""

    company = models.ForeignKey(
        Company, models.PROTECT, related_name="accounts", verbose_name=_("company")
    )
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="accounts", verbose_name=_("customer")
    )
    currency = models.ForeignKey(
        Currency,
        models.PROTECT,
        verbose_name=_("risk currency"),
        help_text=_("Limits and exposure of this account are expressed in this currency."),
    )
    payment_term = models.ForeignKey(
        PaymentTerm, models.PROTECT, null=True, blank=True, verbose_name=_("payment terms")
    )
    payment_method = models.ForeignKey(
        PaymentMethod, models.PROTECT, null=True, blank=True, verbose_name=_("payment method")
    )
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="agent_accounts",
        verbose_name=_("agent"),
    )
    responsible = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="responsible_accounts",
        verbose_name=_("responsible"),
    )
    days_late = models.SmallIntegerField(
        _("days late"),
        null=True,
        blank=True,
        help_text=_(
            "Average delay of what was paid, from the control of remittances. The coming weeks "
            "reckon with it; empty: with the payments of the last twelve months."
        ),
    )
    is_active = models.BooleanField(_("active"), default=True)

    objects = CustomerAccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("customer account")
        verbose_name_plural = _("customer accounts")
        ordering = ("customer", "company")
        constraints = (
            models.UniqueConstraint(name="one_account_per_company", fields=("company", "customer")),
            models.CheckConstraint(
                name="account_days_late_within_years",
                condition=Q(days_late__isnull=True) | Q(days_late__range=(-999, 999)),
            ),
        )

    def __str__(self) -> str:
        return f"{self.customer} ({self.company.code})"


class Contact(models.Model):
    """A person at the customer."""

    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="contacts", verbose_name=_("customer")
    )
    name = models.CharField(_("name"), max_length=120)
    role = models.CharField(_("role"), max_length=80, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
