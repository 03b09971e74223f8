"""Bills of a case: given in a state, issued from an invoice, returned by the bank."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from core.money import ZERO
from ledger.models import Bill, OpenItem
from ledger.services.bills import bill_issue, bill_return, bills_issue, bills_present
from ledger.services.bills.issue import NewBill
from reports.scenarios import books
from reports.scenarios.world import LONG_AGO, GivenError, World

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from core.models import User
    from reports.scenarios.doing import Doing

BANK: Final = "Bank"
# Component or state in a case → how far the bill has come.
STATES: Final[Mapping[str, str]] = {
    "instruments": "presented",
    "bill_issued": "issued",
    "bill_presented": "presented",
    "bill_returned": "returned",
    "instruments_returned": "returned",
    "issued": "issued",
    "presented": "presented",
    "returned": "returned",
}


def is_bill(item: Mapping[str, Any]) -> bool:
    """Whether an item of a case is a bill."""
    return item.get("component", "") in STATES


def bill_make(world: World, facts: Mapping[str, Any]) -> None:
    """A bill as far on its way as the case says, on the invoice it names or on one of its own."""
    state = STATES[facts.get("component") or facts.get("state", "issued")]
    due = facts.get("due") or world.today + timedelta(days=books.DAYS_TO_PAY)
    invoice = facts.get("invoice") or world.name_next("IN")
    if invoice not in world.debit_ids:
        one = {**facts, "id": invoice, "gross": facts["amount"], "due": due}
        if due < world.today:
            one["date"] = due - timedelta(days=books.DAYS_TO_PAY)
        books.invoice_make(world, one)
    items = world.debits(invoice)
    parts = _parts(items, facts["amount"])
    if sum((amount for _item, amount in parts), ZERO) != facts["amount"]:
        msg = f"less than {facts['amount']} is open of {invoice}"
        raise GivenError(msg)
    drawn_on = max(*(item.document_on for item, _part in parts), facts.get("date", LONG_AGO))
    name = facts.get("id") or world.name_next("BI")
    bill = bill_issue(
        account=items[0].account,
        kind="riba",
        bill=NewBill(parts=parts, due_on=max(due, drawn_on), number=name),
        drawn_on=drawn_on,
        actor=None,
    )
    world.bill_ids[name] = bill.pk
    if state != "issued":
        present([bill], drawn_on)
    if state == "returned":
        bill_return(bill=bill, on=max(drawn_on, world.today), actor=None)


def _parts(items: list[OpenItem], amount: Decimal) -> list[tuple[OpenItem, Decimal]]:
    left = amount
    parts = []
    for item in items:
        part = min(left, item.open_amount)
        if part:
            parts.append((item, part))
            left -= part
    return parts


def present(bills: list[Bill], on: date) -> None:
    """Hand bills to the bank, subject to collection."""
    bills_present(bills=bills, kind="subject", bank=BANK, on=on, actor=None)


def bill_of(world: World, name: str) -> Bill:
    """A bill by name, fresh from the database."""
    if name not in world.bill_ids:
        msg = f"{name} is not a bill"
        raise GivenError(msg)
    return Bill.objects.get(pk=world.bill_ids[name])


def issue_bills(doing: Doing, params: Mapping[str, Any], _actor: User, _named: bool) -> None:
    """A bill on every instalment of an invoice, handed to the bank on one slip."""
    world = doing.world
    items = world.debits(params["document"])
    on = params.get("date", world.today)
    made = bills_issue(
        account=items[0].account,
        kind="riba",
        bills=[NewBill(parts=[(item, item.open_amount)]) for item in items],
        drawn_on=on,
        actor=None,
    )
    present(made, on)
    world.bill_ids |= {bill.number: bill.pk for bill in made}


def return_bill(doing: Doing, params: Mapping[str, Any], _actor: User, _named: bool) -> None:
    """The bank takes the bill back, with its fee: ours to bear."""
    world = doing.world
    bill = bill_of(world, params["bill"])
    fee = params.get("fee")
    debited = params.get("debited")
    if debited is not None and debited != bill.amount + (fee or ZERO):
        msg = f"the bank debits {debited}: that is not {bill.amount} and a fee of {fee or 0}"
        raise GivenError(msg)
    bill_return(
        bill=bill,
        on=params.get("date", world.today),
        charges=fee,
        bearer="us" if fee else "",
        actor=None,
    )


def flags(world: World, invoices: Mapping[str, object]) -> dict[str, str]:
    """Which of the invoices have a bill that came back."""
    back = set(
        OpenItem.objects.filter(bill_parts__bill__state__in=("returned", "reopened")).values_list(
            "pk", flat=True
        )
    )
    return {
        name: "returned" for name in invoices if back.intersection(world.debit_ids.get(name, ()))
    }


def unpaid(world: World, invoices: Mapping[str, object]) -> dict[str, Decimal]:
    """What is unpaid of invoices: open in the ledger, or on bills that came back."""
    found = {}
    for name in invoices:
        items = OpenItem.objects.filter(pk__in=world.debit_ids.get(name, ()))
        found[name] = sum((item.open_amount for item in items), ZERO) + sum(
            (
                part.amount
                for item in items
                for part in item.bill_parts.filter(bill__state="returned")
            ),
            ZERO,
        )
    return found
