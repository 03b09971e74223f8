"""What comes back: payments the bank returned, and deductions that are charged back."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.fields import MoneyField
from core.models import Currency
from customers.models import CustomerAccount
from ledger.models.entries import JournalEntry
from ledger.models.items import OpenItem


class ReturnedPayment(models.Model):
    """A received payment the bank took back, once, with its reason and what the bank asked for it.

    `amount` is the payment's, in its currency; `fee_amount` (same currency) is 0 without a fee.
    """

    class Reason(models.TextChoices):
        """Why it came back, as banks code it."""

        FUNDS = "funds", _("Insufficient funds")
        CLOSED = "closed", _("Account closed")
        DISPUTED = "disputed", _("Disputed by the payer")
        TECHNICAL = "technical", _("Technical reason")
        OTHER = "other", _("Other")

    class Bearer(models.TextChoices):
        """Who bears the fee of the bank."""

        NOBODY = "", _("No fee")
        CUSTOMER = "customer", _("Charged on to the customer")
        US = "us", _("Borne by us")

    account = models.ForeignKey(
        CustomerAccount, models.PROTECT, related_name="returned_payments", verbose_name=_("account")
    )
    payment = models.OneToOneField(
        JournalEntry, models.PROTECT, related_name="returned", verbose_name=_("payment")
    )
    reason = models.CharField(_("reason"), max_length=10, choices=Reason.choices)
    text = models.CharField(_("text"), max_length=200, blank=True)
    returned_on = models.DateField(_("returned on"))
    currency = models.ForeignKey(
        Currency, models.PROTECT, related_name="+", verbose_name=_("currency")
    )
    amount = MoneyField(_("amount"))
    fee_amount = MoneyField(_("bank fee"), default=0)
    fee_bearer = models.CharField(
        _("fee"), max_length=8, choices=Bearer.choices, blank=True, default=""
    )
    fee_entry = models.OneToOneField(
        JournalEntry,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="fee_of",
        verbose_name=_("entry of the fee"),
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

    class Meta:
        verbose_name = _("returned payment")
        verbose_name_plural = _("returned payments")
        ordering = ("-returned_on", "-pk")
        constraints = (
            models.CheckConstraint(name="return_amount_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="return_fee_borne_by_somebody",
                condition=Q(fee_amount=0, fee_bearer="", fee_entry__isnull=True)
                | Q(fee_amount__gt=0, fee_bearer__in=("customer", "us"), fee_entry__isnull=False),
            ),
            models.CheckConstraint(
                name="return_fee_is_not_the_payment",
                condition=Q(fee_entry__isnull=True) | ~Q(fee_entry=F("payment")),
            ),
        )
        indexes = (models.Index(fields=("account", "returned_on"), name="return_by_account"),)

    def __str__(self) -> str:
        return f"{self.payment_id}: {self.reason}"


class Chargeback(models.Model):
    """A part of an item that was not paid, carried on as an item of its own until it is settled.

    `item` is the new debit item; the entry it stands on closes the same `amount` of `original`.
    """

    class Reason(models.TextChoices):
        """What the customer deducted it for."""

        PRICE = "price", _("Price")
        QUANTITY = "quantity", _("Quantity")
        DAMAGE = "damage", _("Damage")
        PROMOTION = "promotion", _("Promotion")
        OTHER = "other", _("Other")

    account = models.ForeignKey(
        CustomerAccount, models.PROTECT, related_name="chargebacks", verbose_name=_("account")
    )
    original = models.ForeignKey(
        OpenItem, models.PROTECT, related_name="chargebacks", verbose_name=_("original item")
    )
    item = models.OneToOneField(
        OpenItem, models.PROTECT, related_name="chargeback", verbose_name=_("item")
    )
    amount = MoneyField(_("amount"))
    reason = models.CharField(_("reason"), max_length=10, choices=Reason.choices)
    text = models.CharField(_("text"), max_length=200, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("owner"),
        help_text=_("Who clears it with the customer."),
    )
    charged_on = models.DateField(_("charged back on"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("created by"),
    )
    entered_at = models.DateTimeField(_("entered"), auto_now_add=True)
    undone_on = models.DateField(_("undone on"), null=True, blank=True)
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)
    undone_reason = models.CharField(_("why undone"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("chargeback")
        verbose_name_plural = _("chargebacks")
        ordering = ("-charged_on", "-pk")
        constraints = (
            models.CheckConstraint(name="chargeback_amount_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="chargeback_is_another_item", condition=~Q(original=F("item"))
            ),
            models.CheckConstraint(
                name="chargeback_undone_whole",
                condition=Q(undone_on__isnull=True, undone_at__isnull=True, undone_reason="")
                | Q(undone_on__gte=F("charged_on"), undone_at__isnull=False) & ~Q(undone_reason=""),
            ),
        )
        indexes = (models.Index(fields=("account", "charged_on"), name="chargeback_by_account"),)

    def __str__(self) -> str:
        return f"{self.item_id}: {self.get_reason_display()}"
