"""Stored decisions: checks with their whole trace, and releases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.fields import MoneyField
from core.models import Currency
from credit_limits.models.policy import PolicyVersion
from customers.models import CustomerAccount

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


class CreditCheck(models.Model):
    """One question put to the engine and its answer. Append-only; `inputs` replays it."""

    class Outcome(models.TextChoices):
        """What the engine decided."""

        PASS = "pass", _("Passed")
        WARN = "warn", _("Passed with a warning")
        HOLD = "hold", _("Held")
        REFUSE = "refuse", _("Refused")

    account = models.ForeignKey(
        CustomerAccount, models.PROTECT, related_name="checks", verbose_name=_("account")
    )
    subject_type = models.CharField(_("subject type"), max_length=60)
    subject_id = models.BigIntegerField(_("subject"))
    subject_text = models.CharField(_("subject"), max_length=200)
    checkpoint = models.CharField(_("checkpoint"), max_length=8)
    as_of = models.DateField(_("as of"))
    checked_at = models.DateTimeField(_("checked"), auto_now_add=True)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("checked by"),
    )
    policy_version = models.ForeignKey(
        PolicyVersion, models.PROTECT, related_name="+", verbose_name=_("policy version")
    )
    outcome = models.CharField(_("outcome"), max_length=6, choices=Outcome.choices)
    reasons = ArrayField(models.CharField(max_length=60), verbose_name=_("reasons"), default=list)
    blocking = ArrayField(models.CharField(max_length=60), default=list, verbose_name=_("blocking"))
    currency = models.ForeignKey(
        Currency, models.PROTECT, related_name="+", verbose_name=_("currency")
    )
    amount = MoneyField(_("amount"))
    used = MoneyField(_("used before"))
    projected = MoneyField(_("projected"))
    limit_state = models.CharField(_("limit state"), max_length=9)
    limit_amount = MoneyField(_("limit"), null=True, blank=True)
    headroom = MoneyField(_("headroom"), null=True, blank=True)
    overrun = MoneyField(_("over by"), default=0)
    approval_amount = MoneyField(_("amount to approve"), default=0)
    inputs = models.JSONField(_("inputs"), encoder=DjangoJSONEncoder)

    if TYPE_CHECKING:
        findings: RelatedManager[CheckFinding]

    class Meta:
        verbose_name = _("credit check")
        verbose_name_plural = _("credit checks")
        ordering = ("-checked_at", "-pk")
        indexes = (
            models.Index(
                fields=("subject_type", "subject_id", "-checked_at"), name="check_subject"
            ),
            models.Index(fields=("account", "-checked_at"), name="check_by_account"),
        )
        triggers = (
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        )

    def __str__(self) -> str:
        return f"{self.subject_text}: {self.outcome}"


class CheckFinding(models.Model):
    """The verdict of one rule in one check, passed rules included. Append-only."""

    check_run = models.ForeignKey(
        CreditCheck, models.PROTECT, related_name="findings", verbose_name=_("check")
    )
    position = models.PositiveSmallIntegerField(_("no."))
    rule = models.CharField(_("rule"), max_length=20)
    reason = models.CharField(_("reason"), max_length=60)
    scope = models.CharField(_("scope"), max_length=8, blank=True)
    severity = models.CharField(_("severity"), max_length=6)
    effect = models.CharField(_("effect"), max_length=6)
    asked = models.BooleanField(_("asked"), default=True)
    fired = models.BooleanField(_("fired"), default=False)
    observed = models.CharField(_("found"), max_length=60, blank=True)
    threshold = models.CharField(_("threshold"), max_length=60, blank=True)
    excluded_by = models.CharField(_("silenced by"), max_length=40, blank=True)
    facts = models.JSONField(_("figures"), default=dict, encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        ordering = ("check_run", "position")
        triggers = (
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        )

    def __str__(self) -> str:
        return f"{self.reason}: {self.effect}"


class Release(models.Model):
    """A standing permission for one document: these reasons, up to this amount, until a day."""

    account = models.ForeignKey(
        CustomerAccount, models.PROTECT, related_name="releases", verbose_name=_("account")
    )
    subject_type = models.CharField(_("subject type"), max_length=60)
    subject_id = models.BigIntegerField(_("subject"))
    subject_text = models.CharField(_("subject"), max_length=200)
    reasons = ArrayField(models.CharField(max_length=60), verbose_name=_("reasons"))
    amount_up_to = MoneyField(_("up to"))
    currency = models.ForeignKey(
        Currency, models.PROTECT, related_name="+", verbose_name=_("currency")
    )
    valid_until = models.DateField(_("until"))
    checkpoints = ArrayField(models.CharField(max_length=8), verbose_name=_("checkpoints"))
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("granted by")
    )
    granted_at = models.DateTimeField(_("granted"), auto_now_add=True)
    comment = models.TextField(_("reason"))

    class Meta:
        verbose_name = _("release")
        verbose_name_plural = _("releases")
        ordering = ("-granted_at", "-pk")
        indexes = (models.Index(fields=("subject_type", "subject_id"), name="release_subject"),)
        constraints = (
            models.CheckConstraint(
                name="release_amount_positive", condition=Q(amount_up_to__gte=0)
            ),
            models.CheckConstraint(name="release_says_why", condition=~Q(comment="")),
        )
        triggers = (
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        )

    def __str__(self) -> str:
        return f"{self.subject_text}: {self.amount_up_to} {self.currency_id}"
