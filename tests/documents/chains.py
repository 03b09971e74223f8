"""A small world in which documents follow each other, for plain tests of where values sit."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from core.clock import today
from credit_limits.exposure import AccountExposure, gather
from documents.amounts import LineInput
from documents.models import Document, DocumentType
from documents.services.convert import (
    advance_create,
    credit_note_create,
    document_continue,
    invoice_create,
    return_create,
)
from documents.services.posting import invoice_post
from documents.services.save import order_create
from documents.services.submit import document_submit
from tests.documents.histories.compare import key_of
from tests.documents.histories.oracle import Terms
from tests.world import World, make_world

if TYPE_CHECKING:
    from documents.models import DocumentLine
    from documents.results import SubmitResult

# Goods delivered, and invoices not posted, left to the step before.
NO_DELIVERIES = Terms(deliveries_count=False)
NO_DRAFTS = Terms(drafts_count=False)
NEITHER = Terms(deliveries_count=False, drafts_count=False)
PRINTED_ONLY = Terms(unprinted_count=False)
EVERY_CHOICE = [
    Terms(deliveries_count=delivered, drafts_count=drafts, unprinted_count=unprinted)
    for delivered in (True, False)
    for drafts, unprinted in ((True, True), (True, False), (False, True))
]


@dataclass
class Chain:
    """Documents of one customer; quantities are units of the first line, prices as typed."""

    world: World

    def write(
        self, code: str, quantity: int | str = 10, price: int | str = 10, **values: Any
    ) -> Document:
        """A draft of any type with one line."""
        lines = values.pop("lines", None) or [
            LineInput(
                "Goods",
                Decimal(quantity),
                Decimal(price),
                tax_percent=values.pop("tax", Decimal(0)),
            )
        ]
        values.setdefault("document_on", today())
        header = self.world.header(type=DocumentType.objects.get(code=code), **values)
        return order_create(header=header, lines=lines, actor=self.world.writer(header.type))

    def order(self, quantity: int | str = 10, price: int | str = 10, **values: Any) -> Document:
        """An accepted order."""
        return self.accept(self.write("order", quantity, price, **values))

    def submit(self, document: Document) -> SubmitResult:
        """Ask for credit."""
        return document_submit(document=document, actor=self.world.clerk, as_of=today())

    def accept(self, document: Document) -> Document:
        """Submit a document that must pass."""
        result = self.submit(document)
        assert result.document.status in {"submitted", "released", "posted"}
        return result.document

    def deliver(self, *sources: Document, quantity: int | str | None = None) -> Document:
        """An accepted delivery note."""
        return self.accept(
            document_continue(
                lines=self.parts(sources, quantity),
                type_=DocumentType.objects.get(code="delivery"),
                actor=self.world.clerk,
                on=today(),
            )
        )

    def invoice(self, *sources: Document, quantity: int | str | None = None) -> Document:
        """A draft invoice."""
        return invoice_create(
            lines=self.parts(sources, quantity), actor=self.world.clerk, on=today()
        )

    def give_back(
        self, *sources: Document, quantity: int | str | None = None, reopens: bool = True
    ) -> Document:
        """An accepted return note."""
        return self.accept(
            return_create(
                lines=self.parts(sources, quantity),
                actor=self.world.clerk,
                on=today(),
                reopens=reopens,
            )
        )

    def credit(
        self, *sources: Document, quantity: int | str | None = None, reopens: bool = False
    ) -> Document:
        """A draft credit note."""
        return credit_note_create(
            lines=self.parts(sources, quantity),
            actor=self.world.clerk,
            on=today(),
            reopens=reopens,
        )

    def advance(self, order: Document, percent: int) -> Document:
        """A posted advance invoice."""
        return self.post(
            advance_create(
                order=order, percent=Decimal(percent), actor=self.world.clerk, on=today()
            )
        )

    def post(self, document: Document, on: datetime.date | None = None) -> Document:
        """Post it; it must pass."""
        document = invoice_post(
            document=document, actor=self.world.manager, on=on or today(), as_of=today()
        ).document
        assert document.status == "posted"
        return document

    def parts(
        self, sources: tuple[Document, ...], quantity: int | str | None
    ) -> list[tuple[DocumentLine, Decimal]]:
        """The lines of the sources (rebates and deductions apart) with this quantity, or whole."""
        return [
            (line, line.quantity if quantity is None else Decimal(quantity))
            for source in sources
            for line in source.lines.select_related(
                "document__type", "document__account__company", "document__currency"
            ).order_by("position")
            if quantity is None or line.quantity > 0
        ]

    def read(self, terms: Terms | None = None, **asked: Any) -> AccountExposure:
        """The customer's exposure today, everything counted unless the terms say otherwise."""
        key = key_of(self.world.account, terms or Terms())
        return gather([key], as_of=asked.pop("as_of", today()), **asked).accounts[key.id]

    def amounts(self, terms: Terms | None = None, **asked: Any) -> dict[str, Decimal]:
        """The components that are not zero."""
        found = self.read(terms, **asked).exposure.amounts
        return {component.value: amount for component, amount in found.items() if amount}

    def total(self, terms: Terms | None = None, **asked: Any) -> Decimal:
        """What counts under the terms."""
        terms = terms or Terms()
        out = set()
        if not terms.deliveries_count:
            out.add("delivered_uninvoiced")
        if not terms.drafts_count:
            out.add("invoice_draft")
        return sum(
            (value for name, value in self.amounts(terms, **asked).items() if name not in out),
            Decimal(0),
        )

    def totals(self) -> list[Decimal]:
        """What counts under every choice of what counts."""
        return [self.total(terms) for terms in EVERY_CHOICE]


def make_chain(limit: int | None = None, over_percent: int = 0) -> Chain:
    """A world without a limit unless one is given; how much more than is left may be taken."""
    world = make_world(limit)
    DocumentType.objects.filter(kind__in=("delivery", "invoice"), nature="normal").update(
        over_delivery_percent=over_percent
    )
    world.rule("no_limit", "off")
    return Chain(world)
