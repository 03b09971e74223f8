"""Names for sub-sets of approval requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from customers.querysets import account_scope

if TYPE_CHECKING:
    from collections.abc import Sequence

    from approvals.models import ApprovalRequest  # noqa: F401 - named in the base class
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

    def about(self, subject_type: str, subject_ids: Sequence[int]) -> ApprovalRequestQuerySet:
        """Requests about these subjects, open or not."""
        return self.filter(subject_type=subject_type, subject_id__in=subject_ids)

    def with_page(self) -> ApprovalRequestQuerySet:
        """Everything a row of the inbox shows, in one statement and two more for the steps."""
        return self.select_related(
            "account__customer", "account__company", "currency", "requested_by"
        ).prefetch_related("steps__acted_by")
