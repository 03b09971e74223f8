"""The fields of a receivables history, and the headings by which other programs call them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from core.importing import heading_key
from ledger.models import EntryKind

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True, slots=True)
class Field:
    """One field: `headings` are what it is called elsewhere, lower case."""

    name: str
    label: _StrPromise
    required: bool = False
    help_text: _StrPromise | str = ""
    headings: tuple[str, ...] = ()


FIELDS: Final[tuple[Field, ...]] = (
    Field(
        "customer_code",
        _("Customer code"),
        required=True,
        headings=(
            "customer",
            "customer id",
            "customerid",
            "customer no",
            "customer number",
            "debtor",
            "account",
            "codice cliente",
            "cliente",
            "código cliente",
            "código do cliente",
            "code client",
            "cust_number",
        ),
    ),
    Field(
        "customer_name",
        _("Customer name"),
        help_text=_("Used for customers that are new."),
        headings=(
            "name",
            "customername",
            "name_customer",
            "ragione sociale",
            "razón social",
            "razão social",
            "raison sociale",
            "nome cliente",
        ),
    ),
    Field(
        "country",
        _("Country"),
        help_text=_("Used for customers that are new; at most three characters."),
        headings=("countrycode", "country code", "paese", "nazione", "país", "pays"),
    ),
    Field(
        "kind",
        _("Kind of document"),
        help_text=_("Invoice, credit note, payment on account or opening item. Default: invoice."),
        headings=("type", "document type", "doc type", "tipo", "tipo documento", "type de pièce"),
    ),
    Field(
        "invoice_number",
        _("Document number"),
        required=True,
        headings=(
            "invoice",
            "invoicenumber",
            "invoice no",
            "invoice_id",
            "number",
            "document",
            "document number",
            "document no",
            "doc_id",
            "numero fattura",
            "numero documento",
            "número de factura",
            "número do documento",
            "numéro de facture",
        ),
    ),
    Field(
        "instalment",
        _("Instalment"),
        help_text=_("1, 2, 3 … for documents in several rows."),
        headings=("installment", "rata", "cuota", "parcela", "échéance no"),
    ),
    Field(
        "invoice_date",
        _("Document date"),
        required=True,
        headings=(
            "invoicedate",
            "date",
            "document date",
            "posting_date",
            "document_create_date",
            "data fattura",
            "data documento",
            "fecha factura",
            "data de emissão",
            "date facture",
        ),
    ),
    Field(
        "due_date",
        _("Due date"),
        help_text=_("Needed for what the customer owes, unless days are given below."),
        headings=(
            "duedate",
            "due",
            "due on",
            "due_in_date",
            "scadenza",
            "data scadenza",
            "vencimiento",
            "vencimento",
            "échéance",
            "date d'échéance",
        ),
    ),
    Field(
        "amount",
        _("Amount"),
        required=True,
        help_text=_("The whole amount of the document, tax included."),
        headings=(
            "invoiceamount",
            "invoice amount",
            "total",
            "total_open_amount",
            "importo",
            "importe",
            "valor",
            "montant",
        ),
    ),
    Field(
        "currency",
        _("Currency"),
        help_text=_("Three letters. Default: the currency of the company."),
        headings=("invoice_currency", "valuta", "divisa", "moneda", "moeda", "devise"),
    ),
    Field(
        "settled_date",
        _("Settled on"),
        help_text=_("The day of the last payment; empty while the document is open."),
        headings=(
            "settleddate",
            "paid date",
            "paid on",
            "payment date",
            "clear_date",
            "data pagamento",
            "fecha de pago",
            "data de pagamento",
            "date de paiement",
        ),
    ),
    Field(
        "settled_amount",
        _("Settled amount"),
        help_text=_("All that has been paid so far. Default: everything, once there is a day."),
        headings=("paid", "paid amount", "importo pagato", "pagado", "valor pago", "montant payé"),
    ),
    Field(
        "disputed",
        _("Disputed"),
        help_text=_("Yes or no."),
        headings=("dispute", "contestato", "contestata", "en disputa", "contestado", "litige"),
    ),
    Field(
        "text",
        _("Text"),
        headings=("note", "description", "descrizione", "descripción", "descrição", "libellé"),
    ),
)
BY_NAME: Final = {field.name: field for field in FIELDS}

KIND_WORDS: Final[dict[str, frozenset[str]]] = {
    EntryKind.INVOICE: frozenset(
        {"invoice", "inv", "i", "debit", "debit note", "fattura", "ft", "factura", "facture"}
        | {"fatura", "fac", "rv", "dr"}
    ),
    EntryKind.CREDIT_NOTE: frozenset(
        {"credit note", "credit", "creditnote", "credit memo", "cn", "c", "nota di credito"}
        | {"nota credito", "nc", "nota de crédito", "avoir", "rg", "dg"}
    ),
    EntryKind.PAYMENT: frozenset(
        {"payment", "payment on account", "on account", "pay", "p", "receipt", "pagamento"}
        | {"acconto", "incasso", "pago", "anticipo", "paiement", "acompte", "recebimento", "dz"}
    ),
    EntryKind.OPENING: frozenset(
        {"opening", "opening item", "opening balance", "apertura", "saldo iniziale"}
        | {"saldo inicial", "ouverture"}
    ),
}


def kind_of(word: str) -> str | None:
    """The kind of entry a word in a file means; None for a word we do not know."""
    key = heading_key(word.replace("_", " "))
    return next((str(kind) for kind, words in KIND_WORDS.items() if key in words), None)


def mapping_guess(headings: Iterable[str]) -> dict[str, list[str]]:
    """Field → heading, as far as the headings speak for themselves; each heading serves once."""
    free = {heading_key(heading): heading for heading in reversed(list(headings)) if heading}
    found: dict[str, list[str]] = {}
    for names_of in (
        lambda field: (field.name, field.name.replace("_", " "), field.name.replace("_", "")),
        lambda field: field.headings,
    ):
        for field in FIELDS:
            if field.name in found:
                continue
            for key in names_of(field):
                if key in free:
                    found[field.name] = [free.pop(key)]
                    break
    return found
