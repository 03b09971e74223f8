"""The filter row of the inbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters
from django.utils.translation import gettext_lazy as _

from approvals.models import ApprovalRequest
from core.filters import BaseFilterSet, SearchFilter

if TYPE_CHECKING:
    from django.http import QueryDict

    from approvals.querysets import ApprovalRequestQuerySet
    from core.filters import ActiveFilter

# Every order ends with the key, so that it is the same on each visit.
ORDERS = {
    "amount": ("-amount", "pk"),
    "over": ("-overrun", "pk"),
    "customer": ("account__customer__name", "opened_at", "pk"),
}
# Reasons offered come from this many rows: enough to know them all, cheap on a long history.
REASONS_FROM = 200


class InboxFilter(BaseFilterSet):
    """Search, one reason, and the order of the list."""

    q = SearchFilter(
        fields=("subject_text", "account__customer__name", "account__customer__code"),
        label=_("Search document or customer"),
    )
    reason = django_filters.ChoiceFilter(
        label=_("Reason"), method="has_reason", empty_label=_("All reasons")
    )
    order = django_filters.ChoiceFilter(
        label=_("Order"),
        method="in_order",
        empty_label=None,
        choices=(
            ("oldest", _("Oldest first")),
            ("newest", _("Newest first")),
            ("amount", _("Largest amount first")),
            ("over", _("Furthest over first")),
            ("customer", _("By customer")),
        ),
    )

    class Meta(BaseFilterSet.Meta):
        model = ApprovalRequest
        fields: list[str] = []

    def __init__(self, data: QueryDict, *args: Any, decided: bool = False, **kwargs: Any) -> None:
        """`decided` lists are ordered by when they were closed, the newest first by default."""
        self.moment = "closed_at" if decided else "opened_at"
        if "order" not in data:
            # The control shows the order the list is in.
            data = data.copy()
            data["order"] = "newest" if decided else "oldest"
        super().__init__(data, *args, **kwargs)
        self.filters["reason"].extra["choices"] = _reasons_in(self.queryset)

    @property
    def narrowed(self) -> list[ActiveFilter]:
        """The filters in use; an order leaves nothing out."""
        order = str(self.filters["order"].label)
        return [item for item in self.active if item.label != order]

    def has_reason(
        self, rows: ApprovalRequestQuerySet, _name: str, value: str
    ) -> ApprovalRequestQuerySet:
        """Rows asked for this reason, among others."""
        return rows.filter(reasons__contains=[value])

    def in_order(
        self, rows: ApprovalRequestQuerySet, _name: str, value: str
    ) -> ApprovalRequestQuerySet:
        """Rows in the order chosen."""
        if value == "oldest":
            return rows.order_by(self.moment, "pk")
        if value == "newest":
            return rows.order_by(f"-{self.moment}", "-pk")
        return rows.order_by(*ORDERS[value])


def _reasons_in(rows: ApprovalRequestQuerySet) -> list[tuple[str, str]]:
    """(code, words) of the reasons of these rows, by their words."""
    found: dict[str, str] = {}
    for codes, labels in rows.values_list("reasons", "snapshot__reason_labels")[:REASONS_FROM]:
        for code in codes:
            found[code] = str((labels or {}).get(code, code))
    return sorted(found.items(), key=lambda item: item[1])
