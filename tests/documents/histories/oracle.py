"""What every document and every item is worth, counted slowly from the raw rows.

Written from the rules in docs/exposure.md, not from the statements that the application runs. It
imports nothing of ours (an import contract proves it): rows are read by model name with
`.values()`, and everything else is plain Python over dictionaries.

A *paper* is a document as it stood at some moment, with its lines; `oracle_papers.Papers` is a set
of them.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.utils import timezone

if TYPE_CHECKING:
    from collections.abc import Iterable

NOTHING = Decimal(0)
STANDING = {"submitted", "released", "closed", "posted"}
ON_THE_WAY = {"draft", "submitted", "released"}
MAY_WAIT = {"order", "delivery", "invoice", "advance", "counter", "charge"}
BILLS = {"invoice", "advance"}

type Row = dict[str, Any]
# (account, component, document) → amount, and amount in company currency (None: no rate)
type Worth = dict[tuple[int, str, int], tuple[Decimal, Decimal | None]]


@dataclass(frozen=True)
class Terms:
    """How a policy reads an account; the fields are told in docs/exposure.md."""

    deliveries_count: bool = True
    drafts_count: bool = True
    unprinted_count: bool = True
    printed_orders_only: bool = False
    with_tax: bool = True
    start_on: datetime.date | None = None
    horizon_days: int | None = None
    ledger_base: bool = False
    provisional: bool = False
    disputed: bool = True
    grace_discount: int = 0
    grace_subject: int = 0
    grace_after: int = 0


@dataclass(frozen=True)
class Day:
    """The day asked about, whether dates filter, and until when something must be known."""

    on: datetime.date
    today: datetime.date
    known_at: datetime.datetime | None = None

    @property
    def is_current(self) -> bool:
        """Whether the day was not over yet when it was known: then whatever was known counts."""
        if self.known_at is None:
            return self.on >= self.today
        return self.on >= timezone.localdate(self.known_at)

    def has(self, day: datetime.date) -> bool:
        """Whether something of `day` lies within."""
        return self.is_current or day <= self.on

    def knows(self, moment: datetime.datetime) -> bool:
        """Whether something entered at `moment` was known."""
        return self.known_at is None or moment <= self.known_at


def cents(amount: Decimal) -> Decimal:
    """Rounded half up to cents."""
    return amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def share(value: Decimal, units: Decimal, quantity: Decimal) -> Decimal:
    """The part of a line's value that `units` of its quantity are worth."""
    return cents(value * units / quantity)


def rest(value: Decimal, gone: Decimal, quantity: Decimal) -> Decimal:
    """What stays of a line's value when `gone` of its quantity went on: no cent gets lost."""
    return value - share(value, gone, quantity)


def toward(quantity: Decimal, amount: Decimal) -> Decimal:
    """`amount` in the direction of `quantity`, never beyond zero: a rebate line runs below it."""
    return max(amount, NOTHING) if quantity > 0 else min(amount, NOTHING)


def nearer(quantity: Decimal, first: Decimal, second: Decimal) -> Decimal:
    """The smaller of two amounts in the direction of `quantity`."""
    return min(first, second) if quantity > 0 else max(first, second)


# --- Raw rows --------------------------------------------------------------------------------


def papers_now(account_ids: Iterable[int]) -> dict[int, Row]:
    """The documents of these accounts as stored, each with its lines."""
    documents: dict[int, Row] = {
        row["id"]: {**row, "lines": []}
        for row in apps.get_model("documents", "Document")
        .objects.filter(account__in=list(account_ids))
        .values(
            "id", "version", "account_id", "currency_id", "rate", "status", "document_on",
            "delivery_on", "printed_on", "posted_on", "paid_amount", "gross_amount",
            "type__kind", "type__nature", "type__counts_as_credit", "type__is_pro_forma",
        )
    }  # fmt: skip
    for line in (
        apps.get_model("documents", "DocumentLine")
        .objects.filter(document__in=documents)
        .order_by("id")
        .values(
            "id", "document_id", "quantity", "net_amount", "gross_amount", "source_line_id",
            "reopens", "price_only", "source_line__document__type__kind",
        )
    ):  # fmt: skip
        documents[line["document_id"]]["lines"].append(line)
    return documents
