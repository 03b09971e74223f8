"""Which limit holds on a day: dated, approved rows in, one explicit state out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from credit_limits.engine.types import ZERO, LimitFacts, LimitState

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal


class LimitKind(StrEnum):
    """A permanent limit replaces its predecessor; a temporary one comes on top of it."""

    PERMANENT = "permanent"
    TEMPORARY = "temporary"


@dataclass(frozen=True, slots=True)
class LimitRow:
    """One dated row of one scope, in the scope's currency.

    `valid_from` is inclusive, `valid_until` exclusive (None = open-ended). `amount` is only read
    when state is AMOUNT.
    """

    kind: LimitKind
    state: LimitState
    amount: Decimal
    valid_from: date
    valid_until: date | None
    approved: bool

    def holds_on(self, day: date) -> bool:
        """Whether the row gives credit on this day."""
        return (
            self.approved
            and self.valid_from <= day
            and (self.valid_until is None or day < self.valid_until)
        )

    @property
    def value(self) -> Decimal:
        """The amount the row grants (0.00 for none, zero and unlimited)."""
        return self.amount if self.state is LimitState.AMOUNT else ZERO


def effective_limit(rows: Iterable[LimitRow], as_of: date) -> LimitFacts:
    """The limit that holds on `as_of`.

    Rows that are not approved, not yet valid or expired give nothing. Of several permanent rows
    the one that started last holds (of two that started together, the lower or shorter). Temporary
    rows add up, on top of the permanent one or on their own. UNLIMITED, permanent or temporary,
    wins over every amount. A row with state NONE takes a permanent limit away. Nothing left
    means NONE; a sum of 0.00 means ZERO, never NONE.
    """
    live = [row for row in rows if row.holds_on(as_of)]
    permanent = _latest(row for row in live if row.kind is LimitKind.PERMANENT)
    temporaries = [
        row for row in live if row.kind is LimitKind.TEMPORARY and row.state is not LimitState.NONE
    ]
    giving = ([] if permanent is None else [permanent]) + temporaries
    if not giving:
        return LimitFacts(state=LimitState.NONE)
    permanent_amount = ZERO if permanent is None else permanent.value
    temporary_amount = sum((row.value for row in temporaries), ZERO)
    total = permanent_amount + temporary_amount
    unlimited = [row for row in giving if row.state is LimitState.UNLIMITED]
    if unlimited:
        state = LimitState.UNLIMITED
        giving = unlimited
    else:
        state = LimitState.AMOUNT if total > ZERO else LimitState.ZERO
    return LimitFacts(
        state=state,
        amount=total if state is LimitState.AMOUNT else ZERO,
        permanent=permanent_amount,
        temporary=temporary_amount,
        valid_to=_last_day(giving, any_of_them=bool(unlimited)),
    )


def _latest(rows: Iterable[LimitRow]) -> LimitRow | None:
    """The permanent row that holds; None when there is none or it takes the limit away."""
    ordered = sorted(
        rows,
        key=lambda row: (
            row.valid_from,
            row.state is not LimitState.UNLIMITED,
            -row.value,
            row.state is LimitState.NONE,
            -(row.valid_until or date.max).toordinal(),
        ),
    )
    if not ordered or ordered[-1].state is LimitState.NONE:
        return None
    return ordered[-1]


def _last_day(rows: list[LimitRow], *, any_of_them: bool) -> date | None:
    """The last day on which these rows give the same figure (inclusive), None = open-ended.

    An amount changes when the first of its rows ends; "unlimited" lasts as long as one row says so.
    """
    ends = [row.valid_until for row in rows]
    known = [end for end in ends if end is not None]
    if not known or (any_of_them and len(known) < len(ends)):
        return None
    return (max(known) if any_of_them else min(known)) - timedelta(days=1)
