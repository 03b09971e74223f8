"""The treasury overview: one look at the whole portfolio, in a constant number of statements."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.db.models import Count, Exists, F, Max, OuterRef, Q, Sum

from core.models import AuditEvent
from core.money import ZERO, convert
from credit_limits.models import Alert, CreditLimit, CreditProfile, ExposureSnapshot
from reports.queries.ageing import Gap, ages_by_account, ages_gap
from reports.queries.components import LISTED, is_counted
from reports.queries.portfolio import BANDS, Portfolio, Total, free, over, portfolio

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from decimal import Decimal

    from django.db.models import QuerySet

    from core.models import Company, User
    from credit_limits.engine.types import Component
    from credit_limits.selectors import CreditPosition
    from customers.models import CustomerAccount
    from reports.queries.portfolio import Figure

TOP: Final = 10
TREND_DAYS: Final = 90
SOON_DAYS: Final = 30
TOLD_ACTIONS: Final = ("customers.customer.status_changed", "credit_limits.limit.granted")


@dataclass(frozen=True, slots=True)
class Band:
    """The accounts that use a certain part of their limit."""

    key: str
    count: int
    total: Total


@dataclass(frozen=True, slots=True)
class Previous:
    """The same figures in the last stored night before the day, at the rates of the day."""

    on: date
    exposure: Decimal
    free: Decimal
    overdue: Decimal
    waiting: Decimal
    over_count: int


@dataclass(frozen=True, slots=True)
class Treasury:
    """All figures of the overview, in the currency of `book`."""

    book: Portfolio
    exposure: Total
    free: Total
    overdue: Total
    waiting: Total
    later: Total
    over_amount: Total
    components: Mapping[str, Total]
    counts: Mapping[str, int]
    bands: list[Band]
    top: list[CreditPosition]
    ages: Mapping[str, Decimal]
    ages_gap: Gap
    previous: Previous | None
    trend: list[Decimal]


def treasury(
    *,
    accounts: QuerySet[CustomerAccount],
    as_of: date,
    user: User,
    company: Company | None = None,
) -> Treasury:
    """The portfolio of `accounts` on a day, totals in the currency of `company` if named."""
    book = portfolio(
        account_ids=accounts.values_list("pk", flat=True),
        as_of=as_of,
        user=user,
        currency=company.currency_id if company else None,
    )
    positions = list(book.positions.values())
    bands: dict[str, list[CreditPosition]] = defaultdict(list)
    for position in positions:
        bands[book.band(position)].append(position)
    return Treasury(
        book=book,
        exposure=book.total(lambda position: position.total),
        free=book.total(free),
        overdue=book.total(lambda position: position.overdue_amount),
        waiting=book.total(lambda position: position.waiting),
        later=book.total(lambda position: position.later),
        components={part.value: book.total(_counted(book, part)) for part in LISTED},
        over_amount=book.total(over),
        counts={
            "accounts": len(positions),
            "over": len(bands["over"]),
            "near": len(bands["near"]),
            "overdue": sum(position.overdue_amount > 0 for position in positions),
            "held": sum(position.waiting != 0 for position in positions),
            "customers_over": len({p.account.customer_id for p in bands["over"]}),
        },
        bands=[
            Band(key, len(bands[key]), book.total(lambda position: position.total, bands[key]))
            for key in BANDS
            if bands[key]
        ],
        top=_top(book, positions),
        ages=_ages(book, as_of),
        ages_gap=ages_gap(book),
        previous=_previous(accounts, book, as_of),
        trend=_trend(accounts, book, as_of),
    )


def _counted(book: Portfolio, component: Component) -> Figure:
    """The component of a position as far as the policy of its company counts it."""
    return lambda position: (
        position.components[component] if is_counted(component, book.policy(position)) else ZERO
    )


def _top(book: Portfolio, positions: list[CreditPosition]) -> list[CreditPosition]:
    worth = [
        (amount, -position.account.pk, position)
        for position in positions
        if (amount := book.convert(position, position.total)) is not None and amount > 0
    ]
    return [position for _amount, _pk, position in sorted(worth, key=lambda row: row[:2])[::-1]][
        :TOP
    ]


def _ages(book: Portfolio, as_of: date) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for key, ages in ages_by_account(book.positions, as_of).items():
        for bucket, amount in ages.items():
            sums[bucket] += book.convert(book.positions[key], amount) or ZERO
    return dict(sums)


def _rate(book: Portfolio, currency: str, amount: Decimal | None) -> Decimal:
    """A stored figure at the day's rate, so that a change shows business and not the market."""
    if not amount or currency == book.currency:
        return amount or ZERO
    rate = book.rates.get(currency)
    return ZERO if rate is None else convert(amount, rate)


def _previous(accounts: QuerySet[CustomerAccount], book: Portfolio, as_of: date) -> Previous | None:
    """The newest night before the day on which any of the accounts was stored."""
    rows = ExposureSnapshot.objects.filter(account__in=accounts.values("pk"))
    on = rows.filter(as_of__lt=as_of).aggregate(on=Max("as_of"))["on"]
    if on is None:
        return None
    sums: dict[str, Decimal] = defaultdict(lambda: ZERO)
    over_count = 0
    for row in (
        rows.filter(as_of=on)
        .values("currency")
        .annotate(
            exposure=Sum("total"),
            overdue=Sum("invoice_overdue"),
            held=Sum("waiting"),
            free=Sum("headroom", filter=Q(headroom__gt=0)),
            over=Count("pk", filter=Q(is_over_limit=True)),
        )
        .order_by("currency")
    ):
        for key in ("exposure", "overdue", "held", "free"):
            sums[key] += _rate(book, row["currency"], row[key])
        over_count += row["over"]
    return Previous(
        on=on,
        exposure=sums["exposure"],
        free=sums["free"],
        overdue=sums["overdue"],
        waiting=sums["held"],
        over_count=over_count,
    )


def _trend(accounts: QuerySet[CustomerAccount], book: Portfolio, as_of: date) -> list[Decimal]:
    """The exposure of the stored nights of the last quarter, oldest first, and of the day."""
    by_day: dict[date, Decimal] = defaultdict(lambda: ZERO)
    for row in (
        ExposureSnapshot.objects.filter(
            account__in=accounts.values("pk"),
            as_of__lt=as_of,
            as_of__gte=as_of - timedelta(days=TREND_DAYS),
        )
        .values("as_of", "currency")
        .annotate(exposure=Sum("total"))
        .order_by("as_of")
    ):
        by_day[row["as_of"]] += _rate(book, row["currency"], row["exposure"])
    if not by_day:
        return []
    return [*by_day.values(), book.total(lambda position: position.total).amount]


def alerts_since(accounts: QuerySet[CustomerAccount], since: date, most: int = 20) -> list[Alert]:
    """Alerts of the accounts from that day on, newest first."""
    return list(
        Alert.objects.filter(account__in=accounts.values("pk"), as_of__gte=since)
        .select_related("account__customer", "account__company")
        .order_by("-as_of", "kind", "-pk")[:most]
    )


def told_since(
    accounts: QuerySet[CustomerAccount], since: date, most: int = 20
) -> list[AuditEvent]:
    """Changes of limits and of customers' status from that day on, newest first."""
    return list(
        AuditEvent.objects.filter(
            Q(company__isnull=True) | Q(company__in=accounts.values("company")),
            action__in=TOLD_ACTIONS,
            actor__isnull=False,  # imports tell of themselves
            customer_id__in=accounts.values("customer"),
            at__date__gte=since,
        ).order_by("-at", "-pk")[:most]
    )


def limits_ending(
    accounts: QuerySet[CustomerAccount], as_of: date, most: int = 10
) -> list[CreditLimit]:
    """Limits of the accounts that end within a month and that no later one follows."""
    later = CreditLimit.objects.filter(
        account=OuterRef("account"),
        kind=OuterRef("kind"),
        is_approved=True,
        valid_during__startswith=OuterRef("ends_on"),
    )
    return list(
        CreditLimit.objects.filter(
            account__in=accounts.values("pk"),
            is_approved=True,
            valid_during__contains=as_of,
            valid_during__endswith__lte=as_of + timedelta(days=SOON_DAYS),
        )
        .annotate(ends_on=F("valid_during__endswith"))
        .filter(~Exists(later))
        .select_related("account__customer", "account__company")
        .order_by("ends_on", "pk")[:most]
    )


def reviews_due(
    accounts: QuerySet[CustomerAccount], as_of: date, most: int = 10
) -> list[CreditProfile]:
    """Accounts whose review is due within a month, the most overdue first."""
    return list(
        CreditProfile.objects.filter(
            account__in=accounts.values("pk"), review_on__lte=as_of + timedelta(days=SOON_DAYS)
        )
        .select_related("account__customer", "account__company")
        .order_by("review_on", "pk")[:most]
    )
