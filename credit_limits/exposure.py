"""Exposure as one function of disjoint components, read by one statement (law L1)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import connection
from django.utils.module_loading import import_string

from core import clock
from core.money import ZERO, convert
from core.rates import rates_on
from credit_limits.engine.exposure import compose
from credit_limits.engine.types import Component, Exposure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime
    from decimal import Decimal

    from core.rates import Pair
    from core.sources import ExposureSource

WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class AccountKey:
    """What the exposure of an account needs to know: its id and its two currencies."""

    id: int
    currency: str
    company_currency: str


@dataclass(frozen=True, slots=True)
class Identity:
    """A document that must not be counted in its own check."""

    subject_type: str
    subject_id: int


@dataclass(slots=True)
class AccountExposure:
    """Exposure of one account in its risk currency.

    `waiting` is the value of held documents (shown, never counted). `missing_rates` names the
    currency pairs without which the figures are incomplete, such as "XYZ-USD".
    """

    account: AccountKey
    exposure: Exposure = field(default_factory=Exposure)
    waiting: Decimal = ZERO
    counts: dict[str, int] = field(default_factory=dict)
    worst_days: int = 0
    oldest_due_on: date | None = None
    missing_rates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gathered:
    """Every asked account's exposure, and the rates that were looked up on the way."""

    accounts: Mapping[int, AccountExposure]
    rates: Mapping[Pair, Decimal | None]


def is_current(as_of: date) -> bool:
    """Whether `as_of` is today or later, so that whatever stands accepted counts."""
    return as_of >= clock.today()


def sources() -> tuple[ExposureSource, ...]:
    """The wired sources, in display order."""
    paths: tuple[str, ...] = import_string("config.wiring.CREDIT_EXPOSURE_SOURCES")
    return tuple(import_string(path) for path in paths)


def gather(
    accounts: Sequence[AccountKey],
    *,
    as_of: date,
    without: Identity | None = None,
    known_at: datetime | None = None,
    pairs: Iterable[Pair] = (),
) -> Gathered:
    """The exposure of `accounts` on a day, in one statement plus one for rates if any is needed.

    Amounts already in the risk currency keep their document amount. Others are taken at the rate
    their document carries when the risk currency is the company's, else at the newest rate on or
    before `as_of`. A missing rate is reported in `missing_rates`; the amount is then left out,
    so the caller must not treat the figures as complete. `pairs` are further rates wanted.
    """
    keys = {account.id: account for account in accounts}
    rows = _rows(list(keys), as_of=as_of, without=without, known_at=known_at)
    wanted = set(pairs)
    wanted |= {(row[2], keys[row[0]].currency) for row in rows if _needs_rate(row, keys[row[0]])}
    rates = rates_on({pair for pair in wanted if pair[0] != pair[1]}, as_of)
    parts: dict[int, list[tuple[Component, Decimal]]] = defaultdict(list)
    missing: dict[int, set[str]] = defaultdict(set)
    result = {key: AccountExposure(account) for key, account in keys.items()}
    for row in rows:
        account_id, component, currency, _amount, _company, count, due_on, days = row
        found = result[account_id]
        amount = _converted(row, found.account, rates)
        if amount is None:
            missing[account_id].add(f"{currency}-{found.account.currency}")
            continue
        found.counts[component] = found.counts.get(component, 0) + count
        if component == WAITING:
            found.waiting += amount
            continue
        parts[account_id].append((Component(component), amount))
        found.worst_days = max(found.worst_days, days or 0)
        if due_on is not None and (found.oldest_due_on is None or due_on < found.oldest_due_on):
            found.oldest_due_on = due_on
    for account_id, found in result.items():
        found.exposure = compose(parts[account_id])
        found.missing_rates = tuple(sorted(missing[account_id]))
    return Gathered(accounts=result, rates=rates)


type _Row = tuple[int, str, str, Decimal, Decimal | None, int, date | None, int | None]


def _rows(
    account_ids: list[int],
    *,
    as_of: date,
    without: Identity | None,
    known_at: datetime | None,
) -> list[_Row]:
    if not account_ids:
        return []
    statement = "\nUNION ALL\n".join(source.sql for source in sources())
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {
                "accounts": account_ids,
                "as_of": as_of,
                "is_current": is_current(as_of),
                "known_at": known_at,
                "without_type": without.subject_type if without else "",
                "without_id": without.subject_id if without else 0,
            },
        )
        return _merged(cursor.fetchall())


def _merged(rows: Iterable[_Row]) -> list[_Row]:
    """One row per account, component and currency, so that each is converted and rounded once."""
    merged: dict[tuple[int, str, str, bool], _Row] = {}
    for row in rows:
        account_id, component, currency, amount, company_amount, count, due_on, days = row
        key = (account_id, component, currency, company_amount is None)
        known = merged.get(key)
        if known is None:
            merged[key] = row
            continue
        dates = [day for day in (known[6], due_on) if day is not None]
        merged[key] = (
            account_id,
            component,
            currency,
            known[3] + amount,
            None if known[4] is None or company_amount is None else known[4] + company_amount,
            known[5] + count,
            min(dates, default=None),
            max(known[7] or 0, days or 0),
        )
    return list(merged.values())


def _needs_rate(row: _Row, account: AccountKey) -> bool:
    _id, _component, currency, _amount, company_amount, *_rest = row
    return currency != account.currency and (
        account.currency != account.company_currency or company_amount is None
    )


def _converted(
    row: _Row, account: AccountKey, rates: Mapping[Pair, Decimal | None]
) -> Decimal | None:
    _id, _component, currency, amount, company_amount, *_rest = row
    if currency == account.currency:
        return amount
    if account.currency == account.company_currency and company_amount is not None:
        return company_amount
    rate = rates.get((currency, account.currency))
    return None if rate is None else convert(amount, rate)
