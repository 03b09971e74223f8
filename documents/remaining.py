"""What is left of a line for the documents that continue it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from documents.continued import continued
from documents.credit_room import quantity_left, rooms
from documents.models import DocumentLine, DocumentType, Nature
from documents.taken import GONE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from documents.continued import Continued
    from documents.credit_room import Room
    from documents.models import Document
    from documents.taken import Tree

Kind = DocumentType.Kind
ZERO: Final = Decimal(0)


def remaining(
    lines: Iterable[DocumentLine],
    target: DocumentType,
    *,
    without: Document | None = None,
    tree: Tree | None = None,
    shared: Mapping[int, Room] | None = None,
) -> dict[int, Decimal]:
    """The quantity of each line that a document of type `target` may still take (never below 0).

    Lines need `document__type` loaded. Of an order neither what was delivered nor what was
    invoiced directly is left; of a delivery what was neither invoiced nor came back uninvoiced.
    `shared` are the rooms of credit of these lines, where they are known already.
    """
    rows = list(lines)
    rest = balances(rows, target, without=without, tree=tree, shared=shared)
    return {line.pk: rest[line.pk] if rest[line.pk] * line.quantity > 0 else ZERO for line in rows}


def balances(
    lines: Iterable[DocumentLine],
    target: DocumentType,
    *,
    without: Document | None = None,
    tree: Tree | None = None,
    shared: Mapping[int, Room] | None = None,
) -> dict[int, Decimal]:
    """The same, but beyond nothing where more was taken than there was (a tolerated excess)."""
    rows = list(lines)
    taken = continued([line.pk for line in rows], without=without, tree=tree)
    rest = {
        line.pk: line.quantity - _taken(line.document.type, target, taken[line.pk]) for line in rows
    }
    if target.kind == Kind.INVOICE and target.nature == Nature.REVERSE:
        shared = rooms(rows, without=without) if shared is None else shared
        return _to_credit(rows, rest, shared, without)
    billed = [line for line in rows if line.document.type.kind == Kind.INVOICE]
    if billed:  # lines that stand for no goods to come: those of a delivery, and deductions
        rest |= dict.fromkeys(_continuing(billed, (Kind.DELIVERY, Kind.ADVANCE)), ZERO)
    sent = [line for line in rows if line.document.type.kind == Kind.DELIVERY]
    if sent and target.nature == Nature.NORMAL:  # goods that were invoiced before they went out
        rest |= dict.fromkeys(_continuing(sent, (Kind.INVOICE,)), ZERO)
    return rest


def _to_credit(
    lines: Collection[DocumentLine],
    own: Mapping[int, Decimal],
    shared: Mapping[int, Room],
    without: Document | None,
) -> dict[int, Decimal]:
    """What credit notes may still give back, whether of the invoice or of the goods returned."""
    left = dict(own)
    for line in lines:
        if line.pk in shared:
            left[line.pk] = quantity_left(line, own[line.pk], shared[line.pk])
    billed = [line for line in lines if line.document.type.kind == Kind.INVOICE]
    if billed:
        left |= _deductions_left(billed, without)
    advances = [line for line in lines if line.document.type.kind == Kind.ADVANCE]
    if advances:  # by amount: all or nothing of their one unit
        used = deducted([line.pk for line in advances], without=without)
        left |= {
            line.pk: ZERO if used.get(line.pk, ZERO) >= line.net_amount else line.quantity
            for line in advances
        }
    return left


def _deductions_left(
    lines: Collection[DocumentLine], without: Document | None
) -> dict[int, Decimal]:
    """What a credit note may give back of invoice lines that deducted an advance.

    It names the advance itself, so that the advance can be deducted again.
    """
    keys = set(_continuing(lines, (Kind.ADVANCE,)))
    rows = [line for line in lines if line.pk in keys]
    sources = [line.source_line_id for line in rows if line.source_line_id]
    used = deducted(sources, without=without) if rows else {}
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


def deducted(
    advance_line_ids: Iterable[int], *, without: Document | None = None
) -> dict[int, Decimal]:
    """Net value that standing documents took off each advance line, less what came back of it.

    A deduction is negative on an invoice; a credit note on the advance is positive on paper, one
    that gives back a deduction negative.
    """
    lines = DocumentLine.objects.filter(
        source_line__in=list(advance_line_ids), document__type__is_pro_forma=False
    ).exclude(document__status__in=GONE)
    if without is not None:
        lines = lines.exclude(document=without)
    found: dict[int, Decimal] = {}
    for source, net, nature in lines.values_list(
        "source_line", "net_amount", "document__type__nature"
    ):
        if source is not None:
            way = 1 if nature == Nature.REVERSE else -1
            found[source] = found.get(source, ZERO) + way * net
    return found


def _taken(source: DocumentType, target: DocumentType, taken: Continued) -> Decimal:
    if target.nature == Nature.REVERSE:
        return taken.returned if target.kind == Kind.DELIVERY else taken.credited
    if source.kind == Kind.QUOTE:
        return taken.ordered
    if source.kind == Kind.ORDER:
        return taken.consumed
    if source.kind == Kind.INVOICE:  # goods that were invoiced before they go out
        return taken.delivered - taken.delivered_again + taken.credited
    return taken.not_to_invoice
