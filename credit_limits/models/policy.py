"""The credit policy that admins edit, and its immutable published versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pgtrigger
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.models import Company

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


class Effect(models.TextChoices):
    """What a rule does when it fires."""

    OFF = "off", _("Off")
    NOTE = "note", _("Note")
    WARN = "warn", _("Warn")
    HOLD = "hold", _("Hold")
    REFUSE = "refuse", _("Refuse")


MOST_GRACE_DAYS: Final = 365


class RuleCode(models.TextChoices):
    """The rules, in the order they are shown (same codes as the engine's)."""

    CUSTOMER_STATUS = "customer_status", _("Customer status")
    RATE_MISSING = "rate_missing", _("Exchange rate missing")
    LIMIT_EXCEEDED = "limit_exceeded", _("Limit exceeded")
    NEAR_LIMIT = "near_limit", _("Near the limit")
    COMPONENT_LIMIT = "component_limit", _("Limit of one component")
    NO_LIMIT = "no_limit", _("No limit granted")
    FIRST_ORDER = "first_order", _("First order without a limit")
    DOCUMENT_MAXIMUM = "document_maximum", _("Maximum value of one document")
    OVERDUE_DAYS = "overdue_days", _("Days overdue")
    OVERDUE_AMOUNT = "overdue_amount", _("Amount overdue")
    OLDEST_ITEM = "oldest_item", _("Age of the oldest open item")
    PAYMENT_METHOD = "payment_method", _("Payment method goes to analysis")


class CreditPolicy(models.Model):
    """The rules of one company, or of every company that has no policy of its own."""

    class CalculationBase(models.TextChoices):
        """What the ledger contributes to exposure."""

        ITEMS = "items", _("Open items")
        LEDGER = "ledger", _("Ledger balance")

    class OrdersCountFrom(models.TextChoices):
        """From which moment an order is exposure."""

        ACCEPTED = "accepted", _("its acceptance")
        PRINTED = "printed", _("its final print")

    company = models.OneToOneField(
        Company,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="credit_policy",
        verbose_name=_("company"),
        help_text=_("Empty: for every company without a policy of its own."),
    )
    name = models.CharField(_("name"), max_length=80)
    include = models.JSONField(
        _("components"),
        default=dict,
        blank=True,
        help_text=_('Component → "count", "show" or "leave_out"; what is not named counts.'),
    )
    checkpoints = models.JSONField(
        _("checkpoints"),
        default=list,
        blank=True,
        help_text=_("Steps at which credit is checked; empty means all."),
    )
    release_valid_days = models.PositiveSmallIntegerField(
        _("a release is valid for (days)"), default=30
    )
    release_tolerance_percent = models.DecimalField(
        _("a release covers up to (% more)"), max_digits=5, decimal_places=2, default=0
    )
    direct_override = models.BooleanField(
        _("pass at entry"),
        default=False,
        help_text=_(
            "Somebody with sufficient authority may pass a hold while entering the document, "
            "with a reason."
        ),
    )

    start_on = models.DateField(
        _("from calculation date"),
        null=True,
        blank=True,
        help_text=_(
            "Delivery notes, invoices and ledger entries dated earlier are ignored (P3). "
            "Orders, bills and open items never are."
        ),
    )
    calculation_base = models.CharField(
        _("calculation base"),
        max_length=6,
        choices=CalculationBase.choices,
        default=CalculationBase.ITEMS,
        help_text=_("What the ledger contributes (P6)."),
    )
    provisional_items_count = models.BooleanField(
        _("count items of provisional entries"), default=False, help_text=_("P7")
    )
    unprinted_invoices_count = models.BooleanField(
        _("count invoices to be printed"),
        default=True,
        help_text=_(
            "Off: an invoice counts once it was printed for good; until then its value stays "
            "with the delivery or the order (P9)."
        ),
    )
    orders_count_from = models.CharField(
        _("orders count from"),
        max_length=8,
        choices=OrdersCountFrom.choices,
        default=OrdersCountFrom.ACCEPTED,
    )
    orders_horizon_days = models.PositiveSmallIntegerField(
        _("horizon of orders (days)"),
        null=True,
        blank=True,
        help_text=_("Orders to be delivered later than this are only shown. Empty: no end."),
    )
    grace_days_subject = models.PositiveSmallIntegerField(
        _("grace days of bills subject to collection"),
        default=0,
        validators=[MaxValueValidator(MOST_GRACE_DAYS)],
        help_text=_("Days after its due date during which such a bill still counts (P1)."),
    )
    grace_days_after = models.PositiveSmallIntegerField(
        _("grace days of bills after collection"),
        default=0,
        validators=[MaxValueValidator(MOST_GRACE_DAYS)],
        help_text=_("Days after its due date during which such a bill still counts (P2)."),
    )
    grace_days_discount = models.PositiveSmallIntegerField(
        _("grace days of bills at discount"),
        default=0,
        validators=[MaxValueValidator(MOST_GRACE_DAYS)],
        help_text=_("Days after its due date during which such a bill still counts."),
    )
    documents_with_tax = models.BooleanField(_("documents count with their tax"), default=True)
    disputed_items_count = models.BooleanField(_("disputed items count"), default=True)
    block_print = models.BooleanField(
        _("block physical print"),
        default=True,
        help_text=_(
            "On: a held document cannot be printed for good at all. Off: it prints, marked, but "
            "does not become printed (P8)."
        ),
    )

    if TYPE_CHECKING:
        rules: RelatedManager[PolicyRule]
        versions: RelatedManager[PolicyVersion]

    class Meta:
        verbose_name = _("credit policy")
        verbose_name_plural = _("credit policies")
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(
                name="one_default_policy",
                fields=("company",),
                condition=Q(company__isnull=True),
                nulls_distinct=False,
                # As "unique" Django says it at the field.
                violation_error_code="unique",
                violation_error_message=_(
                    "There is a policy for every company already: choose the company that this "
                    "one is for."
                ),
            ),
        )

    def __str__(self) -> str:
        return self.name


class PolicyRule(models.Model):
    """One rule as the admin edits it; publishing copies it into a version."""

    policy = models.ForeignKey(
        CreditPolicy, models.CASCADE, related_name="rules", verbose_name=_("policy")
    )
    rule = models.CharField(_("rule"), max_length=20, choices=RuleCode.choices)
    effect = models.CharField(_("effect"), max_length=6, choices=Effect.choices, default=Effect.OFF)
    threshold = models.DecimalField(
        _("threshold"),
        max_digits=18,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_("An amount, a percentage or days, as the rule says."),
    )
    grace_days = models.PositiveSmallIntegerField(_("grace days"), default=0)
    tolerance = models.DecimalField(
        _("tolerated amount"), max_digits=18, decimal_places=2, default=0
    )
    details = models.JSONField(
        _("details"),
        default=dict,
        blank=True,
        encoder=DjangoJSONEncoder,
        help_text=_(
            "By status: effects per customer status. By component: an amount per component. "
            "Options: switches of the rule."
        ),
    )

    class Meta:
        verbose_name = _("rule")
        verbose_name_plural = _("rules")
        ordering = ("policy", "pk")
        constraints = (
            models.UniqueConstraint(name="one_row_per_rule", fields=("policy", "rule")),
            models.CheckConstraint(
                name="rule_threshold_not_negative",
                condition=Q(threshold__isnull=True) | Q(threshold__gte=0),
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_rule_display()}: {self.get_effect_display()}"


class PolicyVersion(models.Model):
    """A published policy, as the engine read it. Append-only, so that checks can be replayed."""

    policy = models.ForeignKey(
        CreditPolicy, models.PROTECT, related_name="versions", verbose_name=_("policy")
    )
    number = models.PositiveIntegerField(_("version"))
    content = models.JSONField(_("content"), encoder=DjangoJSONEncoder)
    published_at = models.DateTimeField(_("published"), auto_now_add=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("published by"),
    )

    class Meta:
        verbose_name = _("policy version")
        verbose_name_plural = _("policy versions")
        ordering = ("policy", "-number")
        constraints = (
            models.UniqueConstraint(name="one_policy_version", fields=("policy", "number")),
        )
        triggers = (
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        )

    def __str__(self) -> str:
        return f"{self.policy} v{self.number}"
