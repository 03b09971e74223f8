"""Filters of every list: a row of controls whose state lives in the URL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

import django_filters
from django import forms
from django.db.models import DateField, DecimalField, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters.conf import settings as filter_settings

from core.dates import day_text
from core.forms import AsOfField, ErrorSummaryMixin, LocalDateField, LocalDecimalField

DASHES = filter_settings.EMPTY_CHOICE_LABEL


class FilterForm(ErrorSummaryMixin, forms.Form):
    """The form of a filter row."""


class LocalDateFilter(django_filters.DateFilter):
    """A date as `LocalDateField` reads it."""

    field_class = LocalDateField


class AsOfFilter(LocalDateFilter):
    """The day of the figures: today or earlier. Its `method` says who reads it."""

    field_class = AsOfField

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("As of"), **kwargs)


class LocalDecimalFilter(django_filters.NumberFilter):
    """An amount as `LocalDecimalField` reads it."""

    field_class = LocalDecimalField

    def get_max_validator(self) -> None:
        """None: the field itself bounds its digits."""


class LinkedChoiceField(forms.ModelChoiceField[Any]):
    """A choice that comes by a link and is never listed, so that no page reads every row."""

    @property
    def choices(self) -> list[tuple[str, str]]:  # type: ignore[override]
        """None: the value speaks for itself."""
        return []


class LinkedFilter(django_filters.ModelChoiceFilter):
    """Narrows to one row named by a link, shown as a chip."""

    field_class = LinkedChoiceField


class SearchFilter(django_filters.CharFilter):
    """Every word of the text must be found in one of `fields` (case-insensitive)."""

    def __init__(self, *args: Any, fields: tuple[str, ...], **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Search"))
        kwargs.setdefault(
            "widget", forms.TextInput(attrs={"type": "search", "autocomplete": "off"})
        )
        super().__init__(*args, **kwargs)
        self.fields = fields

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        """`qs` narrowed by each word in turn."""
        for word in (value or "").split():
            query = Q()
            for field in self.fields:
                query |= Q(**{f"{field}__icontains": word})
            qs = qs.filter(query)
        return qs


@dataclass(frozen=True, slots=True)
class ActiveFilter:
    """A filter in use, and the query string that takes just this one away."""

    label: str
    value: str
    without: str


class BaseFilterSet(django_filters.FilterSet):
    """The house filter row. An invalid value filters to nothing and shows its message."""

    FILTER_DEFAULTS = {
        **django_filters.FilterSet.FILTER_DEFAULTS,
        DateField: {"filter_class": LocalDateFilter},
        DecimalField: {"filter_class": LocalDecimalFilter},
    }

    class Meta:
        form = FilterForm

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for item in self.filters.values():
            # Dashes say nothing; the empty choice of a filter means everything.
            if isinstance(
                item, django_filters.ChoiceFilter | django_filters.ModelChoiceFilter
            ) and (item.extra.get("empty_label", DASHES) == DASHES):
                item.extra["empty_label"] = _("All")

    @classmethod
    def get_filters(cls) -> dict[str, Any]:
        """Declared filters first, so that the search box leads the row, then those of the model."""
        filters = super().get_filters()
        declared = {name: filters[name] for name in cls.declared_filters if name in filters}
        return {**declared, **filters}

    @property
    def active(self) -> list[ActiveFilter]:
        """The filters in use, in the order of the row, each with its words."""
        if not self.is_bound or not self.form.is_valid():
            return []
        found: list[ActiveFilter] = []
        for bound in self.form:
            value = self.form.cleaned_data.get(bound.name)
            if value in (None, "", [], False) or (isinstance(value, QuerySet) and not value):
                continue
            rest = [
                (key, item)
                for key, items in self.form.data.lists()
                for item in items
                if key not in (bound.html_name, "page") and item != ""
            ]
            words = _words(bound, value)
            found.append(ActiveFilter(str(bound.label), words, "?" + urlencode(rest)))
        return found


def _words(bound: forms.BoundField, value: Any) -> str:
    if isinstance(value, bool):
        return str(_("yes"))
    if isinstance(value, date):
        return day_text(value)
    choices = {str(key): str(word) for key, word in getattr(bound.field, "choices", [])}
    if isinstance(value, list | tuple | QuerySet):
        return ", ".join(choices.get(str(item), str(item)) for item in value)
    return choices.get(str(value), str(value))
