"""The filter row of the open items. Its state lives in the URL."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, cast

import django_filters
from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.clock import today
from core.filters import AsOfFilter, BaseFilterSet, LinkedFilter, SearchFilter
from core.models import Company
from customers.models import Customer
from ledger.ageing import BUCKETS, BY_KEY
from ledger.models import DelayCause, OpenItem
from ledger.selectors import bucket_label, items_as_of

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import QueryDict

    from core.models import User
    from ledger.querysets import OpenItemQuerySet


def _bucket_choices() -> list[tuple[str, str]]:
    return [(bucket.key, bucket_label(bucket.key)) for bucket in BUCKETS]


class ItemFilter(BaseFilterSet):
    """Items by words, state, company, age and day. Without a state: what is open."""

    q = SearchFilter(
        fields=("number", "account__customer__name", "account__customer__code"),
        label=_("Search"),
    )
    state = django_filters.ChoiceFilter(
        label=_("State"),
        empty_label=_("Open"),
        method="later",
        choices=[
            ("owed", _("Owed by customers")),
            ("overdue", _("Overdue")),
            ("credit", _("Credits in hand")),
            ("disputed", _("Disputed")),
            ("settled", _("Settled")),
            ("provisional", _("Provisional")),
            ("all", _("All")),
        ],
    )
    bucket = django_filters.ChoiceFilter(
        label=_("Age"), empty_label=_("All"), method="later", choices=_bucket_choices
    )
    cause = django_filters.ModelChoiceFilter(
        label=_("Cause of delay"),
        empty_label=_("All"),
        null_label=_("None known"),
        field_name="delay_cause",
        queryset=DelayCause.objects.all(),
    )
    company = django_filters.ModelChoiceFilter(
        label=_("Company"),
        empty_label=_("All"),
        field_name="account__company",
        queryset=Company.objects.none(),
    )
    as_of = AsOfFilter(method="later")
    customer = LinkedFilter(
        label=_("Customer"),
        field_name="account__customer",
        queryset=Customer.objects.none(),
        widget=forms.HiddenInput,
    )

    class Meta(BaseFilterSet.Meta):
        model = OpenItem
        fields: tuple[str, ...] = ()

    def __init__(self, data: QueryDict, *args: Any, user: User, **kwargs: Any) -> None:
        if data.get("state") == "open":
            # Links may say what no state says, too.
            data = data.copy()
            del data["state"]
        super().__init__(data, *args, **kwargs)
        companies = Company.objects.all() if user.is_superuser else user.companies.all()
        self.filters["company"].queryset = companies
        self.filters["customer"].queryset = Customer.objects.visible_to(user)

    @property
    def as_of_day(self) -> date:
        """The day whose residuals are shown."""
        chosen = self.form.cleaned_data.get("as_of") if self.is_bound else None
        return chosen or today()

    def later(self, queryset: QuerySet[OpenItem], _name: str, _value: Any) -> QuerySet[OpenItem]:
        """State, age and day depend on each other: `filter_queryset` applies them together."""
        return queryset

    def filter_queryset(self, queryset: QuerySet[OpenItem]) -> OpenItemQuerySet:
        """The items with their `residual` as of the chosen day, in the chosen state and age."""
        if not self.form.is_valid():
            return items_as_of(None, cast("OpenItemQuerySet", queryset.none()))
        values = self.form.cleaned_data
        items = cast("OpenItemQuerySet", super().filter_queryset(queryset))
        items = items_as_of(values.get("as_of"), items)
        items = in_state(items, values.get("state") or "open", self.as_of_day)
        bucket = BY_KEY.get(values.get("bucket") or "")
        if bucket is None:
            return items
        if bucket.first is not None:
            items = items.filter(due_on__lte=self.as_of_day - timedelta(days=bucket.first))
        if bucket.last is not None:
            items = items.filter(due_on__gte=self.as_of_day - timedelta(days=bucket.last))
        return items.filter(direction="debit", is_posted=True)


def in_state(items: OpenItemQuerySet, state: str, as_of: date) -> OpenItemQuerySet:
    """The items (annotated with `residual`) that are in `state` on a day."""
    if state == "all":
        return items
    if state == "provisional":
        return items.filter(is_posted=False)
    items = items.posted()
    if state == "settled":
        return items.filter(Q(residual=0))
    items = items.filter(Q(residual__gt=0))
    if state == "owed":
        return items.debits()
    if state == "overdue":
        return items.debits().filter(due_on__lt=as_of)
    if state == "credit":
        return items.credits()
    if state == "disputed":
        return items.filter(is_disputed=True)
    return items
