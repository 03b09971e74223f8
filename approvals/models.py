"""Who may approve how much, what waits, and every step taken on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from approvals.querysets import ApprovalRequestQuerySet
from core.fields import MoneyField
from core.models import Company, Currency
from customers.models import CustomerAccount

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


class RequestKind(models.TextChoices):
    """What can be asked for."""

    DOCUMENT_RELEASE = "document_release", _("Release of a document")
    LIMIT_CHANGE = "limit_change", _("Change of a limit")


class ApprovalAuthority(models.Model):
    """A person or a role may approve this kind of request up to an amount."""

    kind = models.CharField(_("kind"), max_length=20, choices=RequestKind.choices)
    group = models.ForeignKey(
        Group, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("role")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="authorities",
        verbose_name=_("person"),
    )
    company = models.ForeignKey(
        Company,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("company"),
        help_text=_("Empty: in every company."),
    )
    max_amount = MoneyField(
        _("up to"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_("Empty: without an upper bound."),
    )
    currency = models.ForeignKey(
        Currency, models.PROTECT, related_name="+", verbose_name=_("currency")
    )

    class Meta:
        verbose_name = _("approval authority")
        verbose_name_plural = _("approval authorities")
        ordering = ("kind", "max_amount")
        constraints = (
            models.CheckConstraint(
                name="authority_of_person_or_role",
                condition=Q(group__isnull=True, user__isnull=False)
                | Q(group__isnull=False, user__isnull=True),
                violation_error_message=_("Name a role or a person, one of them."),
            ),
            models.CheckConstraint(
                name="authority_amount_not_negative",
                condition=Q(max_amount__isnull=True) | Q(max_amount__gte=0),
            ),
            models.UniqueConstraint(
                name="one_authority_each",
                fields=("kind", "group", "user", "company"),
                nulls_distinct=False,
            ),
        )

    def __str__(self) -> str:
        return f"{self.user or self.group}: {self.max_amount}"


class ApprovalRequest(models.Model):
    """A question to somebody with authority. One open request per kind and subject."""

    class Status(models.TextChoices):
        """Where the request stands."""

        OPEN = "open", _("Waiting")
        APPROVED = "approved", _("Approved")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        LAPSED = "lapsed", _("No longer needed")

    kind = models.CharField(_("kind"), max_length=20, choices=RequestKind.choices)
    subject_type = models.CharField(_("subject type"), max_length=60)
    subject_id = models.BigIntegerField(_("subject"))
    subject_text = models.CharField(_("subject"), max_length=200)
    account = models.ForeignKey(
        CustomerAccount, models.PROTECT, related_name="requests", verbose_name=_("customer")
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("asked by")
    )
    barred_ids = ArrayField(
        models.BigIntegerField(),
        default=list,
        verbose_name=_("may not decide"),
        help_text=_("Everybody who wrote or submitted the subject: nobody approves their own."),
    )
    amount = MoneyField(_("amount to approve"))
    overrun = MoneyField(_("over by"), default=0)
    currency = models.ForeignKey(
        Currency, models.PROTECT, related_name="+", verbose_name=_("currency")
    )
    reasons = ArrayField(models.CharField(max_length=60), verbose_name=_("reasons"))
    snapshot = models.JSONField(_("figures"), default=dict, encoder=DjangoJSONEncoder)
    status = models.CharField(
        _("status"), max_length=9, choices=Status.choices, default=Status.OPEN
    )
    opened_at = models.DateTimeField(_("asked"), auto_now_add=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    objects = ApprovalRequestQuerySet.as_manager()

    if TYPE_CHECKING:
        steps: RelatedManager[ApprovalStep]

    class Meta:
        verbose_name = _("approval request")
        verbose_name_plural = _("approval requests")
        ordering = ("opened_at", "pk")
        permissions = (
            ("decide_request", _("Can decide approval requests")),
            ("view_inbox", _("Can open the approval inbox")),
        )
        constraints = (
            models.UniqueConstraint(
                name="one_open_request_per_subject",
                fields=("kind", "subject_type", "subject_id"),
                condition=Q(status="open"),
            ),
            models.CheckConstraint(
                name="request_closed_iff_not_open",
                condition=Q(status="open", closed_at__isnull=True)
                | (~Q(status="open") & Q(closed_at__isnull=False)),
            ),
        )
        indexes = (
            models.Index(fields=("opened_at",), name="request_open", condition=Q(status="open")),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.subject_text}"


class ApprovalStep(models.Model):
    """One person's turn on a request."""

    class Status(models.TextChoices):
        """What became of the step."""

        WAITING = "waiting", _("Waiting")
        APPROVED = "approved", _("Approved")
        REFUSED = "refused", _("Refused")
        CLOSED = "closed", _("Closed with the request")

    request = models.ForeignKey(
        ApprovalRequest, models.PROTECT, related_name="steps", verbose_name=_("request")
    )
    position = models.PositiveSmallIntegerField(_("no."), default=1)
    status = models.CharField(
        _("status"), max_length=8, choices=Status.choices, default=Status.WAITING
    )
    acted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    acted_at = models.DateTimeField(_("decided"), null=True, blank=True)
    comment = models.TextField(_("reason"), blank=True)

    class Meta:
        verbose_name = _("approval step")
        verbose_name_plural = _("approval steps")
        ordering = ("request", "position")
        constraints = (
            models.UniqueConstraint(name="one_step_per_position", fields=("request", "position")),
            models.CheckConstraint(
                name="step_decided_with_name_and_reason",
                condition=Q(status__in=("waiting", "closed"), acted_by__isnull=True)
                | (
                    Q(status__in=("approved", "refused"), acted_by__isnull=False)
                    & Q(acted_at__isnull=False)
                    & ~Q(comment="")
                ),
            ),
        )

    def __str__(self) -> str:
        return f"{self.request} · {self.position}"
