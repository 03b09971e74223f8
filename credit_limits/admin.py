"""What an administrator configures about credit; what was decided is only shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.http import HttpResponseRedirect
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from core.admin_base import ReadOnlyAdmin, SettingsAdmin
from core.dates import moment_text
from core.errors import DomainError
from core.views import signed_in
from credit_limits.forms_policy import EXPOSURE_FIELDS, PolicyForm, RuleForm
from credit_limits.models import (
    Alert,
    CheckFinding,
    CreditCheck,
    CreditLimit,
    CreditPolicy,
    CreditProfile,
    ExposureSnapshot,
    PaymentBehaviour,
    PolicyRule,
    PolicyVersion,
    Release,
)
from credit_limits.services.policies import policy_publish, policy_rules_install

if TYPE_CHECKING:
    from django.forms import ModelForm
    from django.http import HttpRequest, HttpResponse


class RuleInline(admin.TabularInline[PolicyRule, CreditPolicy]):
    """All rules of the policy; each is there from the beginning and none can be removed."""

    model = PolicyRule
    form = RuleForm
    fields = ("rule", "effect", "threshold", "grace_days", "tolerance", "details")
    readonly_fields = ("rule",)
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: the rules are those of the engine."""
        return False


@admin.register(CreditPolicy)
class CreditPolicyAdmin(SettingsAdmin[CreditPolicy]):
    """Policies. Saving publishes: the next check reads the new version, old checks keep theirs."""

    form = PolicyForm
    list_display = ("name", "company", "newest_version")
    list_select_related = ("company",)
    readonly_fields = ("published",)
    fieldsets = (
        (None, {"fields": ("name", "company", "published")}),
        (_("Exposure"), {"fields": ("include", *EXPOSURE_FIELDS)}),
        (_("Checks"), {"fields": ("checkpoints", "block_print")}),
        (
            _("Releases"),
            {"fields": ("release_valid_days", "release_tolerance_percent", "direct_override")},
        ),
    )
    inlines = (RuleInline,)
    save_on_top = True

    def get_inlines(self, request: HttpRequest, obj: CreditPolicy | None) -> list[Any]:
        """A new policy gets its rules when it is saved, copied from the general one."""
        return [RuleInline] if obj is not None else []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: checks were decided on its versions."""
        return False

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        """A policy that cannot be published is not saved either; the message says why."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except DomainError as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(request.path)

    def save_related(
        self, request: HttpRequest, form: ModelForm[CreditPolicy], formsets: Any, change: bool
    ) -> None:
        """Save the rules and publish the whole as the next version: one audit event."""
        super(SettingsAdmin, self).save_related(request, form, formsets, change)
        policy = form.instance
        policy_rules_install(policy=policy)
        before = policy.versions.count()
        version = policy_publish(policy=policy, actor=signed_in(request.user))
        if policy.versions.count() > before:
            text = _("Published as version %(number)s. The next check uses it.")
            messages.success(request, text % {"number": version.number})
        else:
            messages.info(
                request, _("Nothing changed: version %(n)s stays.") % {"n": version.number}
            )

    @admin.display(description=_("newest version"))
    def newest_version(self, policy: CreditPolicy) -> str:
        """The version that checks use now."""
        version = policy.versions.order_by("-number").first()
        return f"v{version.number}" if version else "–"

    @admin.display(description=_("published"))
    def published(self, policy: CreditPolicy) -> str:
        """The last versions, who published them and when."""
        versions = policy.versions.select_related("published_by").order_by("-number")[:10]
        rows = (
            (
                v.number,
                moment_text(timezone.localtime(v.published_at)),
                v.published_by or _("system"),
            )
            for v in versions
        )
        return format_html_join("", "<div>v{} · {} · {}</div>", rows) or "–"


@admin.register(CreditProfile)
class CreditProfileAdmin(SettingsAdmin[CreditProfile]):
    """How firmly an account is controlled, and when its limit is due for a look."""

    list_display = ("account", "control", "review_on")
    list_filter = ("control",)
    search_fields = ("account__customer__name", "account__customer__code")
    autocomplete_fields = ()
    raw_id_fields = ("account",)
    list_select_related = ("account__customer", "account__company")


@admin.register(PolicyVersion)
class PolicyVersionAdmin(ReadOnlyAdmin[PolicyVersion]):
    """Published versions."""

    list_display = ("policy", "number", "published_at", "published_by")
    list_select_related = ("policy", "published_by")


@admin.register(CreditLimit)
class CreditLimitAdmin(ReadOnlyAdmin[CreditLimit]):
    """Limits; they are granted on the customer's page."""

    list_display = (
        "scope",
        "kind",
        "state",
        "amount",
        "currency",
        "valid_during",
        "is_approved",
        "granted_by",
    )
    list_filter = ("kind", "state", "is_approved")
    list_select_related = ("account__customer", "account__company", "customer", "group")
    search_fields = ("account__customer__name", "customer__name", "group__name")

    @admin.display(description=_("for"))
    def scope(self, limit: CreditLimit) -> str:
        """The account, customer or group it bounds."""
        return str(limit.account or limit.customer or limit.group)


class FindingInline(admin.TabularInline[CheckFinding, CreditCheck]):
    """The verdict of each rule."""

    model = CheckFinding
    extra = 0
    can_delete = False
    fields = ("rule", "reason", "scope", "severity", "effect", "observed", "threshold")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: the engine writes them."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: the engine writes them."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may see the check."""
        return request.user.has_perm("credit_limits.view_creditcheck")


@admin.register(CreditCheck)
class CreditCheckAdmin(ReadOnlyAdmin[CreditCheck]):
    """Checks, with what they were decided on."""

    list_display = ("subject_text", "account", "checkpoint", "outcome", "amount", "checked_at")
    list_filter = ("outcome", "checkpoint")
    list_select_related = ("account__customer", "account__company")
    search_fields = ("subject_text", "account__customer__name")
    date_hierarchy = "checked_at"
    inlines = (FindingInline,)


@admin.register(Release)
class ReleaseAdmin(ReadOnlyAdmin[Release]):
    """Releases, granted in the inbox."""

    list_display = ("subject_text", "account", "amount_up_to", "currency", "valid_until")
    list_select_related = ("account__customer", "account__company")
    search_fields = ("subject_text", "account__customer__name")


@admin.register(ExposureSnapshot)
class ExposureSnapshotAdmin(ReadOnlyAdmin[ExposureSnapshot]):
    """What the nights stored."""

    list_display = (
        "account",
        "as_of",
        "order_open",
        "delivered_uninvoiced",
        "invoice_draft",
        "invoice_open",
        "invoice_overdue",
        "credits",
        "total",
        "currency",
        "headroom",
        "waiting",
        "is_over_limit",
    )
    list_filter = ("is_over_limit", "is_complete")
    list_select_related = ("account__customer", "account__company")
    date_hierarchy = "as_of"


@admin.register(PaymentBehaviour)
class PaymentBehaviourAdmin(ReadOnlyAdmin[PaymentBehaviour]):
    """How accounts paid, night by night."""

    list_display = ("account", "as_of", "average_days_late", "late_share_percent")
    list_select_related = ("account__customer", "account__company")
    date_hierarchy = "as_of"


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin[Alert]):
    """Alerts; they are marked as seen on their own page."""

    list_display = ("account", "kind", "as_of", "seen_at", "seen_by")
    list_filter = ("kind",)
    list_select_related = ("account__customer", "account__company", "seen_by")
