"""What a document says, in a shape that can be compared, carried in a form and shown."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.core import signing
from django.utils.translation import gettext as _

from core.dates import day_text
from core.numerals import format_plain
from documents.stored_lines import lines_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from documents.amounts import LineInput
    from documents.inputs import OrderHeader
    from documents.models import Document, DocumentLine

SALT = "documents.order.base"


@dataclass(frozen=True, slots=True)
class Content:
    """A document's words.

    `head` maps a field to (what identifies its value, its words); `lines` holds description,
    quantity, price, discount and tax of each line, figures without spare zeros.
    """

    head: dict[str, tuple[str, str]]
    lines: tuple[tuple[str, str, str, str, str], ...]

    def sealed(self) -> str:
        """The content as text that only we can have written."""
        return signing.dumps({"head": self.head, "lines": self.lines}, salt=SALT, compress=True)


@dataclass(frozen=True, slots=True)
class Change:
    """One place where a document was changed while a form was open. Texts ready to show."""

    label: str
    before: str
    now: str
    yours: str


def opened(sealed: str) -> Content | None:
    """What `Content.sealed` wrote; None for anything else."""
    try:
        data = signing.loads(sealed, salt=SALT)
    except signing.BadSignature:
        return None
    return Content(
        head={name: (pair[0], pair[1]) for name, pair in data["head"].items()},
        lines=tuple(tuple(line) for line in data["lines"]),
    )


def content_stored(document: Document) -> Content:
    """The content of a stored document."""
    return content_of(document, lines_of(document))


def content_of(
    head: Document | OrderHeader, lines: Iterable[DocumentLine] | Sequence[LineInput]
) -> Content:
    """The content of a document's head and lines, stored or typed alike."""
    return Content(
        head={
            "account": _row(head.account),
            "ordered_by": _row(head.ordered_by),
            "type": _row(head.type),
            "document_on": _day(head.document_on),
            "valid_until": _day(head.valid_until),
            "delivery_on": _day(head.delivery_on),
            "reference": (head.reference, head.reference),
            "ship_to_customer": _row(head.ship_to_customer),
            "ship_to": (head.ship_to, head.ship_to),
            "payment_term": _row(head.payment_term),
            "payment_method": _row(head.payment_method),
            "currency": _row(head.currency),
            "paid_amount": _paid(head.paid_amount),
        },
        lines=tuple(
            (
                line.description,
                _figure(line.quantity),
                _figure(line.unit_price),
                _figure(line.discount_percent),
                _figure(line.tax_percent),
            )
            for line in lines
        ),
    )


def changes(
    before: Content | None, now: Content, yours: Content, labels: dict[str, str]
) -> list[Change]:
    """What became different between `before` and `now`, beside what the form wants.

    Without `before` (the form is from another day or was tampered with): where `now` and `yours`
    differ. `labels` names the fields.
    """
    seen = before or yours
    found = [
        Change(
            labels.get(name, name),
            seen.head.get(name, ("", ""))[1] if before else "",
            now.head[name][1],
            yours.head[name][1],
        )
        for name in now.head
        if seen.head.get(name, ("", ""))[0] != now.head[name][0]
    ]
    for index in range(max(len(seen.lines), len(now.lines))):
        old, new, mine = (_line_at(content.lines, index) for content in (seen, now, yours))
        if old != new:
            label = _("Line %(number)s") % {"number": index + 1}
            found.append(
                Change(label, line_words(old) if before else "", line_words(new), line_words(mine))
            )
    return found


def line_words(line: Sequence[str] | None) -> str:
    """A line as a short phrase; empty for no line."""
    if not line:
        return ""
    description, *figures = line
    quantity, price, discount, tax = (format_plain(Decimal(figure)) for figure in figures)
    words = _("%(item)s: %(quantity)s × %(price)s") % {
        "item": description,
        "quantity": quantity,
        "price": price,
    }
    if discount != "0":
        words += _(", less %(percent)s %%") % {"percent": discount}
    if tax != "0":
        words += _(", tax %(percent)s %%") % {"percent": tax}
    return words


def _row(row: Any) -> tuple[str, str]:
    return (str(row.pk), str(row)) if row is not None else ("", "")


def _day(value: date | None) -> tuple[str, str]:
    return (value.isoformat(), day_text(value)) if value else ("", "")


def _paid(value: Decimal) -> tuple[str, str]:
    return (_figure(value), format_plain(value, 2)) if value else ("", "")


def _figure(value: Decimal) -> str:
    """A figure the same way in every language, so that two contents can be compared."""
    return f"{value.normalize():f}"


def _line_at(lines: Sequence[tuple[str, str, str, str, str]], index: int) -> tuple[str, ...] | None:
    return lines[index] if index < len(lines) else None
