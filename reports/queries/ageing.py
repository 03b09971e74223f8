"""Open items by age over many accounts, in each account's currency."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from core.charts import Part
from core.money import ZERO, convert, split_evenly
from core.rates import rates_on
from credit_limits.assemble import account_key
from credit_limits.engine.types import Component
from credit_limits.exposure import gather
from ledger.ageing import BUCKETS
from ledger.selectors import ageing_rows, bucket_label

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from credit_limits.selectors import CreditPosition
    from ledger.selectors import AgeingRow
    from reports.queries.portfolio import Portfolio

type Ages = dict[str, Decimal]
ITEMS = (Component.INVOICE_OPEN, Component.INVOICE_OVERDUE)


@dataclass(frozen=True, slots=True)
class Gap:
    """How the exposure differs from the posted items by age, in the currency of a portfolio.

    `more`: provisional items that the policy counts; `less`: contested parts that it leaves out.
    """

    more: Decimal = ZERO
    less: Decimal = ZERO


NOT_DUE = BUCKETS[0].key


def ages_by_account(positions: Mapping[int, CreditPosition], as_of: date) -> dict[int, Ages]:
    """Amount by bucket key of each account, in its risk currency, empty buckets left out.

    The buckets of an account add up to its posted open and overdue items, whatever the policy
    counts besides or leaves out of them (`ages_gap`): in one currency by themselves, otherwise the
    converted component is shared out over them. One statement, one for rates when currencies
    differ, and those of the components where a policy reads them otherwise.
    """
    rows: dict[int, list[AgeingRow]] = defaultdict(list)
    for row in ageing_rows(account_ids=list(positions), as_of=as_of):
        rows[row.account_id].append(row)
    pairs = {
        (row.currency, positions[key].currency)
        for key, found in rows.items()
        for row in found
        if row.currency != positions[key].currency
    }
    rates = rates_on(pairs, as_of) if pairs else {}
    posted = _confirmed(positions, as_of, whole=True)
    return {
        key: _ages(positions[key], posted.get(key, positions[key].components), found, rates)
        for key, found in rows.items()
    }


def ages_gap(book: Portfolio) -> Gap:
    """What the components of items count besides the posted items, and what they leave out.

    Each told apart, by reading the same day without the one and without both; nothing is read
    where the policies count just the posted items. Where the ledger balance is the base, nothing
    is compared.
    """
    posted = _confirmed(book.positions, book.as_of, whole=True)
    confirmed = _confirmed(book.positions, book.as_of)
    more = less = ZERO
    for key, position in book.positions.items():
        if key not in posted and key not in confirmed:
            continue
        counted = _items(position.components)
        without = _items(confirmed[key]) if key in confirmed else counted
        whole = _items(posted[key]) if key in posted else without
        more += book.convert(position, counted - without) or ZERO
        less += book.convert(position, whole - without) or ZERO
    return Gap(more, less)


def _items(components: Mapping[Component, Decimal]) -> Decimal:
    return sum((components[part] for part in ITEMS), ZERO)


def _confirmed(
    positions: Mapping[int, CreditPosition], as_of: date, *, whole: bool = False
) -> dict[int, Mapping[Component, Decimal]]:
    """Open and overdue items without provisional ones, `whole` with what is contested of them.

    Only of accounts whose policy reads them otherwise. One statement, and one for rates; none where
    no policy differs.
    """
    keys = []
    for position in positions.values():
        if position.policy is None or position.policy.terms.ledger_base:
            continue
        terms = position.policy.terms
        read = replace(terms, provisional=False, disputed=terms.disputed or whole)
        if read != terms:
            keys.append(replace(account_key(position.account).under(position.policy), terms=read))
    found = gather(keys, as_of=as_of).accounts if keys else {}
    return {
        key: {part: part_of.exposure.of(part) for part in ITEMS} for key, part_of in found.items()
    }


def _ages(
    position: CreditPosition,
    posted: Mapping[Component, Decimal],
    rows: list[AgeingRow],
    rates: Mapping[tuple[str, str], Decimal | None],
) -> Ages:
    sums: Ages = defaultdict(lambda: ZERO)
    foreign = False
    for row in rows:
        amount: Decimal | None = row.amount
        if row.currency != position.currency:
            foreign = True
            own_company = position.currency == position.account.company.currency_id
            if own_company and row.company_amount is not None:
                amount = row.company_amount
            else:
                rate = rates[row.currency, position.currency]
                amount = None if rate is None else convert(row.amount, rate)
        if amount is not None:
            sums[row.bucket.key] += amount
    return _shared(posted, sums) if foreign else dict(sums)


def _shared(posted: Mapping[Component, Decimal], sums: Ages) -> Ages:
    """The buckets fitted to the components they belong to: cents may move, sums may not."""
    result: Ages = {}
    for component, keys in (
        (Component.INVOICE_OPEN, [NOT_DUE]),
        (Component.INVOICE_OVERDUE, [bucket.key for bucket in BUCKETS if bucket.key != NOT_DUE]),
    ):
        present = [key for key in keys if sums.get(key)]
        if present:
            shares = split_evenly(posted[component], [sums[key] for key in present])
            result.update(zip(present, shares, strict=True))
    return result


def age_parts(ages: Mapping[str, Decimal], url: Callable[[str], str]) -> list[Part]:
    """All buckets, youngest first, for the ageing chart; `url` opens the list of a bucket."""
    return [
        Part(
            bucket.chart_key,
            bucket_label(bucket.key),
            ages.get(bucket.key, ZERO),
            url(bucket.key),
        )
        for bucket in BUCKETS
    ]
