"""The lists of documents: which kinds stand in each, and what can be done about them there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from documents.models import DocumentType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.functional import _StrPromise

Kind = DocumentType.Kind

# Name of a filter → its words. `DocumentQuerySet.to_<name>` says what is in it.
TO_DO: Final[Mapping[str, _StrPromise]] = {
    "order": _("To order"),
    "deliver": _("To deliver"),
    "invoice": _("To invoice"),
    "credit": _("To credit"),
    "post": _("To post"),
    "print": _("To print"),
}


@dataclass(frozen=True, slots=True)
class Register:
    """One list. `families` are what its buttons start, `day` a date column besides the date.

    `together` are the kinds of document that may be made of several chosen rows.
    """

    key: str
    title: _StrPromise
    kinds: tuple[str, ...]
    families: tuple[str, ...]
    to_do: tuple[str, ...]
    none_yet: _StrPromise
    lead: _StrPromise
    icon: str = "file-text"
    day: str = ""
    together: tuple[str, ...] = ()

    @property
    def url_name(self) -> str:
        """The URL of the list."""
        return f"documents:{self.key}_list"


QUOTES: Final = Register(
    "quote",
    _("Quotes"),
    (Kind.QUOTE,),
    ("quote",),
    ("order", "print"),
    _("No quotes yet"),
    _("A quote becomes an order when the customer accepts it; then credit is asked."),
    day="valid_until",
)
ORDERS: Final = Register(
    "order",
    _("Orders"),
    (Kind.ORDER,),
    ("order",),
    ("deliver", "print"),
    _("No orders yet"),
    _("Orders entered here are checked against the customer's credit."),
    icon="shopping-cart",
    day="delivery_on",
    together=(Kind.DELIVERY, Kind.INVOICE),
)
DELIVERIES: Final = Register(
    "delivery",
    _("Delivery notes"),
    (Kind.DELIVERY,),
    ("delivery", "return"),
    ("invoice", "credit", "print"),
    _("No delivery notes yet"),
    _("Goods that go out on an order, without one, and goods that come back."),
    icon="truck-delivery",
    together=(Kind.INVOICE,),
)
INVOICES: Final = Register(
    "invoice",
    _("Invoices"),
    (Kind.INVOICE, Kind.ADVANCE),
    ("invoice", "credit_note", "pro_forma"),
    ("post", "print"),
    _("No invoices yet"),
    _("Invoices, credit notes, advances and pro-formas; posting makes open items of them."),
    icon="file-invoice",
)
COUNTER: Final = Register(
    "counter",
    _("Counter sales"),
    (Kind.COUNTER,),
    ("counter",),
    ("print",),
    _("No counter sales yet"),
    _("Sold and handed over at once. Only what is not paid at the counter asks for credit."),
    icon="cash",
)
GOODS: Final = Register(
    "goods",
    _("Receipts and moves"),
    (Kind.RECEIPT, Kind.MOVE),
    ("receipt", "move"),
    (),
    _("No receipts or moves yet"),
    _("Goods from suppliers and between warehouses. They never count as credit."),
    icon="building",
)
EVERYTHING: Final = Register(
    "document",
    _("All documents"),
    tuple(Kind.values),
    (),
    ("order", "deliver", "invoice", "credit", "post", "print"),
    _("No documents yet"),
    _("Everything from quote to invoice in one list."),
)
REGISTERS: Final = (QUOTES, ORDERS, DELIVERIES, INVOICES, COUNTER, GOODS, EVERYTHING)


def register_of(type_: DocumentType) -> Register:
    """The list that documents of this type stand in."""
    return next(item for item in REGISTERS if type_.kind in item.kinds)
