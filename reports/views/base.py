"""What the pages of the reports share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.utils.translation import gettext as _
from django.views import View

from core import clock
from core.views import signed_in

if TYPE_CHECKING:
    from datetime import date

    from django.http import HttpRequest

    from core.models import User


class ReportView(PermissionRequiredMixin, View):
    """A page that only reads. Whoever lacks the permission gets 403, foreign rows are 404."""

    raise_exception = True
    request: HttpRequest

    @property
    def user(self) -> User:
        """Who is asking."""
        return signed_in(self.request.user)

    @property
    def today(self) -> date:
        """The business day."""
        return clock.today()


def export_links(request: HttpRequest) -> list[dict[str, Any]]:
    """The two downloads of a list, with its filters and order."""
    query = request.GET.copy()
    query.pop("page", None)
    links = []
    for kind, label in (("csv", _("CSV")), ("xlsx", _("XLSX"))):
        query["export"] = kind
        links.append({"url": f"?{query.urlencode()}", "label": label})
    return links
