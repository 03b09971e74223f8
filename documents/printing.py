"""What a paper says: the content of a document, read once, as text in no language.

The content of a final print is kept (`DocumentPaper`), so a copy says the same whatever changed
since. `documents.paper` puts it into the words and figures of a reader's language.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from core.money import ZERO
from documents.models import Document, DocumentLine, DocumentType, Nature
from documents.services.defaults import TYPES
from documents.words import family
from ledger.instalments import term_instalments

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from core.models import Company
    from customers.models import Customer

type Content = dict[str, Any]

Kind = DocumentType.Kind
INSTALLED_NAMES: Final = {code: name for code, name, *_rest in TYPES}
# Kinds that ask for money. Orders and quotes say when it would fall due.
BILLS: Final = frozenset({Kind.INVOICE, Kind.ADVANCE, Kind.COUNTER, Kind.CHARGE})
OFFERS: Final = frozenset({Kind.QUOTE, Kind.ORDER})

# What a content is made of, to be loaded with the document.
RELATED: Final = (
    "type",
    "company",
    "account__customer",
    "ordered_by",
    "ship_to_customer",
    "payment_term",
    "payment_method",
    "entry",
)
# What of the content is the document's own. The letterhead and the parties' master data may
# change without the document saying anything else.
_OWN: Final = (
    "number",
    "document_on",
    "delivery_on",
    "valid_until",
    "reference",
    "currency",
    "lines",
    "deductions",
    "net",
    "tax",
    "gross",
    "paid",
    "term",
    "method",
)


def content_of(document: Document) -> Content:
    """Everything a paper of the document says: days as ISO text, figures as plain text.

    `document` should have `RELATED` loaded. Two statements besides.
    """
    type_ = document.type
    lines = list(
        document.lines.order_by("position").select_related(
            "source_line__document__type", "source_line__source_line__document__type"
        )
    )
    goods = [line for line in lines if not is_deduction(line, type_)]
    back = type_.nature == Nature.REVERSE
    return {
        "family": family(type_),
        "title": "" if INSTALLED_NAMES.get(type_.code) == type_.name else type_.name,
        # A bill without amounts would be none.
        "prices": type_.prices_on_paper or type_.kind in BILLS,
        "number": document.number,
        "document_on": document.document_on.isoformat(),
        "delivery_on": _iso(document.delivery_on),
        "valid_until": _iso(document.valid_until),
        "reference": document.reference,
        "currency": document.currency_id,
        "company": _company(document.company),
        "bill_to": _party(document.account.customer),
        "ordered_by": _party(document.ordered_by) if document.ordered_by else None,
        "ship_to": {
            "party": _party(document.ship_to_customer) if document.ship_to_customer else None,
            "text": document.ship_to,
        },
        "sources": _sources(goods),
        "lines": [_line(line) for line in goods],
        "deductions": _deductions(line for line in lines if is_deduction(line, type_)),
        "taxes": _taxes(lines),
        "net": str(document.net_amount),
        "tax": str(document.tax_amount),
        "gross": str(document.gross_amount),
        "paid": str(document.paid_amount),
        # At the till there are no terms: what is not paid is due at once.
        "term": document.payment_term.name
        if document.payment_term and type_.kind != Kind.COUNTER
        else "",
        "method": document.payment_method.name if document.payment_method else "",
        "instalments": []
        if back
        else [[on.isoformat(), str(amount)] for on, amount in _instalments(document)],
        "instalments_from": _iso(_offered_from(document)),
    }


def says_the_same(content: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two contents of a document differ in nothing the document says itself."""
    return _said(content) == _said(other)


def _said(content: Mapping[str, Any]) -> list[Any]:
    receiver, buyer = content["ship_to"]["party"], content["ordered_by"]
    return [
        *(content[key] for key in _OWN),
        content["ship_to"]["text"],
        receiver and receiver["code"],
        buyer and buyer["code"],
        content["bill_to"]["code"],
    ]


def is_deduction(line: DocumentLine, type_: DocumentType) -> bool:
    """Whether the line takes off, in an invoice, what an advance was invoiced before."""
    source = line.source_line
    return (
        type_.kind == Kind.INVOICE
        and type_.nature == Nature.NORMAL
        and line.quantity < 0
        and source is not None
        and source.document.type.kind == Kind.ADVANCE
    )


def _company(company: Company) -> Content:
    return {
        "name": company.name,
        "logo": company.logo.name or "",
        **{
            field: getattr(company, field)
            for field in (
                "address",
                "registered_office",
                "vat_number",
                "phone",
                "email",
                "website",
                "bank_name",
                "iban",
                "bic",
                "legal_footer",
            )
        },
    }


def _party(customer: Customer) -> Content:
    return {
        "code": customer.code,
        "name": customer.legal_name or customer.name,
        "address": customer.address,
        "country": customer.country,
        "vat_number": customer.vat_number,
    }


def _line(line: DocumentLine) -> Content:
    source = line.source_line
    return {
        "position": line.position,
        "description": line.description,
        "quantity": str(line.quantity),
        "unit_price": str(line.unit_price),
        "discount": str(line.discount_percent),
        "tax": str(line.tax_percent),
        "net": str(line.net_amount),
        "of": source.document.number if source else "",
    }


def _deductions(lines: Iterable[DocumentLine]) -> list[Content]:
    """What was invoiced before, one row for each advance invoice, net."""
    nets: dict[int, Decimal] = defaultdict(lambda: ZERO)
    advances: dict[int, Document] = {}
    for line in lines:
        assert line.source_line is not None  # noqa: S101 - that is what makes it a deduction
        advances[line.source_line.document_id] = line.source_line.document
        nets[line.source_line.document_id] += line.net_amount
    return [{**_source(advances[key]), "net": str(net)} for key, net in nets.items()]


def _sources(lines: Iterable[DocumentLine]) -> list[Content]:
    """The documents these lines continue, nearest first, and those that those continue."""
    near: dict[int, Document] = {}
    far: dict[int, Document] = {}
    for line in lines:
        if (source := line.source_line) is not None:
            near[source.document_id] = source.document
            if (origin := source.source_line) is not None:
                far[origin.document_id] = origin.document
    found = [*near.values(), *(each for key, each in far.items() if key not in near)]
    return [_source(document) for document in found if document.number]


def _source(document: Document) -> Content:
    type_ = document.type
    return {
        "family": family(type_),
        "title": "" if INSTALLED_NAMES.get(type_.code) == type_.name else type_.name,
        "number": document.number,
        "document_on": document.document_on.isoformat(),
    }


def _taxes(lines: Iterable[DocumentLine]) -> list[Content]:
    """Net and tax by rate, the lowest rate first; what advances took off is taken off here, too."""
    nets: dict[Decimal, Decimal] = defaultdict(lambda: ZERO)
    taxes: dict[Decimal, Decimal] = defaultdict(lambda: ZERO)
    for line in lines:
        nets[line.tax_percent] += line.net_amount
        taxes[line.tax_percent] += line.tax_amount
    return [
        {"percent": str(percent), "net": str(nets[percent]), "tax": str(taxes[percent])}
        for percent in sorted(nets)
    ]


def _instalments(document: Document) -> Sequence[tuple[date, Decimal]]:
    """What falls due when: as booked, or as the terms say. Nothing where nothing is due."""
    kind = document.type.kind
    if kind == Kind.COUNTER:
        rest = document.gross_amount - document.paid_amount
        return [(document.document_on, rest)] if rest > 0 else []
    if kind in BILLS and document.entry is not None:
        items = document.entry.items.filter(direction="debit").order_by("due_on", "instalment")
        return [(item.due_on, item.amount) for item in items]
    if kind not in BILLS | OFFERS or document.gross_amount <= 0:
        return []
    start = _offered_from(document) or document.document_on
    return term_instalments(document.payment_term, start, document.gross_amount)


def _offered_from(document: Document) -> date | None:
    """The day from which an order's or a quote's instalments are reckoned; None for bills."""
    if document.type.kind not in OFFERS:
        return None
    return document.delivery_on or document.document_on


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
