"""Where the bars of the coming weeks stand. Figures in, positions out; no markup, no database."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from credit_limits.engine.timeline import Curve, Week

ZERO: Final = Decimal(0)
HEIGHT: Final = 100


@dataclass(frozen=True, slots=True)
class Bar:
    """One week on a viewBox of 100 × 100, measured from the top.

    The bar is the exposure at the end of the week, above it what is paid in it. `limit_top` is
    None where no amount limits the account. `tone` is items, or bad over the limit.
    """

    week: Week
    top: str
    height: str
    paid_top: str
    paid_height: str
    limit_top: str | None
    tone: str


def bars(curve: Curve) -> tuple[Bar, ...]:
    """The weeks of a curve against the highest of exposure and limit."""
    highest = max(
        [Decimal(1)]
        + [max(week.exposure, ZERO) + week.expected_in for week in curve.weeks]
        + [week.limit.ceiling or ZERO for week in curve.weeks]
    ) * Decimal("1.04")
    return tuple(_bar(week, highest) for week in curve.weeks)


def _bar(week: Week, highest: Decimal) -> Bar:
    left = _units(max(week.exposure, ZERO), highest)
    paid = _units(week.expected_in, highest)
    ceiling = week.limit.ceiling
    lowest = week.lowest.headroom
    return Bar(
        week=week,
        top=f"{HEIGHT - left:.2f}",
        height=f"{left:.2f}",
        paid_top=f"{HEIGHT - left - paid:.2f}",
        paid_height=f"{paid:.2f}",
        limit_top=None if ceiling is None else f"{HEIGHT - _units(ceiling, highest):.2f}",
        tone="bad" if lowest is not None and lowest < 0 else "items",
    )


def _units(amount: Decimal, highest: Decimal) -> Decimal:
    return amount * HEIGHT / highest
