"""Open items (the instalments of entries) and what settles what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core.fields import MoneyField, RateField
from core.models import Currency
from customers.models import CustomerAccount
from ledger.models import triggers
from ledger.models.accounts import DelayCause
from ledger.models.entries import JournalEntry
from ledger.querysets import OpenItemQuerySet

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


ENTERED: Final = (
    *("entry", "account", "direction", "number", "instalment", "document_on", "due_on"),
    *("currency", "amount", "rate", "company_amount", "noted_at"),
)
"""Columns of an item that never change."""


class OpenItem(models.Model):
    """One instalment of an entry. `open_amount` is what is left of `amount` today.

    Direction debit: the customer owes it. Direction credit: it is the customer's (a payment on
    account, an unapplied credit note). The residual is stored (never a total), bounded by the
    database, and proved against the allocations every night.
    """

    class Direction(models.TextChoices):
        """Which side of the account."""

        DEBIT = "debit", _("Debit")
        CREDIT = "credit", _("Credit")

    entry = models.ForeignKey(
        JournalEntry, models.PROTECT, related_name="items", verbose_name=_("entry")
    )
    account = models.ForeignKey(
        CustomerAccount, models.PROTECT, related_name="items", verbose_name=_("account")
    )
    direction = models.CharField(_("direction"), max_length=6, choices=Direction.choices)
    number = models.CharField(_("number"), max_length=60)
    instalment = models.PositiveSmallIntegerField(_("instalment"), default=1)
    document_on = models.DateField(_("document date"))
    due_on = models.DateField(_("due date"))
    currency = models.ForeignKey(
        Currency, models.PROTECT, related_name="+", verbose_name=_("currency")
    )
    amount = MoneyField(_("amount"))
    open_amount = MoneyField(_("open amount"))
    rate = RateField(_("rate"), null=True, blank=True)
    company_amount = MoneyField(_("amount in company currency"), null=True, blank=True)
    is_posted = models.BooleanField(_("posted"), default=True)
    is_disputed = models.BooleanField(_("disputed"), default=False)
    delay_cause = models.ForeignKey(
        DelayCause,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="items",
        verbose_name=_("cause of delay"),
    )
    settled_on = models.DateField(_("settled on"), null=True, blank=True)
    # Known as posted from this moment on; a provisional item was noted earlier.
    entered_at = models.DateTimeField(_("entered"), auto_now_add=True)
    noted_at = models.DateTimeField(_("noted"), db_default=Now(), editable=False)

    objects = OpenItemQuerySet.as_manager()

    if TYPE_CHECKING:
        debit_allocations: RelatedManager[Allocation]
        credit_allocations: RelatedManager[Allocation]

    class Meta:
        verbose_name = _("open item")
        verbose_name_plural = _("open items")
        ordering = ("due_on", "pk")
        constraints = (
            models.UniqueConstraint(name="one_item_per_instalment", fields=("entry", "instalment")),
            models.CheckConstraint(name="item_amount_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="item_residual_within_amount",
                condition=Q(open_amount__gte=0) & Q(open_amount__lte=F("amount")),
            ),
            models.CheckConstraint(
                name="item_settled_iff_nothing_open",
                condition=Q(open_amount=0, settled_on__isnull=False)
                | Q(open_amount__gt=0, settled_on__isnull=True),
            ),
            models.CheckConstraint(
                name="item_due_not_before_document",
                condition=Q(due_on__gte=F("document_on")) | Q(direction="credit"),
            ),
            models.CheckConstraint(
                name="item_company_amount_iff_rate",
                condition=Q(rate__isnull=True, company_amount__isnull=True)
                | Q(rate__isnull=False, company_amount__isnull=False),
            ),
        )
        indexes = (
            # Read alone by every credit check: the columns of exposure and of what is overdue.
            models.Index(
                fields=("account", "direction", "due_on"),
                include=(
                    *("id", "open_amount", "currency", "rate", "is_disputed", "delay_cause"),
                    *("amount", "company_amount"),
                ),
                name="item_open_by_account",
                condition=Q(open_amount__gt=0, is_posted=True),
            ),
            models.Index(
                fields=("account", "document_on", "id"),
                name="item_oldest_open",
                condition=Q(open_amount__gt=0, is_posted=True, direction="debit"),
            ),
            models.Index(
                fields=("account",),
                name="item_provisional",
                condition=Q(open_amount__gt=0, is_posted=False),
            ),
            models.Index(fields=("account", "document_on"), name="item_by_account_and_date"),
            models.Index(
                fields=("account", "settled_on"),
                name="item_settled_by_account",
                condition=Q(settled_on__isnull=False),
            ),
        )

        triggers = (
            # What was entered stays; what is open of it, and what is said of it, moves on.
            pgtrigger.Protect(
                name="stays_as_entered",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(*ENTERED),
            ),
            pgtrigger.Protect(
                name="stays_posted",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__is_posted=True, new__is_posted=False),
            ),
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
        )

    def __str__(self) -> str:
        return f"{self.number}/{self.instalment}"

    @property
    def name(self) -> str:
        """As lists and forms call it: instalments after the first with theirs."""
        return str(self) if self.instalment > 1 else self.number


class Allocation(models.Model):
    """Part of a credit item settling part of a debit item of the same account. Append-only.

    A reversal is a row of its own with the amount below zero, so that the sum is always right.
    """

    account = models.ForeignKey(
        CustomerAccount, models.PROTECT, related_name="allocations", verbose_name=_("account")
    )
    debit_item = models.ForeignKey(
        OpenItem, models.PROTECT, related_name="debit_allocations", verbose_name=_("debit")
    )
    credit_item = models.ForeignKey(
        OpenItem, models.PROTECT, related_name="credit_allocations", verbose_name=_("credit")
    )
    amount = MoneyField(_("amount"))
    reverses = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reversed_by",
        verbose_name=_("reverses"),
    )
    allocated_on = models.DateField(_("allocated on"))
    entered_at = models.DateTimeField(_("entered"), auto_now_add=True)

    class Meta:
        verbose_name = _("allocation")
        verbose_name_plural = _("allocations")
        ordering = ("allocated_on", "pk")
        constraints = (
            models.CheckConstraint(
                name="allocation_amount_positive",
                condition=Q(amount__gt=0, reverses__isnull=True)
                | Q(amount__lt=0, reverses__isnull=False),
            ),
            models.CheckConstraint(
                name="allocation_between_two_items",
                condition=~Q(debit_item=F("credit_item")),
            ),
        )
        indexes = (models.Index(fields=("account", "allocated_on"), name="allocation_by_account"),)
        triggers = (
            triggers.append_only(),
            triggers.ALLOCATION_PERIOD_OPEN,
            triggers.ALLOCATION_MIRRORS,
        )

    def __str__(self) -> str:
        return f"{self.credit_item_id} → {self.debit_item_id}: {self.amount}"
