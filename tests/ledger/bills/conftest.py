"""An account that owes, and what is proved after every test."""

from __future__ import annotations

import datetime

import pytest
from django.db import connection

from ledger.selectors import residual_proof
from ledger.selectors.proof import ledger_misses
from tests.factories.customers import CustomerAccountFactory
from tests.factories.ledger import OpenItemFactory

D = datetime.date


@pytest.fixture
def account():
    return CustomerAccountFactory()


@pytest.fixture
def item(account):
    """1,000.00 due on 31 January."""
    return OpenItemFactory(
        account=account,
        document_on=D(2026, 1, 1),
        due_on=D(2026, 1, 31),
        amount="1000",
        number="A",
    )


@pytest.fixture
def later(account):
    """500.00 due on 28 February."""
    return OpenItemFactory(
        account=account,
        document_on=D(2026, 1, 2),
        due_on=D(2026, 2, 28),
        amount="500",
        number="B",
    )


@pytest.fixture(autouse=True)
def _proved(request):
    """Whatever a test did: the books balance, residuals and bills are what the books say."""
    yield
    if "db" in request.fixturenames or "transactional_db" in request.fixturenames:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        assert residual_proof() == []
        assert ledger_misses() == []
