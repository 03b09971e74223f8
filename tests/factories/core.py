"""Users, companies, currencies and rates for tests. Natural keys are reused, never doubled."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import Group, Permission
from factory.declarations import LazyAttribute, Sequence, SubFactory
from factory.django import Password
from factory.helpers import post_generation

from core.models import Company, Currency, ExchangeRate, User
from core.permissions import ROLES
from tests.factories.base import ModelFactory


def role_group(role: str) -> Group:
    """The Django group of `role`, holding exactly the permissions of the roles table."""
    group, created = Group.objects.get_or_create(name=role)
    if created:
        wanted = ROLES[role]
        permissions = [
            permission
            for permission in Permission.objects.select_related("content_type")
            if f"{permission.content_type.app_label}.{permission.codename}" in wanted
        ]
        found = {f"{p.content_type.app_label}.{p.codename}" for p in permissions}
        assert found == wanted, f"unknown permissions of {role}: {sorted(wanted - found)}"
        group.permissions.set(permissions)
    return group


class CurrencyFactory(ModelFactory[Currency]):
    """EUR unless told otherwise."""

    class Meta:
        model = Currency
        django_get_or_create = ("code",)

    code = "EUR"
    name = LazyAttribute(lambda o: o.code)


class CompanyFactory(ModelFactory[Company]):
    """One company, always the same unless another code is given."""

    class Meta:
        model = Company
        django_get_or_create = ("code",)

    code = "IT01"
    name = LazyAttribute(lambda o: f"Company {o.code}")
    currency = SubFactory(CurrencyFactory)


class ExchangeRateFactory(ModelFactory[ExchangeRate]):
    """Units of EUR for one USD."""

    class Meta:
        model = ExchangeRate
        django_get_or_create = ("from_currency", "to_currency", "valid_on", "entered_at")

    from_currency = SubFactory(CurrencyFactory, code="USD")
    to_currency = SubFactory(CurrencyFactory, code="EUR")
    valid_on = datetime.date(2020, 1, 1)
    rate = Decimal("0.90")
    # Known on its day, wherever the clock of a test stands.
    entered_at = LazyAttribute(
        lambda row: datetime.datetime.combine(row.valid_on, datetime.time(), datetime.UTC)
    )


class UserFactory(ModelFactory[User]):
    """A user without rights, or with those of `role`, in the default company or `companies`.

    `UserFactory(role="sales")`, `UserFactory(role="approver", companies=[a, b])`,
    `UserFactory(is_superuser=True)`. The password is "password".
    """

    class Meta:
        model = User
        django_get_or_create = ("username",)
        skip_postgeneration_save = True

    username = Sequence(lambda n: f"user{n}")
    first_name = LazyAttribute(lambda o: o.username.capitalize())
    email = LazyAttribute(lambda o: f"{o.username}@example.com")
    password = Password("password")

    @post_generation
    def role(self: Any, create: bool, extracted: str | None, **_kwargs: Any) -> None:
        if create and extracted:
            self.groups.add(role_group(extracted))

    @post_generation
    def companies(self: Any, create: bool, extracted: list[Company] | None, **_kwargs: Any) -> None:
        if create:
            self.companies.add(*(extracted if extracted is not None else [CompanyFactory()]))
