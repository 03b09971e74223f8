"""Journal entries, their open items (instalments) and allocations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.fields import MoneyField, RateField
from core.models import Company, Currency
from customers.models import CustomerAccount
from ledger.querysets import OpenItemQuerySet

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


class EntryKind(models.TextChoices):
    """What a journal entry records."""

    INVOICE = "invoice", _("Invoice")
    CREDIT_NOTE = "credit_note", _("Credit note")
    PAYMENT = "payment", _("Payment")
    OPENING = "opening", _("Opening item")
    ADJUSTMENT = "adjustment", _("Adjustment")


class JournalEntry(models.Model):
    """One entry on a customer's account. Provisional entries inform, posted ones count."""

    class State(models.TextChoices):
        """Provisional entries do not touch exposure unless a parameter says so."""

        PROVISIONAL = "provisional", _("Provisional")
        POSTED = "posted", _("Posted")

    company = models.ForeignKey(
        Company, models.PROTECT, related_name="+", verbose_name=_("company")
    )
    account = models.ForeignKey(
        CustomerAccount, models.PROTECT, related_name="entries", verbose_name=_("account")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=EntryKind.choices)
    number = models.CharField(_("number"), max_length=60)
    document_on = models.DateField(_("document date"))
    state = models.CharField(_("state"), max_length=11, choices=State.choices, default=State.POSTED)
    currency = models.ForeignKey(
        Currency, models.PROTECT, related_name="+", verbose_name=_("currency")
    )
    amount = MoneyField(_("amount"))
    rate = RateField(
        _("rate"),
        null=True,
        blank=True,
        help_text=_("Company currency for one unit of the currency; empty when unknown."),
    )
    company_amount = MoneyField(_("amount in company currency"), null=True, blank=True)
    text = models.CharField(_("text"), max_length=200, blank=True)
    import_run = models.ForeignKey(
        "ledger.ImportRun",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="entries",
        verbose_name=_("import"),
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("created by"),
    )
    entered_at = models.DateTimeField(_("entered"), auto_now_add=True)
    form_token = models.UUIDField(null=True, blank=True, editable=False)

    if TYPE_CHECKING:
        items: RelatedManager[OpenItem]

    class Meta:
        verbose_name = _("journal entry")
        verbose_name_plural = _("journal entries")
        ordering = ("-document_on", "-pk")
        permissions = (
            ("import_history", _("Can import a receivables history")),
            ("record_payment", _("Can record and allocate payments")),
        )
        constraints = (
            models.UniqueConstraint(name="entry_natural_key", fields=("account", "kind", "number")),
            # A form that is sent twice finds its own token here.
            models.UniqueConstraint(name="one_entry_per_form", fields=("form_token",)),
            models.CheckConstraint(name="entry_amount_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(name="entry_rate_positive", condition=Q(rate__gt=0)),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"


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
    is_posted = models.BooleanField(_("posted"), default=True)
    is_disputed = models.BooleanField(_("disputed"), default=False)
    settled_on = models.DateField(_("settled on"), null=True, blank=True)
    entered_at = models.DateTimeField(_("entered"), auto_now_add=True)

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
        )
        indexes = (
            # Read alone by every credit check: the columns of exposure and of what is overdue.
            models.Index(
                fields=("account", "direction", "due_on"),
                include=("id", "open_amount", "currency", "document_on", "rate"),
                name="item_open_by_account",
                condition=Q(open_amount__gt=0, is_posted=True),
            ),
            models.Index(
                fields=("account", "document_on", "id"),
                name="item_oldest_open",
                condition=Q(open_amount__gt=0, is_posted=True, direction="debit"),
            ),
            models.Index(fields=("account", "document_on"), name="item_by_account_and_date"),
            models.Index(
                fields=("account", "settled_on"),
                name="item_settled_by_account",
                condition=Q(settled_on__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.number}/{self.instalment}"


class Allocation(models.Model):
    """Part of a credit item settling part of a debit item of the same account. Append-only."""

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
    allocated_on = models.DateField(_("allocated on"))
    entered_at = models.DateTimeField(_("entered"), auto_now_add=True)

    class Meta:
        verbose_name = _("allocation")
        verbose_name_plural = _("allocations")
        ordering = ("allocated_on", "pk")
        constraints = (
            models.CheckConstraint(name="allocation_amount_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="allocation_between_two_items",
                condition=~Q(debit_item=F("credit_item")),
            ),
        )
        indexes = (models.Index(fields=("account", "allocated_on"), name="allocation_by_account"),)
        triggers = (
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        )

    def __str__(self) -> str:
        return f"{self.credit_item_id} → {self.debit_item_id}: {self.amount}"
