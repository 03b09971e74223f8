"""Open items, payments, posted invoices and posted credit notes of a case, in the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from core.money import ZERO
from ledger.models import OpenItem
from ledger.services import dispute_open, entry_post, payment_record
from reports.scenarios import papers
from reports.scenarios.world import GivenError, World

if TYPE_CHECKING:
    from customers.models import CustomerAccount

DAYS_OVERDUE = 30
DAYS_TO_PAY = 30


def item_make(world: World, item: Mapping[str, Any]) -> None:
    """An open item (or an accepted order, or a credit) that sits in the named component."""
    component = item.get("component", "invoice_open")
    amount = abs(item["amount"])
    if component == "order_open":
        papers.given_document(
            world, {**_whose(item), "type": "order", "state": "submitted", "gross": amount}
        )
        return
    if component == "credits":
        payment_make(world, {**item, "amount": amount})
        return
    if item["amount"] < 0:
        msg = f"an item of {item['amount']} cannot sit in {component}: only credits are negative"
        raise GivenError(msg)
    overdue = component == "invoice_overdue"
    due = item.get("due") or world.today + timedelta(
        days=-item.get("days_past_due", DAYS_OVERDUE) if overdue else DAYS_TO_PAY
    )
    if (due < world.today) != overdue:
        msg = f"an item due on {due} is not {component} on {world.today}"
        raise GivenError(msg)
    name = item.get("id") or world.name_next("IT")
    items = post(world, item, "invoice", name, [(due, amount)])
    world.debit_ids[name] = [one.pk for one in items]
    if item.get("disputed"):
        for one in items:
            dispute_open(item=one, reason="Contested", opened_on=one.document_on, actor=None)


def post(
    world: World,
    facts: Mapping[str, Any],
    kind: str,
    name: str,
    instalments: list[tuple[date, Decimal]],
) -> list[OpenItem]:
    """Enter something in the ledger; its items answer to `name` from now on."""
    earliest = min(due for due, _amount in instalments)
    day = facts.get("date") or (
        world.today if earliest >= world.today else earliest - timedelta(days=DAYS_TO_PAY)
    )
    gross = sum((amount for _due, amount in instalments), ZERO)
    booked = facts.get("booked_base")
    entry = entry_post(
        account=account_of(world, facts),
        kind=kind,
        number=name,
        document_on=day,
        instalments=instalments,
        currency=facts.get("currency"),
        actor=None,
        rate=facts.get("rate") or (booked / gross if booked else None),
    )
    return list(entry.items.order_by("instalment"))


def invoice_make(world: World, facts: Mapping[str, Any]) -> None:
    """A posted invoice with its instalments, paid as far as the case says."""
    gross = papers.gross_of(facts)
    if "instalments" in facts:
        instalments = [(part["due"], part["amount"]) for part in facts["instalments"]]
        if sum((amount for _due, amount in instalments), ZERO) != gross:
            msg = f"the instalments do not add up to {gross}"
            raise GivenError(msg)
    else:
        day = facts.get("date", world.today)
        instalments = [(facts.get("due", day + timedelta(days=DAYS_TO_PAY)), gross)]
    name = facts.get("id") or world.name_next("IN")
    items = post(world, facts, "invoice", name, instalments)
    world.debit_ids[name] = [item.pk for item in items]
    paid = gross - facts["open"] if "open" in facts else facts.get("paid", ZERO)
    if paid:
        debit_pay(world, name, paid)


def credit_note_make(world: World, facts: Mapping[str, Any]) -> None:
    """A posted credit note, used as far as the case says for the invoice it names."""
    gross = papers.gross_of(facts)
    name = facts.get("id") or world.name_next("CN")
    [item] = post(world, facts, "credit_note", name, [(facts.get("date", world.today), gross)])
    world.credit_ids[name] = item.pk
    if facts.get("used"):
        msg = f"{name}: make the use of a credit note a step of its own (do: allocate)"
        raise GivenError(msg)


def payment_make(world: World, facts: Mapping[str, Any]) -> None:
    """A payment: of the document it names, or on account."""
    amount = facts["amount"] if "amount" in facts else papers.gross_of(facts)
    name = facts.get("id") or world.name_next("PY")
    if "pays" in facts:
        debit_pay(world, facts["pays"], amount, name, facts.get("date"))
        return
    item = payment_record(
        account=account_of(world, facts),
        number=name,
        received_on=facts.get("date", world.today),
        amount=amount,
        currency=facts.get("currency"),
        rate=facts.get("rate"),
        actor=None,
    )
    world.credit_ids[name] = item.pk


def debit_pay(
    world: World, name: str, amount: Decimal, number: str = "", on: date | None = None, **by: Any
) -> None:
    """Pay so much of an invoice or item, the earliest due first; the rest stays on account."""
    debits = world.debits(name)
    if not debits:
        msg = f"nothing is open of {name}"
        raise GivenError(msg)
    left = amount
    parts = []
    for debit in debits:
        part = min(left, debit.open_amount)
        if part:
            parts.append((debit, part))
            left -= part
    number = number or world.name_next("PY")
    item = payment_record(
        account=debits[0].account,
        number=number,
        received_on=on or max(world.today, debits[0].document_on),
        amount=amount,
        allocations=parts,
        currency=debits[0].currency_id,
        rate=debits[0].rate,
        actor=by.get("actor"),
    )
    world.credit_ids[number] = item.pk


def account_of(world: World, facts: Mapping[str, Any]) -> CustomerAccount:
    """The account that carries a document or item: the bill-to party's, in its company."""
    return world.account(facts.get("bill_to") or facts.get("customer"), facts.get("company"))


def _whose(facts: Mapping[str, Any]) -> dict[str, Any]:
    keys = ("id", "customer", "company", "currency", "date")
    return {key: facts[key] for key in keys if key in facts}
