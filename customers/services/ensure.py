"""Customers and accounts by code, in bulk: the rows an import of another system's data needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.locks import require_atomic
from core.models import Company
from customers.models import Customer, CustomerAccount


@dataclass(frozen=True, slots=True)
class Party:
    """What another system says of a customer; an empty name stands for the code."""

    code: str
    name: str = ""
    country: str = ""


def accounts_ensure(*, company: Company, parties: Sequence[Party]) -> int:
    """Make the customers and accounts that are missing; return how many accounts were made.

    Customers that exist keep what they hold; new accounts are in the company's currency. Records no
    event of its own: the command that needs the accounts records what it did.
    """
    require_atomic()
    Customer.objects.bulk_create(
        (
            Customer(code=party.code, name=party.name or party.code, country=party.country)
            for party in sorted(parties, key=lambda party: party.code)
        ),
        batch_size=1_000,
        ignore_conflicts=True,
    )
    codes = [party.code for party in parties]
    missing = (
        Customer.objects.filter(code__in=codes)
        .exclude(accounts__company=company)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    before = CustomerAccount.objects.filter(company=company).count()
    CustomerAccount.objects.bulk_create(
        (
            CustomerAccount(company=company, customer_id=pk, currency_id=company.currency_id)
            for pk in missing
        ),
        batch_size=1_000,
        ignore_conflicts=True,
    )
    return CustomerAccount.objects.filter(company=company).count() - before
