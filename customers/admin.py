"""What an administrator configures about parties. Customers change on their own pages only."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.forms import BaseInlineFormSet
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from core.admin_base import ReadOnlyAdmin, SettingsAdmin
from core.clock import today
from core.dates import day_text
from core.numerals import format_decimal
from customers.instalments import term_instalments
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


EXAMPLE: Final = Decimal(1000)


@admin.register(PaymentTerm)
class PaymentTermAdmin(SettingsAdmin[PaymentTerm]):
    """Terms and their instalments."""

    list_display = ("name", "code", "is_active")
    list_filter = ("is_active",)
    search_fields = ("name", "code")
    inlines = (PaymentTermLineInline,)
    readonly_fields = ("example",)

    @admin.display(description=_("Example"))
    def example(self, obj: PaymentTerm) -> str:
        """What the saved instalments make of 1,000.00 dated today; empty for new terms."""
        if obj._state.adding:
            return str(_("Save to see what these terms make of an invoice."))
        on = today()
        try:
            parts = term_instalments(obj, on, EXAMPLE)
        except (ValueError, OverflowError) as error:
            return str(error)
        rows = format_html_join(
            "",
            "<li>{}: {}</li>",
            ((day_text(due_on), format_decimal(part)) for due_on, part in parts),
        )
        return format_html(
            "{}<ul>{}</ul>",
            _("An invoice of %(amount)s dated %(day)s falls due:")
            % {"amount": format_decimal(EXAMPLE), "day": day_text(on)},
            rows,
        )

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
