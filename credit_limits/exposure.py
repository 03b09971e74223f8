"""Exposure as one function of disjoint components, read by one statement (law L1)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.module_loading import import_string

from core import clock
from core.money import ZERO, convert
from core.prepared import cursor_for
from core.rates import rates_on
from core.sources import statement
from credit_limits.engine.exposure import compose
from credit_limits.engine.types import Component, Exposure, ExposureTerms, Include

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime
    from decimal import Decimal

    from core.rates import Pair
    from core.sources import ExposureSource
    from credit_limits.engine.types import PolicyFacts

WAITING = "waiting"
LATER = "later"


@dataclass(frozen=True, slots=True)
class AccountKey:
    """What the exposure of an account needs to know: id, currencies, company, and its terms.

    `delivered` and `drafts` say whether goods delivered and invoices not posted are counted by
    the policy: only a counted step takes a value over from the one before.
    """

    id: int
    currency: str
    company_currency: str
    company_id: int = 0
    terms: ExposureTerms = field(default_factory=ExposureTerms)
    delivered: bool = True
    drafts: bool = True

    def under(self, policy: PolicyFacts) -> AccountKey:
        """The same account, read as `policy` says."""
        return replace(
            self,
            terms=policy.terms,
            delivered=policy.includes(Component.DELIVERED_UNINVOICED) is Include.COUNT,
            drafts=policy.includes(Component.INVOICE_DRAFT) is Include.COUNT,
        )


@dataclass(frozen=True, slots=True)
class Identity:
    """A document that must not be counted in its own check."""

    subject_type: str
    subject_id: int


@dataclass(slots=True)
class AccountExposure:
    """Exposure of one account in its risk currency.

    `waiting` is the value of held documents, `later` of orders beyond the horizon (both shown,
    never counted). `missing_rates` names the currency pairs without which the exposure is
    incomplete, such as "XYZ-USD", `missing_shown` those without which only the figures that never
    count are: what waits takes no credit, so it cannot make the exposure unknown.
    """

    account: AccountKey
    exposure: Exposure = field(default_factory=Exposure)
    waiting: Decimal = ZERO
    later: Decimal = ZERO
    counts: dict[str, int] = field(default_factory=dict)
    worst_days: int = 0
    oldest_due_on: date | None = None
    missing_rates: tuple[str, ...] = ()
    missing_shown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gathered:
    """Every asked account's exposure, and the rates that were looked up on the way."""

    accounts: Mapping[int, AccountExposure]
    rates: Mapping[Pair, Decimal | None]


def is_current(as_of: date, known_at: datetime | None = None) -> bool:
    """Whether `as_of` was today or later when it was known: then dates do not filter."""
    moment = clock.today() if known_at is None else timezone.localdate(known_at)
    return as_of >= moment


def sources() -> tuple[ExposureSource, ...]:
    """The wired sources, in display order."""
    paths: tuple[str, ...] = import_string("config.wiring.CREDIT_EXPOSURE_SOURCES")
    return tuple(import_string(path) for path in paths)


def gather(
    accounts: Sequence[AccountKey],
    *,
    as_of: date,
    without: Identity | None = None,
    taking: Identity | None = None,
    absent: Identity | None = None,
    known_at: datetime | None = None,
    pairs: Iterable[Pair] = (),
) -> Gathered:
    """The exposure of `accounts` on a day, in one statement plus one for rates if any is needed.

    Amounts already in the risk currency keep their document amount. Others are taken at the rate
    their document carries when the risk currency is the company's, else at the newest rate on or
    before `as_of`. A missing rate is reported in `missing_rates`; the amount is then left out,
    so the caller must not treat the figures as complete. `pairs` are further rates wanted.

    `without` leaves the own value of a document out, `taking` lets a document take over from
    those it continues as if it were accepted, `absent` nothing, as if it were not there.
    """
    keys = {account.id: account for account in accounts}
    asked = Asked(as_of, without, taking, absent, known_at)
    rows = _rows(list(keys.values()), asked)
    wanted = set(pairs)
    wanted |= {(row[2], keys[row[0]].currency) for row in rows if _needs_rate(row, keys[row[0]])}
    rates = rates_on({pair for pair in wanted if pair[0] != pair[1]}, as_of, known_at=known_at)
    parts: dict[int, list[tuple[Component, Decimal]]] = defaultdict(list)
    missing: dict[int, set[str]] = defaultdict(set)
    shown: dict[int, set[str]] = defaultdict(set)
    result = {key: AccountExposure(account) for key, account in keys.items()}
    for row in rows:
        account_id, component, currency, _amount, _company, count, due_on, days = row
        found = result[account_id]
        amount = _converted(row, found.account, rates)
        if amount is None:
            pair = f"{currency}-{found.account.currency}"
            (shown if component in {WAITING, LATER} else missing)[account_id].add(pair)
            continue
        found.counts[component] = found.counts.get(component, 0) + count
        if component == WAITING:
            found.waiting += amount
            continue
        if component == LATER:
            found.later += amount
            continue
        parts[account_id].append((Component(component), amount))
        found.worst_days = max(found.worst_days, days or 0)
        if due_on is not None and (found.oldest_due_on is None or due_on < found.oldest_due_on):
            found.oldest_due_on = due_on
    for account_id, found in result.items():
        found.exposure = compose(parts[account_id])
        found.missing_rates = tuple(sorted(missing[account_id]))
        found.missing_shown = tuple(sorted(shown[account_id]))
    return Gathered(accounts=result, rates=rates)


type _Row = tuple[int, str, str, Decimal, Decimal | None, int, date | None, int | None]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the statement is asked for."""

    as_of: date
    without: Identity | None = None
    taking: Identity | None = None
    absent: Identity | None = None
    known_at: datetime | None = None

    @property
    def is_past(self) -> bool:
        """Whether kept states are read instead of what stands."""
        return self.known_at is not None or not is_current(self.as_of)


def exposure_statement(*, past: bool) -> str:
    """The whole statement over the wired sources."""
    return statement(sources(), past=past)


def exposure_params(accounts: Sequence[AccountKey], asked: Asked) -> dict[str, Any]:
    """Its parameters: the accounts with their terms, the day, and the document under test."""
    without, taking, absent, as_of = asked.without, asked.taking, asked.absent, asked.as_of
    terms = [account.terms for account in accounts]
    return {
        "accounts": [account.id for account in accounts],
        "start_on": [each.start_on for each in terms],
        "ledger_base": [each.ledger_base for each in terms],
        "provisional": [each.provisional for each in terms],
        "disputed": [each.disputed for each in terms],
        "delivered": [account.delivered for account in accounts],
        "drafts": [account.drafts for account in accounts],
        "unprinted": [each.unprinted for each in terms],
        "printed_only": [each.printed_only for each in terms],
        "with_tax": [each.with_tax for each in terms],
        "horizon_on": [
            None if each.horizon_days is None else as_of + timedelta(days=each.horizon_days)
            for each in terms
        ],
        "grace_discount": [each.grace_discount for each in terms],
        "grace_subject": [each.grace_subject for each in terms],
        "grace_after": [each.grace_after for each in terms],
        "as_of": as_of,
        "is_current": is_current(as_of, asked.known_at),
        "known_at": asked.known_at,
        "without_type": without.subject_type if without else "",
        "without_id": without.subject_id if without else 0,
        "taking_type": taking.subject_type if taking else "",
        "taking_id": taking.subject_id if taking else 0,
        "absent_type": absent.subject_type if absent else "",
        "absent_id": absent.subject_id if absent else 0,
    }


def _rows(accounts: Sequence[AccountKey], asked: Asked) -> list[_Row]:
    if not accounts:
        return []
    with cursor_for(len(accounts)) as cursor:
        cursor.execute(exposure_statement(past=asked.is_past), exposure_params(accounts, asked))
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
