"""Geometry of the server-drawn charts: figures in, positions out. No markup, no words, no database.

Positions are strings, so that no template localises them (`12,5` is no SVG length). Widths run
over a viewBox of 1000 units that the stylesheet stretches; heights over 100.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

LimitState = Literal["none", "zero", "amount", "unlimited"]
Tone = Literal["ok", "warn", "bad", "mute"]

WIDTH: Final = 1000
ZERO: Final = Decimal(0)
# Presentation colours for paper and PDF, where the stylesheet does not reach into the SVG.
FILLS: Final[dict[str, str]] = {
    "orders": "#b3c5ee",
    "delivered": "#8da8e3",
    "invoices": "#6687d4",
    "items": "#3358b8",
    "bills-issued": "#6f5fb8",
    "bills-presented": "#9287cf",
    "bills-returned": "#8c3f74",
    "credits": "#7b8798",
    "this": "#e29a0c",
    "ok": "#1f9d63",
    "warn": "#e29a0c",
    "bad": "#d43c37",
    "info": "#3b78d8",
    "mute": "#c6cdd8",
    "age-0": "#9fb4dd",
    "age-1": "#f0c674",
    "age-2": "#e9a23b",
    "age-3": "#dd6f43",
    "age-4": "#c43c3a",
    "age-5": "#92232c",
}


# Component of exposure → colour, the same on every page that draws one.
COMPONENT_COLOURS: Final[Mapping[str, str]] = {
    "order_open": "orders",
    "delivered_uninvoiced": "delivered",
    "invoice_draft": "invoices",
    "invoice_open": "items",
    "invoice_overdue": "age-4",
    "bill_issued": "bills-issued",
    "bill_presented": "bills-presented",
    "bill_returned": "bills-returned",
    "credits": "credits",
}


@dataclass(frozen=True, slots=True)
class Part:
    """One named amount. `key` picks the colour (a key of FILLS), `url` opens what it is made of."""

    key: str
    label: str
    amount: Decimal
    url: str = ""

    @property
    def fill(self) -> str:
        """The colour for paper."""
        return FILLS.get(self.key, FILLS["mute"])


@dataclass(frozen=True, slots=True)
class Segment:
    """A part with its place on the bar, in viewBox units."""

    part: Part
    x: str
    width: str


@dataclass(frozen=True, slots=True)
class Meter:
    """A stacked bar of exposure against a limit.

    `used` and `projected` are net of credits; `headroom` is None where there is no limit.
    `percent` is projected ÷ limit × 100, None likewise.
    """

    parts: tuple[Part, ...]
    segments: tuple[Segment, ...]
    credit: Segment | None
    this: Segment | None
    over: Segment | None
    free: Segment | None
    limit_x: str | None
    limit: Decimal | None
    limit_state: LimitState
    used: Decimal
    this_amount: Decimal
    projected: Decimal
    headroom: Decimal | None
    percent: Decimal | None
    tone: Tone

    @property
    def over_amount(self) -> Decimal:
        """How far projected exposure lies over the limit; zero when it does not."""
        return max(ZERO, -self.headroom) if self.headroom is not None else ZERO


def position(value: Decimal, scale: Decimal) -> str:
    """`value` on a bar whose full width means `scale`, clamped to the bar."""
    share = min(max(value / scale, ZERO), Decimal(1)) if scale else ZERO
    return f"{share * WIDTH:.2f}"


def _segment(part: Part, start: Decimal, end: Decimal, scale: Decimal) -> Segment:
    left, right = Decimal(position(start, scale)), Decimal(position(end, scale))
    return Segment(part, f"{left:.2f}", f"{max(ZERO, right - left):.2f}")


def _stack(parts: Sequence[Part], scale: Decimal) -> tuple[Segment, ...]:
    segments: list[Segment] = []
    start = ZERO
    for part in parts:
        if part.amount > 0:
            segments.append(_segment(part, start, start + part.amount, scale))
            start += part.amount
    return tuple(segments)


def _tone(state: LimitState, limit: Decimal, projected: Decimal, warn_percent: Decimal) -> Tone:
    if state == "unlimited":
        return "ok"
    if state == "none":
        return "warn" if projected > 0 else "mute"
    if projected > limit:
        return "bad"
    return "warn" if projected > 0 and projected * 100 >= limit * warn_percent else "ok"


def limit_meter(
    parts: Sequence[Part],
    *,
    limit: Decimal | None = None,
    limit_state: LimitState = "amount",
    this_amount: Decimal = ZERO,
    warn_percent: Decimal = Decimal(90),
) -> Meter:
    """The meter of `parts` (exposure components, credits negative) against a limit.

    `this_amount` is the document being entered, shown on top of the rest. Over means projected is
    greater than the limit; equal is within. `warn_percent` is where "near" begins.
    """
    gross = sum((part.amount for part in parts if part.amount > 0), ZERO)
    used = sum((part.amount for part in parts), ZERO)
    projected = used + this_amount
    bound = (limit or ZERO) if limit_state in {"amount", "zero"} else ZERO
    limited = limit_state in {"amount", "zero"}
    scale = max(bound, gross, projected, Decimal(1)) * Decimal("1.03")
    headroom = bound - projected if limited else None
    credit_amount = gross - max(used, ZERO)
    return Meter(
        parts=tuple(parts),
        segments=_stack(parts, scale),
        credit=_segment(Part("credits", "", -credit_amount), max(used, ZERO), gross, scale)
        if credit_amount > 0
        else None,
        this=_segment(Part("this", "", this_amount), used, projected, scale)
        if this_amount > 0
        else None,
        over=_segment(Part("bad", "", projected - bound), bound, projected, scale)
        if limited and projected > bound
        else None,
        free=_segment(Part("ok", "", bound - projected), projected, bound, scale)
        if limited and bound > projected
        else None,
        limit_x=position(bound, scale) if limited else None,
        limit=bound if limited else None,
        limit_state=limit_state,
        used=used,
        this_amount=this_amount,
        projected=projected,
        headroom=headroom,
        percent=projected * 100 / bound if limited and bound else None,
        tone=_tone(limit_state, bound, projected, warn_percent),
    )


@dataclass(frozen=True, slots=True)
class Stack:
    """A bar of shares of one total."""

    segments: tuple[Segment, ...]
    parts: tuple[Part, ...]
    total: Decimal


def stacked_bar(parts: Sequence[Part]) -> Stack:
    """`parts` as shares of their positive sum; `total` is the net sum, as the legend shows it."""
    gross = sum((part.amount for part in parts if part.amount > 0), ZERO)
    total = sum((part.amount for part in parts), ZERO)
    return Stack(_stack(parts, gross), tuple(parts), total)


@dataclass(frozen=True, slots=True)
class Column:
    """One bar of a column or row chart; `length` of 100 (columns) or 1000 (rows) units."""

    part: Part
    top: str
    height: str
    width: str
    percent: Decimal


def columns(parts: Sequence[Part], *, whole: Decimal | None = None) -> tuple[Column, ...]:
    """`parts` drawn against the largest of them; `percent` is each one's share of the positive sum,
    or of `whole` when the parts are only the largest of many.

    Amounts below zero have no length. A part that is not zero keeps a hairline, so that it is seen.
    """
    largest = max((part.amount for part in parts), default=ZERO)
    gross = (
        sum((part.amount for part in parts if part.amount > 0), ZERO) if whole is None else whole
    )
    drawn: list[Column] = []
    for part in parts:
        share = max(part.amount, ZERO) / largest if largest > 0 else ZERO
        if part.amount > 0:
            share = max(share, Decimal("0.01"))
        height = share * 100
        drawn.append(
            Column(
                part=part,
                top=f"{100 - height:.2f}",
                height=f"{height:.2f}",
                width=f"{share * WIDTH:.2f}",
                percent=max(part.amount, ZERO) * 100 / gross if gross else ZERO,
            )
        )
    return tuple(drawn)


@dataclass(frozen=True, slots=True)
class Spark:
    """A line without axes on a viewBox of 100 × 24, and the area under it."""

    line: str
    area: str
    first: Decimal
    last: Decimal


def sparkline(values: Sequence[Decimal]) -> Spark | None:
    """`values`, oldest first, evenly spaced; None for fewer than two."""
    if len(values) < 2:
        return None
    low, high = min(values), max(values)
    span = (high - low) or Decimal(1)
    step = Decimal(100) / (len(values) - 1)
    points = [
        f"{index * step:.2f},{22 - (value - low) / span * 20:.2f}"
        for index, value in enumerate(values)
    ]
    line = " ".join(points)
    return Spark(line, f"0,24 {line} 100,24", values[0], values[-1])
