"""Exposure and headroom of the coming weeks: dated flows and limits in, one curve out. Pure.

A flow is one value of today and its way: through which components it goes, on which days, and
when the customer is expected to pay it. Nothing is decided here, and nothing is added that does
not exist today. Amounts are in the account's currency, as the exposure counts them; figures of a
day are those at its end.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from credit_limits.engine.flows import payments
from credit_limits.engine.limits import effective_limit
from credit_limits.engine.types import ZERO, LimitFacts, LimitState

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from decimal import Decimal

    from credit_limits.engine.flows import Flow
    from credit_limits.engine.limits import LimitRow
    from credit_limits.engine.types import Component

WEEKS: Final = 12


@dataclass(frozen=True, slots=True)
class Point:
    """What changes on a day, and where the account stands at its end.

    `headroom` is None where no amount limits the account.
    """

    on: date
    exposure: Decimal
    expected_in: Decimal
    invoiced: Decimal
    limit: LimitFacts

    @property
    def headroom(self) -> Decimal | None:
        """Limit minus exposure."""
        ceiling = self.limit.ceiling
        return None if ceiling is None else ceiling - self.exposure


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days from `starts_on` to `ends_on`, both included.

    `opening` is the exposure before the week, `expected_in` what is paid in it, `invoiced` what
    becomes an open item, `exposure` and `limit` those at its end. `lowest` is the point with the
    lowest headroom (the highest exposure where no amount limits the account).
    """

    number: int
    starts_on: date
    ends_on: date
    opening: Decimal
    expected_in: Decimal
    invoiced: Decimal
    exposure: Decimal
    limit: LimitFacts
    lowest: Point

    @property
    def headroom(self) -> Decimal | None:
        """Limit minus exposure at the end of the week."""
        ceiling = self.limit.ceiling
        return None if ceiling is None else ceiling - self.exposure


@dataclass(frozen=True, slots=True)
class Curve:
    """The coming weeks of one account. `paid` tells what each flow is expected to bring in money.

    `points` are the days on which something changes, the first day always among them. `days_late`
    is the delay the flows were reckoned with.
    """

    as_of: date
    opening: Decimal
    weeks: tuple[Week, ...]
    points: tuple[Point, ...]
    flows: tuple[Flow, ...]
    paid: tuple[Decimal, ...]
    limits: tuple[LimitRow, ...]
    days_late: int = 0

    @property
    def ends_on(self) -> date:
        """The last day looked at."""
        return self.weeks[-1].ends_on

    @property
    def lowest(self) -> Point:
        """The point with the lowest headroom; the first of equal ones."""
        return _lowest(self.points)

    def point_on(self, day: date) -> Point:
        """Where the account stands at the end of a day, not before the first one."""
        last = [point for point in self.points if point.on <= day][-1]
        return last if last.on == day else _at(last, day)

    def expected_by(self, day: date) -> Decimal:
        """What is expected to be paid up to and including the day."""
        return sum((point.expected_in for point in self.points if point.on <= day), ZERO)

    def fits_from(self, amount: Decimal) -> date | None:
        """From which day on another `amount` fits to the end of the curve; None: it never does.

        A limit that is reached exactly is kept; without any limit nothing fits.
        """
        fits = None
        for point in reversed(self.points):
            if not _has_room(point, amount):
                break
            fits = point.on
        return fits


def _has_room(point: Point, amount: Decimal) -> bool:
    if point.limit.state is LimitState.UNLIMITED:
        return True
    return point.headroom is not None and point.headroom >= amount


def curve(
    flows: Iterable[Flow],
    *,
    as_of: date,
    counted: Collection[Component],
    limits: Sequence[LimitRow] = (),
    weeks: int = WEEKS,
    days_late: int = 0,
) -> Curve:
    """Exposure and headroom of `weeks` weeks from `as_of` on.

    `counted` are the components the policy counts, `limits` every dated row of the account. The
    opening is the sum of the flows that count today.
    """
    known = tuple(flows)
    paid = payments(known, counted)
    changes: dict[date, list[Decimal]] = defaultdict(lambda: [ZERO, ZERO, ZERO])
    for flow, money in zip(known, paid, strict=True):
        _add(changes, flow, money, counted)
    last = as_of + timedelta(days=7 * weeks - 1)
    days = {as_of, *changes, *(on for row in limits for on in (row.valid_from, row.valid_until))}
    opening = sum((flow.amount for flow in known if flow.start in counted), ZERO)
    points = []
    exposure = opening
    for on in sorted(day for day in days if day is not None and as_of <= day <= last):
        change, money, invoiced = changes[on]
        exposure += change
        points.append(Point(on, exposure, money, invoiced, effective_limit(limits, on)))
    return Curve(
        as_of=as_of,
        opening=opening,
        weeks=tuple(_weeks(points, opening, as_of, weeks)),
        points=tuple(points),
        flows=known,
        paid=paid,
        limits=tuple(limits),
        days_late=days_late,
    )


def _add(
    changes: dict[date, list[Decimal]], flow: Flow, money: Decimal, counted: Collection[Component]
) -> None:
    """What a flow changes on its days: the exposure, the money, what is newly invoiced."""
    before = flow.start
    for on, component in flow.steps[1:]:
        if flow.leaves_on is not None and on >= flow.leaves_on:
            break
        was, now = before in counted, component in counted
        changes[on][0] += flow.amount * (now - was)
        before = component
    if flow.invoiced_on is not None:
        changes[flow.invoiced_on][2] += flow.amount
    if flow.leaves_on is not None and flow.amount > ZERO:
        # What a credit settles leaves together with the credit.
        settled = money if flow.pays else flow.amount
        gone = settled if before in counted else settled - flow.amount
        changes[flow.leaves_on][0] -= gone
        changes[flow.leaves_on][1] += money


def _weeks(points: list[Point], opening: Decimal, as_of: date, weeks: int) -> Iterable[Week]:
    standing = points[0]
    for number in range(weeks):
        starts_on = as_of + timedelta(days=7 * number)
        ends_on = starts_on + timedelta(days=6)
        inside = [point for point in points if starts_on <= point.on <= ends_on]
        carried = [] if inside and inside[0].on == starts_on else [_at(standing, starts_on)]
        seen = carried + inside
        yield Week(
            number=number + 1,
            starts_on=starts_on,
            ends_on=ends_on,
            opening=opening,
            expected_in=sum((point.expected_in for point in inside), ZERO),
            invoiced=sum((point.invoiced for point in inside), ZERO),
            exposure=seen[-1].exposure,
            limit=seen[-1].limit,
            lowest=_lowest(seen),
        )
        standing = seen[-1]
        opening = standing.exposure


def _at(point: Point, on: date) -> Point:
    """The same standing on a later day, on which nothing changes."""
    return Point(on, point.exposure, ZERO, ZERO, point.limit)


def _lowest(points: Sequence[Point]) -> Point:
    def rank(point: Point) -> tuple[bool, Decimal]:
        headroom = point.headroom
        return (headroom is None, -point.exposure if headroom is None else headroom)

    return min(points, key=rank)
