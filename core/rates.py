"""Dated exchange rates: the last rate on or before a day, direct, inverse or across a currency."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from core.errors import Invalid
from core.models import ExchangeRate

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from django.db.models import QuerySet

type Pair = tuple[str, str]

ONE = Decimal(1)


def rates_in_force(known_at: datetime | None = None) -> QuerySet[ExchangeRate]:
    """The rates that count, one for each pair and day: the one entered last, unless it says that
    the day's rate is withdrawn. `known_at` leaves out what was entered later."""
    known = Q() if known_at is None else Q(entered_at__lte=known_at)
    later = ExchangeRate.objects.filter(
        known,
        from_currency=OuterRef("from_currency"),
        to_currency=OuterRef("to_currency"),
        valid_on=OuterRef("valid_on"),
        entered_at__gt=OuterRef("entered_at"),
    )
    return ExchangeRate.objects.filter(known, ~Exists(later), is_withdrawn=False)


def rates_on(
    pairs: Iterable[Pair], on: date, *, known_at: datetime | None = None
) -> dict[Pair, Decimal | None]:
    """Units of the second currency for one of the first, for each pair; None where unknown.

    Takes the newest rate on or before `on`: the direct pair, else the inverse, else across one
    third currency both are quoted with. `known_at` leaves out what was entered later. One
    statement whatever the number of pairs.
    """
    wanted = set(pairs)
    result: dict[Pair, Decimal | None] = {pair: ONE for pair in wanted if pair[0] == pair[1]}
    missing = wanted - set(result)
    if not missing:
        return result
    codes = {code for pair in missing for code in pair}
    rows = (
        rates_in_force(known_at)
        .filter(Q(from_currency__in=codes) | Q(to_currency__in=codes), valid_on__lte=on)
        .order_by("from_currency_id", "to_currency_id", "-valid_on")
        .distinct("from_currency_id", "to_currency_id")
        .values_list("from_currency_id", "to_currency_id", "rate")
    )
    quoted: dict[Pair, Decimal] = {}
    for source, target, rate in rows:
        quoted[source, target] = rate
    for (source, target), rate in list(quoted.items()):
        quoted.setdefault((target, source), ONE / rate)
    for source, target in missing:
        result[source, target] = _find(quoted, source, target)
    return result


def rates_withdraw(rates: Iterable[ExchangeRate]) -> list[ExchangeRate]:
    """Take back those of `rates` that are in force; from now on their days have none.

    Returns them as they were. The caller records it, in the transaction of this.
    """
    rows = list(rates_in_force().filter(pk__in=[rate.pk for rate in rates]))
    ExchangeRate.objects.bulk_create(
        ExchangeRate(
            from_currency_id=row.from_currency_id,
            to_currency_id=row.to_currency_id,
            valid_on=row.valid_on,
            rate=row.rate,
            source=row.source,
            is_withdrawn=True,
        )
        for row in rows
    )
    return rows


def _find(quoted: dict[Pair, Decimal], source: str, target: str) -> Decimal | None:
    direct = quoted.get((source, target))
    if direct is not None:
        return direct
    for (first, middle), rate in sorted(quoted.items()):
        if first == source:
            onward = quoted.get((middle, target))
            if onward is not None:
                return rate * onward
    return None


def rate_on(source: str, target: str, on: date) -> Decimal:
    """Units of `target` for one `source` on a day; Invalid("core.rate_missing") when unknown."""
    rate = rates_on({(source, target)}, on)[source, target]
    if rate is None:
        raise Invalid(
            "core.rate_missing",
            _("There is no exchange rate from %(source)s to %(target)s on or before %(on)s."),
            params={"source": source, "target": target, "on": on},
        )
    return rate
