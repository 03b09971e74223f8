"""The next document of the cycle, made from lines of earlier ones. It is saved as a draft.

Every document made here goes the same way as one typed in: it is checked when it is submitted.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from core import clock
from core.errors import Invalid
from core.money import ZERO, quantize
from documents.amounts import LineInput
from documents.inputs import OrderHeader
from documents.models import Document, DocumentLine, DocumentType, Nature
from documents.remaining import remaining
from documents.services.save import order_create

if TYPE_CHECKING:
    from datetime import date

    from core.models import User

Kind = DocumentType.Kind
HUNDRED = Decimal(100)

type Parts = Sequence[tuple[DocumentLine, Decimal]]


def type_of(kind: str, nature: str = Nature.NORMAL) -> DocumentType:
    """The first active type of a kind. Raises Invalid when there is none."""
    found = (
        DocumentType.objects.filter(kind=kind, nature=nature, is_active=True, is_pro_forma=False)
        .order_by("pk")
        .first()
    )
    if found is None:
        raise Invalid(
            "documents.no_type",
            _("There is no active document type for this step. An administrator can add one."),
        )
    return found


def document_continue(
    *,
    lines: Parts,
    type_: DocumentType,
    actor: User,
    on: date | None = None,
    reopens: bool = False,
    extra: Sequence[LineInput] = (),
    **head: Any,
) -> Document:
    """A draft of `type_` that continues these lines with these quantities (document units).

    Lines of several documents of one account and currency are merged. Prices, discounts and taxes
    are those of the lines; `head` overrides what is taken from the first document. Raises Invalid
    and Conflict like `services.links.sources_check`.
    """
    parts = [(line, quantity) for line, quantity in lines if quantity]
    if not parts:
        raise Invalid("documents.nothing_chosen", _("Choose at least one line."), field="lines")
    source = parts[0][0].document
    fields: dict[str, Any] = {
        "reference": source.reference,
        "ship_to": source.ship_to,
        "ship_to_customer": source.ship_to_customer,
        "payment_method": source.payment_method,
        "payment_term": source.payment_term,
        "ordered_by": source.ordered_by,
        **head,
    }
    return order_create(
        header=OrderHeader(
            account=source.account,
            document_on=on or clock.today(),
            type=type_,
            currency=source.currency,
            **fields,
        ),
        lines=[*(_taken(line, quantity, reopens=reopens) for line, quantity in parts), *extra],
        actor=actor,
    )


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
    """Every line of these documents with what a document of `type_` may still take of it."""
    lines = list(
        DocumentLine.objects.filter(document__in=documents)
        .select_related(
            "document__type",
            "document__account__company",
            "document__account__customer",
            "document__currency",
            "document__payment_method",
            "document__payment_term",
            "document__ordered_by",
            "document__ship_to_customer",
        )
        .order_by("document__document_on", "document", "position")
    )
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
        extra=_deductions(parts),
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
    return document_continue(
        lines=lines,
        type_=type_ or type_of(Kind.INVOICE, Nature.REVERSE),
        actor=actor,
        on=on,
        reopens=reopens,
        **head,
    )


def advance_create(
    *,
    order: Document,
    percent: Decimal,
    actor: User,
    on: date | None = None,
    type_: DocumentType | None = None,
    **head: Any,
) -> Document:
    """An advance invoice for `percent` of an order (above 0, at most 100): a line for each of its.

    The amount replaces a part of the order until final invoices deduct it.
    """
    if not 0 < percent <= HUNDRED:
        raise Invalid(
            "documents.advance_share",
            _("An advance is more than 0 % and at most 100 %."),
            field="percent",
        )
    inputs = []
    for line in order.lines.order_by("position"):
        net = quantize(line.net_amount * percent / HUNDRED)
        if not net:
            continue
        inputs.append(
            LineInput(
                description=_("Advance of %(percent)s %% on %(item)s")
                % {"percent": f"{percent:f}", "item": line.description},
                quantity=Decimal(1 if net > 0 else -1),
                unit_price=abs(net),
                tax_percent=line.tax_percent,
                source_id=line.pk,
            )
        )
    header = OrderHeader(
        account=order.account,
        document_on=on or clock.today(),
        type=type_ or type_of(Kind.ADVANCE),
        currency=order.currency,
        reference=head.pop("reference", order.reference),
        payment_method=order.payment_method,
        payment_term=order.payment_term,
        ordered_by=order.ordered_by,
        **head,
    )
    return order_create(header=header, lines=inputs, actor=actor)


def _deductions(parts: Parts) -> list[LineInput]:
    """Lines that take off what advances on the same orders were posted and not deducted yet.

    Never more than the invoice is worth.
    """
    orders = {
        key
        for line, _quantity in parts
        for key in (line.pk, line.source_line_id)
        if key is not None
    }
    advances = (
        DocumentLine.objects.filter(
            document__type__kind=Kind.ADVANCE,
            document__status=Document.Status.POSTED,
            source_line__in=orders,
        )
        .select_related("document")
        .order_by("document", "position")
    )
    worth = sum(
        (quantize(line.net_amount * quantity / line.quantity) for line, quantity in parts), ZERO
    )
    result = []
    for advance in advances:
        used = sum(
            (
                -each.net_amount if each.document.type.nature == Nature.NORMAL else each.net_amount
                for each in advance.continued_by.exclude(
                    document__status__in=(Document.Status.CANCELLED, Document.Status.REFUSED)
                ).select_related("document__type")
            ),
            ZERO,
        )
        amount = min(advance.net_amount - used, worth)
        if amount > 0:
            worth -= amount
            result.append(
                LineInput(
                    description=_("Less advance %(number)s") % {"number": advance.document},
                    quantity=Decimal(-1),
                    unit_price=amount,
                    tax_percent=advance.tax_percent,
                    source_id=advance.pk,
                )
            )
    return result
