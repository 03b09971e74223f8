"""Plain sentences for the audit events of bills."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.audit import renders
from core.dates import day_text
from ledger.audit_texts import money_text
from ledger.models import BillStep, Presentation

MOST_NAMED: Final = 5


def _sum(bills: list[dict[str, Any]]) -> Decimal:
    return sum((Decimal(str(row["amount"])) for row in bills), Decimal(0))


def _named(bills: list[dict[str, Any]]) -> str:
    """“BI-1, BI-2”: the first few."""
    names = [row["number"] for row in bills[:MOST_NAMED]]
    return ", ".join([*names, "…"] if len(bills) > MOST_NAMED else names)


def _one(data: dict[str, Any]) -> dict[str, str]:
    """What sentences about one bill say: the bill, its amount, the day."""
    return {
        "number": data["number"],
        "amount": money_text(data["amount"], data["currency"]),
        "day": day_text(data["on"]),
    }


def _because(sentence: str, data: dict[str, Any]) -> str:
    """A sentence with its reason, where one was given."""
    if not data.get("reason"):
        return sentence
    return _("%(sentence)s Reason: %(reason)s.") % {"sentence": sentence, "reason": data["reason"]}


def _charges(sentence: str, data: dict[str, Any]) -> str:
    """A sentence with the charges of the bank, and who bears them."""
    if not Decimal(str(data.get("charges") or 0)):
        return sentence
    words = (
        _("%(sentence)s The bank charges %(charges)s, charged on to the customer.")
        if data["bearer"] == "customer"
        else _("%(sentence)s The bank charges %(charges)s, borne by us.")
    )
    return words % {
        "sentence": sentence,
        "charges": money_text(data["charges"], data["currency"]),
    }


@renders("ledger.bills.issued")
def bills_issued(data: dict[str, Any]) -> str:
    """2 bills over 300.00 EUR were issued and posted: BI-1, BI-2."""
    count = len(data["bills"])
    text = (
        ngettext(
            "%(count)s bill over %(amount)s was issued and posted: %(bills)s.",
            "%(count)s bills over %(amount)s were issued and posted: %(bills)s.",
            count,
        )
        if data["posted"]
        else ngettext(
            "%(count)s bill over %(amount)s was issued, not posted: %(bills)s.",
            "%(count)s bills over %(amount)s were issued, not posted: %(bills)s.",
            count,
        )
    )
    return text % {
        "count": count,
        "amount": money_text(data["amount"], data["currency"]),
        "bills": _named(data["bills"]),
    }


@renders("ledger.bill.posted")
def bill_posted(data: dict[str, Any]) -> str:
    """Bill BI-1 over 100.00 EUR was posted."""
    return _("Bill %(number)s over %(amount)s was posted as of %(day)s.") % _one(data)


@renders("ledger.bills.presented")
def bills_presented(data: dict[str, Any]) -> str:
    """List PL-1: 2 bills over 300.00 EUR went to Banca Alba, at discount."""
    count = len(data["bills"])
    return ngettext(
        "List %(number)s: %(count)s bill over %(amount)s went to %(bank)s, %(kind)s: %(bills)s.",
        "List %(number)s: %(count)s bills over %(amount)s went to %(bank)s, %(kind)s: %(bills)s.",
        count,
    ) % {
        "number": data["number"],
        "count": count,
        "amount": money_text(data["amount"], data["currency"]),
        "bank": data["bank"],
        "kind": str(Presentation.Kind(data["kind"]).label).lower(),
        "bills": _named(data["bills"]),
    }


@renders("ledger.presentation.result")
def presentation_result(data: dict[str, Any]) -> str:
    """List PL-1: the bank collected 2 bills (300.00 EUR), 1 came back unpaid (100.00 EUR)."""
    collected, returned = data["collected"], data["returned"]
    return _(
        "Result of list %(number)s on %(day)s: %(collected)s collected (%(in)s), %(returned)s came "
        "back unpaid (%(back)s)."
    ) % {
        "number": data["number"],
        "day": day_text(data["on"]),
        "collected": len(collected),
        "in": money_text(_sum(collected), data["currency"]),
        "returned": len(returned),
        "back": money_text(_sum(returned), data["currency"]),
    }


@renders("ledger.bill.returned")
def bill_returned(data: dict[str, Any]) -> str:
    """Bill BI-1 over 100.00 EUR came back unpaid on 3 May. Its items are open again."""
    words = (
        _("Bill %(number)s over %(amount)s came back unpaid on %(day)s; its items are open again.")
        if data["posted"]
        else _("Bill %(number)s over %(amount)s came back unpaid on %(day)s.")
    )
    return _charges(_because(words % _one(data), data), data)


@renders("ledger.bill.return_posted")
def bill_return_posted(data: dict[str, Any]) -> str:
    """The return of bill BI-1 was posted: its items are open again."""
    words = _("The return of bill %(number)s over %(amount)s was posted: its items are open again.")
    return _because(words % _one(data), data)


@renders("ledger.bill.protested")
def bill_protested(data: dict[str, Any]) -> str:
    """Bill BI-1 over 100.00 EUR was protested."""
    return _charges(
        _("Bill %(number)s over %(amount)s was protested on %(day)s.") % _one(data), data
    )


@renders("ledger.bill.collected")
def bill_collected(data: dict[str, Any]) -> str:
    """Bill BI-1 over 100.00 EUR was collected."""
    return _("Bill %(number)s over %(amount)s was collected on %(day)s.") % _one(data)


@renders("ledger.bill.withdrawn")
def bill_withdrawn(data: dict[str, Any]) -> str:
    """Bill BI-1 over 100.00 EUR was taken back from the bank."""
    words = _("Bill %(number)s over %(amount)s was taken back from the bank on %(day)s.")
    return _because(words % _one(data), data)


@renders("ledger.bill.cancelled")
def bill_cancelled(data: dict[str, Any]) -> str:
    """Bill BI-1 over 100.00 EUR was cancelled: its items are open."""
    words = _("Bill %(number)s over %(amount)s was cancelled: its items are open.")
    return _because(words % _one(data), data)


@renders("ledger.bill.step_undone")
def bill_step_undone(data: dict[str, Any]) -> str:
    """“Collected” of bill BI-1 was a mistake and was taken back."""
    words = _("“%(step)s” of bill %(number)s over %(amount)s was a mistake and was taken back.")
    return _because(words % {**_one(data), "step": BillStep.Kind(data["step"]).label}, data)
