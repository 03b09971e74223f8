"""Dated credit limits and the credit profile of an account."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.fields import MoneyField
from core.models import Currency
from customers.models import Customer, CustomerAccount, CustomerGroup


class CreditProfile(models.Model):
    """How firmly an account is controlled. Accounts without a row are locked (the default)."""

    class Control(models.TextChoices):
        """The control type caps what amount rules may do."""

        NONE = "none", _("No control")
        MONITOR = "monitor", _("Monitor: warn only")
        LOCK = "lock", _("Lock: hold over the limit")

    account = models.OneToOneField(
        CustomerAccount, models.CASCADE, related_name="credit_profile", verbose_name=_("account")
    )
    control = models.CharField(
        _("control type"), max_length=7, choices=Control.choices, default=Control.LOCK
    )
    review_on = models.DateField(_("review due"), null=True, blank=True)
    notes = models.TextField(_("notes on the limit"), blank=True)

    class Meta:
        verbose_name = _("credit profile")
        verbose_name_plural = _("credit profiles")

    def __str__(self) -> str:
        return f"{self.account} · {self.get_control_display()}"


class CreditLimit(models.Model):
    """A limit of one scope for a span of days. Approved rows never overlap and never change.

    Exactly one of `account`, `customer` (over all companies) and `group` is set. `valid_during`
    is half open. The only change the database lets through is ending a row earlier, when the
    next one takes over.
    """

    class Kind(models.TextChoices):
        """A temporary limit is added on top of the permanent one while it lasts."""

        PERMANENT = "permanent", _("Permanent")
        TEMPORARY = "temporary", _("Temporary")

    class State(models.TextChoices):
        """Explicit: never inferred from 0 or from nothing."""

        ZERO = "zero", _("Zero: nothing on credit")
        AMOUNT = "amount", _("Amount")
        UNLIMITED = "unlimited", _("Unlimited")
        NONE = "none", _("None: nobody has decided")

    account = models.ForeignKey(
        CustomerAccount,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="limits",
        verbose_name=_("account"),
    )
    customer = models.ForeignKey(
        Customer,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="limits",
        verbose_name=_("customer"),
    )
    group = models.ForeignKey(
        CustomerGroup,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="limits",
        verbose_name=_("group"),
    )
    kind = models.CharField(_("kind"), max_length=9, choices=Kind.choices)
    state = models.CharField(_("state"), max_length=9, choices=State.choices)
    amount = MoneyField(_("amount"), null=True, blank=True)
    currency = models.ForeignKey(
        Currency, models.PROTECT, related_name="+", verbose_name=_("currency")
    )
    valid_during = DateRangeField(_("valid"))
    is_approved = models.BooleanField(_("approved"), default=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("granted by"),
    )
    granted_at = models.DateTimeField(_("granted"), auto_now_add=True)

    class Meta:
        verbose_name = _("credit limit")
        verbose_name_plural = _("credit limits")
        ordering = ("-granted_at", "-pk")
        permissions = (("grant_limit", _("Can grant credit limits")),)
        constraints = (
            models.CheckConstraint(
                name="limit_has_one_scope",
                condition=Q(account__isnull=False, customer__isnull=True, group__isnull=True)
                | Q(account__isnull=True, customer__isnull=False, group__isnull=True)
                | Q(account__isnull=True, customer__isnull=True, group__isnull=False),
            ),
            models.CheckConstraint(
                name="limit_amount_iff_state_amount",
                # Not null in so many words: a comparison with nothing is not false for a check.
                condition=Q(state="amount", amount__isnull=False, amount__gt=0)
                | Q(state__in=("zero", "unlimited", "none"), amount__isnull=True),
            ),
            ExclusionConstraint(
                name="no_overlapping_account_limits",
                expressions=(
                    ("account", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    ("valid_during", RangeOperators.OVERLAPS),
                ),
                condition=Q(account__isnull=False, is_approved=True),
            ),
            ExclusionConstraint(
                name="no_overlapping_customer_limits",
                expressions=(
                    ("customer", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    ("valid_during", RangeOperators.OVERLAPS),
                ),
                condition=Q(customer__isnull=False, is_approved=True),
            ),
            ExclusionConstraint(
                name="no_overlapping_group_limits",
                expressions=(
                    ("group", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    ("valid_during", RangeOperators.OVERLAPS),
                ),
                condition=Q(group__isnull=False, is_approved=True),
            ),
        )
        triggers = (
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="only_end_earlier",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "NOT (NEW.valid_during <@ OLD.valid_during)"
                    " OR (NOT isempty(NEW.valid_during)"
                    " AND lower(NEW.valid_during) IS DISTINCT FROM lower(OLD.valid_during))"
                    " OR (OLD.id, OLD.account_id, OLD.customer_id, OLD.group_id, OLD.kind,"
                    " OLD.state, OLD.amount, OLD.currency_id, OLD.is_approved, OLD.reason,"
                    " OLD.granted_by_id, OLD.granted_at) IS DISTINCT FROM"
                    " (NEW.id, NEW.account_id, NEW.customer_id, NEW.group_id, NEW.kind,"
                    " NEW.state, NEW.amount, NEW.currency_id, NEW.is_approved, NEW.reason,"
                    " NEW.granted_by_id, NEW.granted_at)"
                ),
            ),
        )

    def __str__(self) -> str:
        shown = self.amount if self.state == self.State.AMOUNT else self.get_state_display()
        return f"{shown} {self.currency_id}"
