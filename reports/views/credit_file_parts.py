"""What the tabs of the credit file share: the question, totals, ageing, lines of items."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from core.charts import Part
from core.links import subject_url
from core.money import ZERO, split_evenly
from reports.queries.ageing import age_parts, ages_by_account, ages_gap

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from customers.models import Customer, CustomerAccount
    from ledger.models import OpenItem
    from reports.queries.credit_file import AccountFigures
    from reports.queries.portfolio import Portfolio


@dataclass(frozen=True)
class File:
    """What is asked of the page: whose file, which accounts, which day, which tab."""

    customer: Customer
    accounts: list[CustomerAccount]
    chosen: list[CustomerAccount]
    book: Portfolio
    as_of: date
    dated: date | None
    tab: str
    page: str | None
    bucket: str

    @property
    def ids(self) -> list[int]:
        """The accounts that are looked at."""
        return [account.pk for account in self.chosen]

    @property
    def one(self) -> CustomerAccount | None:
        """The account, when it is just one."""
        return self.chosen[0] if len(self.chosen) == 1 else None

    def url(self, **changes: Any) -> str:
        """This page with other parameters; None takes one away."""
        kept: dict[str, Any] = {
            "tab": self.tab if self.tab != "overview" else None,
            "account": self.one.pk if self.one and len(self.accounts) > 1 else None,
            "as_of": self.dated.isoformat() if self.dated else None,
            **changes,
        }
        query = urlencode({key: value for key, value in kept.items() if value is not None})
        path = reverse("reports:credit_file", args=[self.customer.pk])
        return f"{path}?{query}" if query else path


def totals(file: File) -> dict[str, Any]:
    book = file.book
    return {
        "exposure": book.total(lambda position: position.total),
        "limit": book.total(lambda position: position.limit.ceiling),
        "headroom": book.total(lambda position: position.headroom),
        "overdue": book.total(lambda position: position.overdue_amount),
        "waiting": book.total(lambda position: position.waiting),
        "days": max((p.worst_days_overdue for p in book.positions.values()), default=0),
    }


def choices(file: File) -> list[dict[str, Any]]:
    """The account chooser: all companies, or one."""
    if len(file.accounts) < 2:
        return []
    every = {"label": _("All companies"), "url": file.url(account=None), "active": not file.one}
    return [
        every,
        *(
            {
                "label": account.company.name,
                "url": file.url(account=account.pk),
                "active": file.one == account,
            }
            for account in file.accounts
        ),
    ]


def ageing(file: File) -> dict[str, Any]:
    """The ageing of the chosen accounts in the currency of the totals, and what it leaves out."""
    sums: dict[str, Decimal] = defaultdict(lambda: ZERO)
    positions = file.book.positions
    for key, ages in ages_by_account(positions, file.as_of).items():
        for bucket, amount in ages.items():
            sums[bucket] += file.book.convert(positions[key], amount) or ZERO
    return {
        "ageing_parts": age_parts(sums, lambda bucket: file.url(tab="items", bucket=bucket)),
        "ageing_gap": ages_gap(file.book),
    }


def item_row(item: OpenItem, as_of: date) -> dict[str, Any]:
    sign = -1 if item.direction == item.Direction.CREDIT else 1
    residual: Decimal = item.residual  # type: ignore[attr-defined]
    days = (as_of - item.due_on).days if sign > 0 else 0
    return {
        "item": item,
        "residual": sign * residual,
        "amount": sign * item.amount,
        "days": days if days > 0 else None,
        "url": subject_url("ledger.openitem", item.pk),
    }


def sums(rows: Iterable[tuple[str, Decimal]]) -> list[tuple[str, Decimal]]:
    """Amounts added up by currency."""
    sums: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for currency, amount in rows:
        sums[currency] += amount
    return sorted(sums.items())


def composition(file: File, rows: Iterable[AccountFigures]) -> list[Part]:
    """What the exposure of all accounts is made of, in the currency of the totals.

    The parts of an account in another currency share its converted total, so that they add up.
    """
    amounts: dict[str, Decimal] = defaultdict(lambda: ZERO)
    labels: dict[str, str] = {}
    for row in rows:
        worth = file.book.convert(row.position, row.position.total)
        if worth is None or not row.parts:
            continue
        own = [part.amount for part in row.parts]
        shares = split_evenly(worth, own) if row.position.total else own
        for part, share in zip(row.parts, shares, strict=True):
            amounts[part.key] += share
            labels[part.key] = part.label
    return [Part(key, labels[key], amount) for key, amount in amounts.items()]
