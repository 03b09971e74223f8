"""A customer's documents from quote to ledger, in the few words that the tests of the cycle use."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from core.models import AuditEvent
from credit_limits.engine.types import Component
from credit_limits.selectors import credit_position
from documents.amounts import LineInput
from documents.models import Document, DocumentLine, DocumentType
from documents.services.convert import (
    credit_note_create,
    delivery_create,
    invoice_create,
    lines_left,
    return_create,
)
from documents.services.posting import invoice_post
from documents.services.save import order_create
from documents.services.submit import document_submit
from tests.factories.core import UserFactory
from tests.world import TODAY, World, make_world

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.models import User
    from documents.results import SubmitResult

COMPONENTS = {
    "O": Component.ORDER_OPEN,
    "N": Component.DELIVERED_UNINVOICED,
    "F": Component.INVOICE_DRAFT,
    "B": Component.INVOICE_OPEN,
    "C": Component.CREDITS,
}


def item(
    price: int | str, quantity: int | str = 1, name: str = "Goods", *, tax: int = 0
) -> LineInput:
    """A line of `quantity` units at `price`."""
    return LineInput(name, Decimal(quantity), Decimal(price), tax_percent=Decimal(tax))


def kind(code: str) -> DocumentType:
    """The installed document type of that code."""
    return DocumentType.objects.get(code=code)


@dataclass
class Cycle:
    """One customer's line of documents. Everything happens on TODAY unless told otherwise."""

    world: World
    treasurer: User

    def draft(self, code: str, *lines: LineInput, **head: Any) -> Document:
        """A draft of that type, typed in."""
        header = self.world.header(type=kind(code), **head)
        return order_create(header=header, lines=lines, actor=self.world.writer(header.type))

    def submit(self, document: Document) -> SubmitResult:
        """Submit it as the clerk."""
        return document_submit(document=document, actor=self.world.clerk, as_of=TODAY)

    def made(self, code: str, *lines: LineInput, **head: Any) -> Document:
        """A submitted document of that type."""
        return self.submit(self.draft(code, *lines, **head)).document

    def order(self, *lines: LineInput, **head: Any) -> Document:
        """A submitted order."""
        return self.made("order", *lines, **head)

    def left(
        self, documents: Document | Sequence[Document], code: str
    ) -> list[tuple[DocumentLine, Decimal]]:
        """What a document of that type may still take of these."""
        asked = [documents] if isinstance(documents, Document) else documents
        return lines_left(asked, kind(code))

    def parts(
        self, document: Document, *quantities: int | str
    ) -> list[tuple[DocumentLine, Decimal]]:
        """The document's lines with these quantities."""
        lines = DocumentLine.objects.filter(document=document).select_related("document__type")
        return [
            (line, Decimal(quantity))
            for line, quantity in zip(lines.order_by("position"), quantities, strict=False)
        ]

    def deliver(self, document: Document, *quantities: int | str) -> Document:
        """A submitted delivery note of these quantities (default: of all that is left)."""
        parts = self.parts(document, *quantities) if quantities else self.left(document, "delivery")
        made = delivery_create(lines=parts, actor=self.world.clerk, on=TODAY)
        return self.submit(made).document

    def invoice(self, document: Document, *quantities: int | str) -> Document:
        """A draft invoice of these quantities (default: of all that is left)."""
        parts = self.parts(document, *quantities) if quantities else self.left(document, "invoice")
        return invoice_create(lines=parts, actor=self.world.clerk, on=TODAY)

    def give_back(
        self, document: Document, *quantities: int | str, reopens: bool = True
    ) -> Document:
        """A submitted return note."""
        parts = self.parts(document, *quantities) if quantities else self.left(document, "return")
        made = return_create(lines=parts, actor=self.world.clerk, on=TODAY, reopens=reopens)
        return self.submit(made).document

    def credit(self, document: Document, *quantities: int | str, reopens: bool = False) -> Document:
        """A draft credit note."""
        parts = (
            self.parts(document, *quantities) if quantities else self.left(document, "credit_note")
        )
        return credit_note_create(lines=parts, actor=self.world.clerk, on=TODAY, reopens=reopens)

    def post(self, document: Document, **more: Any) -> SubmitResult:
        """Post it as the treasurer."""
        return invoice_post(document=document, actor=self.treasurer, as_of=TODAY, **more)

    def posted(self, document: Document, **more: Any) -> Document:
        """The same, and the document as it is afterwards."""
        return self.post(document, **more).document

    def figures(self) -> dict[str, Decimal]:
        """What counts, by component (O N F B C), without the empty ones."""
        position = credit_position(account=self.world.account, as_of=TODAY)
        return {
            letter: position.components[component]
            for letter, component in COMPONENTS.items()
            if position.components[component]
        }

    def waiting(self) -> Decimal:
        """What is held."""
        return credit_position(account=self.world.account, as_of=TODAY).waiting

    def total(self) -> Decimal:
        """All that counts."""
        return credit_position(account=self.world.account, as_of=TODAY).total


def fresh(document: Document) -> Document:
    """The document as stored now."""
    return Document.objects.select_related("type", "entry", "account__customer").get(pk=document.pk)


def actions(document: Document) -> list[str]:
    """What happened to it, in short."""
    found = AuditEvent.objects.filter(
        subject_type="documents.document", subject_id=document.pk
    ).order_by("pk")
    return [event.action.rsplit(".", 1)[1] for event in found]


def make_cycle(limit: int | str | None = 10_000) -> Cycle:
    """A world with a treasurer who posts."""
    from django.contrib.auth.models import Permission

    world = make_world(limit=limit)
    treasurer = UserFactory(username="teo", role="treasury")
    treasurer.user_permissions.add(Permission.objects.get(codename="post_document"))
    return Cycle(world, treasurer)
