"""What credit notes may still give back of goods that were invoiced.

Goods that were delivered and invoiced can be credited from two papers: from the invoice, and from
the return note with which they came back. Both draw on one room, so that nothing is given back
twice: neither more units nor more money than invoices took.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from documents.continued import counted_off, nearer
from documents.models import DocumentLine, DocumentType, Nature
from documents.taken import below, taken_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from documents.models import Document
    from documents.taken import Taken, Tree

Kind = DocumentType.Kind
ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Room:
    """Units and net value (document currency) invoiced and not given back, drafts included.

    `owner` is the line they are counted at: the delivery, or the invoice where nothing was
    delivered before. `unpaid_for` are the units that came back more than are still to be invoiced:
    a return note can be credited that far (None: goods delivered after their invoice, no bound).
    Rebate lines run below zero.
    """

    owner: int
    quantity: Decimal
    value: Decimal
    unpaid_for: Decimal | None


def rooms(lines: Iterable[DocumentLine], *, without: Document | None = None) -> dict[int, Room]:
    """The room of each line of an invoice or a return note; `without` leaves one document out.

    Lines that share goods share their room. A return without a delivery has none: nobody knows
    what it was invoiced with. Two statements whatever the number of lines.
    """
    owners = _owners(line.pk for line in lines)
    tree = taken_of({owner.pk for owner in owners.values()}, without=without, steps=3)
    found: dict[int, Room] = {}
    for owner in owners.values():
        if owner.pk not in found:
            found[owner.pk] = _room(owner, tree)
    return {key: found[owner.pk] for key, owner in owners.items()}


def goods_credited(lines: Iterable[DocumentLine]) -> dict[int, list[Taken]]:
    """The credit notes for goods of each line of an invoice, from the invoice or from a return.

    A return of goods that several invoices share is nobody's: only notes made from the invoice
    itself count then. Notes that lower a price take no goods. Two statements.
    """
    owners = _owners(line.pk for line in lines)
    tree = taken_of({*owners, *(owner.pk for owner in owners.values())}, steps=3)
    found = {}
    for key, owner in owners.items():
        shared = owner.pk != key and len(_bills(owner.pk, tree)) > 1
        of_bill = [each for each in below(tree, [key]) if _is_note(each)]
        notes = of_bill if shared else _notes(owner.pk, tree)
        found[key] = [note for note in notes if not note.price_only]
    return found


@dataclass(frozen=True, slots=True)
class _Owner:
    pk: int
    kind: str
    quantity: Decimal
    net: Decimal


def _owners(line_ids: Iterable[int]) -> dict[int, _Owner]:
    """The line at which the goods of each line are counted."""
    rows = DocumentLine.objects.filter(pk__in=list(line_ids)).values(
        *(
            f"{step}{name}"
            for step in ("", "source_line__", "source_line__source_line__")
            for name in ("pk", "document__type__kind", "quantity", "net_amount")
        ),
        "document__type__nature",
    )
    found = {}
    for row in rows:
        own, source, first = (
            _Owner(
                row[f"{step}pk"],
                row[f"{step}document__type__kind"],
                row[f"{step}quantity"],
                row[f"{step}net_amount"],
            )
            for step in ("", "source_line__", "source_line__source_line__")
        )
        if own.kind == Kind.INVOICE and row["document__type__nature"] == Nature.NORMAL:
            found[own.pk] = source if source.kind == Kind.DELIVERY else own
        elif own.kind == Kind.DELIVERY and source.pk is not None:
            found[own.pk] = first if first.kind == Kind.INVOICE else source
    return found


def _room(owner: _Owner, tree: Tree) -> Room:
    if owner.kind == Kind.INVOICE:
        quantity, value = owner.quantity, owner.net
        unpaid_for = None
    else:
        bills = _bills(owner.pk, tree)
        quantity = sum((line.quantity for line in bills), ZERO)
        value = sum((line.net for line in bills), ZERO)
        unpaid_for = counted_off(tree, [owner.pk])[owner.pk].not_to_invoice - owner.quantity
    for note in _notes(owner.pk, tree):
        value -= note.net
        quantity -= ZERO if note.price_only else note.quantity
    return Room(owner.pk, quantity, value, unpaid_for)


def _bills(owner: int, tree: Tree) -> list[Taken]:
    return [
        line for line in below(tree, [owner]) if line.kind == Kind.INVOICE and not line.is_reverse
    ]


def _is_note(line: Taken) -> bool:
    return line.kind == Kind.INVOICE and line.is_reverse


def _notes(owner: int, tree: Tree) -> list[Taken]:
    """The credit notes for the goods of a line, whichever paper they were made from."""
    found: list[Taken] = []
    for line in below(tree, [owner]):
        if line.kind == Kind.DELIVERY and not line.is_reverse:  # goods that followed the invoice
            for back in below(tree, [line.id]):
                found += [note for note in below(tree, [back.id]) if note.is_reverse]
        elif _is_note(line):
            found.append(line)
        else:
            found += [note for note in below(tree, [line.id]) if _is_note(note)]
    return found


def quantity_left(line: DocumentLine, own: Decimal, room: Room | None) -> Decimal:
    """Units of an invoice or return line that a credit note may take; `own` is left of the line."""
    if room is None:
        return own
    left = nearer(line.quantity, own, room.quantity)
    if line.document.type.nature == Nature.REVERSE and room.unpaid_for is not None:
        left = nearer(line.quantity, left, room.unpaid_for)
    return left
