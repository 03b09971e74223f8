"""Journal entries: what was posted, or is provisional."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.fields import MoneyField, RateField
from core.models import Company, Currency
from customers.models import CustomerAccount
from ledger.models import triggers

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from ledger.models.items import OpenItem
    from ledger.models.lines import JournalLine


class EntryKind(models.TextChoices):
    """What a journal entry records."""

    INVOICE = "invoice", _("Invoice")
    CREDIT_NOTE = "credit_note", _("Credit note")
    PAYMENT = "payment", _("Payment")
    OPENING = "opening", _("Opening item")
    ADJUSTMENT = "adjustment", _("Adjustment")
    DISCOUNT = "discount", _("Cash discount")
    DIFFERENCE = "difference", _("Small difference")
    WRITE_OFF = "write_off", _("Write-off")
    REVERSAL = "reversal", _("Reversal")
    EXCHANGE = "exchange", _("Exchange difference")
    CHARGEBACK = "chargeback", _("Chargeback")
    FEE = "fee", _("Chargeback fee")
    BANK_COST = "bank_cost", _("Bank fee borne by us")
    BILL = "bill", _("Bill")
    BILL_MONEY = "bill_money", _("Money on a bill")


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
    posted_on = models.DateField(
        _("posting date"), help_text=_("The day of the books; never in a closed period.")
    )
    noted_on = models.DateField(
        _("noted for"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("The posting date as long as it was provisional."),
    )
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
    goes_with = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="companions",
        verbose_name=_("goes with"),
        help_text=_("The payment a discount, a difference or an exchange difference came with."),
    )
    reverses = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reversed_by",
        verbose_name=_("reverses"),
    )
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
        lines: RelatedManager[JournalLine]
        companions: RelatedManager[JournalEntry]

    class Meta:
        verbose_name = _("journal entry")
        verbose_name_plural = _("journal entries")
        ordering = ("-document_on", "-pk")
        permissions = (
            ("import_history", _("Can import a receivables history")),
            ("record_payment", _("Can record and allocate payments")),
            ("reverse_payment", _("Can reverse payments and allocations")),
            ("write_off_item", _("Can write off items")),
            ("manage_item", _("Can open and close disputes and set causes of delay")),
        )
        constraints = (
            models.UniqueConstraint(name="entry_natural_key", fields=("account", "kind", "number")),
            # A form that is sent twice finds its own token here.
            models.UniqueConstraint(name="one_entry_per_form", fields=("form_token",)),
            # An exchange difference is worth nothing in its own currency.
            models.CheckConstraint(
                name="entry_amount_positive",
                condition=Q(amount__gt=0) & ~Q(kind="exchange") | Q(amount=0, kind="exchange"),
            ),
            models.CheckConstraint(
                name="entry_provisional_is_noted",
                condition=~Q(state="provisional") | Q(noted_on__isnull=False),
            ),
            models.CheckConstraint(name="entry_rate_positive", condition=Q(rate__gt=0)),
            models.CheckConstraint(
                name="entry_reversal_names_what_it_reverses",
                condition=Q(kind="reversal", reverses__isnull=False)
                | (~Q(kind="reversal") & Q(reverses__isnull=True)),
            ),
        )
        indexes = (
            # The balance of an account over posting days.
            models.Index(fields=("account", "posted_on"), name="entry_by_account_and_day"),
        )
        triggers = (
            triggers.ENTRY_APPEND_ONLY,
            triggers.ENTRY_PERIOD_OPEN,
            triggers.balanced("id", with_items="TRUE"),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"
