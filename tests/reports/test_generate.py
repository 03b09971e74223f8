"""A generated portfolio keeps every rule that one made through the services keeps."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from core.models import Company
from credit_limits.assemble import account_key
from credit_limits.engine.types import Component
from credit_limits.exposure import gather
from credit_limits.selectors import portfolio_positions
from customers.models import Customer, CustomerAccount
from documents.models import Document, DocumentLine
from documents.services.history import live_refresh
from ledger.models import JournalEntry, OpenItem
from ledger.selectors.proof import ledger_misses
from ledger.services import period_close
from reports.generate.plan import Dice, Stage
from reports.generate.run import generate
from reports.services.defaults import defaults_install

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    defaults_install()
    return Company.objects.get()


def made(seed: int = 5, **sizes: int) -> Any:
    wanted = {"customers": 20, "items": 300, "documents": 200, **sizes}
    return generate(seed=seed, say=lambda _text: None, **wanted)


def test_as_many_as_asked_for_and_the_books_prove(company: Company) -> None:
    found = made()

    assert CustomerAccount.objects.count() == found.customers == 20
    assert OpenItem.objects.filter(direction="debit").count() == found.items >= 300
    assert Document.objects.count() == found.documents == 200
    assert ledger_misses() == []


@pytest.mark.parametrize("documents", [0, 1, 2, 3, 4, 5, 7, 101])
def test_exactly_as_many_documents_as_asked_for(company: Company, documents: int) -> None:
    for seed in (1, 2, 3):
        before = Document.objects.count()
        found = made(seed=seed, documents=documents, items=0)
        assert Document.objects.count() - before == found.documents == documents


def test_triggers_are_on_again(company: Company) -> None:
    made()

    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM pg_trigger WHERE tgenabled = 'D' AND NOT tgisinternal")
        assert cursor.fetchone() == (0,)


def test_today_read_from_what_stands_equals_today_read_from_states(company: Company) -> None:
    made()
    today = timezone.localdate()
    keys = [account_key(account) for account in CustomerAccount.objects.select_related("company")]

    standing = gather(keys, as_of=today)
    kept = gather(keys, as_of=today, known_at=timezone.now())

    assert {k: v.exposure.amounts for k, v in standing.accounts.items()} == {
        k: v.exposure.amounts for k, v in kept.accounts.items()
    }
    assert any(value.exposure.amounts for value in standing.accounts.values())


def test_what_is_called_settled_can_add_nothing(company: Company) -> None:
    made()
    before = set(Document.objects.filter(is_live=True).values_list("pk", flat=True))
    # From the last of every chain on, as the services do.
    for document in Document.objects.select_related("type").order_by("-pk"):
        live_refresh(document)

    assert set(Document.objects.filter(is_live=True).values_list("pk", flat=True)) == before


def test_every_stage_occurs_and_every_component_is_filled(company: Company) -> None:
    made(documents=600)
    positions = portfolio_positions(as_of=timezone.localdate())

    sums = {
        component: sum((p.components[component] for p in positions.values()), Decimal(0))
        for component in next(iter(positions.values())).components
    }
    for filled in (
        Component.ORDER_OPEN,
        Component.DELIVERED_UNINVOICED,
        Component.INVOICE_DRAFT,
        Component.INVOICE_OPEN,
        Component.INVOICE_OVERDUE,
    ):
        assert sums[filled] > 0, filled
    assert sums[Component.CREDITS] < 0
    codes = set(Document.objects.values_list("type__code", flat=True))
    assert codes == {"quote", "order", "delivery", "invoice", "credit_note"}
    assert DocumentLine.objects.filter(source_line__isnull=False).exists()


def test_the_same_seed_gives_the_same_figures(company: Company) -> None:
    def figures(seed: int) -> list[tuple[Any, ...]]:
        with transaction.atomic():
            made(seed=seed)
            rows = list(
                OpenItem.objects.order_by("number").values_list(
                    "number", "amount", "open_amount", "due_on"
                )
            )
            documents = list(Document.objects.order_by("pk").values_list("gross_amount", "status"))
            transaction.set_rollback(True)
        return [(row[1:]) for row in rows] + documents

    first, again, other = figures(5), figures(5), figures(6)

    assert first == again
    assert first != other


def test_a_seed_is_used_once(company: Company) -> None:
    call_command("generate", customers=2, items=3, documents=2, seed=9, stdout=StringIO())

    with pytest.raises(CommandError, match="seed 9 is there already"):
        call_command("generate", customers=2, items=3, documents=2, seed=9, stdout=StringIO())


def test_closed_books_take_nothing(company: Company) -> None:
    period_close(company=company, through=timezone.localdate() - timedelta(days=5), actor=None)

    with pytest.raises(CommandError, match="are closed through"):
        call_command("generate", customers=1, items=5, documents=0, seed=1, verbosity=0)

    assert not Customer.objects.exists()
    assert not JournalEntry.objects.exists()


def test_nonsense_is_refused(company: Company) -> None:
    with pytest.raises(CommandError, match="at least one customer"):
        call_command("generate", customers=0, items=3, documents=2, stdout=StringIO())


def test_few_customers_buy_much() -> None:
    """Zipf: the first of 100 places is drawn far more often than the last ten together."""
    dice = Dice(1, 100, timezone.localdate())
    drawn = [dice.customer() for _draw in range(5_000)]

    assert drawn.count(0) > 2 * sum(drawn.count(place) for place in range(90, 100))
    assert max(drawn) < 100
    assert {dice.stage()[0] for _draw in range(500)} == set(Stage)
