"""What credit notes may still give back of bills, and advances still take of orders, in money.

Quantities are the business of `documents.services.links`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from core.errors import Conflict
from core.money import ZERO, quantize
from core.numerals import format_decimal
from documents.continued import nearer
from documents.credit_room import rooms
from documents.models import Document, DocumentLine, DocumentType, Nature
from documents.remaining import deducted, remaining
from documents.taken import GONE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from decimal import Decimal

    from documents.credit_room import Room

Kind = DocumentType.Kind


def value_taken(
    line_ids: Iterable[int],
    *,
    kind: str,
    nature: str,
    without: Document | None = None,
    positive: bool = False,
) -> dict[int, Decimal]:
    """Net value of each line that standing documents of a kind took, drafts included.

    `positive` leaves out what is below zero, as lines that give a deduction back to its advance.
    """
    lines = DocumentLine.objects.filter(
        source_line__in=list(line_ids),
        document__type__kind=kind,
        document__type__nature=nature,
        document__type__is_pro_forma=False,
    ).exclude(document__status__in=GONE)
    if positive:
        lines = lines.filter(net_amount__gt=0)
    if without is not None:
        lines = lines.exclude(document=without)
    rows = lines.order_by().values("source_line").annotate(net=Sum("net_amount"))
    return {key: row["net"] for row in rows if (key := row["source_line"]) is not None}


def value_left(
    lines: Sequence[DocumentLine],
    *,
    shared: Mapping[int, Room] | None = None,
    without: Document | None = None,
) -> dict[int, Decimal]:
    """The net value of lines of bills and returns that no credit note took, in their currency.

    Never more than is left of what the goods were invoiced with, and of an advance no more than no
    invoice deducted. `shared` are their rooms where those are known already.
    """
    taken = _credited(lines, without)
    known = rooms(lines, without=without) if shared is None else shared
    found = {}
    for line in lines:
        left = line.net_amount - taken.get(line.pk, ZERO)
        room = known.get(line.pk)
        found[line.pk] = nearer(line.net_amount, left, left if room is None else room.value)
    return found


def _credited(lines: Sequence[DocumentLine], without: Document | None) -> dict[int, Decimal]:
    """What is gone of each line: given back by credit notes or, of an advance, deducted."""
    advances = {line.pk for line in lines if line.document.type.kind == Kind.ADVANCE}
    others = {line.pk for line in lines} - advances
    taken = value_taken(others, kind=Kind.INVOICE, nature=Nature.REVERSE, without=without)
    return taken | (deducted(advances, without=without) if advances else {})


def advances_open(order: Document, *, without: Document | None = None) -> dict[int, Decimal]:
    """Net value of each order line that an advance can still stand for; `without` leaves one out.

    What was invoiced of a line needs no advance any more, and what an earlier advance stands for
    has one unless it was credited. An advance that was deducted is used up: it counts with what
    was invoiced.
    """
    lines = list(order.lines.order_by("position").select_related("document__type"))
    advances = (
        DocumentLine.objects.filter(
            source_line__in=lines,
            document__type__kind=Kind.ADVANCE,
            document__type__nature=Nature.NORMAL,
        )
        .exclude(document__status__in=GONE)
        .exclude(document=without)
    )
    rows = list(advances.values_list("pk", "source_line", "net_amount"))
    keys = [key for key, _line, _net in rows]
    used = deducted(keys)
    gone = value_taken(keys, kind=Kind.INVOICE, nature=Nature.REVERSE, positive=True)
    stands = {line.pk: ZERO for line in lines}
    taken = {line.pk: ZERO for line in lines}
    for key, source, net in rows:
        if source is not None:
            taken[source] += net - gone.get(key, ZERO)
            stands[source] += net - used.get(key, ZERO)
    to_invoice = _to_invoice(lines)
    return {
        line.pk: nearer(
            line.net_amount, line.net_amount - taken[line.pk], to_invoice[line.pk] - stands[line.pk]
        )
        for line in lines
    }


def _to_invoice(lines: Sequence[DocumentLine]) -> dict[int, Decimal]:
    """The net value of order lines that no invoice took yet, whether delivered or not."""
    bill = DocumentType(kind=Kind.INVOICE, nature=Nature.NORMAL)
    open_units = remaining(lines, bill)
    sent = list(
        DocumentLine.objects.filter(
            source_line__in=lines,
            document__type__kind=Kind.DELIVERY,
            document__type__nature=Nature.NORMAL,
        )
        .exclude(document__status__in=GONE)
        .select_related("document__type", "source_line__document__type")
    )
    for line, left in remaining(sent, bill).items() if sent else ():
        source = next(found.source_line_id for found in sent if found.pk == line)
        if source is not None:
            open_units[source] += left
    return {
        line.pk: quantize(line.net_amount * open_units[line.pk] / line.quantity) for line in lines
    }


def value_check(document: Document) -> None:
    """Raise Conflict when stored lines credit, or take in advance, more than their source is worth.

    An invoice and the return of its goods draw on the same money.
    """
    kind, nature = document.type.kind, document.type.nature
    if (kind, nature) == (Kind.ADVANCE, Nature.NORMAL):
        _check_advances(document)
    elif (kind, nature) == (Kind.INVOICE, Nature.REVERSE):
        _check_credits(document)


def _linked(document: Document) -> list[tuple[DocumentLine, DocumentLine]]:
    """Each stored line that continues another, with that one."""
    lines = document.lines.filter(source_line__isnull=False).select_related(
        "source_line__document__type"
    )
    return [(line, line.source_line) for line in lines if line.source_line is not None]


def _check_advances(document: Document) -> None:
    parts = _linked(document)
    orders = {source.document_id: source.document for _line, source in parts}
    left = {
        key: value
        for order in orders.values()
        for key, value in advances_open(order, without=document).items()
    }
    _compare([(line.net_amount, source, source.pk) for line, source in parts], left)


def _check_credits(document: Document) -> None:
    parts = _linked(document)
    sources = {source.pk: source for _line, source in parts}
    shared = rooms(sources.values(), without=document)
    # A return draws on the room of its goods; one without a delivery is worth what it says.
    bounded = [
        source
        for source in sources.values()
        if source.document.type.nature == Nature.NORMAL or source.pk not in shared
    ]
    taken = _credited(bounded, document)
    own = {source.pk: source.net_amount - taken.get(source.pk, ZERO) for source in bounded}
    _compare(
        [(line.net_amount, source, source.pk) for line, source in parts if source.pk in own], own
    )
    _compare(
        [
            (line.net_amount, source, shared[source.pk].owner)
            for line, source in parts
            if source.pk in shared
        ],
        {room.owner: room.value for room in shared.values()},
    )


def _compare(
    wanted: Sequence[tuple[Decimal, DocumentLine, int]], left: Mapping[int, Decimal]
) -> None:
    """`wanted` amounts of lines, added up by the key of what is `left`."""
    sums: dict[int, Decimal] = {}
    for amount, source, key in wanted:
        sums[key] = sums.get(key, ZERO) + amount
        way = -1 if source.net_amount < 0 else 1
        most = nearer(source.net_amount, left[key], left[key])
        if way * sums[key] > way * most:
            raise value_too_much(source, sums[key], most)


def value_too_much(source: DocumentLine, amount: Decimal, left: Decimal) -> Conflict:
    """The refusal of an amount that is not left of a line, at that line."""
    return Conflict(
        "documents.value_taken",
        _(
            "%(line)s (%(source)s): %(amount)s is too much, %(left)s of %(worth)s before "
            "tax are left."
        ),
        params={
            "line": source.description,
            "source": source.document,
            "amount": format_decimal(amount),
            "left": format_decimal(left),
            "worth": format_decimal(source.net_amount),
        },
        field=f"line-{source.pk}",
    )
