"""What a document said and where it stood, at every moment: append-only, for past days."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import MoneyField, QuantityField, RateField
from core.models import Currency
from customers.models import CustomerAccount
from documents.models.documents import Document
from documents.models.lines import DocumentLine

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


class DocumentState(models.Model):
    """A document as it stood from business day `on`, known from moment `at` on.

    The newest row with `on` on or before a day and `at` on or before a moment says what was true
    on that day as known then. Written by `documents.services.history.state_write`.
    """

    document = models.ForeignKey(
        Document, models.PROTECT, related_name="states", verbose_name=_("document")
    )
    on = models.DateField(_("from"))
    at = models.DateTimeField(_("known"), auto_now_add=True)
    account = models.ForeignKey(
        CustomerAccount, models.PROTECT, related_name="+", verbose_name=_("bill to")
    )
    status = models.CharField(_("status"), max_length=9, choices=Document.Status.choices)
    currency = models.ForeignKey(
        Currency, models.PROTECT, related_name="+", verbose_name=_("currency")
    )
    rate = RateField(_("rate"), null=True, blank=True)
    document_on = models.DateField(_("date"))
    delivery_on = models.DateField(_("wished delivery day"), null=True, blank=True)
    printed_on = models.DateField(_("printed on"), null=True, blank=True)
    counts = models.BooleanField(_("counts as credit"))
    paid_amount = MoneyField(_("paid at once"), default=0)

    if TYPE_CHECKING:
        lines: RelatedManager[LineState]

    class Meta:
        verbose_name = _("state of a document")
        verbose_name_plural = _("states of documents")
        ordering = ("document", "pk")
        indexes = (models.Index(fields=("account", "document"), name="state_by_account"),)
        triggers = (
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        )

    def __str__(self) -> str:
        return f"{self.document_id} {self.on}: {self.status}"


class LineState(models.Model):
    """A line of a document state. The line itself may be gone since (a rewritten draft)."""

    state = models.ForeignKey(
        DocumentState, models.PROTECT, related_name="lines", verbose_name=_("state")
    )
    line = models.ForeignKey(
        DocumentLine,
        models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
        verbose_name=_("line"),
    )
    source_line = models.ForeignKey(
        DocumentLine,
        models.DO_NOTHING,
        null=True,
        blank=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
        verbose_name=_("continues"),
    )
    quantity = QuantityField(_("quantity"))
    net_amount = MoneyField(_("net"))
    gross_amount = MoneyField(_("total"))
    reopens = models.BooleanField(_("opens again"), default=False)
    price_only = models.BooleanField(_("price only"), default=False)

    class Meta:
        verbose_name = _("state of a line")
        verbose_name_plural = _("states of lines")
        ordering = ("state", "pk")
        triggers = (
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        )

    def __str__(self) -> str:
        return f"{self.line_id}: {self.quantity}"
