"""Names for sub-sets of the ledger, and what a user may see of it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F
from django.db.models.functions import Coalesce

from customers.querysets import account_scope

if TYPE_CHECKING:
    from datetime import date

    from core.models import User
    from ledger.models import Bill, OpenItem  # noqa: F401 - in strings below


class BillQuerySet(models.QuerySet["Bill"]):
    """Bills by state."""

    def visible_to(self, user: User) -> BillQuerySet:
        """Bills of accounts the user may see."""
        return self.filter(account_scope(user, "account__"))

    def presentable(self) -> BillQuerySet:
        """What can go to a bank: bills in hand, and those that came back and are not posted."""
        return self.filter(state__in=("in_hand", "returned"))


class OpenItemQuerySet(models.QuerySet["OpenItem"]):
    """Open items by state and date."""

    def visible_to(self, user: User) -> OpenItemQuerySet:
        """Items of accounts the user may see."""
        return self.filter(account_scope(user, "account__"))

    def posted(self) -> OpenItemQuerySet:
        """Items of posted entries (provisional ones are informative)."""
        return self.filter(is_posted=True)

    def debits(self) -> OpenItemQuerySet:
        """What the customer owes."""
        return self.filter(direction="debit")

    def credits(self) -> OpenItemQuerySet:
        """What the customer has in hand: payments on account, unapplied credit notes."""
        return self.filter(direction="credit")

    def unsettled(self) -> OpenItemQuerySet:
        """Items with a residual today."""
        return self.filter(open_amount__gt=0)

    def overdue(self, as_of: date) -> OpenItemQuerySet:
        """Debit items with a residual whose due date lies before `as_of`."""
        return self.debits().unsettled().filter(due_on__lt=as_of)

    def with_residual(self, as_of: date) -> OpenItemQuerySet:
        """Items posted on or before `as_of`, annotated with `residual` as it stood on that day.

        Residual on a day = residual now + everything allocated after that day.
        """
        result: OpenItemQuerySet = self.filter(entry__posted_on__lte=as_of).annotate(
            residual=F("open_amount")
            + Coalesce(_allocated_after("debit_item", as_of), Decimal(0))
            + Coalesce(_allocated_after("credit_item", as_of), Decimal(0))
        )
        return result


def _allocated_after(side: str, as_of: date) -> models.Subquery:
    """What was allocated to the outer item on its `side` after a day."""
    from ledger.models import Allocation

    sums = (
        Allocation.objects.filter(**{side: models.OuterRef("pk")}, allocated_on__gt=as_of)
        .order_by()
        .values(side)
        .annotate(total=models.Sum("amount"))
        .values("total")
    )
    return models.Subquery(sums, output_field=models.DecimalField(max_digits=18, decimal_places=2))
