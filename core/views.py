"""Pages of the kernel: the way in, theme and language, notifications, health."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django.views.i18n import set_language

from core import notifications
from core.health import readiness
from core.images import picture_type
from core.models import Company, Notification, User
from core.models.users import Theme

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

NOTIFICATIONS_PER_PAGE: Final = 30

# The first permission a user holds decides where their day begins. Rights that only one role
# has come first; nobody is sent to a page they may not open.
HOMES: Final[tuple[tuple[str, str], ...]] = (
    ("approvals.decide_request", "approvals:inbox"),
    ("documents.add_document", "documents:order_list"),
    ("ledger.record_payment", "reports:treasury"),
    ("core.change_company", "reports:treasury"),
    ("core.view_auditevent", "reports:audit_list"),
    ("customers.view_customer", "customers:customer_list"),
)

DESKS: Final = frozenset({"approvals.decide_request", "documents.add_document"})

SEARCH_PERMISSIONS: Final = {
    "customers:customer_list": "customers.view_customer",
    "documents:document_list": "documents.view_document",
}


def signed_in(user: User | AnonymousUser) -> User:
    """The user of a view that LoginRequiredMiddleware guards, with its type."""
    assert isinstance(user, User)  # noqa: S101 - the middleware let nobody else through
    return user


def next_path(request: HttpRequest, default: str = "/") -> str:
    """The `next` of a form, when it stays on this site; `default` otherwise."""
    wanted = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return wanted
    return default


def home_url(user: User) -> str:
    """The page where this user's work is; empty for a user without any role."""
    for permission, name in HOMES:
        # A superuser holds every right, and authority over no request: their day is the overview.
        if user.has_perm(permission) and not (user.is_superuser and permission in DESKS):
            try:
                return reverse(name)
            except NoReverseMatch:
                continue
    return ""


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Send everybody to where their work is."""
    url = home_url(signed_in(request.user))
    return redirect(url) if url else render(request, "core/no_role.html")


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """The search box of every page.

    A text with a figure and a dash, such as SO-2026-00042, is sought among the documents, any
    other among the customers.
    """
    text = request.GET.get("q", "").strip()
    user = signed_in(request.user)
    lists = ["customers:customer_list", "documents:document_list"]
    if "-" in text and any(char.isdigit() for char in text):
        lists.reverse()
    for name in lists:
        if user.has_perm(SEARCH_PERMISSIONS[name]):
            return redirect(f"{reverse(name)}?{urlencode({'q': text})}")
    return redirect("core:home")


@require_POST
def theme_set(request: HttpRequest) -> HttpResponse:
    """Remember the colour scheme; an unknown one changes nothing."""
    theme = request.POST.get("theme", "")
    if theme in Theme.values:
        User.objects.filter(pk=signed_in(request.user).pk).update(theme=theme)
    return redirect(next_path(request))


@login_not_required
@require_POST
def language_set(request: HttpRequest) -> HttpResponseBase:
    """Remember the language: in a cookie, and on the user who is signed in."""
    language = request.POST.get("language", "")
    if request.user.is_authenticated and language in dict(settings.LANGUAGES):
        User.objects.filter(pk=request.user.pk).update(language=language)
    return set_language(request)


@require_safe
def notification_list(request: HttpRequest) -> HttpResponse:
    """The user's own notifications, newest first."""
    rows = signed_in(request.user).notifications.all()
    page = Paginator(rows, NOTIFICATIONS_PER_PAGE).get_page(request.GET.get("page"))
    entries = [(row, notifications.text(row)) for row in page]
    return render(request, "core/notification_list.html", {"page": page, "entries": entries})


@require_safe
def notification_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one as read and go where it leads. Somebody else's is not found."""
    row = get_object_or_404(Notification, pk=pk, user=signed_in(request.user))
    Notification.objects.filter(pk=row.pk, read_at__isnull=True).update(read_at=timezone.now())
    # Paths only: a notification never leads to another site.
    inside = url_has_allowed_host_and_scheme(row.url, allowed_hosts=None)
    return redirect(row.url if row.url and inside else "core:notification_list")


@require_POST
def notification_read_all(request: HttpRequest) -> HttpResponse:
    """Mark all as read."""
    unread = signed_in(request.user).notifications.filter(read_at__isnull=True)
    count = unread.update(read_at=timezone.now())
    text = ngettext(
        "%(count)s notification marked as read.", "%(count)s notifications marked as read.", count
    )
    messages.success(request, text % {"count": count})
    return redirect("core:notification_list")


@require_safe
def company_logo(request: HttpRequest, pk: int) -> FileResponse:
    """A company's logo, for its people and who may set it up; never as a page of its own."""
    user = signed_in(request.user)
    companies = Company.objects.exclude(logo="")
    if not user.has_perm("core.view_company"):
        companies = companies.filter(users=user)
    company = get_object_or_404(companies, pk=pk)
    try:
        stored = company.logo.open("rb")
    except FileNotFoundError as error:
        raise Http404(_("The file is gone from the store.")) from error
    kind = picture_type(stored.read(16))
    stored.seek(0)
    response = FileResponse(stored, content_type=kind or "application/octet-stream")
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-cache"
    return response


@login_not_required
@never_cache
@require_safe
def health_live(_request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers; asks nobody else."""
    return JsonResponse({"status": "ok"})


@login_not_required
@never_cache
@require_safe
def health_ready(_request: HttpRequest) -> JsonResponse:
    """200 when pages can be served, 503 otherwise.

    A broker that is away is reported as "degraded" with 200: pages work without it, and what it
    should have carried is done by the night.
    """
    state = readiness()
    return JsonResponse(
        {"status": state.status, "database": state.database, "broker": state.broker},
        status=503 if state.status == "down" else 200,
    )
