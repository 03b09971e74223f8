"""Presentation lists that a user may see, and which of their bills wait for the bank's word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import BooleanField, Count, ExpressionWrapper, OuterRef, Q, Subquery, Sum

from customers.querysets import account_scope
from ledger.bills import State
from ledger.models import Bill, BillStep, Presentation

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.db.models import QuerySet

    from core.models import User


def _waits(step: str = "") -> Q:
    """Whether a step, under a prefix of the outer row, is a bill's last way to a bank, which has
    not said yet what became of it."""
    later = BillStep.objects.filter(bill=OuterRef(f"{step}bill"), presentation__isnull=False)
    last = Subquery(later.order_by("-position").values("pk")[:1])
    return Q(**{f"{step}bill__state": State.PRESENTED.value, f"{step}pk": last})


def lists_visible(user: User) -> QuerySet[Presentation]:
    """Lists on which the user may see at least one bill."""
    seen = BillStep.objects.filter(account_scope(user, "bill__account__"))
    return Presentation.objects.filter(
        pk__in=seen.filter(presentation__isnull=False).values("presentation")
    )


def lists_summed(user: User) -> QuerySet[Presentation]:
    """The same with `count`, `amount` and, of those without a result, `open_count` of its bills.

    Only of the bills that the user may see.
    """
    seen = account_scope(user, "steps__bill__account__")
    return lists_visible(user).annotate(
        count=Count("steps", filter=seen),
        open_count=Count("steps", filter=seen & _waits("steps__")),
        amount=Sum("steps__bill__amount", filter=seen),
    )


def list_steps(found: Presentation, user: User) -> list[BillStep]:
    """The bills of a list that the user may see, the next due first, as its steps.

    `waits` says whether the bank's result is still to come, on this list and on no later one.
    """
    return list(
        found.steps.filter(account_scope(user, "bill__account__"))
        .annotate(waits=ExpressionWrapper(_waits(), output_field=BooleanField()))
        .select_related("bill__account__customer")
        .order_by("bill__pay_on", "bill_id")
    )


def waiting(found: Presentation, bills: Collection[int]) -> set[int]:
    """Those of the bills that are with the bank on this list and on no later one."""
    steps = found.steps.filter(_waits(), bill__in=bills)
    return set(steps.values_list("bill", flat=True))


def presentable_groups(user: User) -> list[dict[str, Any]]:
    """Companies and currencies with bills that can go to a bank: count and total of each."""
    rows = (
        Bill.objects.visible_to(user)
        .presentable()
        .order_by()
        .values("company", "company__name", "currency")
        .annotate(count=Count("pk"), total=Sum("amount"))
        .order_by("company__name", "currency")
    )
    return [dict(row) for row in rows]
