"""What is left of a line for the documents that continue it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from documents.models import DocumentLine, DocumentType, Nature
from documents.taken import GONE, below, taken_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from documents.models import Document
    from documents.taken import Tree

Kind = DocumentType.Kind
ZERO: Final = Decimal(0)


@dataclass(slots=True)
class Continued:
    """Quantities of a line that other documents took, drafts included.

    `delivered_again` and `invoiced_again` were given back with a return or a credit note that
    opens the line again; `returned` came back at all, `credited` has a credit note.
    """

    ordered: Decimal = ZERO
    delivered: Decimal = ZERO
    delivered_again: Decimal = ZERO
    invoiced: Decimal = ZERO
    invoiced_again: Decimal = ZERO
    returned: Decimal = ZERO
    returned_credited: Decimal = ZERO
    credited: Decimal = ZERO

    @property
    def consumed(self) -> Decimal:
        """How much of an order line went on and did not come back."""
        return self.delivered - self.delivered_again + self.invoiced - self.invoiced_again


def continued(
    line_ids: Iterable[int], *, without: Document | None = None, tree: Tree | None = None
) -> dict[int, Continued]:
    """What was taken of each line; `without` leaves one document out.

    One statement, none when a `tree` of what was taken of these lines is there already.
    """
    found = {key: Continued() for key in line_ids}
    if tree is None:
        tree = taken_of(found, without=without)
    for child in below(tree, found):
        taken = found[child.source_id]
        back = [line for line in below(tree, [child.id]) if line.is_reverse]
        again = sum((line.quantity for line in back if line.reopens), ZERO)
        if child.kind == Kind.ORDER:
            taken.ordered += child.quantity
        elif child.kind == Kind.DELIVERY and not child.is_reverse:
            taken.delivered += child.quantity
            taken.delivered_again += again
        elif child.kind == Kind.DELIVERY:
            taken.returned += child.quantity
            taken.returned_credited += sum((line.quantity for line in back), ZERO)
        elif child.kind == Kind.INVOICE and not child.is_reverse:
            taken.invoiced += child.quantity
            taken.invoiced_again += again
        elif child.kind == Kind.INVOICE and not child.price_only:
            taken.credited += child.quantity
    return found


def remaining(
    lines: Iterable[DocumentLine],
    target: DocumentType,
    *,
    without: Document | None = None,
    tree: Tree | None = None,
) -> dict[int, Decimal]:
    """The quantity of each line that a document of type `target` may still take (never below 0).

    Lines need `document__type` loaded. Of an order neither what was delivered nor what was
    invoiced directly is left; of a delivery what was neither invoiced nor came back uninvoiced.
    """
    rows = list(lines)
    rest = balances(rows, target, without=without, tree=tree)
    return {line.pk: rest[line.pk] if rest[line.pk] * line.quantity > 0 else ZERO for line in rows}


def balances(
    lines: Iterable[DocumentLine],
    target: DocumentType,
    *,
    without: Document | None = None,
    tree: Tree | None = None,
) -> dict[int, Decimal]:
    """The same, but beyond nothing where more was taken than there was (a tolerated excess)."""
    rows = list(lines)
    taken = continued([line.pk for line in rows], without=without, tree=tree)
    rest = {
        line.pk: line.quantity - _taken(line.document.type, target, taken[line.pk]) for line in rows
    }
    billed = [line for line in rows if line.document.type.kind == Kind.INVOICE]
    if not billed:
        return rest
    if target.kind == Kind.DELIVERY:
        return rest | dict.fromkeys(_not_to_deliver(billed), ZERO)
    return rest | _deductions_left(billed)


def _not_to_deliver(lines: Collection[DocumentLine]) -> list[int]:
    """Invoice lines that stand for no goods to come: those of a delivery, and deductions."""
    return _continuing(lines, (Kind.DELIVERY, Kind.ADVANCE))


def _deductions_left(lines: Collection[DocumentLine]) -> dict[int, Decimal]:
    """What a credit note may give back of invoice lines that deducted an advance.

    It names the advance itself, so that the advance can be deducted again.
    """
    keys = set(_continuing(lines, (Kind.ADVANCE,)))
    rows = [line for line in lines if line.pk in keys]
    used = deducted([line.source_line_id for line in rows if line.source_line_id]) if rows else {}
    return {
        line.pk: line.quantity
        if abs(used.get(line.source_line_id or 0, ZERO)) >= abs(line.net_amount)
        else ZERO
        for line in rows
    }


def _continuing(lines: Collection[DocumentLine], kinds: Collection[str]) -> list[int]:
    """Those of the lines that continue a document of these kinds. No statement when all know it."""
    known = all(
        line.source_line_id is None or DocumentLine.source_line.is_cached(line) for line in lines
    )
    if known:
        return [
            line.pk
            for line in lines
            if line.source_line and line.source_line.document.type.kind in kinds
        ]
    return list(
        DocumentLine.objects.filter(
            pk__in=[line.pk for line in lines], source_line__document__type__kind__in=kinds
        ).values_list("pk", flat=True)
    )


def deducted(advance_line_ids: Iterable[int]) -> dict[int, Decimal]:
    """Net value that standing documents took off each advance line, less what came back of it.

    A deduction is negative on an invoice; a credit note on the advance is positive on paper, one
    that gives back a deduction negative.
    """
    lines = DocumentLine.objects.filter(
        source_line__in=list(advance_line_ids), document__type__is_pro_forma=False
    ).exclude(document__status__in=GONE)
    found: dict[int, Decimal] = {}
    for source, net, nature in lines.values_list(
        "source_line", "net_amount", "document__type__nature"
    ):
        if source is not None:
            way = 1 if nature == Nature.REVERSE else -1
            found[source] = found.get(source, ZERO) + way * net
    return found


def gone_on(kind: str, taken: Continued) -> Decimal:
    """How much of a line of a document of this kind went on: it cannot promise less."""
    if kind == Kind.QUOTE:
        return taken.ordered
    if kind == Kind.ORDER:
        return taken.consumed
    if kind == Kind.DELIVERY:
        kept = taken.invoiced - taken.invoiced_again + taken.returned - taken.returned_credited
        return max(kept, taken.returned, key=abs)
    return max(taken.credited, taken.delivered - taken.delivered_again, key=abs)


def _taken(source: DocumentType, target: DocumentType, taken: Continued) -> Decimal:
    if target.nature == Nature.REVERSE:
        return taken.returned if target.kind == Kind.DELIVERY else taken.credited
    if source.kind == Kind.QUOTE:
        return taken.ordered
    if source.kind == Kind.ORDER:
        return taken.consumed
    if source.kind == Kind.INVOICE:  # goods that were invoiced before they go out
        return taken.delivered - taken.delivered_again
    return taken.invoiced - taken.invoiced_again + taken.returned - taken.returned_credited
