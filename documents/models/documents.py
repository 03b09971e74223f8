"""Documents, their lines, versions waiting for approval, attachments and notes."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.fields import MoneyField, PercentField, QuantityField, RateField
from core.models import Company, Currency
from customers.models import Customer, CustomerAccount, PaymentMethod, PaymentTerm
from documents.models.types import DocumentType
from documents.querysets import DocumentQuerySet

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from documents.models.holds import HoldCase


class Document(models.Model):
    """A sales document. `account` is the bill-to account: it decides and carries the exposure.

    Totals are stored beside the lines they come from and are written with them in one command.
    `version` grows with every change, so that a stale form is noticed.
    """

    class Status(models.TextChoices):
        """See `documents.lifecycle` for the steps between them."""

        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Submitted")
        HELD = "held", _("Held")
        RELEASED = "released", _("Released")
        REFUSED = "refused", _("Refused")
        CANCELLED = "cancelled", _("Cancelled")
        CLOSED = "closed", _("Closed")

    type = models.ForeignKey(DocumentType, models.PROTECT, verbose_name=_("type"))
    company = models.ForeignKey(
        Company, models.PROTECT, related_name="documents", verbose_name=_("company")
    )
    number = models.CharField(_("number"), max_length=40, blank=True)
    document_on = models.DateField(_("date"))
    status = models.CharField(
        _("status"), max_length=9, choices=Status.choices, default=Status.DRAFT
    )
    account = models.ForeignKey(
        CustomerAccount, models.PROTECT, related_name="documents", verbose_name=_("bill to")
    )
    ordered_by = models.ForeignKey(
        Customer,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="ordered_documents",
        verbose_name=_("ordered by"),
    )
    ship_to = models.CharField(_("ship to"), max_length=200, blank=True)
    reference = models.CharField(_("customer's reference"), max_length=80, blank=True)
    payment_method = models.ForeignKey(
        PaymentMethod, models.PROTECT, null=True, blank=True, verbose_name=_("payment method")
    )
    payment_term = models.ForeignKey(
        PaymentTerm, models.PROTECT, null=True, blank=True, verbose_name=_("payment terms")
    )
    currency = models.ForeignKey(
        Currency, models.PROTECT, related_name="+", verbose_name=_("currency")
    )
    rate = RateField(
        _("rate"),
        null=True,
        blank=True,
        help_text=_("Company currency for one unit of the document's currency, when accepted."),
    )
    net_amount = MoneyField(_("net"), default=0)
    tax_amount = MoneyField(_("tax"), default=0)
    gross_amount = MoneyField(_("total"), default=0)
    version = models.PositiveIntegerField(_("version"), default=1)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("created by")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("submitted by"),
    )
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    accepted_on = models.DateField(_("accepted on"), null=True, blank=True)
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    import_key = models.CharField(_("import key"), max_length=80, blank=True)

    objects = DocumentQuerySet.as_manager()

    if TYPE_CHECKING:
        lines: RelatedManager[DocumentLine]
        attachments: RelatedManager[DocumentAttachment]
        notes: RelatedManager[DocumentNote]
        revisions: RelatedManager[DocumentRevision]
        hold_cases: RelatedManager[HoldCase]

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ("-document_on", "-pk")
        permissions = (
            ("submit_document", _("Can submit documents")),
            ("cancel_document", _("Can cancel, close and reopen documents")),
            ("override_hold", _("Can pass a hold at entry, with a reason")),
        )
        constraints = (
            models.UniqueConstraint(
                name="one_document_per_number",
                fields=("company", "type", "number"),
                condition=~Q(number=""),
            ),
            models.UniqueConstraint(
                name="one_document_per_import_key",
                fields=("company", "import_key"),
                condition=~Q(import_key=""),
            ),
            models.CheckConstraint(
                name="document_gross_is_net_plus_tax",
                condition=Q(gross_amount=F("net_amount") + F("tax_amount")),
            ),
            models.CheckConstraint(
                name="document_numbered_once_submitted",
                condition=Q(status__in=("draft", "cancelled")) | ~Q(number=""),
            ),
            models.CheckConstraint(
                name="document_accepted_iff_it_counted",
                condition=Q(status__in=("draft", "held", "refused", "cancelled"))
                | Q(status__in=("submitted", "released", "closed"), accepted_on__isnull=False),
            ),
            models.CheckConstraint(
                name="document_ended_when_closed",
                condition=Q(status__in=("closed", "cancelled", "refused"))
                | Q(ended_on__isnull=True),
            ),
        )
        indexes = (
            models.Index(
                fields=("account",),
                name="document_counting",
                condition=Q(status__in=("submitted", "released")),
            ),
            models.Index(fields=("account",), name="document_held", condition=Q(status="held")),
            models.Index(fields=("company", "-document_on"), name="document_by_company"),
            models.Index(fields=("account", "-document_on"), name="document_by_account"),
        )

    def __str__(self) -> str:
        return self.number or f"{self.type} ({self.pk})"


class DocumentLine(models.Model):
    """A line: quantity times unit price, less discount, plus tax. Amounts in document currency."""

    document = models.ForeignKey(
        Document, models.CASCADE, related_name="lines", verbose_name=_("document")
    )
    position = models.PositiveSmallIntegerField(_("no."), default=1)
    description = models.CharField(_("item"), max_length=200)
    quantity = QuantityField(_("quantity"), default=1)
    unit_price = models.DecimalField(_("unit price"), max_digits=18, decimal_places=4)
    discount_percent = PercentField(
        _("discount %"),
        default=0,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    tax_percent = PercentField(
        _("tax %"),
        default=Decimal(0),
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    net_amount = MoneyField(_("net"), default=0)
    tax_amount = MoneyField(_("tax"), default=0)
    gross_amount = MoneyField(_("total"), default=0)

    class Meta:
        verbose_name = _("line")
        verbose_name_plural = _("lines")
        ordering = ("document", "position")
        constraints = (
            models.UniqueConstraint(
                name="one_line_per_document_position",
                fields=("document", "position"),
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(name="line_has_quantity", condition=~Q(quantity=0)),
            models.CheckConstraint(name="line_price_not_negative", condition=Q(unit_price__gte=0)),
            models.CheckConstraint(
                name="line_gross_is_net_plus_tax",
                condition=Q(gross_amount=F("net_amount") + F("tax_amount")),
            ),
        )

    def __str__(self) -> str:
        return self.description


class DocumentRevision(models.Model):
    """A wished change of an accepted document that was held: kept whole, nothing is retyped."""

    class Status(models.TextChoices):
        """What became of the wish."""

        PENDING = "pending", _("Waiting")
        ACCEPTED = "accepted", _("Accepted")
        DROPPED = "dropped", _("Dropped")

    document = models.ForeignKey(
        Document, models.PROTECT, related_name="revisions", verbose_name=_("document")
    )
    content = models.JSONField(_("content"), encoder=DjangoJSONEncoder)
    gross_amount = MoneyField(_("total"))
    base_version = models.PositiveIntegerField(_("based on version"))
    status = models.CharField(
        _("status"), max_length=8, choices=Status.choices, default=Status.PENDING
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("created by")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("pending change")
        verbose_name_plural = _("pending changes")
        ordering = ("-created_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                name="one_pending_change",
                fields=("document",),
                condition=Q(status="pending"),
            ),
        )

    def __str__(self) -> str:
        return f"{self.document} → {self.gross_amount}"


def attachment_path(attachment: DocumentAttachment, filename: str) -> str:
    """Where an attachment's file is kept: below private media, by document."""
    return f"documents/{attachment.document_id}/{filename}"


class DocumentAttachment(models.Model):
    """A file on a document. Served only through a view that asks for the right."""

    document = models.ForeignKey(
        Document, models.PROTECT, related_name="attachments", verbose_name=_("document")
    )
    file = models.FileField(_("file"), upload_to=attachment_path, max_length=300)
    name = models.CharField(_("name"), max_length=200)
    size = models.PositiveIntegerField(_("size"))
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("added by")
    )
    added_at = models.DateTimeField(_("added"), auto_now_add=True)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ("added_at", "pk")

    def __str__(self) -> str:
        return self.name


class DocumentNote(models.Model):
    """A remark on a document."""

    document = models.ForeignKey(
        Document, models.PROTECT, related_name="notes", verbose_name=_("document")
    )
    text = models.TextField(_("note"))
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("added by")
    )
    added_at = models.DateTimeField(_("added"), auto_now_add=True)

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        ordering = ("added_at", "pk")

    def __str__(self) -> str:
        return self.text[:60]
