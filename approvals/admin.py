"""Administration of approvals: authorities are set here; requests and steps only read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin

from approvals.models import ApprovalAuthority, ApprovalRequest, ApprovalStep
from core.admin_base import ReadOnlyAdmin, SettingsAdmin

if TYPE_CHECKING:
    from django.http import HttpRequest


@admin.register(ApprovalAuthority)
class AuthorityAdmin(SettingsAdmin[ApprovalAuthority]):
    """Who may approve what, up to which amount."""

    list_display = ("kind", "group", "user", "company", "max_amount", "currency")
    list_filter = ("kind", "company", "group")
    list_select_related = ("group", "user", "company", "currency")
    autocomplete_fields = ("group", "user")


class StepInline(admin.TabularInline[ApprovalStep, ApprovalRequest]):
    """The turns of a request."""

    model = ApprovalStep
    extra = 0
    can_delete = False
    fields = readonly_fields = ("position", "status", "acted_by", "acted_at", "comment")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: decisions are taken in the inbox."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: decisions are taken in the inbox."""
        return False


@admin.register(ApprovalRequest)
class RequestAdmin(ReadOnlyAdmin[ApprovalRequest]):
    """Requests with their steps."""

    list_display = ("subject_text", "account", "amount", "currency", "status", "opened_at")
    list_filter = ("status", "kind", "account__company")
    search_fields = ("subject_text", "account__customer__name")
    date_hierarchy = "opened_at"
    list_select_related = ("account__customer", "account__company", "currency")
    inlines = (StepInline,)
