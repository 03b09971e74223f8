"""What every page shows around its content: navigation, theme, notifications, the business date."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.clock import today
from core.models import Company, Notification, User
from core.models.users import Theme
from core.permissions import ROLE_NAMES

if TYPE_CHECKING:
    import datetime

    from django.http import HttpRequest
    from django.utils.functional import _StrPromise

PRODUCT: Final = "Affido"
VERSION: Final = "0.1.0"


@dataclass(frozen=True, slots=True)
class NavEntry:
    """An entry of the navigation: for who has `permission`, current on views named like `views`."""

    label: _StrPromise
    url_name: str
    icon: str
    permission: str
    views: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NavItem:
    """An entry ready for the page. `badge` 0 means none."""

    label: str
    url: str
    icon: str
    active: bool
    badge: int
    badge_label: str


@dataclass(frozen=True, slots=True)
class NavSection:
    """Entries under one heading."""

    label: str
    items: tuple[NavItem, ...]


@dataclass(frozen=True, slots=True)
class UserFacts:
    """What the frame says about its user."""

    unread: int = 0
    companies: tuple[str, ...] = ()
    role_names: tuple[str, ...] = ()


STAFF: Final = "staff"
"""Stands for a permission: whoever may enter the administration."""

NAVIGATION: Final[tuple[tuple[_StrPromise, tuple[NavEntry, ...]], ...]] = (
    (
        _("Sales"),
        (
            NavEntry(
                _("Quotes"),
                "documents:quote_list",
                "file-text",
                "documents.view_document",
                ("documents:quote_",),
            ),
            NavEntry(
                _("Orders"),
                "documents:order_list",
                "shopping-cart",
                "documents.view_document",
                ("documents:order_", "documents:document_list"),
            ),
            NavEntry(
                _("Delivery notes"),
                "documents:delivery_list",
                "truck-delivery",
                "documents.view_document",
                ("documents:delivery_",),
            ),
            NavEntry(
                _("Invoices"),
                "documents:invoice_list",
                "file-invoice",
                "documents.view_document",
                ("documents:invoice_",),
            ),
            NavEntry(
                _("Charge accounts"),
                "documents:charge_list",
                "receipt",
                "documents.view_charge",
                ("documents:charge_", "documents:agreement_"),
            ),
            NavEntry(
                _("Counter sales"),
                "documents:counter_list",
                "cash",
                "documents.view_document",
                ("documents:counter_",),
            ),
            NavEntry(
                _("Receipts and moves"),
                "documents:goods_list",
                "building",
                "documents.view_document",
                ("documents:goods_",),
            ),
        ),
    ),
    (
        _("Work"),
        (
            NavEntry(
                _("Inbox"), "approvals:inbox", "inbox", "approvals.view_inbox", ("approvals:",)
            ),
            NavEntry(
                _("Customers"),
                "customers:customer_list",
                "users",
                "customers.view_customer",
                ("customers:", "reports:credit_file", "credit_limits:"),
            ),
            NavEntry(
                _("Open items"),
                "ledger:item_list",
                "receipt",
                "ledger.view_openitem",
                (
                    "ledger:item",
                    "ledger:payment",
                    "ledger:entry",
                    "ledger:account",
                    "ledger:dispute",
                    "ledger:allocation",
                    "ledger:remittance",
                ),
            ),
            NavEntry(
                _("Bills"),
                "ledger:bill_list",
                "file-text",
                "ledger.view_openitem",
                ("ledger:bill", "ledger:presentation"),
            ),
        ),
    ),
    (
        _("Overview"),
        (
            NavEntry(
                _("Treasury"),
                "reports:treasury",
                "layout-dashboard",
                "credit_limits.view_exposuresnapshot",
                ("reports:treasury",),
            ),
            NavEntry(
                _("Exposure"),
                "reports:exposure_list",
                "gauge",
                "credit_limits.view_exposuresnapshot",
                ("reports:exposure",),
            ),
            NavEntry(
                _("Alerts"),
                "reports:alert_list",
                "alert-triangle",
                "credit_limits.view_alert",
                ("reports:alert",),
            ),
        ),
    ),
    (
        _("Running it"),
        (
            NavEntry(
                _("Imports"),
                "ledger:import_list",
                "file-import",
                "ledger.import_history",
                ("ledger:import", "ledger:profile"),
            ),
            NavEntry(
                _("Closed periods"),
                "ledger:period_list",
                "lock",
                "ledger.close_period",
                ("ledger:period",),
            ),
            NavEntry(
                _("Jobs"), "reports:job_list", "list-check", "core.view_jobrun", ("reports:job",)
            ),
            NavEntry(
                _("Audit"),
                "reports:audit_list",
                "history",
                "core.view_auditevent",
                ("reports:audit",),
            ),
            NavEntry(_("Settings"), "admin:index", "settings", STAFF, ("admin:",)),
        ),
    ),
)


def _url(name: str) -> str:
    """The address of a view; empty when the application runs without it."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def may_open(user: User, permission: str) -> bool:
    """Whether an entry that asks for `permission` is for this user."""
    return user.is_staff if permission == STAFF else user.has_perm(permission)


class Shell:
    """The frame of one page. Nothing is read before the template asks for it.

    Costs at most two statements: the facts about the user, and what waits in the inbox (a third
    for exchange rates, only when an authority and a request are in different currencies).
    """

    product = PRODUCT
    version = VERSION

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        user = getattr(request, "user", None)
        self._user: User | None = user if user is not None and user.is_authenticated else None

    @property
    def as_of(self) -> datetime.date | None:
        """The business date: today where the company is. None when signed out."""
        return today() if self._user else None

    @property
    def theme(self) -> str:
        """auto, light or dark."""
        return self._user.theme if self._user else Theme.AUTO.value

    @property
    def themes(self) -> list[tuple[str, str, bool]]:
        """(value, label, is current) of every theme."""
        return [(value, str(label), value == self.theme) for value, label in Theme.choices]

    @property
    def languages(self) -> list[tuple[str, str, bool]]:
        """(code, name in that language, is current) of every language the texts are in."""
        current = translation.get_language()
        return [
            (code, translation.get_language_info(code)["name_local"].capitalize(), code == current)
            for code, _name in settings.LANGUAGES
            if _is_translated(code)
        ]

    @cached_property
    def _facts(self) -> UserFacts:
        return _user_facts(self._user) if self._user else UserFacts()

    @property
    def unread(self) -> int:
        """Notifications the user has not opened."""
        return self._facts.unread

    @property
    def companies(self) -> tuple[str, ...]:
        """Names of the companies whose rows the user sees."""
        return self._facts.companies

    @property
    def role_names(self) -> tuple[str, ...]:
        """The user's roles, in words."""
        return self._facts.role_names

    @property
    def search_url(self) -> str:
        """Where the search box of the top bar leads; empty for who may not see customers."""
        may = self._user is not None and self._user.has_perm("customers.view_customer")
        return _url("core:search") if may else ""

    @cached_property
    def nav(self) -> list[NavSection]:
        """The sections of the navigation with the entries this user may open."""
        user = self._user
        if user is None:
            return []
        match = self._request.resolver_match
        # A page that stands below another says so (an invoice below the list of invoices).
        view = getattr(self._request, "nav_view", "") or (match.view_name if match else "")
        sections = []
        for label, entries in NAVIGATION:
            items = tuple(
                item for item in (_nav_item(entry, user, view) for entry in entries) if item
            )
            if items:
                sections.append(NavSection(str(label), items))
        return sections


def _nav_item(entry: NavEntry, user: User, view: str) -> NavItem | None:
    """The entry for this user on the page of `view`; None when it is not for them."""
    url = _url(entry.url_name) if may_open(user, entry.permission) else ""
    if not url:
        return None
    counter = import_string("config.wiring.NAV_BADGES").get(entry.url_name)
    count = int(import_string(counter)(user)) if counter else 0
    words = ngettext("%(count)s waiting for you", "%(count)s waiting for you", count)
    return NavItem(
        label=str(entry.label),
        url=url,
        icon=entry.icon,
        active=view.startswith(entry.views),
        badge=count,
        badge_label=words % {"count": count} if count else "",
    )


def _user_facts(user: User) -> UserFacts:
    """Unread notifications, companies and roles of a user, in one statement."""
    unread = (
        Notification.objects.filter(user=OuterRef("pk"), read_at__isnull=True)
        .order_by()
        .values("user")
        .annotate(count=Count("pk"))
        .values("count")
    )
    companies = Company.objects.filter(users=OuterRef("pk")).order_by("code").values("name")
    groups = Group.objects.filter(user=OuterRef("pk")).order_by("name").values("name")
    row = User.objects.filter(pk=user.pk).values_list(
        Coalesce(Subquery(unread), 0), ArraySubquery(companies), ArraySubquery(groups)
    )[0]
    return UserFacts(
        unread=row[0],
        companies=tuple(row[1]),
        role_names=tuple(str(ROLE_NAMES.get(name, name)) for name in row[2]),
    )


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the frame of the page as `shell`."""
    return {"shell": Shell(request)}


@cache
def _is_translated(code: str) -> bool:
    """Whether there is a catalogue of ours: the source language needs none."""
    if code == "en":
        return True
    locale = translation.to_locale(code)
    return any(
        (Path(folder) / locale / "LC_MESSAGES" / "django.po").exists()
        for folder in settings.LOCALE_PATHS
    )
