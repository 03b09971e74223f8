"""What an administrator configures about parties. Customers change on their own pages only."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.forms import BaseInlineFormSet
from django.utils.translation import gettext_lazy as _

from core.admin_base import ReadOnlyAdmin, SettingsAdmin
from customers.models import (
    Contact,
    Customer,
    CustomerAccount,
    CustomerGroup,
    PaymentMethod,
    PaymentTerm,
    PaymentTermLine,
)

if TYPE_CHECKING:
    from django.http import HttpRequest


@admin.register(PaymentMethod)
class PaymentMethodAdmin(SettingsAdmin[PaymentMethod]):
    """Methods, with what they mean for credit."""

    list_display = ("name", "code", "treatment", "is_immediate", "is_active")
    list_filter = ("treatment", "is_immediate", "is_active")
    search_fields = ("name", "code")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Inactive instead of gone: documents keep their method."""
        return False


class _SharesFormSet(BaseInlineFormSet[PaymentTermLine, PaymentTerm, Any]):
    """The instalments of one term; their shares must make up the whole amount."""

    def clean(self) -> None:
        """Raises ValidationError unless the shares add up to 100 %."""
        super().clean()
        shares = [
            form.cleaned_data.get("percent") or Decimal(0)
            for form in self.forms
            if getattr(form, "cleaned_data", None) and not form.cleaned_data.get("DELETE")
        ]
        if not any(self.errors) and sum(shares, Decimal(0)) != 100:
            raise ValidationError(_("The shares of the instalments must add up to 100 %."))


class PaymentTermLineInline(admin.TabularInline[PaymentTermLine, PaymentTerm]):
    """The instalments."""

    model = PaymentTermLine
    formset = _SharesFormSet
    extra = 0
    min_num = 1


@admin.register(PaymentTerm)
class PaymentTermAdmin(SettingsAdmin[PaymentTerm]):
    """Terms and their instalments."""

    list_display = ("name", "code", "is_active")
    list_filter = ("is_active",)
    search_fields = ("name", "code")
    inlines = (PaymentTermLineInline,)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Inactive instead of gone: documents keep their terms."""
        return False


class _ReadOnlyInline:
    """Rows shown on the page of the row they belong to."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: services write these rows."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: services write these rows."""
        return False


class _AccountInline(_ReadOnlyInline, admin.TabularInline[CustomerAccount, Customer]):
    model = CustomerAccount


class _ContactInline(_ReadOnlyInline, admin.TabularInline[Contact, Customer]):
    model = Contact


@admin.register(Customer)
class CustomerAdmin(ReadOnlyAdmin[Customer]):
    """Customers, to be looked up."""

    list_display = ("name", "code", "vat_number", "country", "status", "group")
    list_filter = ("status", "country")
    search_fields = ("name", "code", "vat_number")
    list_select_related = ("group",)
    inlines = (_AccountInline, _ContactInline)


@admin.register(CustomerGroup)
class CustomerGroupAdmin(ReadOnlyAdmin[CustomerGroup]):
    """Groups, to be looked up."""

    list_display = ("name", "code", "head")
    search_fields = ("name", "code")
    list_select_related = ("head",)
