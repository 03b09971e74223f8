"""Portfolios for tests: many accounts in different shapes, made by the real services' rows."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.models import Customer
from documents.models import Document
from tests.factories.customers import CustomerAccountFactory, CustomerFactory
from tests.world import TODAY, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.models import Company
    from customers.models import CustomerAccount


def account_in(world: World, name: str, company: Company | None = None) -> CustomerAccount:
    """An account of a customer of that name, in the world's company unless another is given."""
    customer = Customer.objects.filter(name=name).first() or CustomerFactory(name=name)
    return CustomerAccountFactory(company=company or world.company, customer=customer)


def accepted(world: World, account: CustomerAccount, gross: int | str) -> Document:
    """An accepted order that counts."""
    document = world.order(gross, account=account)
    Document.objects.filter(pk=document.pk).update(
        status="submitted", number=f"X-{document.pk}", accepted_on=TODAY, rate=1, is_live=True
    )
    return document


def held(world: World, account: CustomerAccount, gross: int | str) -> Document:
    """A held order: it waits and does not count."""
    document = world.order(gross, account=account)
    Document.objects.filter(pk=document.pk).update(
        status="held", number=f"X-{document.pk}", is_live=True
    )
    return document


def portfolio_of(world: World, count: int, company: Company | None = None) -> list[CustomerAccount]:
    """`count` accounts: over, near, within, overdue, held, without limit, unlimited, in turn."""
    made = []
    for number in range(count):
        account = account_in(world, f"Customer {number:03d} {company or ''}", company)
        made.append(account)
        shape = number % 7
        late = TODAY - datetime.timedelta(days=10 + number)
        if shape == 0:
            world.limit(500, account=account)
            world.item(700 + number, account=account)
        elif shape == 1:
            world.limit(1000, account=account)
            world.item(950, account=account)
        elif shape == 2:
            world.limit(10_000, account=account)
            accepted(world, account, 1234)
        elif shape == 3:
            world.limit(5000, account=account)
            world.item("321.09", late, account=account)
        elif shape == 4:
            world.limit(None, "zero", account=account)
            held(world, account, 77)
        elif shape == 5:
            world.item(50, account=account, direction="credit")
        else:
            world.limit(None, "unlimited", account=account)
            world.item("12.34", account=account)
    return made


def statements(action: Callable[[], object]) -> int:
    """How many SQL statements `action` takes."""
    with CaptureQueriesContext(connection) as queries:
        action()
    return len(queries)


def amount(text: str) -> Decimal:
    """A figure as the tests write it."""
    return Decimal(text).quantize(Decimal("0.01"))
