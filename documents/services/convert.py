"""The next document of the cycle, made from lines of earlier ones. It is saved as a draft.

Every document made here goes the same way as one typed in: it is checked when it is submitted.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from core import clock
from core.errors import Conflict, Invalid
from core.permissions import require
from documents import lifecycle
from documents.amounts import LineInput
from documents.inputs import OrderHeader
from documents.models import Document, DocumentLine, DocumentType, Nature
from documents.remaining import remaining
from documents.services.advances import advance_create, deductions
from documents.services.credits import credit_inputs, price_inputs
from documents.services.kinds import type_of
from documents.services.save import order_create
from documents.taken import GONE

if TYPE_CHECKING:
    from datetime import date

    from core.models import User

__all__ = [
    "advance_create",
    "credit_note_create",
    "delivery_create",
    "document_continue",
    "invoice_create",
    "invoice_of_pro_forma",
    "lines_left",
    "price_credit_create",
    "return_create",
    "type_of",
]

Kind = DocumentType.Kind

type Parts = Sequence[tuple[DocumentLine, Decimal]]


def document_continue(
    *,
    lines: Parts,
    type_: DocumentType,
    actor: User,
    on: date | None = None,
    reopens: bool = False,
    inputs: Sequence[LineInput] | None = None,
    extra: Sequence[LineInput] = (),
    **head: Any,
) -> Document:
    """A draft of `type_` that continues these lines with these quantities (document units).

    Lines of several documents of one account and currency are merged. Prices, discounts and taxes
    are those of the lines, unless `inputs` says otherwise; the head is that of the first document,
    less what the documents do not agree on, and `head` overrides it. Raises Invalid and Conflict
    like `services.links.sources_check`.
    """
    parts = [(line, quantity) for line, quantity in lines if quantity]
    if not parts:
        raise Invalid("documents.nothing_chosen", _("Choose at least one line."), field="lines")
    source = parts[0][0].document
    made = (
        [_taken(line, quantity, reopens=reopens) for line, quantity in parts]
        if inputs is None
        else inputs
    )
    return order_create(
        header=OrderHeader(
            account=source.account,
            document_on=on or clock.today(),
            type=type_,
            currency=source.currency,
            **{**_head_of([line.document for line, _quantity in parts]), **head},
        ),
        lines=[*made, *extra],
        actor=actor,
    )


def _head_of(sources: Sequence[Document]) -> dict[str, Any]:
    """What the head takes from its sources: terms of the first, the rest where all agree."""
    first = sources[0]
    fields: dict[str, Any] = {
        "payment_method": first.payment_method,
        "payment_term": first.payment_term,
    }
    for name in ("reference", "ship_to", "ship_to_customer", "ordered_by"):
        values = {getattr(source, name) for source in sources}
        if len(values) == 1:
            fields[name] = values.pop()
    return fields


def _taken(line: DocumentLine, quantity: Decimal, *, reopens: bool) -> LineInput:
    return LineInput(
        description=line.description,
        quantity=quantity,
        unit_price=line.unit_price,
        discount_percent=line.discount_percent,
        tax_percent=line.tax_percent,
        source_id=line.pk,
        reopens=reopens,
    )


def lines_left(
    documents: Sequence[Document], type_: DocumentType
) -> list[tuple[DocumentLine, Decimal]]:
    """Every line of these documents with what a document of `type_` may still take of it.

    The lines point to the documents given, so that nothing of those is read for each of its lines.
    """
    known = {document.pk: document for document in documents}
    lines = list(
        DocumentLine.objects.filter(document__in=known).order_by(
            "document__document_on", "document_id", "position"
        )
    )
    for line in lines:
        line.document = known[line.document_id]
    left = remaining(lines, type_)
    return [(line, left[line.pk]) for line in lines]


def delivery_create(
    *,
    lines: Parts,
    actor: User,
    on: date | None = None,
    type_: DocumentType | None = None,
    **head: Any,
) -> Document:
    """A delivery note for lines of orders (or of an invoice whose goods go out later)."""
    return document_continue(
        lines=lines, type_=type_ or type_of(Kind.DELIVERY), actor=actor, on=on, **head
    )


def invoice_create(
    *,
    lines: Parts,
    actor: User,
    on: date | None = None,
    type_: DocumentType | None = None,
    **head: Any,
) -> Document:
    """An invoice for lines of delivery notes and orders; open advances are deducted."""
    parts = [(line, quantity) for line, quantity in lines if quantity]
    return document_continue(
        lines=parts,
        type_=type_ or type_of(Kind.INVOICE),
        actor=actor,
        on=on,
        extra=deductions(parts),
        **head,
    )


def return_create(
    *,
    lines: Parts,
    actor: User,
    on: date | None = None,
    type_: DocumentType | None = None,
    reopens: bool = True,
    **head: Any,
) -> Document:
    """A return note for lines of delivery notes; `reopens`: the order wants the goods again."""
    return document_continue(
        lines=lines,
        type_=type_ or type_of(Kind.DELIVERY, Nature.REVERSE),
        actor=actor,
        on=on,
        reopens=reopens,
        **head,
    )


def credit_note_create(
    *,
    lines: Parts,
    actor: User,
    on: date | None = None,
    type_: DocumentType | None = None,
    reopens: bool = False,
    **head: Any,
) -> Document:
    """A credit note for lines of invoices, advances or returns.

    `reopens`: what is credited is to be invoiced again. It settles the invoice when it is posted.
    """
    parts = [(line, quantity) for line, quantity in lines if quantity]
    return document_continue(
        lines=parts,
        inputs=credit_inputs(parts, reopens=reopens),
        type_=type_ or type_of(Kind.INVOICE, Nature.REVERSE),
        actor=actor,
        on=on,
        **head,
    )


def price_credit_create(
    *,
    amounts: Parts,
    actor: User,
    on: date | None = None,
    type_: DocumentType | None = None,
    **head: Any,
) -> Document:
    """A credit note that gives back an amount of each line, before tax, and no goods.

    Never more in all than was invoiced. Raises Invalid for an amount below zero.
    """
    parts = [(line, amount) for line, amount in amounts if amount]
    return document_continue(
        lines=parts,
        inputs=price_inputs(parts),
        type_=type_ or type_of(Kind.INVOICE, Nature.REVERSE),
        actor=actor,
        on=on,
        **head,
    )


def invoice_of_pro_forma(
    *,
    document: Document,
    actor: User,
    on: date | None = None,
    type_: DocumentType | None = None,
) -> Document:
    """The invoice that a pro-forma announced: the same head and lines, taking what they took.

    Asked twice it returns the invoice that stands already. Raises Conflict when the lines were
    invoiced otherwise meanwhile.
    """
    require(actor, "documents.add_document")
    source = Document.objects.select_related(
        "type",
        "account__company",
        "account__customer",
        "currency",
        "payment_method",
        "payment_term",
        "ordered_by",
        "ship_to_customer",
    ).get(pk=document.pk)
    if not source.type.is_pro_forma:
        raise Invalid("documents.no_pro_forma", _("This is no pro-forma invoice."))
    if source.status not in (Document.Status.DRAFT, *lifecycle.ACCEPTED):
        raise Conflict(
            "documents.step_not_allowed",
            _("This step is not possible while the document is “%(status)s”."),
            params={"status": source.get_status_display()},
        )
    made = Document.objects.filter(
        company=source.company_id, import_key__startswith=f"pro-forma:{source.pk}:"
    )
    for invoice in made:
        if invoice.status not in GONE:
            return invoice
    return order_create(
        header=OrderHeader(
            account=source.account,
            document_on=on or clock.today(),
            type=type_ or type_of(Kind.INVOICE),
            currency=source.currency,
            import_key=f"pro-forma:{source.pk}:{len(made) + 1}",
            **_head_of([source]),
        ),
        lines=[
            LineInput(
                description=line.description,
                quantity=line.quantity,
                unit_price=line.unit_price,
                discount_percent=line.discount_percent,
                tax_percent=line.tax_percent,
                source_id=line.source_line_id,
            )
            for line in source.lines.order_by("position")
        ],
        actor=actor,
    )
