"""Customers with a given number of open items, written by COPY; and drafts for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any, Final

from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.utils import timezone
from psycopg.types.range import DateRange

from core.models import Company, User
from credit_limits.models import CreditLimit
from customers.models import Customer, CustomerAccount, PaymentMethod, PaymentTerm
from documents.amounts import LineInput
from documents.inputs import OrderHeader
from documents.models import Document, DocumentType
from documents.services.save import order_create
from ledger.services.lines import lines_fill
from reports.services.defaults import defaults_install

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

SEED: Final = 20_260_331
# Overdue items stay within the standard policy's grace of 10 days: the orders pass.
MOST_DAYS_OVERDUE: Final = 9
DUE_DATES: Final = 60
LIMIT: Final = Decimal("9000000000.00")
LINES: Final = 3

# Keys that occur nowhere else, so that the floor can put other keys in their place.
FIRST_KEYS: Final = {
    "customers_customer": 710_000_000,
    "customers_customeraccount": 720_000_000,
    "documents_document": 730_000_000,
    "credit_limits_creditcheck": 740_000_000,
}


@dataclass(frozen=True, slots=True)
class Portfolio:
    """What is measured on: accounts by their number of open items, and who submits."""

    today: date
    clerk: User
    accounts: dict[int, list[CustomerAccount]]
    type: DocumentType

    def draft(self, account: CustomerAccount, number: int) -> Document:
        """A draft order of three lines."""
        header = OrderHeader(
            account=account,
            document_on=self.today,
            type=self.type,
            currency=account.currency,
            reference=f"PO {number}",
            payment_method=account.payment_method,
            payment_term=account.payment_term,
        )
        lines = [
            LineInput(
                description=f"Goods {position}",
                quantity=Decimal(2),
                unit_price=Decimal("120.50"),
                tax_percent=Decimal(22),
            )
            for position in range(LINES)
        ]
        return order_create(header=header, lines=lines, actor=self.clerk)

    def end(self, documents: Iterable[Document]) -> None:
        """End measured orders, so that every round meets the same exposure."""
        Document.objects.filter(pk__in=[document.pk for document in documents]).update(
            status=Document.Status.CLOSED, ended_on=self.today
        )


def build(sizes: Sequence[int], customers: int) -> Portfolio:
    """Fill an empty, migrated database: `customers` accounts of each size."""
    defaults_install()
    today = timezone.localdate()
    with connection.cursor() as cursor:
        for table, key in FIRST_KEYS.items():
            cursor.execute(f"ALTER TABLE {table} ALTER COLUMN id RESTART WITH {key}")
    company = Company.objects.get()
    clerk = User.objects.create(username="bench")
    clerk.groups.add(Group.objects.get(name="sales"))
    clerk.companies.add(company)
    accounts = {
        size: [_account(company, size, number, today) for number in range(customers)]
        for size in sizes
    }
    random = Random(SEED)  # noqa: S311 - invented amounts, not secrets
    ledger = _Ledger(today, random)
    for size, group in accounts.items():
        for account in group:
            ledger.add(account, size)
    with transaction.atomic():
        ledger.write()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
    return Portfolio(today, clerk, accounts, DocumentType.objects.get(code="order"))


def _account(company: Company, size: int, number: int, today: date) -> CustomerAccount:
    customer = Customer.objects.create(
        code=f"B{size}-{number}", name=f"{size} open items, no. {number}", country="IT"
    )
    account = CustomerAccount.objects.create(
        company=company,
        customer=customer,
        currency=company.currency,
        payment_term=PaymentTerm.objects.get(code="net30"),
        payment_method=PaymentMethod.objects.get(code="transfer"),
    )
    CreditLimit.objects.create(
        account=account,
        kind=CreditLimit.Kind.PERMANENT,
        state=CreditLimit.State.AMOUNT,
        amount=LIMIT,
        currency=company.currency,
        valid_during=DateRange(today - timedelta(days=365), None),
        reason="bench",
    )
    return account


class _Ledger:
    """Rows of the ledger: for every open invoice one that was paid, with payment and allocation."""

    def __init__(self, today: date, random: Random) -> None:
        self.today = today
        self.random = random
        self.key = 0
        self.entries: list[tuple[Any, ...]] = []
        self.items: list[tuple[Any, ...]] = []
        self.allocations: list[tuple[Any, ...]] = []

    def add(self, account: CustomerAccount, size: int) -> None:
        """`size` open items, a part of them overdue, over `DUE_DATES` due dates; as many paid."""
        first = self.today - timedelta(days=MOST_DAYS_OVERDUE)
        for number in range(size):
            amount = Decimal(self.random.randint(2_000, 500_000)) / 100
            due_on = first + timedelta(days=number * DUE_DATES // size)
            self._item(account, "invoice", amount, due_on - timedelta(days=60), due_on, None)
            paid_on = self.today - timedelta(days=90 + number % 200)
            debit = self._item(
                account, "invoice", amount, paid_on - timedelta(days=45), paid_on, paid_on
            )
            credit = self._item(account, "payment", amount, paid_on, paid_on, paid_on)
            self.allocations.append((account.pk, debit, credit, amount, paid_on, self.now))

    @property
    def now(self) -> str:
        """The moment of entry: at the start of the day."""
        return f"{self.today} 00:00:01+00"

    def _item(
        self,
        account: CustomerAccount,
        kind: str,
        amount: Decimal,
        document_on: date,
        due_on: date,
        settled_on: date | None,
    ) -> int:
        self.key += 1
        key, number, money = self.key, f"B-{self.key}", account.currency_id
        entry = (key, account.company_id, account.pk, kind, number, document_on, document_on)
        self.entries.append((*entry, "posted", money, amount, 1, amount, "", self.now))
        direction = "credit" if kind == "payment" else "debit"
        left = amount if settled_on is None else Decimal(0)
        item = (key, key, account.pk, direction, number, 1, document_on, due_on, money)
        self.items.append((*item, amount, left, 1, amount, True, False, settled_on, self.now))
        return self.key

    def write(self) -> None:
        """COPY all rows, parents first."""
        _copy(
            "ledger_journalentry (id, company_id, account_id, kind, number, document_on,"
            " posted_on, state, currency_id, amount, rate, company_amount, text, entered_at)",
            self._shuffled(self.entries),
        )
        _copy(
            "ledger_openitem (id, entry_id, account_id, direction, number, instalment,"
            " document_on, due_on, currency_id, amount, open_amount, rate,"
            " company_amount, is_posted, is_disputed, settled_on, entered_at)",
            self._shuffled(self.items),
        )
        _copy(
            "ledger_allocation (account_id, debit_item_id, credit_item_id, amount,"
            " allocated_on, entered_at)",
            self.allocations,
        )
        lines_fill()

    def _shuffled(self, rows: list[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
        """Customers' rows lie mixed in a real ledger, not one customer's side by side."""
        self.random.shuffle(rows)
        return iter(rows)


def _copy(target: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {target} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
