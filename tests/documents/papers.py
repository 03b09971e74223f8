"""A company with a whole letterhead, a customer with an address, and a document of every kind."""

from __future__ import annotations

import datetime
import io
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.core.files.base import ContentFile
from PIL import Image, ImageDraw
from pypdf import PdfReader

from customers.models import Customer
from documents.amounts import LineInput
from documents.models import Document, DocumentType
from documents.services.advances import advance_create
from documents.services.convert import (
    credit_note_create,
    delivery_create,
    invoice_create,
    return_create,
)
from documents.services.posting import invoice_post
from documents.services.save import order_create
from documents.services.submit import document_submit
from tests.factories.core import UserFactory
from tests.factories.customers import CustomerFactory, PaymentMethodFactory, PaymentTermFactory
from tests.world import TODAY, World, make_world

if TYPE_CHECKING:
    from collections.abc import Sequence


def goods(name: str, quantity: str, price: str, *, discount: int = 0, tax: int = 22) -> LineInput:
    """One line."""
    return LineInput(name, Decimal(quantity), Decimal(price), Decimal(discount), Decimal(tax))


LINES = (
    goods("Centrifugal pump CP-80, cast iron", "4", "1250", discount=5),
    goods("Shaft seal, silicon carbide", "10", "38.5"),
    goods("Start-up and training on site, per hour", "7.5", "80", tax=10),
)


@dataclass
class Papers:
    """The world with its letterhead. `clerk` enters and prints, `treasurer` posts."""

    world: World
    receiver: Customer
    treasurer: Any

    def draft(self, code: str, lines: Sequence[LineInput] = LINES, **head: Any) -> Document:
        """A draft of a type with the three lines, or others."""
        header = self.world.header(
            type=DocumentType.objects.get(code=code),
            payment_term=self.world.account.payment_term,
            payment_method=self.world.account.payment_method,
            **{"reference": "PO 4711", **head},
        )
        return order_create(header=header, lines=lines, actor=self.world.writer(header.type))

    def made(self, code: str, lines: Sequence[LineInput] = LINES, **head: Any) -> Document:
        """A submitted one."""
        return self.submitted(self.draft(code, lines, **head))

    def submitted(self, document: Document) -> Document:
        """The document after its submission."""
        return document_submit(document=document, actor=self.world.clerk, as_of=TODAY).document

    def posted(self, document: Document) -> Document:
        """The document in the ledger."""
        return invoice_post(document=document, actor=self.treasurer, as_of=TODAY).document

    def taken(self, make: Any, document: Document, quantity: int | None = None) -> Document:
        """What `make` makes of its lines (all of each, or so many)."""
        lines = [
            (line, Decimal(quantity) if quantity else line.quantity)
            for line in document.lines.order_by("position")
        ]
        made: Document = make(lines=lines, actor=self.world.clerk, on=TODAY)
        return self.submitted(made)

    def of_every_kind(self) -> dict[str, Document]:
        """Accepted documents by the code of their type."""
        order = self.made(
            "order",
            delivery_on=TODAY + datetime.timedelta(days=14),
            ship_to_customer=self.receiver,
            ship_to="Gate 3, unloading until 4 pm",
        )
        advance = self.posted(
            self.submitted(
                advance_create(order=order, percent=Decimal(30), actor=self.world.clerk, on=TODAY)
            )
        )
        delivery = self.taken(delivery_create, order)
        invoice = self.posted(self.taken(invoice_create, delivery))
        back = self.made("order", LINES[:1])
        sent = self.taken(delivery_create, back)
        self.posted(self.taken(invoice_create, sent))
        returned = self.taken(return_create, sent, 1)
        return {
            "quote": self.made("quote", valid_until=TODAY + datetime.timedelta(days=30)),
            "order": order,
            "advance": advance,
            "delivery": delivery,
            "invoice": invoice,
            "return": returned,
            "credit_note": self.posted(self.taken(credit_note_create, returned, 1)),
            "pro_forma": self.made("pro_forma"),
            "counter": self.made("counter", LINES[1:2], paid_amount=Decimal(200)),
            "charge": self.made("charge", LINES[1:2]),
            "receipt": self.made("receipt", LINES[:2]),
            "move": self.made("move", LINES[:2]),
        }


def make_papers(limit: int | None = 100_000) -> Papers:
    """The world with everything that stands on a letterhead."""
    world = make_world(limit=limit)
    company = world.company
    company.name = "Officine Valtorta S.p.A."
    company.address = "Via delle Industrie 14\n24127 Bergamo BG\nItaly"
    company.vat_number = "IT01234567897"
    company.phone = "+39 035 000 000"
    company.email = "sales@valtorta.example"
    company.website = "valtorta.example"
    company.bank_name = "Banca di Prova, Bergamo"
    company.iban = "IT60X0542811101000000123456"
    company.bic = "BLOPIT22"
    company.registered_office = "Piazza Grande 1, 24100 Bergamo BG"
    company.legal_footer = (
        "Share capital € 500,000 fully paid · Companies register of Bergamo 01234567897 · REA "
        "BG-000000"
    )
    company.logo.save("logo.png", ContentFile(logo()), save=False)
    company.save()
    customer = world.account.customer
    customer.name = "Idraulica Bianchi"
    customer.legal_name = "Idraulica Bianchi S.r.l."
    customer.address = "Corso Magenta 7\n20123 Milano MI"
    customer.vat_number = "IT09876543217"
    customer.code = "C-1042"
    customer.save()
    world.account.payment_term = PaymentTermFactory(
        code="split", name="50 % after 30 days, 50 % after 60 days", lines=[(50, 30), (50, 60)]
    )
    world.account.payment_method = PaymentMethodFactory(code="transfer", name="Bank transfer")
    world.account.save()
    receiver = CustomerFactory(
        code="C-2001", name="Cantiere Nord", address="Strada Provinciale 9\n23900 Lecco LC"
    )
    return Papers(world, receiver, UserFactory(username="tina", role="treasury"))


def logo() -> bytes:
    """A drawn sign of the company."""
    picture = Image.new("RGB", (640, 180), "white")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((10, 10, 170, 170), fill="#0b5d5a")
    draw.polygon([(45, 55), (90, 140), (135, 55), (115, 55), (90, 105), (65, 55)], fill="white")
    for index in range(3):
        draw.rectangle((210, 40 + 40 * index, 610 - 90 * index, 58 + 40 * index), fill="#0b5d5a")
    content = io.BytesIO()
    picture.save(content, "PNG")
    return content.getvalue()


def text_of(pdf: bytes) -> list[str]:
    """The text of each page, in the places it stands in."""
    pages = PdfReader(io.BytesIO(pdf)).pages
    return [page.extract_text(extraction_mode="layout") for page in pages]


def words_of(pdf: bytes) -> str:
    """All text of a PDF with single blanks between words."""
    return " ".join(" ".join(text_of(pdf)).split())
