"""From quote to payment: the documents one document came from and led to, and what they became."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from django.db.models import Q
from django.db.models.expressions import RawSQL

from core.money import ZERO
from documents.models import Document, DocumentType
from documents.where import Place, item_places, places
from documents.words import named
from ledger.models import Allocation, OpenItem

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from decimal import Decimal

    from credit_limits.engine.types import PolicyFacts
    from ledger.models import JournalEntry

Kind = DocumentType.Kind
MOST: Final = 40
"""Documents of a chain that a page shows; a collective invoice may stand for more."""

_ORDER: Final = (
    Kind.QUOTE,
    Kind.ORDER,
    Kind.DELIVERY,
    Kind.ADVANCE,
    Kind.INVOICE,
    Kind.COUNTER,
    Kind.CHARGE,
    Kind.RECEIPT,
    Kind.MOVE,
)

# Up to what it came from and down to what it led to; lines of one step are joined at a time.
_CHAIN: Final = """
WITH RECURSIVE up(id, depth) AS (
    SELECT %s::bigint, 0
    UNION
    SELECT s.document_id, u.depth + 1
    FROM up u
    JOIN documents_documentline l ON l.document_id = u.id
    JOIN documents_documentline s ON s.id = l.source_line_id
    WHERE u.depth < 5
),
down(id, depth) AS (
    SELECT %s::bigint, 0
    UNION
    SELECT n.document_id, w.depth + 1
    FROM down w
    JOIN documents_documentline l ON l.document_id = w.id
    JOIN documents_documentline n ON n.source_line_id = l.id
    WHERE w.depth < 5
)
SELECT DISTINCT id FROM (SELECT id FROM up UNION ALL SELECT id FROM down) every
"""


@dataclass(frozen=True, slots=True)
class Settlement:
    """What settles a posted document, or what it settles: an entry, and how much of it."""

    entry: JournalEntry
    item_id: int
    on: date
    amount: Decimal


@dataclass(slots=True)
class Link:
    """A document of the chain with what it counts now and what the ledger made of it."""

    document: Document
    is_this: bool
    places: list[Place] = field(default_factory=list)
    items: list[OpenItem] = field(default_factory=list)
    settlements: list[Settlement] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The document with its type."""
        return named(self.document)

    @property
    def signed_amount(self) -> Decimal:
        """What it is worth, below zero where it comes back."""
        amount: Decimal = self.document.gross_amount
        return amount * self.document.sign

    @property
    def open_amount(self) -> Decimal:
        """What is open of its items, in its currency."""
        return sum((item.open_amount for item in self.items), ZERO)


@dataclass(frozen=True, slots=True)
class Chain:
    """The documents in the order of the cycle; `more` were left out."""

    links: list[Link]
    more: int = 0

    @property
    def this(self) -> Link:
        """The document whose chain it is."""
        return next(link for link in self.links if link.is_this)

    @property
    def is_linked(self) -> bool:
        """Whether there is anything besides the document itself."""
        return len(self.links) > 1

    @property
    def elsewhere(self) -> list[tuple[Link, Place]]:
        """The places in which linked documents have value."""
        return [(link, place) for link in self.links if not link.is_this for place in link.places]


def chain(document: Document, policy: PolicyFacts | None = None) -> Chain:
    """The chain of a document. Four statements, however long it is; one more without its `policy`.

    Linked documents have one account, so whoever may see one may see all of them.
    """
    ids = RawSQL(_CHAIN, [document.pk, document.pk])  # noqa: S611 - a constant text
    rows = list(
        Document.objects.filter(pk__in=ids).exclude(pk=document.pk).select_related("type", "entry")
    )
    rows.sort(key=lambda row: (_ORDER.index(Kind(row.type.kind)), row.document_on, row.pk))
    shown = [*rows[: MOST - 1], document]
    shown.sort(key=lambda row: (_ORDER.index(Kind(row.type.kind)), row.document_on, row.pk))
    links = {row.pk: Link(row, row.pk == document.pk) for row in shown}
    values = places(document.account, list(links), policy)
    for key, link in links.items():
        link.places = values.get(key, [])
    _ledger(links.values())
    return Chain(list(links.values()), max(len(rows) - (MOST - 1), 0))


def _ledger(links: Iterable[Link]) -> None:
    """Fill in the items of posted documents and what settled them."""
    by_entry = {link.document.entry_id: link for link in links if link.document.entry_id}
    if not by_entry:
        return
    owner: dict[int, Link] = {}
    for item in OpenItem.objects.filter(entry__in=by_entry).order_by("due_on", "instalment"):
        link = by_entry[item.entry_id]
        link.items.append(item)
        owner[item.pk] = link
    for link in by_entry.values():
        link.places += item_places(link.document, link.items)
    _settled(owner)


def _settled(owner: dict[int, Link]) -> None:
    """Add what was applied to the items, each counterpart once, reversals taken off.

    One statement for both sides: an item of one document may settle that of another.
    """
    rows = list(
        Allocation.objects.filter(Q(debit_item__in=owner) | Q(credit_item__in=owner))
        .select_related("debit_item__entry", "credit_item__entry")
        .order_by("allocated_on", "pk")
    )
    for side, other in (("debit_item", "credit_item"), ("credit_item", "debit_item")):
        sums: dict[tuple[int, int], Decimal] = defaultdict(lambda: ZERO)
        last: dict[tuple[int, int], Allocation] = {}
        for row in rows:
            if (own := getattr(row, f"{side}_id")) in owner:
                key = (owner[own].document.pk, getattr(row, f"{other}_id"))
                sums[key] += row.amount
                last[key] = row
        for key, row in last.items():
            if sums[key]:
                item: OpenItem = getattr(row, other)
                owner[getattr(row, f"{side}_id")].settlements.append(
                    Settlement(item.entry, item.pk, row.allocated_on, sums[key])
                )
