"""What other documents took of a line: counted off the tree of lines that continue it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from documents.models import DocumentType
from documents.taken import below, taken_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from documents.models import Document
    from documents.taken import Taken, Tree

Kind = DocumentType.Kind
ZERO: Final = Decimal(0)


def nearer(way: Decimal, first: Decimal, second: Decimal) -> Decimal:
    """The smaller of two figures in the direction of `way`, never beyond zero.

    Rebate lines run below zero.
    """
    return max(min(first, second), ZERO) if way > 0 else min(max(first, second), ZERO)


@dataclass(slots=True)
class Continued:
    """Quantities of a line that other documents took, drafts included.

    `delivered_again` and `invoiced_again` were given back with a return or a credit note that
    opens the line again; `returned` came back at all, `credited` has a credit note. `forgiven` was
    credited from its invoices, not to be invoiced again.
    """

    ordered: Decimal = ZERO
    delivered: Decimal = ZERO
    delivered_again: Decimal = ZERO
    invoiced: Decimal = ZERO
    invoiced_again: Decimal = ZERO
    returned: Decimal = ZERO
    returned_credited: Decimal = ZERO
    credited: Decimal = ZERO
    forgiven: Decimal = ZERO

    @property
    def consumed(self) -> Decimal:
        """How much of an order line went on and did not come back."""
        return self.delivered - self.delivered_again + self.invoiced - self.invoiced_again

    @property
    def returned_open(self) -> Decimal:
        """What came back and has no credit note, of the return or of the invoice behind it."""
        back = self.returned - self.returned_credited
        return back - nearer(back, back, self.forgiven)

    @property
    def not_to_invoice(self) -> Decimal:
        """How much of a delivery line is not to be invoiced: it was, or it came back before."""
        return self.invoiced - self.invoiced_again + self.returned_open


def continued(
    line_ids: Iterable[int], *, without: Document | None = None, tree: Tree | None = None
) -> dict[int, Continued]:
    """What was taken of each line; `without` leaves one document out.

    One statement, none when a `tree` of what was taken of these lines is there already.
    """
    keys = set(line_ids)
    return counted_off(taken_of(keys, without=without) if tree is None else tree, keys)


def counted_off(tree: Tree, line_ids: Iterable[int]) -> dict[int, Continued]:
    """What a tree says was taken of each of these lines."""
    found = {key: Continued() for key in line_ids}
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
            taken.forgiven += sum((line.quantity for line in back if _is_gift(line)), ZERO)
        elif child.kind == Kind.INVOICE and not child.price_only:
            taken.credited += child.quantity
    return found


def _is_gift(note: Taken) -> bool:
    return not (note.reopens or note.price_only)


def gone_on(kind: str, taken: Continued) -> Decimal:
    """How much of a line of a document of this kind went on: it cannot promise less."""
    if kind == Kind.QUOTE:
        return taken.ordered
    if kind == Kind.ORDER:
        return taken.consumed
    if kind == Kind.DELIVERY:
        return max(taken.not_to_invoice, taken.returned, key=abs)
    return max(taken.credited, taken.delivered - taken.delivered_again, key=abs)
