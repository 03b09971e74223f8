"""The filter row of the document lists. Its state lives in the URL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters
from django import forms
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from core.filters import ActiveFilter, BaseFilterSet, LinkedFilter, LocalDateFilter, SearchFilter
from core.models import Company
from customers.models import Customer
from documents.models import Document, DocumentType, HoldCase
from documents.registers import TO_DO

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from core.models import User
    from documents.registers import Register

# What people mean by one word: several states at once.
GROUPS = {
    "unfinished": ("draft", "submitted", "held", "released"),
    "counting": ("submitted", "released"),
}


class DocumentFilter(BaseFilterSet):
    """Documents by words, state, type, company, date, hold and what is to be done about them."""

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
    type = django_filters.ModelChoiceFilter(
        label=_("Type"), empty_label=_("All"), queryset=DocumentType.objects.none()
    )
    todo = django_filters.ChoiceFilter(
        label=_("To do"),
        empty_label=_("All"),
        method="by_todo",
        choices=(),
        widget=forms.HiddenInput,
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

    def __init__(self, *args: Any, user: User, register: Register, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["type"].queryset = DocumentType.objects.filter(kind__in=register.kinds)
        self.filters["todo"].extra["choices"] = [(name, TO_DO[name]) for name in register.to_do]
        companies = Company.objects.all() if user.is_superuser else user.companies.all()
        self.filters["company"].queryset = companies
        self.filters["customer"].queryset = Customer.objects.visible_to(user)

    @property
    def active(self) -> list[ActiveFilter]:
        """The filters in use; the chips over the list say themselves what is to be done."""
        label = str(self.form.fields["todo"].label) if "todo" in self.form.fields else None
        return [item for item in super().active if item.label != label]

    def by_status(self, queryset: QuerySet[Document], _name: str, value: str) -> QuerySet[Document]:
        """One state, or several that people call by one word."""
        return queryset.filter(status__in=GROUPS.get(value, (value,)))

    def by_todo(self, queryset: QuerySet[Document], _name: str, value: str) -> QuerySet[Document]:
        """What waits for the next step (`DocumentQuerySet.to_deliver` and its neighbours)."""
        found: QuerySet[Document] = getattr(queryset, f"to_{value}")()
        return found

    def by_hold(self, queryset: QuerySet[Document], _name: str, value: bool) -> QuerySet[Document]:
        """Documents with an open hold case: held ones, and accepted ones with a step held."""
        if not value:
            return queryset
        cases = HoldCase.objects.filter(document=OuterRef("pk"), status=HoldCase.Status.OPEN)
        return queryset.filter(Exists(cases))
