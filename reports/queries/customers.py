"""The customer list: only the accounts of the page are worked out, unless all must be known."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from django.core.paginator import Page, Paginator
from django.urls import reverse

from core.money import ZERO
from customers.models import Customer, CustomerAccount
from reports.queries.exposure import FIGURES, LOWEST, Wanted
from reports.queries.portfolio import Portfolio, Total, portfolio

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from decimal import Decimal

    from django.db.models import QuerySet

    from core.models import Company, User
    from credit_limits.selectors import CreditPosition

PER_PAGE: Final = 50
# Orders the database can do by itself; every other one needs the figures of all.
DB_ORDERS: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("name", "pk"),
    "status": ("status", "name", "pk"),
    "group": ("group__name", "name", "pk"),
}
FIGURE_ORDERS: Final = frozenset({"limit", "exposure", "headroom", "percent", "overdue", "days"})
_STATES: Final = ("unlimited", "amount", "zero", "none")
_BANDS: Final = ("over", "near", "high", "middle", "low", "zero", "none", "unlimited")


@dataclass(frozen=True)
class CustomerRow:
    """One customer with the positions of the accounts that are looked at.

    Figures are sums over those accounts: in their currency when they share one, else in that of
    the totals (`currency` says which). They never hide an account that is over: `band` is the
    worst of them.
    """

    customer: Customer
    positions: tuple[CreditPosition, ...]
    book: Portfolio

    @cached_property
    def currency(self) -> str:
        """The currency of the row's figures."""
        codes = {position.currency for position in self.positions}
        return next(iter(codes)) if len(codes) == 1 else self.book.currency

    def _sum(self, values: Sequence[tuple[CreditPosition, Decimal | None]]) -> Decimal | None:
        found = [
            amount if position.currency == self.currency else self.book.convert(position, amount)
            for position, amount in values
        ]
        known = [amount for amount in found if amount is not None]
        return sum(known, ZERO) if known else None

    @property
    def name(self) -> str:
        """The customer's name."""
        return self.customer.name

    @property
    def sub(self) -> str:
        """The code, and how many companies trade with the customer when several do."""
        codes = [position.account.company.code for position in self.positions]
        return " · ".join([self.customer.code, *codes])

    @property
    def status(self) -> str:
        """The commercial status."""
        return self.customer.status

    @property
    def status_words(self) -> str:
        """The commercial status in words."""
        return self.customer.get_status_display()

    @property
    def group(self) -> str:
        """The group's name."""
        return self.customer.group.name if self.customer.group else ""

    @cached_property
    def exposure(self) -> Decimal | None:
        """What counts against the limits."""
        return self._sum([(position, position.total) for position in self.positions])

    @cached_property
    def limit(self) -> Decimal | None:
        """The limits added up; None where none is an amount."""
        return self._sum([(position, position.limit.ceiling) for position in self.positions])

    @property
    def limit_state(self) -> str:
        """The widest state among the accounts: unlimited, amount, zero, none."""
        states = {position.limit.state.value for position in self.positions}
        return next((state for state in _STATES if state in states), "none")

    @cached_property
    def headroom(self) -> Decimal | None:
        """The headroom of the accounts added up."""
        return self._sum([(position, position.headroom) for position in self.positions])

    @cached_property
    def overdue(self) -> Decimal | None:
        """What is past due."""
        return self._sum([(position, position.overdue_amount) for position in self.positions])

    @property
    def days(self) -> int:
        """Days past due of the oldest item."""
        return max((position.worst_days_overdue for position in self.positions), default=0)

    @cached_property
    def percent(self) -> Decimal | None:
        """The highest use of a limit among the accounts."""
        found = [
            position.utilisation_percent
            for position in self.positions
            if position.utilisation_percent is not None
        ]
        return max(found, default=None)

    @property
    def band(self) -> str:
        """The worst standing among the accounts."""
        bands = {self.book.band(position) for position in self.positions}
        return next((band for band in _BANDS if band in bands), "none")

    @property
    def is_complete(self) -> bool:
        """Whether every amount of the row could be converted."""
        return all(
            position.is_complete
            and (
                position.currency == self.currency
                or self.book.convert(position, position.total) is not None
            )
            for position in self.positions
        )

    @property
    def url(self) -> str:
        """The credit file."""
        return reverse("reports:credit_file", args=[self.customer.pk])

    @property
    def overdue_url(self) -> str:
        """The customer's open items."""
        return f"{self.url}?tab=items"

    def sort_value(self, field: str) -> Any:
        """A comparable value of a column: amounts in the currency of the totals, nothing lowest."""
        if field == "days":
            return self.days
        if field == "percent":
            return LOWEST if self.percent is None else self.percent
        figure = FIGURES["total" if field == "exposure" else field]
        amounts = (self.book.convert(position, figure(position)) for position in self.positions)
        known = [amount for amount in amounts if amount is not None]
        return sum(known, ZERO) if known else LOWEST


@dataclass(frozen=True, slots=True)
class CustomerList:
    """One page of customers. `totals` are over all that match when `is_whole`, else of the page."""

    rows: list[CustomerRow]
    page: Page[Any]
    book: Portfolio
    totals: Mapping[str, Total]
    is_whole: bool

    @property
    def without(self) -> int:
        """Accounts that are not in the totals, or only in part."""
        return max((total.without for total in self.totals.values()), default=0)


def customer_list(
    *,
    customers: QuerySet[Customer],
    user: User,
    as_of: date,
    wanted: Wanted,
    company: Company | None = None,
    order: str = "name",
    page: str | None = None,
    whole: bool = False,
) -> CustomerList:
    """The page of customers in `order` ("-" in front: downwards) with their figures.

    Only the accounts of the page are worked out, unless `wanted` or the order need figures or
    `whole` asks for the totals of all. A constant number of statements either way.
    """
    key = order.lstrip("-")
    down = order.startswith("-")
    by_figures = key in FIGURE_ORDERS or wanted.needs_figures
    customers = customers.select_related("group")
    if key in DB_ORDERS:
        fields = [f"-{field}" if down else field for field in DB_ORDERS[key]]
        customers = customers.order_by(*fields)
    if not (by_figures or whole):
        shown = Paginator(customers, PER_PAGE).get_page(page)
        book = _book(list(shown), user, as_of, company)
        rows = _rows(list(shown), book)
        is_whole = not shown.has_other_pages()
        return CustomerList(rows, shown, book, _totals(rows), is_whole)
    everybody = list(customers)
    book = _book(everybody, user, as_of, company)
    rows = [row for row in _rows(everybody, book) if _keeps(row, wanted)]
    if key in FIGURE_ORDERS:
        rows.sort(key=lambda row: (row.name, row.customer.pk))
        rows.sort(key=lambda row: row.sort_value(key), reverse=down)
    totals = _totals(rows, book)
    found = Paginator(rows, PER_PAGE).get_page(page)
    return CustomerList(list(found), found, book, totals, is_whole=True)


def _book(
    customers: Sequence[Customer], user: User, as_of: date, company: Company | None
) -> Portfolio:
    accounts = CustomerAccount.objects.visible_to(user).filter(
        customer__in=[customer.pk for customer in customers]
    )
    if company is not None:
        accounts = accounts.filter(company=company)
    return portfolio(
        account_ids=accounts.values_list("pk", flat=True),
        as_of=as_of,
        user=user,
        currency=company.currency_id if company else None,
    )


def _rows(customers: Sequence[Customer], book: Portfolio) -> list[CustomerRow]:
    by_customer: dict[int, list[CreditPosition]] = defaultdict(list)
    for position in book.positions.values():
        by_customer[position.account.customer_id].append(position)
    return [
        CustomerRow(
            customer=customer,
            positions=tuple(sorted(by_customer[customer.pk], key=lambda p: p.account.company.code)),
            book=book,
        )
        for customer in customers
    ]


def _keeps(row: CustomerRow, wanted: Wanted) -> bool:
    """Whether some account of the customer is as wanted."""
    asked = (
        (wanted.over, lambda p: p.is_over_limit),
        (wanted.near, lambda p: row.book.band(p) == "near"),
        (wanted.overdue, lambda p: p.overdue_amount > 0),
        (wanted.held, lambda p: p.waiting != 0),
    )
    return all(any(holds(p) for p in row.positions) for wish, holds in asked if wish)


def _totals(rows: Sequence[CustomerRow], book: Portfolio | None = None) -> dict[str, Total]:
    if not rows:
        return {}
    book = book or rows[0].book
    positions = [position for row in rows for position in row.positions]
    return {
        "limit": book.total(lambda p: p.limit.ceiling, positions),
        "exposure": book.total(lambda p: p.total, positions),
        "headroom": book.total(lambda p: p.headroom, positions),
        "overdue": book.total(lambda p: p.overdue_amount, positions),
    }
