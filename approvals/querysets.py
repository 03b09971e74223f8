"""Names for sub-sets of approval requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from customers.querysets import account_scope

if TYPE_CHECKING:
    from core.models import User


class ApprovalRequestQuerySet(models.QuerySet["ApprovalRequest"]):
    """Requests by visibility and state."""

    def visible_to(self, user: User) -> ApprovalRequestQuerySet:
        """Requests about accounts the user may see."""
        return self.filter(account_scope(user, "account__"))

    def waiting(self) -> ApprovalRequestQuerySet:
        """Requests nobody has decided."""
        return self.filter(status="open")

    def decided(self) -> ApprovalRequestQuerySet:
        """Requests that are closed, newest first."""
        return self.exclude(status="open").order_by("-closed_at", "-pk")
