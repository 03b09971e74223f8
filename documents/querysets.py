"""Names for sub-sets of documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from customers.querysets import account_scope

if TYPE_CHECKING:
    from core.models import User
    from documents.models import Document  # noqa: F401 - in strings below


class DocumentQuerySet(models.QuerySet["Document"]):
    """Documents by visibility and state."""

    def visible_to(self, user: User) -> DocumentQuerySet:
        """Documents billed to accounts the user may see."""
        return self.filter(account_scope(user, "account__"))

    def orders(self) -> DocumentQuerySet:
        """Orders of every type."""
        return self.filter(type__kind="order")

    def counting(self) -> DocumentQuerySet:
        """Accepted documents whose type counts as credit."""
        return self.filter(status__in=("submitted", "released"), type__counts_as_credit=True)

    def held(self) -> DocumentQuerySet:
        """Documents that wait for a decision."""
        return self.filter(status="held")

    def unfinished(self) -> DocumentQuerySet:
        """Everything that is neither closed, cancelled nor refused."""
        return self.exclude(status__in=("closed", "cancelled", "refused"))
