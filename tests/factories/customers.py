"""Parties and terms for tests."""

from __future__ import annotations

from typing import Any

from factory.declarations import LazyAttribute, SelfAttribute, Sequence, SubFactory
from factory.helpers import post_generation

from customers.models import (
    Contact,
    Customer,
    CustomerAccount,
    CustomerGroup,
    PaymentMethod,
    PaymentTerm,
    PaymentTermLine,
)
from tests.factories.base import ModelFactory
from tests.factories.core import CompanyFactory, CurrencyFactory


class PaymentMethodFactory(ModelFactory[PaymentMethod]):
    """A bank transfer, checked like any other method."""

    class Meta:
        model = PaymentMethod
        django_get_or_create = ("code",)

    code = "transfer"
    name = LazyAttribute(lambda o: o.code.replace("_", " ").capitalize())


class PaymentTermFactory(ModelFactory[PaymentTerm]):
    """30 days net, or the instalments given as `lines=[(percent, days), …]`."""

    class Meta:
        model = PaymentTerm
        django_get_or_create = ("code",)
        skip_postgeneration_save = True

    code = "net30"
    name = LazyAttribute(lambda o: o.code)

    @post_generation
    def lines(
        self: Any, create: bool, extracted: list[tuple[int, int]] | None, **_kwargs: Any
    ) -> None:
        if create and not self.lines.exists():
            for position, (percent, days) in enumerate(extracted or [(100, 30)], start=1):
                PaymentTermLine.objects.create(
                    term=self, position=position, percent=percent, days=days
                )


class CustomerGroupFactory(ModelFactory[CustomerGroup]):
    """A group without a head."""

    class Meta:
        model = CustomerGroup
        django_get_or_create = ("code",)

    code = Sequence(lambda n: f"group{n}")
    name = LazyAttribute(lambda o: o.code.capitalize())


class CustomerFactory(ModelFactory[Customer]):
    """A released customer."""

    class Meta:
        model = Customer
        django_get_or_create = ("code",)

    code = Sequence(lambda n: f"C{n:05d}")
    name = LazyAttribute(lambda o: f"Customer {o.code}")
    country = "IT"


class CustomerAccountFactory(ModelFactory[CustomerAccount]):
    """A customer's account in the default company, in that company's currency."""

    class Meta:
        model = CustomerAccount
        django_get_or_create = ("company", "customer")

    company = SubFactory(CompanyFactory)
    customer = SubFactory(CustomerFactory)
    currency = SubFactory(CurrencyFactory, code=SelfAttribute("..company.currency.code"))
    payment_term = SubFactory(PaymentTermFactory)
    payment_method = SubFactory(PaymentMethodFactory)


class ContactFactory(ModelFactory[Contact]):
    """A person at the customer."""

    class Meta:
        model = Contact

    customer = SubFactory(CustomerFactory)
    name = Sequence(lambda n: f"Contact {n}")
