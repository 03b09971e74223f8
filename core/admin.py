"""Administration of the kernel: companies, currencies, rates, people and their roles."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import AdminFileWidget
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Count, Exists, ImageField, OuterRef
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core import audit
from core.admin_base import ReadOnlyAdmin, SettingsAdmin
from core.models import (
    AuditEvent,
    Company,
    Currency,
    ExchangeRate,
    JobRun,
    NumberSequence,
    User,
)
from core.permissions import ROLES
from core.rates import rates_in_force, rates_withdraw

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse


class LogoWidget(AdminFileWidget):
    """A file field whose link leads to the view that hands the picture out: media has no URL."""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """The context of the file field, with the picture's own address."""
        context = super().get_context(name, value, attrs)
        if context["widget"].get("is_initial") and value.instance.pk:
            url = reverse("core:company_logo", args=[value.instance.pk])
            context["widget"]["value"] = _Shown(url, Path(value.name).name)
        return context


@dataclass(frozen=True, slots=True)
class _Shown:
    """A file as the widget shows it."""

    url: str
    name: str

    def __str__(self) -> str:
        return self.name


admin.site.site_header = _("Affido settings")
admin.site.site_title = _("Affido settings")
admin.site.index_title = _("What can be set")
admin.site.unregister(Group)


@admin.register(Currency)
class CurrencyAdmin(SettingsAdmin[Currency]):
    """Currencies we trade in."""

    list_display = ("code", "name", "is_active")
    list_filter = ("is_active",)
    search_fields = ("code", "name")


@admin.register(Company)
class CompanyAdmin(SettingsAdmin[Company]):
    """Our own companies, with what their letterhead shows."""

    list_display = ("code", "name", "currency", "is_active")
    list_filter = ("is_active",)
    search_fields = ("code", "name", "vat_number")
    fieldsets = (
        (None, {"fields": ("code", "name", "currency", "is_active")}),
        (
            _("Letterhead"),
            {
                "fields": (
                    "logo",
                    "address",
                    "registered_office",
                    "vat_number",
                    "phone",
                    "email",
                    "website",
                    "legal_footer",
                )
            },
        ),
        (_("Bank details on invoices"), {"fields": ("bank_name", "iban", "bic")}),
    )
    formfield_overrides = {ImageField: {"widget": LogoWidget}}


@admin.register(ExchangeRate)
class ExchangeRateAdmin(SettingsAdmin[ExchangeRate]):
    """Dated rates. They are corrected by entering them again and taken back, never rewritten."""

    list_display = (
        "from_currency",
        "to_currency",
        "valid_on",
        "rate",
        "in_force",
        "source",
        "entered_at",
    )
    list_filter = ("from_currency", "to_currency")
    date_hierarchy = "valid_on"
    list_select_related = ("from_currency", "to_currency")
    actions = ("withdraw",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ExchangeRate]:
        """Rates, each with whether it counts."""
        counts = rates_in_force().filter(pk=OuterRef("pk"))
        return super().get_queryset(request).annotate(counts=Exists(counts))

    def has_change_permission(self, request: HttpRequest, obj: ExchangeRate | None = None) -> bool:
        """Never: figures of the past were made with it."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ExchangeRate | None = None) -> bool:
        """Never: figures of the past were made with it."""
        return False

    @admin.display(description=_("in force"), boolean=True)
    def in_force(self, rate: ExchangeRate) -> bool:
        """Whether it counts: the last one entered for its day, and not withdrawn."""
        return bool(rate.counts)  # type: ignore[attr-defined]

    @admin.action(description=_("Withdraw the chosen rates"), permissions=["add"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet[ExchangeRate]) -> None:
        """From now on there is no rate of these pairs on these days."""
        with transaction.atomic():
            rows = rates_withdraw(queryset)
            for row in rows:
                self.record_setting(request, "removed", row, {}, 0)
        self.message_user(
            request,
            ngettext("%(count)d rate withdrawn.", "%(count)d rates withdrawn.", len(rows))
            % {"count": len(rows)},
        )


@admin.register(Group)
class RoleAdmin(GroupAdmin, SettingsAdmin[Group]):
    """Roles. Those of the application are made by `manage.py sync_roles` and only shown; others,
    such as a second level of approvers, are made here."""

    list_display = ("name", "permission_count")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        """Roles with the number of their rights."""
        return super().get_queryset(request).annotate(rights=Count("permissions"))

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """Not for the roles of the application: the next sync would undo it."""
        if obj is not None and obj.name in ROLES:
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """Not for the roles of the application."""
        if obj is not None and obj.name in ROLES:
            return False
        return super().has_delete_permission(request, obj)

    @admin.display(description=_("rights"), ordering="rights")
    def permission_count(self, group: Group) -> int:
        """How many rights the role has."""
        count: int = group.rights  # type: ignore[attr-defined]
        return count


@admin.register(User)
class UserAdmin(DjangoUserAdmin[User], SettingsAdmin[User]):
    """People: their roles, companies and language. Rights come from roles alone."""

    secret = ("password", "password1", "password2", "usable_password")
    list_display = ("username", "first_name", "last_name", "email", "roles", "is_active")
    list_filter = ("groups", "companies", "is_active", "own_accounts_only")
    search_fields = ("username", "first_name", "last_name", "email")
    filter_horizontal = ("groups", "companies")
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": ("first_name", "last_name", "email", "language", "theme")}),
        (_("What they do"), {"fields": ("groups", "companies", "own_accounts_only")}),
        (_("Access"), {"fields": ("is_active", "is_staff", "is_superuser")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": ("username", "usable_password", "password1", "password2", "email"),
            },
        ),
        (_("What they do"), {"fields": ("groups", "companies", "own_accounts_only", "is_staff")}),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        """People with their roles at hand."""
        return super().get_queryset(request).prefetch_related("groups")

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Only a superuser makes or unmakes superusers."""
        fields = tuple(super().get_readonly_fields(request, obj))
        return fields if request.user.is_superuser else (*fields, "is_superuser")

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Superusers are changed by superusers only, and nobody gives rights to themselves."""
        guarded = obj is not None and (obj.is_superuser or obj.pk == request.user.pk)
        if guarded and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def user_change_password(
        self,
        request: HttpRequest,
        id: str,
        form_url: str = "",
    ) -> HttpResponse:
        """Set somebody's password, with its event."""
        with transaction.atomic():
            answer = super().user_change_password(request, id, form_url)
            if request.method == "POST" and answer.status_code == HTTPStatus.FOUND:
                user = User.objects.get(pk=unquote(id))
                self.record_setting(request, "changed", user, {"password": ("", "")}, 0)
        return answer

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Never: people stay in the history. Take `active` away instead."""
        return False

    @admin.display(description=_("roles"))
    def roles(self, user: User) -> str:
        """The person's roles."""
        return ", ".join(sorted(group.name for group in user.groups.all()))


@admin.register(NumberSequence)
class NumberSequenceAdmin(ReadOnlyAdmin[NumberSequence]):
    """Counters: gapless only as long as nobody touches them."""

    list_display = ("company", "code", "year", "prefix", "next_number")
    list_filter = ("company", "code", "year")
    list_select_related = ("company",)


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin[AuditEvent]):
    """The audit trail. The database itself refuses changes to it."""

    list_display = ("at", "actor_name", "sentence", "subject_text")
    list_filter = ("action", "company")
    search_fields = ("actor_name", "subject_text", "action", "request_id")
    date_hierarchy = "at"
    show_full_result_count = False

    @admin.display(description=_("what happened"))
    def sentence(self, event: AuditEvent) -> str:
        """The event in plain words."""
        return audit.sentence(event)


@admin.register(JobRun)
class JobRunAdmin(ReadOnlyAdmin[JobRun]):
    """Runs of background jobs."""

    list_display = ("name", "as_of", "status", "started_at", "finished_at")
    list_filter = ("name", "status")
