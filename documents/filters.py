"""The filter row of the order list. Its state lives in the URL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters
from django import forms
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from core.filters import BaseFilterSet, LinkedFilter, LocalDateFilter, SearchFilter
from core.models import Company
from customers.models import Customer
from documents.models import Document, HoldCase

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from core.models import User

# What people mean by one word: several states at once.
GROUPS = {
    "unfinished": ("draft", "submitted", "held", "released"),
    "counting": ("submitted", "released"),
}


class OrderFilter(BaseFilterSet):
    """Orders by words, state, company, date and hold."""

    q = SearchFilter(
        fields=("number", "reference", "account__customer__name", "account__customer__code"),
        label=_("Search"),
    )
    status = django_filters.ChoiceFilter(
        label=_("Status"),
        empty_label=_("All"),
        method="by_status",
        choices=[
            ("unfinished", _("Not finished")),
            ("counting", _("Counting as exposure")),
            *Document.Status.choices,
        ],
    )
    company = django_filters.ModelChoiceFilter(
        label=_("Company"), empty_label=_("All"), queryset=Company.objects.none()
    )
    since = LocalDateFilter(label=_("From"), field_name="document_on", lookup_expr="gte")
    until = LocalDateFilter(label=_("To"), field_name="document_on", lookup_expr="lte")
    held = django_filters.BooleanFilter(
        label=_("Waiting for a decision"), method="by_hold", widget=forms.CheckboxInput
    )
    customer = LinkedFilter(
        label=_("Customer"),
        field_name="account__customer",
        queryset=Customer.objects.none(),
        widget=forms.HiddenInput,
    )

    class Meta(BaseFilterSet.Meta):
        model = Document
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        companies = Company.objects.all() if user.is_superuser else user.companies.all()
        self.filters["company"].queryset = companies
        self.filters["customer"].queryset = Customer.objects.visible_to(user)

    def by_status(self, queryset: QuerySet[Document], _name: str, value: str) -> QuerySet[Document]:
        """One state, or several that people call by one word."""
        return queryset.filter(status__in=GROUPS.get(value, (value,)))

    def by_hold(self, queryset: QuerySet[Document], _name: str, value: bool) -> QuerySet[Document]:
        """Orders with an open hold case: held ones, and accepted ones whose change is held."""
        if not value:
            return queryset
        cases = HoldCase.objects.filter(document=OuterRef("pk"), status=HoldCase.Status.OPEN)
        return queryset.filter(Exists(cases))
