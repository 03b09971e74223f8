"""The filter rows of bills and of presentation lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.filters import BaseFilterSet, LinkedFilter, LocalDateFilter, SearchFilter
from core.models import Company
from customers.models import Customer
from ledger.models import Bill, BillKind, BillState, Presentation

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import QueryDict

    from core.models import User

OPEN = (BillState.ISSUED, BillState.IN_HAND, BillState.PRESENTED, BillState.RETURNED)


class BillFilter(BaseFilterSet):
    """Bills by words, state, kind, presentation, due days. Without a state: what is not over."""

    q = SearchFilter(
        fields=("number", "reference", "account__customer__name", "account__customer__code"),
        label=_("Search"),
    )
    state = django_filters.ChoiceFilter(
        label=_("State"),
        empty_label=pgettext_lazy("bills", "All that are not over"),
        method="in_state",
        choices=[
            *BillState.choices,
            ("back", pgettext_lazy("bills", "All that came back")),
            ("all", pgettext_lazy("bills", "All")),
        ],
    )
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=BillKind.choices)
    presented = django_filters.ChoiceFilter(label=_("Presented"), choices=Presentation.Kind.choices)
    since = LocalDateFilter(label=_("Due from"), field_name="pay_on", lookup_expr="gte")
    until = LocalDateFilter(label=_("Due until"), field_name="pay_on", lookup_expr="lte")
    company = django_filters.ModelChoiceFilter(
        label=_("Company"), field_name="company", queryset=Company.objects.none()
    )
    customer = LinkedFilter(
        label=_("Customer"),
        field_name="account__customer",
        queryset=Customer.objects.none(),
        widget=forms.HiddenInput,
    )

    class Meta(BaseFilterSet.Meta):
        model = Bill
        fields: tuple[str, ...] = ()

    def __init__(self, data: QueryDict, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(data, *args, **kwargs)
        companies = Company.objects.all() if user.is_superuser else user.companies.all()
        self.filters["company"].queryset = companies
        self.filters["customer"].queryset = Customer.objects.visible_to(user)

    def in_state(self, queryset: QuerySet[Bill], _name: str, _value: str) -> QuerySet[Bill]:
        """Applied in `filter_queryset`, which knows the state that is not named, too."""
        return queryset

    def filter_queryset(self, queryset: QuerySet[Bill]) -> QuerySet[Bill]:
        """The rows in the chosen state."""
        rows: QuerySet[Bill] = super().filter_queryset(queryset)
        state = self.form.cleaned_data.get("state")
        if state == "all":
            return rows
        if state == "back":
            return rows.filter(steps__kind="return").distinct()
        return rows.filter(state=state) if state else rows.filter(state__in=OPEN)


class PresentationFilter(BaseFilterSet):
    """Presentation lists by words, kind, days and company."""

    q = SearchFilter(fields=("number", "bank", "text"), label=_("Search"))
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=Presentation.Kind.choices)
    since = LocalDateFilter(label=_("From"), field_name="presented_on", lookup_expr="gte")
    until = LocalDateFilter(label=_("Until"), field_name="presented_on", lookup_expr="lte")
    company = django_filters.ModelChoiceFilter(
        label=_("Company"), field_name="company", queryset=Company.objects.none()
    )

    class Meta(BaseFilterSet.Meta):
        model = Presentation
        fields: tuple[str, ...] = ()

    def __init__(self, data: QueryDict, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(data, *args, **kwargs)
        companies = Company.objects.all() if user.is_superuser else user.companies.all()
        self.filters["company"].queryset = companies
