"""Sales documents of every kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.fields import MoneyField, RateField
from core.models import Company, Currency
from customers.models import Customer, CustomerAccount, PaymentMethod, PaymentTerm
from documents.models.types import DocumentType
from documents.querysets import DocumentQuerySet
from ledger.models import JournalEntry

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from documents.models.holds import HoldCase
    from documents.models.lines import DocumentLine
    from documents.models.remarks import DocumentAttachment, DocumentNote
    from documents.models.revisions import DocumentRevision
    from documents.models.states import DocumentState


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
        POSTED = "posted", _("Posted")

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
    ship_to_customer = models.ForeignKey(
        Customer,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="received_documents",
        verbose_name=_("goods go to"),
    )
    ship_to = models.CharField(_("ship to"), max_length=200, blank=True)
    delivery_on = models.DateField(_("wished delivery day"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
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
    paid_amount = MoneyField(
        _("paid at once"),
        default=0,
        help_text=_("The part of a counter sale that the customer paid at the till."),
    )
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
    printed_on = models.DateField(_("printed on"), null=True, blank=True)
    printed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("printed by"),
    )
    posted_on = models.DateField(_("posted on"), null=True, blank=True)
    entry = models.OneToOneField(
        JournalEntry,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="document",
        verbose_name=_("journal entry"),
    )
    is_live = models.BooleanField(
        _("live"),
        default=True,
        editable=False,
        help_text=_("May still add to exposure; settled history is not read by a check."),
    )
    import_key = models.CharField(_("import key"), max_length=80, blank=True)

    objects = DocumentQuerySet.as_manager()

    if TYPE_CHECKING:
        lines: RelatedManager[DocumentLine]
        attachments: RelatedManager[DocumentAttachment]
        notes: RelatedManager[DocumentNote]
        revisions: RelatedManager[DocumentRevision]
        hold_cases: RelatedManager[HoldCase]
        states: RelatedManager[DocumentState]

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ("-document_on", "-pk")
        permissions = (
            ("submit_document", _("Can submit documents")),
            ("cancel_document", _("Can cancel, close and reopen documents")),
            ("override_hold", _("Can pass a hold at entry, with a reason")),
            ("post_document", _("Can post invoices and credit notes")),
            ("credit_freely", _("Can give credit without an invoice or a delivery")),
            ("print_document", _("Can print documents for good")),
            ("view_charge", _("Can see customer charge accounts")),
            ("add_charge", _("Can add a manual movement to a charge account")),
            ("settle_charge", _("Can settle charges")),
            ("reverse_charge_settlement", _("Can reverse the settlement of charges")),
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
                condition=Q(status__in=("draft", "held", "refused", "cancelled")) | ~Q(number=""),
            ),
            models.CheckConstraint(
                name="document_accepted_iff_it_counted",
                condition=Q(status__in=("draft", "held", "refused", "cancelled"))
                | Q(
                    status__in=("submitted", "released", "closed", "posted"),
                    accepted_on__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="document_ended_when_closed",
                condition=Q(status__in=("closed", "cancelled", "refused"))
                | Q(ended_on__isnull=True),
            ),
            models.CheckConstraint(
                name="document_posted_iff_in_the_ledger",
                # A sale voided after posting is cancelled and keeps its entry; an invoice that
                # advances cover entirely has none.
                condition=(
                    Q(status__in=("posted", "cancelled"), posted_on__isnull=False)
                    & (Q(entry__isnull=False) | Q(gross_amount=0))
                )
                | (~Q(status="posted") & Q(entry__isnull=True, posted_on__isnull=True)),
            ),
            models.CheckConstraint(
                name="document_paid_within_total",
                condition=Q(paid_amount__gte=0)
                & (Q(paid_amount=0) | Q(paid_amount__lte=F("gross_amount"))),
            ),
            models.CheckConstraint(
                name="document_printed_by_somebody",
                condition=Q(printed_on__isnull=True, printed_by__isnull=True)
                | Q(printed_on__isnull=False, printed_by__isnull=False),
            ),
        )
        indexes = (
            # What a credit check reads: never the settled history.
            models.Index(
                fields=("account",),
                name="document_live",
                condition=Q(is_live=True),
            ),
            models.Index(fields=("account",), name="document_held", condition=Q(status="held")),
            models.Index(fields=("company", "-document_on"), name="document_by_company"),
            models.Index(fields=("account", "-document_on"), name="document_by_account"),
        )

    def __str__(self) -> str:
        return self.number or f"{self.type} ({self.pk})"

    @property
    def sign(self) -> int:
        """1 for what the customer comes to owe, -1 for what comes back."""
        return self.type.sign
