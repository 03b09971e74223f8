"""What the pages of the reports share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.mixins import PermissionRequiredMixin
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
