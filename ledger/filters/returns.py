"""The filter rows of chargebacks and of returned payments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters
from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.filters import BaseFilterSet, LinkedFilter, LocalDateFilter, SearchFilter
from core.models import Company, User
from customers.models import Customer
from ledger.models import Chargeback, ReturnedPayment

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import QueryDict


class _CameBackFilter(BaseFilterSet):
    """What both lists filter by; `since` and `until` bound the day of the row."""

    company = django_filters.ModelChoiceFilter(
        label=_("Company"), field_name="account__company", queryset=Company.objects.none()
    )
    customer = LinkedFilter(
        label=_("Customer"),
        field_name="account__customer",
        queryset=Customer.objects.none(),
        widget=forms.HiddenInput,
    )

    def __init__(self, data: QueryDict, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(data, *args, **kwargs)
        companies = Company.objects.all() if user.is_superuser else user.companies.all()
        self.filters["company"].queryset = companies
        self.filters["customer"].queryset = Customer.objects.visible_to(user)


class ChargebackFilter(_CameBackFilter):
    """Chargebacks by words, state, reason, owner, company. Without a state: what is open."""

    q = SearchFilter(
        fields=("item__number", "original__number", "account__customer__name", "text"),
        label=_("Search"),
    )
    state = django_filters.ChoiceFilter(
        label=_("State"),
        empty_label=_("Open"),
        method="in_state",
        choices=[("settled", _("Settled")), ("undone", _("Undone")), ("all", _("All"))],
    )
    reason = django_filters.ChoiceFilter(label=_("Reason"), choices=Chargeback.Reason.choices)
    owner = django_filters.ModelChoiceFilter(
        label=_("Owner"), null_label=_("Nobody yet"), queryset=User.objects.none()
    )

    class Meta(BaseFilterSet.Meta):
        model = Chargeback
        fields: tuple[str, ...] = ()

    def __init__(self, data: QueryDict, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(data, *args, user=user, **kwargs)
        owners = Chargeback.objects.order_by().values("owner")
        self.filters["owner"].queryset = User.objects.filter(pk__in=owners)

    def in_state(
        self, queryset: QuerySet[Chargeback], _name: str, _value: str
    ) -> QuerySet[Chargeback]:
        """Applied in `filter_queryset`, which knows the state that is not named, too."""
        return queryset

    def filter_queryset(self, queryset: QuerySet[Chargeback]) -> QuerySet[Chargeback]:
        """The rows in the chosen state."""
        rows: QuerySet[Chargeback] = super().filter_queryset(queryset)
        state = self.form.cleaned_data.get("state")
        if state == "all":
            return rows
        if state == "undone":
            return rows.filter(undone_at__isnull=False)
        rows = rows.filter(undone_at__isnull=True)
        if state == "settled":
            return rows.filter(Q(item__open_amount=0))
        return rows.filter(item__open_amount__gt=0)


class ReturnFilter(_CameBackFilter):
    """Returned payments by words, reason, days and company."""

    q = SearchFilter(
        fields=("payment__number", "account__customer__name", "account__customer__code", "text"),
        label=_("Search"),
    )
    reason = django_filters.ChoiceFilter(label=_("Reason"), choices=ReturnedPayment.Reason.choices)
    since = LocalDateFilter(label=_("From"), field_name="returned_on", lookup_expr="gte")
    until = LocalDateFilter(label=_("Until"), field_name="returned_on", lookup_expr="lte")

    class Meta(BaseFilterSet.Meta):
        model = ReturnedPayment
        fields: tuple[str, ...] = ()
