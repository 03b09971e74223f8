"""What the night writes: exposure, payment behaviour and alerts, one row per account and day."""

from __future__ import annotations

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.fields import MoneyField, PercentField
from core.models import Currency
from customers.models import CustomerAccount


class ExposureSnapshot(models.Model):
    """Exposure of one account on one day, by component. Evidence, never a source."""

    account = models.ForeignKey(
        CustomerAccount, models.PROTECT, related_name="snapshots", verbose_name=_("account")
    )
    as_of = models.DateField(_("as of"))
    currency = models.ForeignKey(
        Currency, models.PROTECT, related_name="+", verbose_name=_("currency")
    )
    order_open = MoneyField(_("orders"), default=0)
    delivered_uninvoiced = MoneyField(_("delivered, not invoiced"), default=0)
    invoice_draft = MoneyField(_("invoices not posted"), default=0)
    invoice_open = MoneyField(_("open items"), default=0)
    invoice_overdue = MoneyField(_("overdue items"), default=0)
    bill_issued = MoneyField(_("bills issued"), default=0)
    bill_presented = MoneyField(_("bills presented"), default=0)
    bill_returned = MoneyField(_("bills returned"), default=0)
    credits = MoneyField(_("credits"), default=0)
    waiting = MoneyField(_("waiting"), default=0)
    total = MoneyField(_("exposure"), default=0)
    limit_state = models.CharField(_("limit state"), max_length=9)
    limit_amount = MoneyField(_("limit"), null=True, blank=True)
    headroom = MoneyField(_("headroom"), null=True, blank=True)
    worst_days_overdue = models.PositiveIntegerField(_("days overdue"), default=0)
    is_over_limit = models.BooleanField(_("over the limit"), default=False)
    is_complete = models.BooleanField(_("complete"), default=True)
    taken_at = models.DateTimeField(_("taken"), auto_now_add=True)

    class Meta:
        verbose_name = _("exposure snapshot")
        verbose_name_plural = _("exposure snapshots")
        ordering = ("-as_of", "account")
        constraints = (
            models.UniqueConstraint(name="one_snapshot_per_day", fields=("account", "as_of")),
            models.CheckConstraint(
                name="snapshot_over_limit_has_negative_headroom",
                condition=Q(is_over_limit=False) | Q(headroom__isnull=False, headroom__lt=0),
            ),
        )
        indexes = (models.Index(fields=("as_of", "account"), name="snapshot_by_day"),)

    def __str__(self) -> str:
        return f"{self.account} {self.as_of}: {self.total}"


class PaymentBehaviour(models.Model):
    """How an account paid in the window before `as_of`, weighted by amount."""

    account = models.ForeignKey(
        CustomerAccount, models.PROTECT, related_name="behaviours", verbose_name=_("account")
    )
    as_of = models.DateField(_("as of"))
    window_months = models.PositiveSmallIntegerField(_("months"), default=12)
    settled_amount = MoneyField(_("settled amount"), default=0)
    settled_count = models.PositiveIntegerField(_("settled items"), default=0)
    average_days_late = models.DecimalField(
        _("average days late"), max_digits=9, decimal_places=2, null=True, blank=True
    )
    late_share_percent = PercentField(_("share paid late"), null=True, blank=True)

    class Meta:
        verbose_name = _("payment behaviour")
        verbose_name_plural = _("payment behaviour")
        ordering = ("-as_of", "account")
        constraints = (
            models.UniqueConstraint(
                name="one_behaviour_per_day", fields=("account", "as_of", "window_months")
            ),
            models.CheckConstraint(
                name="behaviour_known_iff_something_settled",
                condition=Q(
                    settled_amount=0,
                    average_days_late__isnull=True,
                    late_share_percent__isnull=True,
                )
                | Q(
                    settled_amount__gt=0,
                    average_days_late__isnull=False,
                    late_share_percent__isnull=False,
                ),
            ),
        )

    def __str__(self) -> str:
        return f"{self.account} {self.as_of}: {self.average_days_late}"


class Alert(models.Model):
    """Something that became true in the night and wants a look."""

    class Kind(models.TextChoices):
        """What happened."""

        OVER_LIMIT = "over_limit", _("Newly over the limit")
        OVERDUE = "overdue", _("Newly overdue")

    account = models.ForeignKey(
        CustomerAccount, models.PROTECT, related_name="alerts", verbose_name=_("account")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    as_of = models.DateField(_("as of"))
    facts = models.JSONField(_("figures"), default=dict, encoder=DjangoJSONEncoder)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    seen_at = models.DateTimeField(_("seen"), null=True, blank=True)
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("seen by"),
    )

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        ordering = ("-as_of", "-pk")
        constraints = (
            models.UniqueConstraint(
                name="one_alert_per_kind_and_day", fields=("account", "kind", "as_of")
            ),
            models.CheckConstraint(
                name="alert_seen_by_somebody",
                condition=Q(seen_at__isnull=True, seen_by__isnull=True)
                | Q(seen_at__isnull=False, seen_by__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.account}"
