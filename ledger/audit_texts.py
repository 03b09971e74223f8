"""Plain sentences for the audit events of the ledger. Read by the timeline and the audit list."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.audit import renders
from core.dates import day_text
from core.numerals import format_decimal
from ledger.models import Chargeback, EntryKind, ReturnedPayment


def money_text(amount: Any, currency: str) -> str:
    """An amount as the data of an event has it, with its currency."""
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
        "amount": money_text(data["amount"], data["currency"]),
    }


@renders("ledger.entry.confirmed")
def entry_confirmed(data: dict[str, Any]) -> str:
    """Provisional payment 5 over 100.00 EUR was confirmed and applied to …"""
    values = {
        "kind": EntryKind(data["kind"]).label,
        "number": data["number"],
        "amount": money_text(data["amount"], data["currency"]),
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
        "amount": money_text(data["amount"], data["currency"]),
        "items": _allocations(data),
    }
    if data.get("provisional"):
        return (
            _("Payment %(number)s of %(amount)s was entered, provisional; meant for %(items)s.")
            if values["items"]
            else _("Payment %(number)s of %(amount)s was entered, provisional.")
        ) % values
    text = (
        _("Payment %(number)s of %(amount)s was recorded and applied to %(items)s.")
        if values["items"]
        else _("Payment %(number)s of %(amount)s was recorded, on account.")
    ) % values
    given_up = ", ".join(
        _("%(kind)s on %(number)s %(amount)s")
        % {
            "kind": _GIVEN_UP[row["kind"]],
            "number": row["number"],
            "amount": format_decimal(Decimal(str(row["amount"]))),
        }
        for row in data.get("deductions", [])
    )
    if given_up:
        text += " " + _("Given up: %(items)s.") % {"items": given_up}
    for row in data.get("chargebacks", []):
        text += " " + chargeback_made({**row, "currency": data["currency"]})
    return text


_GIVEN_UP = {
    "discount": gettext_lazy("cash discount"),
    "difference": gettext_lazy("small difference"),
    "write_off": gettext_lazy("write-off"),
}


@renders("ledger.payment.allocated")
def payment_allocated(data: dict[str, Any]) -> str:
    """50.00 EUR of payment 5 were applied to invoice 17 30.00, invoice 18 20.00."""
    return _("%(amount)s of %(credit)s were applied to %(items)s.") % {
        "amount": money_text(data["amount"], data["currency"]),
        "credit": data["credit"],
        "items": _allocations(data),
    }


@renders("ledger.payment.reversed")
def payment_reversed(data: dict[str, Any]) -> str:
    """Payment 5 over 100.00 EUR was reversed on …: returned by the bank. Open again: …"""
    values = {
        "kind": EntryKind(data["kind"]).label,
        "number": data["number"],
        "amount": money_text(data["amount"], data["currency"]),
        "reason": data["reason"],
        "items": ", ".join(
            f"{row['number']} {format_decimal(-Decimal(str(row['amount'])))}"
            for row in data["allocations"]
        ),
    }
    if values["items"]:
        return (
            _(
                "%(kind)s %(number)s over %(amount)s was reversed: %(reason)s. "
                "Open again: %(items)s."
            )
            % values
        )
    return _("%(kind)s %(number)s over %(amount)s was reversed: %(reason)s.") % values


@renders("ledger.payment.returned")
def payment_returned(data: dict[str, Any]) -> str:
    """Payment 5 over 100.00 EUR was returned by the bank: insufficient funds. Open again: …"""
    text = _("Payment %(number)s over %(amount)s was returned by the bank: %(reason)s.") % {
        "number": data["number"],
        "amount": money_text(data["amount"], data["currency"]),
        "reason": ReturnedPayment.Reason(data["reason"]).label,
    }
    if data["allocations"]:
        text += " " + _("Open again: %(items)s.") % {
            "items": ", ".join(
                f"{row['number']} {format_decimal(-Decimal(str(row['amount'])))}"
                for row in data["allocations"]
            )
        }
    if data["fee_bearer"]:
        text += " " + _("Fee of %(fee)s: %(bearer)s.") % {
            "fee": money_text(data["fee"], data["currency"]),
            "bearer": ReturnedPayment.Bearer(data["fee_bearer"]).label,
        }
    return text


@renders("ledger.chargeback.made")
def chargeback_made(data: dict[str, Any]) -> str:
    """10.00 EUR of 17 were charged back as CB-1 (quantity)."""
    return _("%(amount)s of %(original)s were charged back as %(number)s (%(reason)s).") % {
        "amount": money_text(data["amount"], data["currency"]),
        "original": data["original"],
        "number": data["number"],
        "reason": Chargeback.Reason(data["reason"]).label,
    }


@renders("ledger.chargeback.undone")
def chargeback_undone(data: dict[str, Any]) -> str:
    """Chargeback CB-1 was undone, 10.00 EUR of 17 are open again: entered twice."""
    return _(
        "Chargeback %(number)s was undone, %(amount)s of %(original)s are open again: %(reason)s."
    ) % {
        "number": data["number"],
        "amount": money_text(data["amount"], data["currency"]),
        "original": data["original"],
        "reason": data["reason"],
    }


@renders("ledger.allocation.reversed")
def allocation_reversed(data: dict[str, Any]) -> str:
    """50.00 EUR of payment 5 were taken back from invoice 17: wrong invoice."""
    return _("%(amount)s of %(credit)s were taken back from %(items)s: %(reason)s.") % {
        "amount": money_text(data["amount"], data["currency"]),
        "credit": data["credit"],
        "items": ", ".join(row["number"] for row in data["allocations"]),
        "reason": data["reason"],
    }


@renders("ledger.item.written_off")
def item_written_off(data: dict[str, Any]) -> str:
    """2.00 EUR of 17 were given up (cash discount): agreed."""
    return _("%(amount)s of %(number)s were given up (%(kind)s): %(reason)s.") % {
        "amount": money_text(data["amount"], data["currency"]),
        "number": data["number"],
        "kind": _GIVEN_UP[data["kind"]],
        "reason": data["reason"],
    }


@renders("ledger.dispute.opened")
def dispute_opened(data: dict[str, Any]) -> str:
    """The customer contests 100.00 EUR of 17: goods broken."""
    return _("The customer contests %(amount)s of %(number)s: %(reason)s.") % {
        "amount": money_text(data["amount"], data["currency"]),
        "number": data["number"],
        "reason": data["reason"],
    }


@renders("ledger.dispute.closed")
def dispute_closed(data: dict[str, Any]) -> str:
    """The dispute about 17 is settled: credit note sent."""
    return _("The dispute about %(number)s is settled: %(outcome)s.") % data


@renders("ledger.item.cause_set")
def item_cause_set(data: dict[str, Any]) -> str:
    """17 is late because: invoice not received. It does not count as late."""
    if not data["after"]:
        return _("The cause of delay of %(number)s was taken away.") % data
    if data["counts_as_late"]:
        return _("%(number)s is late because of: %(after)s.") % data
    return _("%(number)s is late because of: %(after)s. It does not count as late.") % data


@renders("ledger.period.closed")
def period_closed(data: dict[str, Any]) -> str:
    """The books were closed through 31.10.2026."""
    return _("The books were closed through %(through)s.") % {"through": day_text(data["through"])}


@renders("ledger.period.reopened")
def period_reopened(data: dict[str, Any]) -> str:
    """The books were opened again; closed through …: correction."""
    if data["through"]:
        values = {"through": day_text(data["through"]), "reason": data["reason"]}
        return (
            _("The books were opened again; they are closed through %(through)s: %(reason)s.")
            % values
        )
    return _("The books were opened again: %(reason)s.") % data


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
