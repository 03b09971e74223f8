"""What an administrator configures about the ledger, and the ledger itself, to be read only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin

from core.admin_base import ReadOnlyAdmin, SettingsAdmin
from ledger.models import (
    Allocation,
    Chargeback,
    DelayCause,
    Dispute,
    ImportProfile,
    ImportRun,
    JournalEntry,
    JournalLine,
    LedgerAccount,
    LedgerSettings,
    OpenItem,
    ReturnedPayment,
)

if TYPE_CHECKING:
    from django.http import HttpRequest


@admin.register(LedgerAccount)
class LedgerAccountAdmin(SettingsAdmin[LedgerAccount]):
    """Accounts of the books; their role says what is posted there, and stays."""

    list_display = ("code", "name", "role", "company")
    list_filter = ("company", "role")
    search_fields = ("code", "name")
    list_select_related = ("company",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Lines point at an account because of its role: that one does not change."""
        return ("company", "role") if obj else ()


@admin.register(LedgerSettings)
class LedgerSettingsAdmin(SettingsAdmin[LedgerSettings]):
    """What a clerk may give away. Periods are closed on their own page."""

    list_display = ("company", "difference_tolerance", "discount_percent", "closed_through")
    list_select_related = ("company",)
    readonly_fields = ("closed_through",)


@admin.register(DelayCause)
class DelayCauseAdmin(SettingsAdmin[DelayCause]):
    """Causes of delay, and whether they count as late."""

    list_display = ("name", "code", "counts_as_late", "is_active")
    list_filter = ("counts_as_late", "is_active")
    search_fields = ("name", "code")


class _LineInline(admin.TabularInline[JournalLine, JournalEntry]):
    model = JournalLine
    extra = 0
    can_delete = False
    fields = ("ledger_account", "debit", "credit", "company_debit", "company_credit")
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: the services write lines."""
        return False


@admin.register(Dispute)
class DisputeAdmin(ReadOnlyAdmin[Dispute]):
    """What customers contest; entered on the page of the item."""

    list_display = ("item", "amount", "reason", "opened_on", "closed_on", "outcome")
    search_fields = ("item__number", "reason")
    date_hierarchy = "opened_on"
    list_select_related = ("item",)


@admin.register(ReturnedPayment)
class ReturnedPaymentAdmin(ReadOnlyAdmin[ReturnedPayment]):
    """Payments the bank took back; entered on the page of the payment."""

    list_display = ("payment", "account", "reason", "returned_on", "amount", "currency")
    list_filter = ("reason", "fee_bearer")
    search_fields = ("payment__number", "account__customer__name")
    date_hierarchy = "returned_on"
    list_select_related = ("payment", "account__customer", "account__company", "currency")


@admin.register(Chargeback)
class ChargebackAdmin(ReadOnlyAdmin[Chargeback]):
    """Deductions charged back; entered with a payment or on the page of the item."""

    list_display = ("item", "original", "amount", "reason", "owner", "charged_on", "undone_on")
    list_filter = ("reason",)
    search_fields = ("item__number", "original__number", "account__customer__name")
    date_hierarchy = "charged_on"
    list_select_related = ("item", "original", "owner")


@admin.register(ImportProfile)
class ImportProfileAdmin(SettingsAdmin[ImportProfile]):
    """Saved ways to read a file."""

    list_display = ("name", "date_format", "decimal_separator", "delimiter", "encoding")
    search_fields = ("name",)


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnlyAdmin[ImportRun]):
    """Imports; they are started on their own pages."""

    list_display = ("file_name", "company", "status", "rows_total", "created_at", "started_by")
    list_filter = ("status", "company")
    list_select_related = ("company", "started_by")
    exclude = ("stored_path",)


@admin.register(JournalEntry)
class JournalEntryAdmin(ReadOnlyAdmin[JournalEntry]):
    """Entries of the ledger."""

    list_display = ("number", "kind", "account", "document_on", "amount", "currency", "state")
    list_filter = ("kind", "state", "company")
    search_fields = ("number", "account__customer__name", "account__customer__code")
    date_hierarchy = "document_on"
    list_select_related = ("account__customer", "account__company", "currency")
    show_full_result_count = False
    inlines = (_LineInline,)


@admin.register(OpenItem)
class OpenItemAdmin(ReadOnlyAdmin[OpenItem]):
    """Open and settled items."""

    list_display = (
        "number",
        "instalment",
        "account",
        "direction",
        "due_on",
        "amount",
        "open_amount",
        "currency",
    )
    list_filter = ("direction", "is_posted", "is_disputed")
    search_fields = ("number", "account__customer__name", "account__customer__code")
    date_hierarchy = "due_on"
    list_select_related = ("account__customer", "account__company", "currency")
    show_full_result_count = False


@admin.register(Allocation)
class AllocationAdmin(ReadOnlyAdmin[Allocation]):
    """What settled what. The database itself refuses changes to it."""

    list_display = ("credit_item", "debit_item", "amount", "allocated_on", "account")
    search_fields = ("credit_item__number", "debit_item__number")
    date_hierarchy = "allocated_on"
    list_select_related = ("credit_item", "debit_item", "account__customer", "account__company")
    show_full_result_count = False
