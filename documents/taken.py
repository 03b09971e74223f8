"""Lines of other documents that took something of a line, and what was taken of those in turn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.prepared import prepared_cursor
from documents.models import Document, DocumentType, Nature

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from decimal import Decimal

# What a cancelled or refused document took is given back; a pro-forma never takes.
GONE: Final = (Document.Status.CANCELLED, Document.Status.REFUSED)

_TAKEN: Final = """
WITH RECURSIVE taken(
    step, id, source_id, quantity, net, reopens, price_only, kind, nature, status
) AS (
    SELECT 1, l.id, l.source_line_id, l.quantity, l.net_amount, l.reopens, l.price_only, t.kind,
           t.nature, d.status
    FROM documents_documentline l
    JOIN documents_document d ON d.id = l.document_id
    JOIN documents_documenttype t ON t.id = d.type_id
    WHERE l.source_line_id = ANY(%(lines)s) AND NOT t.is_pro_forma
      AND d.status <> ALL(%(gone)s) AND d.id <> %(without)s
    UNION ALL
    SELECT p.step + 1, l.id, l.source_line_id, l.quantity, l.net_amount, l.reopens, l.price_only,
           t.kind, t.nature, d.status
    FROM taken p
    JOIN documents_documentline l ON l.source_line_id = p.id
    JOIN documents_document d ON d.id = l.document_id
    JOIN documents_documenttype t ON t.id = d.type_id
    WHERE p.step < %(steps)s AND NOT t.is_pro_forma
      AND d.status <> ALL(%(gone)s) AND d.id <> %(without)s
)
-- A line asked about may itself continue another one: it is reached on two ways, and taken once.
SELECT DISTINCT id, source_id, quantity, net, reopens, price_only, kind, nature, status
FROM taken ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """A line of another document that continues the line `source_id`, in document units.

    `net` is its value before tax in document currency, positive on credit notes, too.
    """

    id: int
    source_id: int
    quantity: Decimal
    net: Decimal
    reopens: bool
    price_only: bool
    kind: DocumentType.Kind
    nature: Nature
    status: str

    @property
    def is_reverse(self) -> bool:
        """Whether its document takes something back."""
        return self.nature == Nature.REVERSE


type Tree = Mapping[int, list[Taken]]
"""Line → what was taken of it, with the lines that took something in turn."""


def taken_of(line_ids: Iterable[int], *, without: Document | None = None, steps: int = 2) -> Tree:
    """What was taken of these lines, over so many documents one after another. One statement.

    Drafts take, too. `without` leaves one document out, and what was taken of it.
    """
    wanted = list(line_ids)
    found: dict[int, list[Taken]] = {}
    if not wanted:
        return found
    with prepared_cursor() as cursor:
        cursor.execute(
            _TAKEN,
            {
                "lines": wanted,
                "gone": [str(status) for status in GONE],
                "without": (without and without.pk) or 0,
                "steps": steps,
            },
        )
        for key, source, quantity, net, reopens, price_only, kind, nature, status in cursor:
            line = Taken(
                key,
                source,
                quantity,
                net,
                reopens,
                price_only,
                DocumentType.Kind(kind),
                Nature(nature),
                status,
            )
            found.setdefault(source, []).append(line)
    return found


def below(tree: Tree, line_ids: Iterable[int]) -> Iterator[Taken]:
    """What was taken of these lines themselves."""
    for key in line_ids:
        yield from tree.get(key, ())
