"""The lines of a document, and which line of another document each of them continues."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.fields import MoneyField, PercentField, QuantityField
from documents.models.documents import Document

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


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
    source_line = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="continued_by",
        verbose_name=_("continues"),
    )
    reopens = models.BooleanField(
        _("opens again"),
        default=False,
        help_text=_("What is given back is to be delivered or invoiced again."),
    )
    price_only = models.BooleanField(
        _("price only"),
        default=False,
        help_text=_("Credits an amount of what was invoiced and no goods."),
    )

    if TYPE_CHECKING:
        continued_by: RelatedManager[DocumentLine]

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
            models.CheckConstraint(
                name="line_continues_another", condition=~Q(source_line=F("pk"))
            ),
            models.CheckConstraint(name="line_price_not_negative", condition=Q(unit_price__gte=0)),
            models.CheckConstraint(
                name="line_price_credit_opens_nothing",
                condition=Q(price_only=False) | Q(reopens=False, source_line__isnull=False),
            ),
            models.CheckConstraint(
                name="line_gross_is_net_plus_tax",
                condition=Q(gross_amount=F("net_amount") + F("tax_amount")),
            ),
        )

    def __str__(self) -> str:
        return self.description
