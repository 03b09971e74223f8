"""What an administrator configures about the ledger, and the ledger itself, to be read only."""

from __future__ import annotations

from django.contrib import admin

from core.admin_base import ReadOnlyAdmin, SettingsAdmin
from ledger.models import Allocation, ImportProfile, ImportRun, JournalEntry, OpenItem


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
