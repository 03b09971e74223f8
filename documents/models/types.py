"""Document types: what a document is and how it counts for credit."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class DocumentType(models.Model):
    """A configurable kind of sales document."""

    class Kind(models.TextChoices):
        """The role in the sales cycle."""

        ORDER = "order", _("Order")

    code = models.SlugField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.ORDER)
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
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("document type")
        verbose_name_plural = _("document types")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
