"""The company, customers and types of a random history, and reading what it has so far."""

from __future__ import annotations

import datetime
import itertools
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils import timezone

from core.clock import business_day
from core.errors import DomainError
from credit_limits.models import CreditPolicy, PolicyRule
from credit_limits.services.limits import limit_grant
from credit_limits.services.policies import policy_publish
from documents.amounts import LineInput
from documents.inputs import OrderHeader
from documents.models import Document, DocumentLine, DocumentType
from tests.documents.histories.oracle import STANDING, papers_now
from tests.documents.histories.oracle_ledger import Ledger
from tests.factories.core import (
    CompanyFactory,
    CurrencyFactory,
    ExchangeRateFactory,
    UserFactory,
)
from tests.factories.customers import CustomerAccountFactory

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from core.models import User
    from customers.models import CustomerAccount
    from documents.results import SubmitResult
    from tests.documents.histories.oracle import Row

DAY = datetime.timedelta(days=1)
NUMBERS = itertools.count(1)
PORTIONS = (Decimal(1), Decimal("0.5"), Decimal("0.3"), Decimal("1.1"))
UGLY_PRICES = (Decimal("3.3333"), Decimal("10"), Decimal("99.99"), Decimal("7.005"))
TIDY_PRICES = (Decimal("3"), Decimal("10"), Decimal("100"), Decimal("7"))


@dataclass
class Ground:
    """`first_day` is where history begins; `tidy` keeps every share of a line in whole cents."""

    first_day: datetime.date
    tidy: bool = False
    risk_currency: str = "EUR"
    limit: int | None = None
    over_percent: int = 0
    terms: dict[str, object] = field(default_factory=dict)
    include: dict[str, str] = field(default_factory=dict)
    accounts: list[CustomerAccount] = field(default_factory=list)
    usd: list[tuple[datetime.date, Decimal]] = field(default_factory=list)
    # Every version of every paper: business day, moment, the paper.
    history: list[tuple[datetime.date, datetime.datetime, Row]] = field(default_factory=list)
    papers: dict[int, Row] = field(default_factory=dict)
    last_result: SubmitResult | None = None
    last_error: DomainError | None = None
    # Raw rows of each account's ledger, read once between two commands.
    ledgers: dict[int, Ledger] = field(default_factory=dict)

    def __post_init__(self) -> None:
        number = next(NUMBERS)
        self.today = self.first_day
        self.company = CompanyFactory(code=f"H{number}", currency=CurrencyFactory(code="EUR"))
        self.clerk: User = UserFactory(username=f"clerk{number}", is_superuser=True)
        self.boss: User = UserFactory(username=f"boss{number}", is_superuser=True)
        CurrencyFactory(code="USD")
        self.rate_set(Decimal("0.90"), self.first_day - 400 * DAY)
        for currency in ("EUR", self.risk_currency):
            self.accounts.append(
                CustomerAccountFactory(
                    company=self.company, currency=CurrencyFactory(code=currency)
                )
            )
        for account in self.accounts:
            if self.limit is not None:
                limit_grant(
                    account=account,
                    state="amount",
                    amount=Decimal(self.limit),
                    currency=account.currency,
                    valid_from=self.first_day - 400 * DAY,
                    reason="so far",
                    actor=None,
                )
        self._policy_write()
        self._types_write(number)
        self.notice(self.today)

    def _policy_write(self) -> None:
        self.policy = CreditPolicy.objects.create(
            company=self.company, name=self.company.code, include=self.include, **self.terms
        )
        PolicyRule.objects.create(
            policy=self.policy,
            rule="limit_exceeded",
            effect="hold" if self.limit is not None else "off",
        )
        policy_publish(policy=self.policy, actor=None)

    def _types_write(self, number: int) -> None:
        """A delivery type that does not count, and how much more than is left may be taken."""
        self.types = {found.code: found for found in DocumentType.objects.all()}
        for code in ("delivery", "return", "invoice", "credit_note"):
            self.types[code] = DocumentType.objects.create(
                code=f"{code}-{number}",
                name=code,
                kind=self.types[code].kind,
                nature=self.types[code].nature,
                sequence_code=code,
                number_prefix=code[:2],
                over_delivery_percent=(
                    self.over_percent if self.types[code].nature == "normal" else 0
                ),
            )
        self.types["sample"] = DocumentType.objects.create(
            code=f"sample-{number}",
            name="Sample",
            kind="delivery",
            sequence_code="sample",
            number_prefix="SA-",
            counts_as_credit=False,
        )

    # --- What everything here needs ------------------------------------------------------------

    def rate_set(self, rate: Decimal, on: datetime.date) -> None:
        """EUR for one USD from a day on."""
        ExchangeRateFactory(
            from_currency=CurrencyFactory(code="USD"),
            to_currency=CurrencyFactory(code="EUR"),
            valid_on=on,
            rate=rate,
            entered_at=timezone.now(),
        )
        self.usd.append((on, rate))

    def rates(self, on: datetime.date) -> dict[tuple[str, str], Decimal]:
        """The rates of a day."""
        rate = next(rate for day, rate in reversed(self.usd) if day <= on)
        return {("USD", "EUR"): rate, ("EUR", "USD"): Decimal(1) / rate}

    @contextmanager
    def at(self, on: datetime.date) -> Iterator[None]:
        """Something that happens on a business day; what changed is noted."""
        self.last_error = self.last_result = None
        self.ledgers = {}
        with business_day(on):
            try:
                yield
            except DomainError as error:
                self.last_error = error
        if self.last_error is None:
            self.notice(on)

    def ledger(self, account: CustomerAccount) -> Ledger:
        """The raw rows of an account's ledger as they are since the last command."""
        if account.pk not in self.ledgers:
            self.ledgers[account.pk] = Ledger(account.pk)
        return self.ledgers[account.pk]

    def notice(self, on: datetime.date) -> None:
        """Keep the new version of every paper that is not what it was.

        What is posted holds from the day of the books on.
        """
        found = papers_now(account.pk for account in self.accounts)
        moment = timezone.now()
        for key, paper in found.items():
            if self.papers.get(key) != paper:
                self.history.append((self._day_of(paper, on), moment, paper))
        self.papers = found

    def _day_of(self, paper: Row, on: datetime.date) -> datetime.date:
        """From which day on a new version holds: goods from the day they went, bills from the day
        of the books."""
        if paper["posted_on"]:
            return paper["posted_on"]
        was = self.papers.get(paper["id"])
        is_new = paper["status"] in STANDING and (was is None or was["status"] not in STANDING)
        if paper["type__kind"] == "delivery" and is_new:
            return min(on, paper["document_on"])
        return on

    def documents(
        self, *kinds: str, back: bool | None = None, status: Sequence[str] = ()
    ) -> list[Document]:
        """The documents of these kinds, the oldest first."""
        keys = [
            key
            for key, paper in self.papers.items()
            if (not kinds or paper["type__kind"] in kinds)
            and (back is None or (paper["type__nature"] == "reverse") == back)
            and (not status or paper["status"] in status)
        ]
        return list(
            Document.objects.filter(pk__in=sorted(keys))
            .select_related("type", "account__company", "account__customer", "currency")
            .order_by("pk")
        )

    def pick(self, pick: int, found: Sequence[Document]) -> Document | None:
        """One of them; None where there are none."""
        return found[pick % len(found)] if found else None

    def header(self, account: CustomerAccount, code: str, currency: str = "EUR") -> OrderHeader:
        """The head of a document of a type of this house."""
        return OrderHeader(
            account=account,
            document_on=self.today,
            type=self.types[code],
            currency=CurrencyFactory(code=currency),
        )

    def lines(self, seeds: Sequence[int]) -> list[LineInput]:
        """A line for each number; some are rebates, some carry tax or a discount."""
        prices = TIDY_PRICES if self.tidy else UGLY_PRICES
        found = []
        for place, seed in enumerate(seeds):
            price = prices[seed % 4]
            quantity = Decimal(10 * (seed // 4 % 3 + 1))
            is_rebate = place > 0 and seed // 36 % 4 == 3
            found.append(
                LineInput(
                    f"Goods {place}",
                    -quantity / 10 if is_rebate else quantity,
                    price if not is_rebate else min(price, Decimal(3)),
                    tax_percent=Decimal((0, 10, 22)[seed // 12 % 3]),
                    discount_percent=Decimal(0 if self.tidy else (0, 0, 12)[seed % 3]),
                )
            )
        return found

    def rows(self, document: Document) -> list[DocumentLine]:
        """Its lines, as what continues them needs them."""
        return list(
            document.lines.select_related(
                "document__type",
                "document__account__company",
                "document__account__customer",
                "document__currency",
                "document__payment_method",
                "document__payment_term",
                "document__ordered_by",
                "document__ship_to_customer",
            ).order_by("position")
        )
