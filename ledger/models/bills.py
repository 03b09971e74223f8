"""Bills: promises of payment drawn on open items, and what happened to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.fields import MoneyField, RateField
from core.models import Company, Currency
from customers.models import CustomerAccount
from ledger.models import triggers
from ledger.models.entries import JournalEntry
from ledger.models.items import OpenItem
from ledger.models.presentations import Presentation
from ledger.querysets import BillQuerySet

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

ENTERED: Final = (
    *("account", "company", "number", "kind", "drawn_on", "due_on", "currency", "amount"),
    *("reference", "bank", "entered_at", "form_token"),
)
"""Columns of a bill that never change."""


class BillKind(models.TextChoices):
    """What the promise is."""

    COLLECTION_ORDER = "riba", _("Bank collection order (RiBa)")
    PROMISSORY_NOTE = "note", _("Promissory note")
    BILL_OF_EXCHANGE = "draft", _("Bill of exchange")
    CHEQUE = "cheque", _("Post-dated cheque")
    BOLETO = "boleto", _("Boleto")
    DIRECT_DEBIT = "debit", _("Direct debit")


class BillState(models.TextChoices):
    """Where a bill is (the states of `ledger.bills`)."""

    ISSUED = "issued", pgettext_lazy("bill", "Issued, not posted")
    IN_HAND = "in_hand", pgettext_lazy("bill", "In hand")
    PRESENTED = "presented", pgettext_lazy("bill", "Presented")
    COLLECTED = "collected", pgettext_lazy("bill", "Collected")
    RETURNED = "returned", pgettext_lazy("bill", "Returned unpaid")
    REOPENED = "reopened", pgettext_lazy("bill", "Return posted")
    CANCELLED = "cancelled", pgettext_lazy("bill", "Cancelled")


class Bill(models.Model):
    """A promise to pay `amount` on a day, drawn on one or several open items of an account.

    `state` and what follows it say where it is today; its steps say where it was on any day.
    `entry` is the posting that closes its items. `pay_on` is when it is to be paid: its due date,
    or a later one when it was presented again.
    """

    company = models.ForeignKey(
        Company, models.PROTECT, related_name="+", verbose_name=_("company")
    )
    account = models.ForeignKey(
        CustomerAccount, models.PROTECT, related_name="bills", verbose_name=_("account")
    )
    number = models.CharField(_("number"), max_length=60)
    kind = models.CharField(_("kind"), max_length=8, choices=BillKind.choices)
    drawn_on = models.DateField(_("issued on"))
    due_on = models.DateField(_("due date"))
    currency = models.ForeignKey(
        Currency, models.PROTECT, related_name="+", verbose_name=_("currency")
    )
    amount = MoneyField(_("amount"))
    rate = RateField(_("rate"), null=True, blank=True)
    company_amount = MoneyField(_("amount in company currency"), null=True, blank=True)
    reference = models.CharField(
        _("reference"), max_length=60, blank=True, help_text=_("Number of the cheque, of the bank.")
    )
    bank = models.CharField(_("bank of the customer"), max_length=80, blank=True)
    entry = models.OneToOneField(
        JournalEntry,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="bill",
        verbose_name=_("entry"),
    )
    state = models.CharField(
        _("state"), max_length=9, choices=BillState.choices, default=BillState.ISSUED
    )
    presented = models.CharField(
        _("presented"), max_length=8, choices=Presentation.Kind.choices, blank=True, default=""
    )
    pay_on = models.DateField(_("to be paid on"))
    is_protested = models.BooleanField(_("protested"), default=False)
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

    objects = BillQuerySet.as_manager()

    if TYPE_CHECKING:
        parts: RelatedManager[BillPart]
        steps: RelatedManager[BillStep]
        last_step: BillStep  # set where a bill is locked

    class Meta:
        verbose_name = _("bill")
        verbose_name_plural = _("bills")
        ordering = ("due_on", "pk")
        permissions = (("manage_bill", _("Can issue, present and settle bills")),)
        constraints = (
            models.UniqueConstraint(name="one_bill_per_number", fields=("company", "number")),
            models.UniqueConstraint(name="one_issue_per_form", fields=("form_token",)),
            models.CheckConstraint(name="bill_amount_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="bill_due_not_before_issue", condition=Q(due_on__gte=F("drawn_on"))
            ),
            models.CheckConstraint(
                name="bill_paid_not_before_due", condition=Q(pay_on__gte=F("due_on"))
            ),
            models.CheckConstraint(
                name="bill_posted_iff_entry",
                condition=Q(state="issued", entry__isnull=True)
                | Q(state="cancelled")
                | ~Q(state__in=("issued", "cancelled")) & Q(entry__isnull=False),
            ),
            models.CheckConstraint(
                name="bill_presented_says_how",
                condition=~Q(state="presented") | ~Q(presented=""),
            ),
            models.CheckConstraint(
                name="bill_company_amount_iff_rate",
                condition=Q(rate__isnull=True, company_amount__isnull=True)
                | Q(rate__isnull=False, company_amount__isnull=False),
            ),
            models.CheckConstraint(
                name="bill_protested_after_return",
                condition=Q(is_protested=False) | ~Q(state="issued"),
            ),
        )
        indexes = (
            # Read alone by every credit check.
            models.Index(
                fields=("account", "state"),
                include=("currency", "amount", "rate", "company_amount", "presented", "pay_on"),
                name="bill_counting_by_account",
                condition=Q(state__in=("in_hand", "presented", "returned")),
            ),
            models.Index(fields=("company", "due_on", "id"), name="bill_by_due_day"),
            models.Index(fields=("account", "due_on"), name="bill_by_account"),
        )
        triggers = (
            pgtrigger.Protect(
                name="stays_as_entered",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(*ENTERED),
            ),
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
            triggers.BILL_ADDS_UP,
            triggers.BILL_STANDS,
        )

    def __str__(self) -> str:
        return self.number


class BillPart(models.Model):
    """How much of which item a bill is drawn on. The parts of a bill add up to its amount."""

    bill = models.ForeignKey(Bill, models.PROTECT, related_name="parts", verbose_name=_("bill"))
    item = models.ForeignKey(
        OpenItem, models.PROTECT, related_name="bill_parts", verbose_name=_("item")
    )
    amount = MoneyField(_("amount"))

    class Meta:
        verbose_name = _("part of a bill")
        verbose_name_plural = _("parts of bills")
        ordering = ("bill", "pk")
        constraints = (
            models.UniqueConstraint(name="one_part_per_item", fields=("bill", "item")),
            models.CheckConstraint(name="bill_part_positive", condition=Q(amount__gt=0)),
        )
        triggers = (
            triggers.append_only(),
            triggers.BILL_PART_BELONGS,
            triggers.BILL_PARTS_ADD_UP,
        )

    def __str__(self) -> str:
        return f"{self.bill_id}: {self.amount}"


class BillStep(models.Model):
    """One thing that happened to a bill, and the state it was in from then on. Append-only."""

    class Kind(models.TextChoices):
        """What happened (the steps of `ledger.bills`)."""

        ISSUE = "issue", pgettext_lazy("bill", "Issued")
        POST = "post", pgettext_lazy("bill", "Posted")
        PRESENT = "present", pgettext_lazy("bill", "Presented")
        WITHDRAW = "withdraw", pgettext_lazy("bill", "Taken back from the bank")
        COLLECT = "collect", pgettext_lazy("bill", "Collected")
        RETURN = "return", pgettext_lazy("bill", "Returned unpaid")
        POST_RETURN = "post_return", pgettext_lazy("bill", "Return posted")
        PROTEST = "protest", pgettext_lazy("bill", "Protested")
        CANCEL = "cancel", pgettext_lazy("bill", "Cancelled")
        UNDO = "undo", pgettext_lazy("bill", "Taken back")

    bill = models.ForeignKey(Bill, models.PROTECT, related_name="steps", verbose_name=_("bill"))
    position = models.PositiveSmallIntegerField(_("step"))
    kind = models.CharField(_("what happened"), max_length=11, choices=Kind.choices)
    on = models.DateField(_("on"))
    state = models.CharField(_("state"), max_length=9, choices=BillState.choices)
    presented = models.CharField(
        _("presented"), max_length=8, choices=Presentation.Kind.choices, blank=True, default=""
    )
    pay_on = models.DateField(_("to be paid on"))
    is_protested = models.BooleanField(_("protested"), default=False)
    presentation = models.ForeignKey(
        Presentation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="steps",
        verbose_name=_("presentation"),
    )
    entry = models.ForeignKey(
        JournalEntry,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="bill_steps",
        verbose_name=_("entry"),
    )
    charges = MoneyField(_("charges of the bank"), default=0)
    charges_entry = models.ForeignKey(
        JournalEntry,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("entry of the charges"),
    )
    text = models.CharField(_("text"), max_length=200, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("created by"),
    )
    entered_at = models.DateTimeField(_("entered"), auto_now_add=True)

    class Meta:
        verbose_name = _("step of a bill")
        verbose_name_plural = _("steps of bills")
        ordering = ("bill", "position")
        constraints = (
            models.UniqueConstraint(name="one_bill_step_per_position", fields=("bill", "position")),
            models.CheckConstraint(
                name="step_presented_iff_presentation",
                condition=Q(kind="present", presentation__isnull=False)
                | ~Q(kind="present") & Q(presentation__isnull=True),
            ),
            models.CheckConstraint(
                name="step_charges_have_an_entry",
                condition=Q(charges=0, charges_entry__isnull=True)
                | Q(charges__gt=0, charges_entry__isnull=False),
            ),
        )
        indexes = (models.Index(fields=("on",), name="bill_step_by_day"),)
        triggers = (
            triggers.append_only(),
            triggers.BILL_STEP_FOLLOWS,
            triggers.BILL_STEP_STANDS,
        )

    def __str__(self) -> str:
        return f"{self.bill_id}: {self.get_kind_display()}"
