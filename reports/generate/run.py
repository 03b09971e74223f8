"""Writing a portfolio: parties, ledger, documents; all in one transaction, proved at its end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from time import perf_counter
from typing import Final

from django.db import connection, transaction
from django.utils import timezone
from psycopg.types.range import DateRange

from core.dates import day_text
from core.models import Company, User
from credit_limits.models import CreditLimit
from customers.models import Customer, CustomerAccount, PaymentMethod, PaymentTerm
from ledger.selectors.proof import ledger_misses
from ledger.services.calendar import closed_through
from reports.generate.books import Books
from reports.generate.papers import Papers
from reports.generate.plan import Dice
from reports.generate.table import Table, first_key

BATCH: Final = 20_000
LIMIT_STEPS: Final = (5_000, 10_000, 20_000, 50_000, 100_000, 250_000)


class AlreadyThereError(Exception):
    """A portfolio of this seed is in the database."""


class BooksClosedError(Exception):
    """The company has closed periods; what is generated would lie in them."""


@dataclass(frozen=True, slots=True)
class Made:
    """How much was written, and how fast."""

    customers: int
    items: int
    documents: int
    rows: int
    seconds: float


def generate(
    *,
    customers: int,
    items: int,
    documents: int,
    seed: int,
    say: Callable[[str], None] = print,
) -> Made:
    """Add `customers` customers with `documents` documents and at least `items` debit items.

    Posted invoices among the documents bring items of their own; what is still missing comes as
    invoices from elsewhere. The same seed on an empty database gives the same figures. Raises
    AlreadyThereError when the seed was used before, BooksClosedError where periods are closed (the
    two years that are written would lie in them), RuntimeError when the result does not prove.
    """
    start = perf_counter()
    tag = f"G{seed}-"
    if Customer.objects.filter(code__startswith=tag).exists():
        raise AlreadyThereError
    dice = Dice(seed, customers, timezone.localdate())
    with transaction.atomic(), _own_checks():
        company = Company.objects.order_by("pk")[0]
        closed = closed_through(company.pk)
        if closed is not None:
            raise BooksClosedError(company.name, day_text(closed))
        rows, accounts = _parties(company, customers, dice, tag)
        books = Books(dice, company.pk, tag)
        papers = Papers(dice, books, _clerk(), tag)
        first_item = books.items.next_key
        first_document = papers.documents.next_key
        tables = (*books.tables, *papers.tables)
        while left := documents - (papers.documents.next_key - first_document):
            stage = dice.stage_within(left)
            papers.sale(accounts[dice.customer()], stage)
            rows += _write_full(tables)
        debits = _debits(books, first_item)
        while debits < items:
            account = accounts[dice.customer()]
            day = dice.day(720, 1)
            if dice.chance(2):
                books.on_account(account, dice.amount(), day)
            books.invoice(account, dice.amount(), day)
            debits += 1
            rows += _write_full(tables)
            if not debits % 100_000:
                say(f"{debits:,} items …")
        rows += sum(table.write() for table in tables)
        for table in tables:
            table.keys_take()
        written = papers.documents.next_key - first_document
        _prove(accounts)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return Made(customers, debits, written, rows, perf_counter() - start)


def _clerk() -> User:
    found, _made = User.objects.get_or_create(username="generator", defaults={"is_active": False})
    return found


def _parties(
    company: Company, count: int, dice: Dice, tag: str
) -> tuple[int, list[CustomerAccount]]:
    term = PaymentTerm.objects.order_by("pk").first()
    method = PaymentMethod.objects.order_by("pk").first()
    parties = Table(Customer, first_key(Customer))
    accounts = Table(CustomerAccount, first_key(CustomerAccount))
    limits = Table(CreditLimit, first_key(CreditLimit))
    since = dice.today - timedelta(days=800)
    made = []
    for number in range(count):
        customer = parties.add(
            code=f"{tag}{number + 1:06d}", name=f"Customer {seed_name(number)}", country="IT"
        )
        account = CustomerAccount(
            id=accounts.next_key,
            company=company,
            customer_id=customer,
            currency_id=company.currency_id,
            payment_term=term,
            payment_method=method,
        )
        accounts.add(
            company_id=company.pk,
            customer_id=customer,
            currency_id=company.currency_id,
            payment_term_id=account.payment_term_id,
            payment_method_id=account.payment_method_id,
        )
        made.append(account)
        limits.add(
            account_id=account.pk,
            kind=CreditLimit.Kind.PERMANENT,
            state=CreditLimit.State.AMOUNT,
            amount=Decimal(dice.random.choice(LIMIT_STEPS)),
            currency_id=company.currency_id,
            valid_during=DateRange(since, None),
            reason="generated",
        )
    rows = 0
    for table in (parties, accounts, limits):
        rows += table.write()
        table.keys_take()
    return rows, made


def seed_name(number: int) -> str:
    """A name that can be read and searched: two letters and a number."""
    return f"{chr(65 + number % 26)}{chr(65 + number // 26 % 26)} {number + 1}"


def _debits(books: Books, first_item: int) -> int:
    """Debit items so far: those that left already and those that still wait."""
    place = books.items.places["direction"]
    waiting = len([row for row in books.items.rows if row[place] == "debit"])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COUNT(*) FROM ledger_openitem WHERE id >= %s AND direction = 'debit'",
            [first_item],
        )
        (counted,) = cursor.fetchone()
    written: int = counted
    return written + waiting


def _write_full(tables: Iterable[Table]) -> int:
    """COPY everything once a table has become long; parents go with their children."""
    every = tuple(tables)
    if max(len(table.rows) for table in every) < BATCH:
        return 0
    return sum(table.write() for table in every)


@contextmanager
def _own_checks() -> Iterator[None]:
    """No trigger of ours for each of millions of rows: the whole is proved once instead.

    Foreign keys, constraints and unique keys stay as they are.
    """
    tables = ("ledger_journalentry", "ledger_openitem", "ledger_journalline", "ledger_allocation")
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


_OVERTAKEN: Final = """
SELECT COUNT(*)
FROM documents_documentline s
JOIN documents_document d ON d.id = s.document_id
JOIN LATERAL (
    SELECT SUM(c.quantity) AS quantity FROM documents_documentline c WHERE c.source_line_id = s.id
) taken ON taken.quantity > s.quantity
WHERE d.account_id = ANY(%(accounts)s)
"""


def _prove(accounts: list[CustomerAccount]) -> None:
    """Raise RuntimeError unless the books prove and no line is taken further than it goes."""
    keys = [account.pk for account in accounts]
    misses = ledger_misses(keys)
    with connection.cursor() as cursor:
        cursor.execute(_OVERTAKEN, {"accounts": keys})
        overtaken = cursor.fetchone()[0]
    if misses or overtaken:
        msg = f"the generated portfolio does not prove: {overtaken} lines overtaken, {misses[:3]}"
        raise RuntimeError(msg)
