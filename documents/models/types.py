"""Document types: what a document is and how it counts for credit."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.fields import PercentField


class Nature(models.TextChoices):
    """Which way goods and money go."""

    NORMAL = "normal", _("To the customer (delivery, invoice)")
    REVERSE = "reverse", _("Back from the customer (return, credit note)")


class DocumentType(models.Model):
    """A configurable kind of sales document."""

    class Kind(models.TextChoices):
        """The role in the sales cycle. Receipts and moves never count and are never checked."""

        QUOTE = "quote", _("Quote")
        ORDER = "order", _("Order")
        DELIVERY = "delivery", _("Delivery note")
        INVOICE = "invoice", _("Invoice")
        ADVANCE = "advance", _("Advance invoice")
        COUNTER = "counter", _("Counter sale")
        CHARGE = "charge", _("Charge on account")
        RECEIPT = "receipt", _("Supplier receipt")
        MOVE = "move", _("Internal move")

    Nature = Nature

    code = models.SlugField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.ORDER)
    nature = models.CharField(
        _("nature"),
        max_length=7,
        choices=Nature.choices,
        default=Nature.NORMAL,
        help_text=_("A delivery note that goes back is a return, an invoice a credit note."),
    )
    sequence_code = models.SlugField(_("number sequence"), max_length=30, default="order")
    number_prefix = models.CharField(_("number prefix"), max_length=12, default="SO-")
    counts_as_credit = models.BooleanField(
        _("counts as credit"),
        default=True,
        help_text=_("Documents of this type occupy credit and are checked."),
    )
    exclude_block = models.BooleanField(
        _("exclude block"),
        default=False,
        help_text=_("Still counted and reported, but never held."),
    )
    is_pro_forma = models.BooleanField(
        _("pro-forma"),
        default=False,
        help_text=_("Shows what an invoice would say; never counts and is never posted."),
    )
    automatic_confirmation = models.BooleanField(
        _("automatic confirmation"),
        default=False,
        help_text=_("Saving a document of this type submits it at once."),
    )
    block_printed = models.BooleanField(
        _("block printed document"),
        default=False,
        help_text=_("Once printed for good, the document cannot be edited any more."),
    )
    prices_on_paper = models.BooleanField(
        _("prices on paper"),
        default=True,
        help_text=_("Printed with prices and amounts. Delivery notes often go without."),
    )
    over_delivery_percent = PercentField(
        _("over-delivery tolerated (%)"),
        default=0,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
        help_text=_("How much more than ordered may be delivered, or than delivered invoiced."),
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("document type")
        verbose_name_plural = _("document types")
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(
                name="type_reverse_is_return_or_credit_note",
                condition=Q(nature="normal")
                | Q(nature="reverse", kind__in=("delivery", "invoice")),
            ),
            models.CheckConstraint(
                name="type_pro_forma_is_an_invoice",
                condition=Q(is_pro_forma=False)
                | Q(is_pro_forma=True, kind="invoice", nature="normal", counts_as_credit=False),
            ),
            models.CheckConstraint(
                name="type_of_goods_in_never_counts",
                condition=~Q(kind__in=("receipt", "move")) | Q(counts_as_credit=False),
            ),
            models.CheckConstraint(
                name="type_over_delivery_within_bounds",
                condition=Q(over_delivery_percent__gte=0) & Q(over_delivery_percent__lte=100),
            ),
            # More cannot come back, or be credited, than went out.
            models.CheckConstraint(
                name="type_tolerance_is_of_what_goes_out",
                condition=Q(nature="normal") | Q(over_delivery_percent=0),
                violation_error_message=_(
                    "No more can come back or be credited than went out: leave the tolerance at 0."
                ),
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def sign(self) -> int:
        """1 for what the customer comes to owe, -1 for what comes back."""
        return -1 if self.nature == Nature.REVERSE else 1

    @property
    def is_return(self) -> bool:
        """Whether goods come back with it."""
        return self.kind == self.Kind.DELIVERY and self.nature == Nature.REVERSE
