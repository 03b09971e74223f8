"""Filter rows of the reports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from core import clock
from core.filters import AsOfFilter, BaseFilterSet, SearchFilter
from core.models import Company, User
from credit_limits.sentences import COMPONENT_LABELS
from customers.models import Customer, CustomerAccount, CustomerGroup
from customers.selectors import groups_visible
from ledger.ageing import BUCKETS
from ledger.selectors import bucket_label
from reports.queries.components import LABELS, LATER, WAITING
from reports.queries.exposure import Wanted
from reports.queries.portfolio import BANDS

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.utils.functional import _StrPromise

BAND_LABELS: dict[str, _StrPromise] = {
    "over": _("Over the limit"),
    "near": _("Near the limit"),
    "high": _("75 % to near"),
    "middle": _("50–75 %"),
    "low": _("Below 50 %"),
    "zero": _("Limit zero, nothing used"),
    "none": _("No limit set"),
    "unlimited": _("Unlimited"),
}
assert set(BAND_LABELS) == set(BANDS)  # noqa: S101 - two tables of the same keys


def companies_of(user: User) -> QuerySet[Company]:
    """The companies a user may choose from."""
    companies = Company.objects.filter(is_active=True)
    return companies if user.is_superuser else companies.filter(users=user)


def _user(request: HttpRequest | None) -> User:
    assert request is not None  # noqa: S101 - the views always hand it over
    assert isinstance(request.user, User)  # noqa: S101 - LoginRequiredMiddleware
    return request.user


def _companies(request: HttpRequest | None) -> QuerySet[Company]:
    return companies_of(_user(request))


def _groups(request: HttpRequest | None) -> QuerySet[CustomerGroup]:
    return groups_visible(_user(request))


def _agents(request: HttpRequest | None) -> QuerySet[User]:
    accounts = CustomerAccount.objects.visible_to(_user(request)).filter(agent__isnull=False)
    return User.objects.filter(pk__in=accounts.values("agent")).order_by(
        "first_name", "last_name", "username"
    )


class FigureFilter(django_filters.Filter):
    """A tick that only the figures can answer: the view reads it, the database does not."""

    field_class = forms.BooleanField

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(method="keep", **kwargs)


class FigureChoiceFilter(django_filters.ChoiceFilter):
    """A choice that only the figures can answer; it comes from a link and stays in the address."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(method="keep", widget=forms.HiddenInput, **kwargs)


class FiguresMixin:
    """What is asked of the figures, for filter sets whose rows the database cannot judge."""

    if TYPE_CHECKING:
        form: Any

    def keep(self, queryset: QuerySet[Any], _name: str, _value: Any) -> QuerySet[Any]:
        """The rows as they are: `wanted` tells the rest."""
        return queryset

    @property
    def as_of(self) -> date | None:
        """The day asked for; None for today."""
        day = self._cleaned("as_of")
        return day if day and day < clock.today() else None

    def _cleaned(self, name: str) -> Any:
        return self.form.cleaned_data.get(name) if self.form.is_valid() else None

    @property
    def wanted(self) -> Wanted:
        """What only the figures can tell."""
        if not self.form.is_valid():
            return Wanted()
        values = self.form.cleaned_data
        return Wanted(
            over=bool(values.get("over")),
            near=bool(values.get("near")),
            overdue=bool(values.get("overdue")),
            held=bool(values.get("held")),
            free=bool(values.get("free")),
            bucket=values.get("bucket") or "",
            band=values.get("band") or "",
            component=values.get("component") or "",
        )

    @property
    def company_chosen(self) -> Company | None:
        """The one company asked for."""
        company: Company | None = self._cleaned("company")
        return company


class AccountFilter(FiguresMixin, BaseFilterSet):
    """Which accounts: by customer, company, group and agent, then by their figures."""

    q = SearchFilter(
        fields=("customer__name", "customer__code", "customer__legal_name", "customer__vat_number")
    )
    company = django_filters.ModelChoiceFilter(label=_("Company"), queryset=_companies)
    group = django_filters.ModelChoiceFilter(
        label=_("Group"), queryset=_groups, field_name="customer__group"
    )
    agent = django_filters.ModelChoiceFilter(label=_("Agent"), queryset=_agents)

    class Meta(BaseFilterSet.Meta):
        model = CustomerAccount
        fields: list[str] = []


class CustomerFilter(FiguresMixin, BaseFilterSet):
    """The customer list. Company and agent keep customers with such an account."""

    q = SearchFilter(fields=("name", "code", "legal_name", "vat_number"))
    status = django_filters.ChoiceFilter(label=_("Status"), choices=Customer.Status.choices)
    group = django_filters.ModelChoiceFilter(label=_("Group"), queryset=_groups)
    company = django_filters.ModelChoiceFilter(
        label=_("Company"), queryset=_companies, method="with_account"
    )
    agent = django_filters.ModelChoiceFilter(
        label=_("Agent"), queryset=_agents, method="with_account"
    )
    over = FigureFilter(label=_("Over the limit"))
    overdue = FigureFilter(label=_("Overdue"))

    class Meta(BaseFilterSet.Meta):
        model = Customer
        fields: list[str] = []

    def with_account(self, queryset: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
        """Customers with an account the user may see in that company or of that agent."""
        if not value:
            return queryset
        accounts = CustomerAccount.objects.visible_to(_user(self.request)).filter(**{name: value})
        return queryset.filter(pk__in=accounts.values("customer"))


class ExposureFilter(AccountFilter):
    """The exposure list."""

    as_of = AsOfFilter(method="keep")
    over = FigureFilter(label=_("Over the limit"))
    near = FigureFilter(label=_("Near"))
    overdue = FigureFilter(label=_("Overdue"))
    held = FigureFilter(label=_("Held"))
    free = FigureChoiceFilter(label=_("Free"), choices=(("1", _("with headroom")),))
    bucket = FigureChoiceFilter(
        label=_("Open items"),
        choices=lambda: [(bucket.key, bucket_label(bucket.key)) for bucket in BUCKETS],
    )
    band = FigureChoiceFilter(label=_("Use of the limit"), choices=list(BAND_LABELS.items()))
    component = FigureChoiceFilter(
        label=_("With"),
        choices=lambda: [
            *((component.value, label) for component, label in COMPONENT_LABELS.items()),
            (WAITING, LABELS[WAITING]),
            (LATER, LABELS[LATER]),
        ],
    )
