"""What a generated portfolio looks like: who buys how much, and how far each sale has come. Pure.

Customers follow Zipf's law (few buy much); amounts are skewed the same way. Shares are of the
orders; they are invented, so that every state occurs and most of what is old is settled.
"""

from __future__ import annotations

from bisect import bisect
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import accumulate
from random import Random
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

ZIPF_EXPONENT: Final = 0.9
CENT: Final = Decimal("0.01")
TAX_PERCENT: Final = Decimal(22)


class Stage(StrEnum):
    """How far a sale has come."""

    QUOTED = "quoted"
    ORDERED = "ordered"
    PART_DELIVERED = "part_delivered"
    DELIVERED = "delivered"
    INVOICE_DRAFTED = "invoice_drafted"
    POSTED = "posted"
    RETURNED = "returned"
    CANCELLED = "cancelled"


# Stage → share of the sales and number of documents it takes.
STAGES: Final[tuple[tuple[Stage, int, int], ...]] = (
    (Stage.QUOTED, 4, 1),
    (Stage.ORDERED, 12, 1),
    (Stage.PART_DELIVERED, 5, 2),
    (Stage.DELIVERED, 5, 2),
    (Stage.INVOICE_DRAFTED, 4, 3),
    (Stage.POSTED, 62, 3),
    (Stage.RETURNED, 4, 4),
    (Stage.CANCELLED, 4, 1),
)


@dataclass(frozen=True, slots=True)
class Good:
    """A line: quantity, unit price, and what they come to with tax."""

    quantity: Decimal
    unit_price: Decimal

    @property
    def net(self) -> Decimal:
        """Quantity times price, in cents."""
        return (self.quantity * self.unit_price).quantize(CENT)

    @property
    def tax(self) -> Decimal:
        """Tax on the rounded net."""
        return (self.net * TAX_PERCENT / 100).quantize(CENT)

    def part(self, quantity: Decimal) -> Good:
        """The same good, so much of it."""
        return Good(quantity, self.unit_price)


class Dice:
    """Seeded choices. The same seed gives the same portfolio."""

    def __init__(self, seed: int, customers: int, today: date) -> None:
        self.random = Random(seed)  # noqa: S311 - invented figures, not secrets
        self.today = today
        self.weights = list(accumulate(1 / rank**ZIPF_EXPONENT for rank in range(1, customers + 1)))

    def customer(self) -> int:
        """The place of a customer, small places more often."""
        return bisect(self.weights, self.random.random() * self.weights[-1])

    def stage(self) -> tuple[Stage, int]:
        """How far a sale has come, and how many documents that takes."""
        point = self.random.randrange(sum(share for _stage, share, _count in STAGES))
        for stage, share, count in STAGES:
            point -= share
            if point < 0:
                return stage, count
        raise AssertionError

    def stage_within(self, most: int) -> Stage:
        """A stage that takes at most so many documents (one or more)."""
        while True:
            stage, count = self.stage()
            if count <= most:
                return stage

    def goods(self) -> list[Good]:
        """One to four lines."""
        return [
            Good(
                Decimal(self.random.randint(1, 40)),
                Decimal(self.random.randint(200, 40_000)).scaleb(-2),
            )
            for _line in range(self.random.randint(1, 4))
        ]

    def amount(self) -> Decimal:
        """An amount of an invoice from elsewhere: mostly hundreds, rarely tens of thousands."""
        return Decimal(f"{self.random.lognormvariate(6.2, 1.1) + 1:.2f}")

    def day(self, back: int, until: int = 0) -> date:
        """A day between `back` and `until` days ago."""
        return self.today - timedelta(days=self.random.randint(until, back))

    def late(self) -> int:
        """Days from due to paid: two thirds on time, a tail of late ones."""
        if self.random.random() < 0.66:
            return -self.random.randint(0, 10)
        return min(int(self.random.expovariate(1 / 18)) + 1, 200)

    def chance(self, percent: int) -> bool:
        """True in so many of a hundred cases."""
        return self.random.randrange(100) < percent

    def split(self, goods: Sequence[Good]) -> list[Good]:
        """A part of every good, at least one unit of each."""
        return [good.part(Decimal(self.random.randint(1, int(good.quantity)))) for good in goods]
