"""What is left of a line for the documents that continue it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from documents.models import Document, DocumentLine, DocumentType, Nature

if TYPE_CHECKING:
    from collections.abc import Iterable

Kind = DocumentType.Kind
ZERO: Final = Decimal(0)
# What a cancelled or refused document took is given back; a pro-forma never takes.
GONE: Final = (Document.Status.CANCELLED, Document.Status.REFUSED)


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


def continued(line_ids: Iterable[int], *, without: Document | None = None) -> dict[int, Continued]:
    """What was taken of each line; `without` leaves one document out. Two statements."""
    wanted = list(line_ids)
    found = {key: Continued() for key in wanted}
    children = list(_lines(wanted, without))
    grandchildren: dict[int, list[DocumentLine]] = {}
    for line in _lines([child.pk for child in children], without):
        grandchildren.setdefault(line.source_line_id or 0, []).append(line)
    for child in children:
        taken = found[child.source_line_id or 0]
        back = [
            line
            for line in grandchildren.get(child.pk, [])
            if line.document.type.nature == Nature.REVERSE
        ]
        again = sum((line.quantity for line in back if line.reopens), ZERO)
        kind, reverse = child.document.type.kind, child.document.type.nature == Nature.REVERSE
        if kind == Kind.ORDER:
            taken.ordered += child.quantity
        elif kind == Kind.DELIVERY and not reverse:
            taken.delivered += child.quantity
            taken.delivered_again += again
        elif kind == Kind.DELIVERY:
            taken.returned += child.quantity
            taken.returned_credited += sum((line.quantity for line in back), ZERO)
        elif kind == Kind.INVOICE and not reverse:
            taken.invoiced += child.quantity
            taken.invoiced_again += again
        elif kind == Kind.INVOICE and not child.price_only:
            taken.credited += child.quantity
    return found


def _lines(source_ids: list[int], without: Document | None) -> Iterable[DocumentLine]:
    if not source_ids:
        return ()
    lines = (
        DocumentLine.objects.filter(source_line__in=source_ids, document__type__is_pro_forma=False)
        .exclude(document__status__in=GONE)
        .select_related("document__type")
        .order_by("pk")
    )
    return lines if without is None else lines.exclude(document=without)


def remaining(
    lines: Iterable[DocumentLine], target: DocumentType, *, without: Document | None = None
) -> dict[int, Decimal]:
    """The quantity of each line that a document of type `target` may still take (never below 0).

    Lines need `document__type` loaded. Of an order neither what was delivered nor what was
    invoiced directly is left; of a delivery what was neither invoiced nor came back uninvoiced.
    """
    rows = list(lines)
    rest = balances(rows, target, without=without)
    return {line.pk: rest[line.pk] if rest[line.pk] * line.quantity > 0 else ZERO for line in rows}


def balances(
    lines: Iterable[DocumentLine], target: DocumentType, *, without: Document | None = None
) -> dict[int, Decimal]:
    """The same, but beyond nothing where more was taken than there was (a tolerated excess)."""
    rows = list(lines)
    taken = continued([line.pk for line in rows], without=without)
    rest = {
        line.pk: line.quantity - _taken(line.document.type, target, taken[line.pk]) for line in rows
    }
    billed = [line for line in rows if line.document.type.kind == Kind.INVOICE]
    if not billed:
        return rest
    if target.kind == Kind.DELIVERY:
        return rest | dict.fromkeys(_not_to_deliver(billed), ZERO)
    return rest | _deductions_left(billed)


def _not_to_deliver(lines: Iterable[DocumentLine]) -> list[int]:
    """Invoice lines that stand for no goods to come: those of a delivery, and deductions."""
    return list(
        DocumentLine.objects.filter(
            pk__in=[line.pk for line in lines],
            source_line__document__type__kind__in=(Kind.DELIVERY, Kind.ADVANCE),
        ).values_list("pk", flat=True)
    )


def _deductions_left(lines: Iterable[DocumentLine]) -> dict[int, Decimal]:
    """What a credit note may give back of invoice lines that deducted an advance.

    It names the advance itself, so that the advance can be deducted again.
    """
    found = DocumentLine.objects.filter(
        pk__in=[line.pk for line in lines], source_line__document__type__kind=Kind.ADVANCE
    )
    rows = list(found.values_list("pk", "quantity", "net_amount", "source_line"))
    used = deducted([source for _key, _quantity, _net, source in rows if source is not None])
    return {
        key: quantity if abs(used.get(source or 0, ZERO)) >= abs(net) else ZERO
        for key, quantity, net, source in rows
    }


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
