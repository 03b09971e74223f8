"""The words on papers: what they are called, how they are marked, who signs."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy
from django.utils.translation import pgettext_lazy as _p

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.functional import _StrPromise


class Mark(StrEnum):
    """What a paper is worth. Only an original is worth something by itself."""

    ORIGINAL = "original"
    COPY = "copy"
    DRAFT = "draft"
    HELD = "held"
    CANCELLED = "cancelled"


MARKS: Final[Mapping[Mark, _StrPromise]] = {
    Mark.COPY: _p("paper", "Copy"),
    Mark.DRAFT: _p("paper", "Draft"),
    Mark.HELD: _p("paper", "Held – not released"),
    Mark.CANCELLED: _p("paper", "Cancelled"),
}
# Marks written across every page. A copy is worth what the original says: it is marked in its head.
ACROSS: Final = frozenset({Mark.DRAFT, Mark.HELD, Mark.CANCELLED})

TITLES: Final[Mapping[str, _StrPromise]] = {
    "quote": _p("paper", "Quote"),
    "order": _p("paper", "Order confirmation"),
    "delivery": _p("paper", "Delivery note"),
    "return": _p("paper", "Return note"),
    "invoice": _p("paper", "Invoice"),
    "credit_note": _p("paper", "Credit note"),
    "advance": _p("paper", "Advance invoice"),
    "pro_forma": _p("paper", "Pro-forma invoice"),
    "counter": _p("paper", "Receipt"),
    "charge": _p("paper", "Charge voucher"),
    "receipt": _p("paper", "Goods received"),
    "move": _p("paper", "Internal move"),
}
# How a document is called where another one names it.
NAMES: Final[Mapping[str, _StrPromise]] = {
    **TITLES,
    "order": _p("paper", "Order"),
    "counter": _p("paper", "Counter sale"),
}
BILL_TO: Final[Mapping[str, _StrPromise]] = {
    "quote": _p("paper", "Offered to"),
    "delivery": _p("paper", "Customer"),
    "return": _p("paper", "Returned by"),
    "receipt": _p("paper", "Received from"),
    "move": _p("paper", "Moved for"),
}
TOTALS: Final[Mapping[str, _StrPromise]] = {
    "credit_note": _p("paper", "Total credited"),
    "counter": _p("paper", "Total"),
    "quote": _p("paper", "Total"),
    "order": _p("paper", "Total"),
    "delivery": _p("paper", "Value of the goods"),
    "return": _p("paper", "Value of the goods"),
}
NOTES: Final[Mapping[str, _StrPromise]] = {
    "pro_forma": gettext_lazy(
        "This is not an invoice: it is not booked and no tax can be deducted from it."
    ),
    "advance": gettext_lazy("This amount is taken off in the final invoice."),
    "credit_note": gettext_lazy(
        "This amount is set off against what you owe us, or paid back to you."
    ),
}
# Whoever takes the goods, or buys on account, signs; everybody else reads.
SIGNED: Final[Mapping[str, tuple[_StrPromise, _StrPromise]]] = {
    "delivery": (
        gettext_lazy("Delivered by"),
        gettext_lazy("Received in good order (date, name, signature)"),
    ),
    "return": (gettext_lazy("Returned by"), gettext_lazy("Taken back by (date, name, signature)")),
    "charge": (
        gettext_lazy("For the seller"),
        gettext_lazy("Agreed to be charged (date, name, signature)"),
    ),
    "move": (gettext_lazy("Handed over by"), gettext_lazy("Received by (date, name, signature)")),
    "receipt": (gettext_lazy("Delivered by"), gettext_lazy("Received by (date, name, signature)")),
}
PAID_TO_BANK: Final = frozenset({"invoice", "advance", "pro_forma", "charge", "order", "quote"})
