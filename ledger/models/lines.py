"""The lines of a journal entry: double entry behind every open item."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.fields import MoneyField
from customers.models import CustomerAccount
from ledger.models import triggers
from ledger.models.accounts import LedgerAccount
from ledger.models.entries import JournalEntry


class JournalLine(models.Model):
    """One side of an entry on one ledger account, in the entry's and in the company's currency.

    The control line names the customer's account. Company amounts are empty in every line of an
    entry whose rate is unknown. An exchange difference has company amounts only.
    """

    entry = models.ForeignKey(
        JournalEntry, models.PROTECT, related_name="lines", verbose_name=_("entry")
    )
    ledger_account = models.ForeignKey(
        LedgerAccount, models.PROTECT, related_name="lines", verbose_name=_("ledger account")
    )
    account = models.ForeignKey(
        CustomerAccount,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="journal_lines",
        verbose_name=_("account"),
    )
    debit = MoneyField(_("debit"), default=0)
    credit = MoneyField(_("credit"), default=0)
    company_debit = MoneyField(_("debit in company currency"), null=True, blank=True)
    company_credit = MoneyField(_("credit in company currency"), null=True, blank=True)

    class Meta:
        verbose_name = _("journal line")
        verbose_name_plural = _("journal lines")
        ordering = ("entry", "pk")
        constraints = (
            models.CheckConstraint(
                name="line_amounts_not_negative",
                condition=Q(debit__gte=0)
                & Q(credit__gte=0)
                & (Q(company_debit__isnull=True) | Q(company_debit__gte=0))
                & (Q(company_credit__isnull=True) | Q(company_credit__gte=0)),
            ),
            models.CheckConstraint(
                name="line_on_one_side",
                condition=(Q(credit=0) & (Q(company_credit__isnull=True) | Q(company_credit=0)))
                | (Q(debit=0) & (Q(company_debit__isnull=True) | Q(company_debit=0))),
            ),
            models.CheckConstraint(
                name="line_company_amounts_together",
                condition=Q(company_debit__isnull=True, company_credit__isnull=True)
                | Q(company_debit__isnull=False, company_credit__isnull=False),
            ),
            models.CheckConstraint(
                name="line_has_a_value",
                condition=~Q(debit=F("credit"))
                | (Q(company_debit__isnull=False) & ~Q(company_debit=F("company_credit"))),
            ),
        )
        indexes = (
            models.Index(
                fields=("account", "entry"),
                name="control_line_by_account",
                condition=Q(account__isnull=False),
            ),
        )
        triggers = (
            triggers.append_only(),
            triggers.balanced("entry_id", with_items="NEW.account_id IS NOT NULL"),
        )

    def __str__(self) -> str:
        return f"{self.ledger_account_id}: {self.debit} / {self.credit}"
