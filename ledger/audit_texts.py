"""Plain sentences for the audit events of the ledger. Read by the timeline and the audit list."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.audit import renders
from core.numerals import format_decimal
from ledger.models import EntryKind


def _money(amount: Any, currency: str) -> str:
    return f"{format_decimal(Decimal(str(amount)))} {currency}"


def _allocations(data: dict[str, Any]) -> str:
    """“invoice 17 100.00, invoice 18 50.00”, or nothing."""
    return ", ".join(
        f"{row['number']} {format_decimal(Decimal(str(row['amount'])))}"
        for row in data.get("allocations", [])
    )


@renders("ledger.credit_note.posted")
@renders("ledger.entry.posted")
def entry_posted(data: dict[str, Any]) -> str:
    """Invoice 17 over 100.00 EUR was posted."""
    text = (
        _("%(kind)s %(number)s over %(amount)s was entered, provisional.")
        if data.get("provisional")
        else _("%(kind)s %(number)s over %(amount)s was posted.")
    )
    return text % {
        "kind": EntryKind(data["kind"]).label,
        "number": data["number"],
        "amount": _money(data["amount"], data["currency"]),
    }


@renders("ledger.entry.confirmed")
def entry_confirmed(data: dict[str, Any]) -> str:
    """Provisional payment 5 over 100.00 EUR was confirmed and applied to …"""
    values = {
        "kind": EntryKind(data["kind"]).label,
        "number": data["number"],
        "amount": _money(data["amount"], data["currency"]),
        "items": _allocations(data),
    }
    if values["items"]:
        return (
            _("%(kind)s %(number)s over %(amount)s was confirmed and applied to %(items)s.")
            % values
        )
    return _("%(kind)s %(number)s over %(amount)s was confirmed.") % values


@renders("ledger.payment.recorded")
def payment_recorded(data: dict[str, Any]) -> str:
    """Payment 5 of 100.00 EUR was recorded and applied to …"""
    values = {
        "number": data["number"],
        "amount": _money(data["amount"], data["currency"]),
        "items": _allocations(data),
    }
    if data.get("provisional"):
        return (
            _("Payment %(number)s of %(amount)s was entered, provisional; meant for %(items)s.")
            if values["items"]
            else _("Payment %(number)s of %(amount)s was entered, provisional.")
        ) % values
    return (
        _("Payment %(number)s of %(amount)s was recorded and applied to %(items)s.")
        if values["items"]
        else _("Payment %(number)s of %(amount)s was recorded, on account.")
    ) % values


@renders("ledger.payment.allocated")
def payment_allocated(data: dict[str, Any]) -> str:
    """50.00 EUR of payment 5 were applied to invoice 17 30.00, invoice 18 20.00."""
    return _("%(amount)s of %(credit)s were applied to %(items)s.") % {
        "amount": _money(data["amount"], data["currency"]),
        "credit": data["credit"],
        "items": _allocations(data),
    }


@renders("ledger.history.imported")
def history_imported(data: dict[str, Any]) -> str:
    """The file was imported: 2,466 new documents of 100 customers."""
    count = int(data["entries_new"])
    return ngettext(
        "%(file)s was imported: %(count)s new document, %(payments)s payments, %(customers)s "
        "new customers.",
        "%(file)s was imported: %(count)s new documents, %(payments)s payments, %(customers)s "
        "new customers.",
        count,
    ) % {
        "file": data["file"],
        "count": format_decimal(Decimal(count), 0),
        "payments": format_decimal(Decimal(data["payments_new"]), 0),
        "customers": format_decimal(Decimal(data["customers_new"]), 0),
    }


@renders("ledger.profile.saved")
def profile_saved(data: dict[str, Any]) -> str:
    """The import profile “SAP” was saved."""
    return _("The import profile “%(name)s” was saved.") % {"name": data["name"]}
