"""How far each line of a document went: delivered, invoiced, given back, and what is left."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from documents import lifecycle
from documents.credit_room import goods_credited
from documents.models import DocumentType
from documents.remaining import remaining
from documents.stored_lines import lines_load, lines_of
from documents.taken import below, taken_of
from documents.words import family

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.utils.functional import _StrPromise

    from documents.models import Document, DocumentLine
    from documents.taken import Taken, Tree

Kind = DocumentType.Kind
ZERO: Final = Decimal(0)

# What the lines of each family may go on to, in the order of the columns.
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "quote": ("ordered",),
    "order": ("delivered", "invoiced"),
    "delivery": ("invoiced", "returned"),
    "return": ("credited",),
    "invoice": ("delivered", "credited"),
}
LABELS: Final[Mapping[str, _StrPromise]] = {
    "ordered": _("Ordered"),
    "delivered": _("Delivered"),
    "invoiced": _("Invoiced"),
    "returned": _("Came back"),
    "credited": _("Credited"),
}


@dataclass(slots=True)
class Went:
    """A quantity that went one way: `stood` with accepted documents, `drafted` with others."""

    stood: Decimal = ZERO
    drafted: Decimal = ZERO

    def add(self, quantity: Decimal, *, stands: bool) -> None:
        """Count so much of it."""
        if stands:
            self.stood += quantity
        else:
            self.drafted += quantity


@dataclass(slots=True)
class LineProgress:
    """One line: where its quantity went, and how much the next step may still take."""

    line: DocumentLine
    went: dict[str, Went] = field(default_factory=dict)
    left: Decimal | None = None

    @property
    def figures(self) -> list[Went]:
        """The columns in order."""
        return list(self.went.values())

    @property
    def shown(self) -> list[tuple[_StrPromise, Went]]:
        """The columns that say something, with their words: for a narrow screen."""
        return [
            (LABELS[name], went) for name, went in self.went.items() if went.stood or went.drafted
        ]


@dataclass(frozen=True, slots=True)
class Progress:
    """All lines of a document. `columns` are the words over their figures."""

    columns: tuple[str, ...]
    rows: list[LineProgress]

    @property
    def labels(self) -> list[_StrPromise]:
        """The words of the columns."""
        return [LABELS[name] for name in self.columns]

    @property
    def has_left(self) -> bool:
        """Whether the document has a next step at all."""
        return any(row.left is not None for row in self.rows)

    @property
    def is_left(self) -> bool:
        """Whether anything is left for it."""
        return any(row.left for row in self.rows)

    def is_open(self, name: str) -> bool:
        """Whether a line did not go this way to its end, drafts included."""
        return any(
            abs(row.went[name].stood + row.went[name].drafted) < abs(row.line.quantity)
            for row in self.rows
            if name in row.went
        )

    @property
    def is_done(self) -> bool:
        """Whether all of it went on for good: nothing is left, and nothing is only drafted."""
        drafted = any(went.drafted for row in self.rows for went in row.figures)
        return self.has_left and not self.is_left and not drafted

    @property
    def has_goods_to_come(self) -> bool:
        """Whether an invoice has lines whose goods did not go out on a delivery note before it."""
        sources = (row.line.source_line for row in self.rows)
        return any(source is None or source.document.type.kind == Kind.ORDER for source in sources)

    def any_went(self, name: str) -> bool:
        """Whether anything went this way, drafts included."""
        return any(row.went[name].stood or row.went[name].drafted for row in self.rows)


def progress(document: Document, next_type: DocumentType | None) -> Progress:
    """The lines of a document with what became of them; `next_type` is the usual next step.

    Two statements whatever the number of lines, four for an invoice. Goods delivered and then
    invoiced count as invoiced of the order, too.
    """
    lines_load(document)
    lines = list(lines_of(document))
    for line in lines:
        line.document = document
    columns = COLUMNS.get(family(document.type), ())
    rows = {line.pk: LineProgress(line, {name: Went() for name in columns}) for line in lines}
    # An order line, its delivery, the invoice of that, and what came back of it.
    tree = taken_of(rows, steps=3) if columns or next_type is not None else {}
    if columns:
        _count(rows, tree)
    if family(document.type) == "invoice":
        _count_credits(rows)
    if next_type is not None:
        for key, left in remaining(lines, next_type, tree=tree).items():
            rows[key].left = left
    result = Progress(columns, list(rows.values()))
    if "delivered" in columns and document.type.kind == Kind.INVOICE:
        return _without_goods(result)
    return result


def _without_goods(result: Progress) -> Progress:
    """Goods that go out after the bill are rare: their column stands only where there are some."""
    if result.any_went("delivered"):
        return result
    for row in result.rows:
        del row.went["delivered"]
    return Progress(("credited",), result.rows)


def _count(rows: Mapping[int, LineProgress], tree: Tree) -> None:
    for child in below(tree, rows):
        row = rows[child.source_id]
        if (name := _way(child)) in row.went:
            _add(row.went[name], child, below(tree, [child.id]))
        # An invoice of a delivery note is an invoice of the order line behind it.
        if child.kind == Kind.DELIVERY and "delivered" in row.went:
            for bill in below(tree, [child.id]):
                if _way(bill) == "invoiced" and "invoiced" in row.went:
                    _add(row.went["invoiced"], bill, below(tree, [bill.id]))


def _count_credits(rows: Mapping[int, LineProgress]) -> None:
    """What was credited of an invoice is read from every paper that can credit its goods."""
    for key, notes in goods_credited(row.line for row in rows.values()).items():
        rows[key].went["credited"] = Went()
        for note in notes:
            rows[key].went["credited"].add(note.quantity, stands=_stands(note))


def _way(child: Taken) -> str:
    """What taking a line over means for the line taken over."""
    if child.kind == Kind.DELIVERY:
        return "returned" if child.is_reverse else "delivered"
    if child.kind == Kind.INVOICE:
        return "credited" if child.is_reverse else "invoiced"
    return "ordered" if child.kind == Kind.ORDER else ""


def _add(went: Went, line: Taken, back: Iterable[Taken]) -> None:
    went.add(line.quantity, stands=_stands(line))
    for returned in back:
        if returned.reopens and returned.is_reverse:
            went.add(-returned.quantity, stands=_stands(returned))


def _stands(line: Taken) -> bool:
    return line.status in lifecycle.ACCEPTED
