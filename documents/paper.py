"""A paper in the words and figures of the reader's language: HTML, and from that a PDF."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from babel import Locale
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy as _p

from core.banks import grouped
from core.dates import day_text
from core.numerals import format_decimal
from core.pdf import pdf_render
from documents.paper_words import (
    ACROSS,
    BILL_TO,
    MARKS,
    NAMES,
    NOTES,
    PAID_TO_BANK,
    SIGNED,
    TITLES,
    TOTALS,
    Mark,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.utils.functional import _StrPromise

    from documents.printing import Content

STYLESHEET: Final = "css/paper.css"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table, ready to read. `of` names the document it continues."""

    position: str
    description: str
    quantity: str
    unit_price: str
    discount: str
    tax: str
    net: str
    of: str


@dataclass(frozen=True, slots=True)
class Total:
    """A row below the table. The last one is what the paper comes to."""

    label: str
    amount: str
    is_sum: bool = False


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper with every figure written out. `mark` and `watermark` are empty on an original.

    Addresses are lines of text, `taxes` are (rate, net, tax), `instalments` (day, amount).
    """

    content: Content
    title: str
    subject: str
    mark: str
    watermark: str
    edition: int
    bill_to_label: str
    bill_to: list[str]
    ship_to: list[str]
    ordered_by: list[str]
    facts: list[tuple[str, str]]
    references: list[str]
    rows: list[Row]
    has_discount: bool
    has_tax: bool
    taxes: list[tuple[str, str, str]]
    totals: list[Total]
    instalments: list[tuple[str, str]]
    instalments_from: str
    iban: str
    note: str
    signatures: Sequence[_StrPromise]


def paper_pdf(
    content: Content, *, marks: Sequence[Mark] = (), edition: int = 1, language: str | None = None
) -> bytes:
    """The paper as a PDF in a language (default: the active one). Raises PdfUnavailable."""
    with translation.override(language or translation.get_language()):
        html = paper_html(content, marks=marks, edition=edition)
    return pdf_render(html=html, stylesheet=STYLESHEET)


def paper_html(content: Content, *, marks: Sequence[Mark] = (), edition: int = 1) -> str:
    """The paper as HTML in the active language."""
    return render_to_string(
        "documents/print/paper.html", {"paper": paper(content, marks=marks, edition=edition)}
    )


def paper(content: Content, *, marks: Sequence[Mark] = (), edition: int = 1) -> Paper:
    """The content in the active language."""
    kind = content["family"]
    title = name_of(content, TITLES)
    lines = content["lines"]
    across = [str(MARKS[mark]) for mark in marks if mark in ACROSS]
    several = len({line["of"] for line in lines}) > 1
    return Paper(
        content=content,
        title=title,
        subject=f"{title} {content['number']}".strip(),
        mark=" · ".join(str(MARKS[mark]) for mark in marks if mark in MARKS),
        watermark=across[-1] if across else "",
        edition=edition,
        bill_to_label=str(BILL_TO.get(kind, _p("paper", "Bill to"))),
        bill_to=_address(content["bill_to"]),
        ship_to=[*_address(content["ship_to"]["party"]), *content["ship_to"]["text"].splitlines()],
        ordered_by=_address(content["ordered_by"]),
        facts=_facts(content),
        references=[named(source) for source in content["sources"]],
        rows=[_row(line, named_source=several) for line in lines],
        has_discount=any(Decimal(line["discount"]) for line in lines),
        has_tax=any(Decimal(row["percent"]) for row in content["taxes"]),
        taxes=[
            (f"{trimmed(row['percent'])} %", figure(row["net"]), figure(row["tax"]))
            for row in content["taxes"]
        ],
        totals=_totals(content),
        instalments=[(day_text(on), figure(amount)) for on, amount in content["instalments"]],
        instalments_from=day_text(content["instalments_from"])
        if content["instalments_from"]
        else "",
        iban=grouped(content["company"]["iban"]) if kind in PAID_TO_BANK else "",
        note=str(NOTES.get(kind, "")),
        signatures=SIGNED.get(kind, ()),
    )


def name_of(content: Mapping[str, Any], words: Mapping[str, _StrPromise] = NAMES) -> str:
    """What a document is called on paper: its type's own name, or the word for its kind."""
    return content["title"] or str(words[content["family"]])


def _address(party: Content | None) -> list[str]:
    """Name, address and country, line by line."""
    if party is None:
        return []
    found = [party["name"], *party["address"].splitlines(), country_name(party["country"])]
    return [line for line in found if line.strip()]


def country_name(code: str) -> str:
    """A country in the reader's language; the code itself when nobody knows it."""
    territories = Locale.parse(translation.get_language() or "en", sep="-").territories
    return str(territories.get(code.upper(), code))


def named(source: Content) -> str:
    """Another document in a few words: `Order SO-2026-00001, 3 Mar 2026`."""
    day = day_text(source["document_on"]).replace(" ", "\u00a0")
    return f"{name_of(source)} {source['number']}, {day}"


def figure(text: str) -> str:
    """An amount with its cents."""
    return format_decimal(Decimal(text))


def _row(line: Content, *, named_source: bool) -> Row:
    return Row(
        position=str(line["position"]),
        description=line["description"],
        quantity=trimmed(line["quantity"]),
        unit_price=trimmed(line["unit_price"], 2),
        discount=f"{trimmed(line['discount'])} %" if Decimal(line["discount"]) else "",
        tax=f"{trimmed(line['tax'])} %",
        net=figure(line["net"]),
        of=line["of"] if named_source else "",
    )


def _totals(content: Content) -> list[Total]:
    """From what the lines come to, over what advances and the till took off, to the sum."""
    found = []
    if content["deductions"]:
        goods = sum((Decimal(line["net"]) for line in content["lines"]), Decimal(0))
        found.append(Total(_("Goods and services, net"), format_decimal(goods)))
        found += [
            Total(_("Less %(advance)s") % {"advance": named(row)}, figure(row["net"]))
            for row in content["deductions"]
        ]
    found.append(Total(str(_p("paper", "Net")), figure(content["net"])))
    found.append(Total(str(_p("paper", "Tax")), figure(content["tax"])))
    label = TOTALS.get(content["family"], _p("paper", "Amount due"))
    found.append(Total(str(label), figure(content["gross"]), is_sum=True))
    paid = Decimal(content["paid"])
    if paid:
        rest = Decimal(content["gross"]) - paid
        found.append(Total(_("Paid at once"), format_decimal(-paid)))
        found.append(Total(_("Left on account"), format_decimal(rest), is_sum=True))
    return found


def trimmed(text: str, least: int = 0) -> str:
    """A figure with the decimals it needs, at least `least`, its thousands grouped."""
    value = Decimal(text).normalize()
    exponent = value.as_tuple().exponent
    return format_decimal(value, max(least, -exponent if isinstance(exponent, int) else 0))


def _facts(content: Content) -> list[tuple[str, str]]:
    """What stands beside the addresses."""
    buyer = content["bill_to"]
    days = (
        (_p("paper", "Date"), content["document_on"]),
        (_p("paper", "Valid until"), content["valid_until"]),
        (_p("paper", "Delivery wished on"), content["delivery_on"]),
    )
    texts = (
        (_p("paper", "Customer no."), buyer["code"]),
        (_p("paper", "Customer's VAT no."), buyer["vat_number"]),
        (_p("paper", "Your reference"), content["reference"]),
    )
    return [
        *((str(label), day_text(on)) for label, on in days if on),
        *((str(label), text) for label, text in texts if text),
    ]
