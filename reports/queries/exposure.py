"""The exposure list: accounts with their figures, filtered by what only the figures tell."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from django.urls import reverse

from core.money import ZERO
from credit_limits.engine.types import Component, LimitState
from reports.queries.ageing import ages_by_account
from reports.queries.components import component_url, figure_of
from reports.queries.portfolio import Portfolio, Total, free, over, portfolio

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from core.models import Company, User
    from credit_limits.engine.types import LimitFacts
    from credit_limits.selectors import CreditPosition
    from customers.models import CustomerAccount
    from reports.queries.portfolio import Figure

ORDERS: Final = frozenset(
    {
        "name",
        "limit",
        "orders",
        "delivered",
        "drafts",
        "due",
        "overdue",
        "credits",
        "total",
        "headroom",
        "percent",
        "waiting",
        "later",
        "in_bucket",
    }
)
LOWEST, HIGHEST = Decimal("-Infinity"), Decimal("Infinity")


@dataclass(frozen=True, slots=True)
class ExposureRow:
    """One account in the list, with its figures in its own currency."""

    position: CreditPosition
    book: Portfolio
    in_bucket: Decimal = ZERO
    dated: bool = False

    @property
    def account(self) -> CustomerAccount:
        """The account."""
        return self.position.account

    @property
    def name(self) -> str:
        """The customer's name."""
        return self.account.customer.name

    @property
    def sub(self) -> str:
        """Company and code, small beneath the name."""
        return f"{self.account.company.code} · {self.account.customer.code}"

    @property
    def status(self) -> str:
        """The commercial status."""
        return self.account.customer.status

    @property
    def status_words(self) -> str:
        """The commercial status in words."""
        return self.account.customer.get_status_display()

    @property
    def currency(self) -> str:
        """The account's currency."""
        return self.position.currency

    @property
    def limit(self) -> LimitFacts:
        """The limit in force."""
        return self.position.limit

    @property
    def orders(self) -> Decimal:
        """Accepted orders."""
        return self.position.components[Component.ORDER_OPEN]

    @property
    def delivered(self) -> Decimal:
        """Goods delivered and not invoiced."""
        return self.position.components[Component.DELIVERED_UNINVOICED]

    @property
    def drafts(self) -> Decimal:
        """Invoices not posted."""
        return self.position.components[Component.INVOICE_DRAFT]

    @property
    def due(self) -> Decimal:
        """Open items not past due."""
        return self.position.components[Component.INVOICE_OPEN]

    @property
    def overdue(self) -> Decimal:
        """Open items past due."""
        return self.position.overdue_amount

    @property
    def credits(self) -> Decimal:
        """What the customer has in hand, negative."""
        return self.position.components[Component.CREDITS]

    @property
    def total(self) -> Decimal:
        """The exposure that counts."""
        return self.position.total

    @property
    def headroom(self) -> Decimal | None:
        """Limit minus exposure."""
        return self.position.headroom

    @property
    def percent(self) -> Decimal | None:
        """Exposure in percent of the limit."""
        return self.position.utilisation_percent

    @property
    def band(self) -> str:
        """Where the account stands."""
        return self.book.band(self.position)

    @property
    def days(self) -> int:
        """Days past due of the oldest overdue item."""
        return self.position.worst_days_overdue

    @property
    def waiting(self) -> Decimal:
        """Held documents."""
        return self.position.waiting

    @property
    def later(self) -> Decimal:
        """Orders that do not count yet."""
        return self.position.later

    def url(self, component: str) -> str:
        """What a component of this account is made of."""
        return component_url(
            self.account.pk, component, self.position.as_of if self.dated else None
        )

    @property
    def file_url(self) -> str:
        """The credit file, at this account."""
        url = reverse("reports:credit_file", args=[self.account.customer_id])
        query = f"?account={self.account.pk}"
        return f"{url}{query}&as_of={self.position.as_of}" if self.dated else f"{url}{query}"

    def sort_value(self, field: str) -> Any:
        """A comparable value of a column: amounts in the currency of the totals, nothing lowest."""
        if field == "name":
            return self.name.casefold()
        if field == "percent":
            return LOWEST if self.percent is None else self.percent
        if field == "limit":
            if self.limit.state is LimitState.UNLIMITED:
                return HIGHEST
            amount = self.limit.ceiling
        else:
            amount = getattr(self, field)
        converted = self.book.convert(self.position, amount)
        return LOWEST if converted is None else converted


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which positions to keep; what is not named does not matter.

    `bucket` is a key of `ledger.ageing.BUCKETS`, `band` one of `BANDS`, `component` a component
    of the engine, "waiting" or "later".
    """

    over: bool = False
    near: bool = False
    overdue: bool = False
    free: bool = False
    held: bool = False
    bucket: str = ""
    band: str = ""
    component: str = ""

    @property
    def needs_figures(self) -> bool:
        """Whether anything is asked that only the figures can tell."""
        return any(getattr(self, name) for name in self.__slots__)

    def keeps(self, row: ExposureRow) -> bool:
        """Whether a row is wanted."""
        position = row.position
        asked = (
            (self.over, position.is_over_limit),
            (self.near, row.band == "near"),
            (self.overdue, position.overdue_amount > 0),
            (self.free, free(position) is not None),
            (self.held, position.waiting != 0),
            (self.bucket, row.in_bucket != 0),
            (self.band, row.band == self.band),
            (self.component, self.component and figure_of(position, self.component) != 0),
        )
        return all(holds for wish, holds in asked if wish)


@dataclass(frozen=True, slots=True)
class ExposureList:
    """The rows of a list and what they add up to."""

    rows: list[ExposureRow]
    book: Portfolio
    totals: Mapping[str, Total]

    @property
    def without(self) -> int:
        """Accounts that are not in the totals, or only in part, because a rate is missing."""
        return max((total.without for total in self.totals.values()), default=0)


FIGURES: Final[Mapping[str, Figure]] = MappingProxyType(
    {
        "limit": lambda position: position.limit.ceiling,
        "orders": lambda position: position.components[Component.ORDER_OPEN],
        "delivered": lambda position: position.components[Component.DELIVERED_UNINVOICED],
        "drafts": lambda position: position.components[Component.INVOICE_DRAFT],
        "due": lambda position: position.components[Component.INVOICE_OPEN],
        "overdue": lambda position: position.overdue_amount,
        "credits": lambda position: position.components[Component.CREDITS],
        "total": lambda position: position.total,
        "headroom": lambda position: position.headroom,
        "free": free,
        "over": over,
        "waiting": lambda position: position.waiting,
        "later": lambda position: position.later,
    }
)


def exposure_list(
    *,
    account_ids: Iterable[int],
    as_of: date,
    user: User,
    wanted: Wanted | None = None,
    company: Company | None = None,
    dated: bool = False,
    order: str = "-total",
) -> ExposureList:
    """The accounts that are wanted with their figures, and the totals of just these.

    A constant number of statements, whatever the number of accounts. `dated` makes the links of
    the rows carry the day. Totals are in the currency of `company`, if one is named. `order` is
    one of `ORDERS`, with "-" in front downwards.
    """
    wanted = wanted or Wanted()
    book = portfolio(
        account_ids=account_ids,
        as_of=as_of,
        currency=company.currency_id if company else None,
        user=user,
    )
    ages = ages_by_account(book.positions, as_of) if wanted.bucket else {}
    every = (
        ExposureRow(position, book, ages.get(key, {}).get(wanted.bucket, ZERO), dated)
        for key, position in book.positions.items()
    )
    rows = [row for row in every if wanted.keeps(row)]
    field = order.lstrip("-")
    rows.sort(key=lambda row: (row.name, row.account.pk))
    rows.sort(key=lambda row: row.sort_value(field), reverse=order.startswith("-"))
    kept = [row.position for row in rows]
    totals = {name: book.total(figure, kept) for name, figure in FIGURES.items()}
    bucket = {row.account.pk: row.in_bucket for row in rows}
    totals["in_bucket"] = book.total(lambda position: bucket[position.account.pk], kept)
    return ExposureList(rows=rows, book=book, totals=totals)
