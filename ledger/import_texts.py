"""Sentences for what an import of a receivables history finds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from core.importing import MESSAGES as READING
from core.importing import Problem

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

MESSAGES: Final[dict[str, _StrPromise]] = {
    **READING,
    # the mapping
    "field_unmapped": _("No column is chosen for “%(field)s”."),
    # one row
    "amount_zero": _("The amount is zero."),
    "amount_negative": _(
        "The amount is below zero. Map a column that says which documents are credit notes, or "
        "choose that amounts below zero are credit notes."
    ),
    "kind_unknown": _("“%(value)s” is no kind of document. Known are: %(known)s."),
    "currency_unknown": _("The currency “%(value)s” is not in use here."),
    "due_before_document": _("The due date %(due)s lies before the document date %(document)s."),
    "settled_without_date": _("%(amount)s are settled, but the day is missing."),
    "settled_negative": _("The settled amount is below zero."),
    "settled_too_much": _("%(settled)s are settled of only %(amount)s."),
    "document_in_future": _("The document date %(date)s lies in the future."),
    "settled_in_future": _("The day of settlement %(date)s lies in the future."),
    # rows among each other
    "row_twice": _("This document stands in row %(first)s already."),
    "instalments_differ": _(
        "The instalments of a document must have one date and currency; row %(first)s says "
        "%(expected)s."
    ),
    # the ledger
    "known_amount": _(
        "The ledger holds this document with %(known)s, the file says %(found)s. An import does "
        "not change amounts."
    ),
    "known_currency": _("The ledger holds this document in %(known)s, the file says %(found)s."),
    "known_document_date": _(
        "The ledger holds this document with the date %(known)s, the file says %(found)s."
    ),
    "known_due_date": _(
        "The ledger holds this document due on %(known)s, the file says %(found)s."
    ),
    "known_other_kind": _(
        "The ledger holds this number already, as another kind of document (%(kind)s)."
    ),
    "known_instalment": _("The ledger holds this document without instalment %(instalment)s."),
    "period_closed": _(
        "The books are closed through %(date)s. Reopen the period, or leave these documents out."
    ),
    "known_provisional": _(
        "The ledger holds this document as provisional. Confirm it before its payment is imported."
    ),
    "number_ambiguous": _(
        "Several documents in the ledger differ from this number in leading zeros only."
    ),
    "customer_case": _("The customer “%(known)s” exists; only capital letters differ."),
    "busy": _("Others are working on these customers just now. Nothing was imported; try again."),
    "totals_differ": _(
        "The control totals do not agree (%(what)s: file %(found)s, ledger %(written)s). Nothing "
        "was imported."
    ),
    "internal": _("Something went wrong on our side. Nothing was imported; try again."),
    # notices
    "columns_ignored": _("These columns are not imported: %(columns)s."),
    "imported_before": _("The same file was imported on %(date)s."),
    "paid_in_advance": _(
        "Settled on %(date)s, before the date of the document: taken as paid in advance."
    ),
    "known_more_paid": _(
        "The ledger knows of more payments (%(known)s) than the file (%(found)s); nothing changes."
    ),
    "rate_missing": _(
        "There is no exchange rate from %(currency)s to %(company)s on or before %(date)s. Until "
        "one is entered with the documents, credit checks of these customers hold."
    ),
}


def problem_text(problem: Problem) -> str:
    """The sentence for `problem`, without row and column, in the active language."""
    return problem.text(MESSAGES)
