"""All URLs of the site, one include per app."""

from django.contrib import admin
from django.contrib.auth.views import (
    LoginView,
    LogoutView,
    PasswordChangeDoneView,
    PasswordChangeView,
)
from django.urls import URLPattern, URLResolver, include, path

from core.views import language_set

ROOMS = (
    ("", "core.urls"),
    ("customers/", "reports.customer_urls"),  # lists with figures, and customers.urls
    ("ledger/", "ledger.urls"),
    ("credit/", "credit_limits.urls"),
    ("orders/", "documents.urls"),
    ("inbox/", "approvals.urls"),
    ("reports/", "reports.urls"),
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    path("i18n/setlang/", language_set, name="set_language"),
    path("login/", LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("password/", PasswordChangeView.as_view(), name="password_change"),
    path("password/done/", PasswordChangeDoneView.as_view(), name="password_change_done"),
    *(path(prefix, include(module)) for prefix, module in ROOMS),
]
