"""Documents of the whole cycle for tests, made and accepted through the real services."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from documents.amounts import LineInput
from documents.models import Document, DocumentType
from documents.services import convert
from documents.services.posting import invoice_post
from documents.services.save import order_create
from documents.services.steps import document_close
from documents.services.submit import document_submit
from tests.factories.core import UserFactory

if TYPE_CHECKING:
    import datetime

    from core.models import User
    from tests.world import World


@dataclass
class Cycle:
    """Walks documents of the world's account from order to ledger on one day after another."""

    world: World
    actor: User = field(default_factory=lambda: UserFactory(username="cycle", is_superuser=True))

    def order(self, quantity: int, price: str, tax: str = "0", **head: Any) -> Document:
        """An accepted order of one line."""
        document = order_create(
            header=self.world.header(**head),
            lines=[LineInput("Goods", Decimal(quantity), Decimal(price), tax_percent=Decimal(tax))],
            actor=self.actor,
        )
        return self.submit(document)

    def quote(self, price: str) -> Document:
        """An accepted quote."""
        return self.order(1, price, type=DocumentType.objects.get(code="quote"))

    def submit(self, document: Document) -> Document:
        """The document after it asked for credit on its own day."""
        return document_submit(
            document=document, actor=self.actor, as_of=document.document_on
        ).document

    def next(
        self,
        what: str,
        source: Document,
        quantity: int,
        *,
        on: datetime.date | None = None,
        draft: bool = False,
        **values: Any,
    ) -> Document:
        """`quantity` units of the only line go on into a delivery, invoice, return, credit note."""
        make = getattr(convert, f"{what}_create")
        lines = source.lines.all()
        if len(lines) > 1:
            lines = lines.filter(source_line__document__type__kind__in=_GOODS)
        document: Document = make(
            lines=[(lines.get(), Decimal(quantity))],
            actor=self.actor,
            on=on or source.document_on,
            **values,
        )
        return document if draft else self.submit(document)

    def advance(self, order: Document, percent: int, **values: Any) -> Document:
        """A posted advance on an order, of the day of the order unless `on` says otherwise."""
        values.setdefault("on", order.document_on)
        document = convert.advance_create(
            order=order, percent=Decimal(percent), actor=self.actor, **values
        )
        return self.post(self.submit(document))

    def post(self, document: Document) -> Document:
        """The document in the ledger."""
        return invoice_post(
            document=document, actor=self.actor, as_of=document.document_on
        ).document

    def close(self, document: Document) -> Document:
        """The rest of an order given up."""
        document_close(
            document=document, actor=self.actor, reason="test", as_of=document.document_on
        )
        return Document.objects.get(pk=document.pk)


# Of an invoice with a deduction, the line that continues goods.
_GOODS = ("order", "delivery", "invoice", "quote")
