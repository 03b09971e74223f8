"""The verbs about limits, policy, status and the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from credit_limits.services.limits import limit_grant
from ledger.services import payment_allocate
from reports.scenarios import books, policy, terms
from reports.scenarios.answers import ALLOWED
from reports.scenarios.world import GivenError

if TYPE_CHECKING:
    from core.models import User
    from reports.scenarios.doing import Doing

type Told = Mapping[str, Any]
REASON = "acceptance case"


def set_limit(doing: Doing, told: Told, actor: User, _asked: bool) -> None:
    world = doing.world
    limit = terms.limit_terms(told) or {}
    doing.customer, doing.company = told.get("customer"), told.get("company")
    limit_grant(
        **limit,
        **terms.limit_scope(world, told),
        kind="temporary" if told.get("temporary") else "permanent",
        valid_from=told.get("from", world.today),
        valid_until=told.get("until"),
        reason=told.get("reason", REASON),
        actor=actor,
    )
    doing.answer = ALLOWED


def set_policy(doing: Doing, told: Told, actor: User, _asked: bool) -> None:
    policy.merge(doing.world.policy, told["policy"])
    policy.publish(doing.world, actor)
    doing.answer = ALLOWED


def set_status(doing: Doing, told: Told, actor: User, _asked: bool) -> None:
    doing.customer = told.get("customer")
    terms.status_give(
        doing.world, doing.customer, told["status"], told.get("reason", REASON), actor
    )
    doing.answer = ALLOWED


def set_due(doing: Doing, told: Told, _actor: User, _asked: bool) -> None:
    """Settle what is open of the item and enter it again, due on the other day."""
    world = doing.world
    name = told.get("document") or told["item"]
    open_items = world.debits(name)
    amount = sum((item.open_amount for item in open_items), start=open_items[0].amount * 0)
    account = open_items[0].account
    facts = {
        "customer": _name(world.customers, account.customer_id),
        "company": _name(world.companies, account.company_id),
        "currency": open_items[0].currency_id,
        "rate": open_items[0].rate,
        "date": min(told["due"], open_items[0].document_on),
    }
    books.debit_pay(world, name, amount)
    items = books.post(world, facts, "invoice", world.name_next(name), [(told["due"], amount)])
    world.debit_ids[name] = [item.pk for item in items]
    doing.answer = ALLOWED


def pay(doing: Doing, told: Told, actor: User, _asked: bool) -> None:
    world = doing.world
    name = told.get("document") or told.get("item")
    doing.customer, doing.company = told.get("customer"), told.get("company")
    if name is None:
        if "amount" not in told:
            msg = "a payment on account needs an amount"
            raise GivenError(msg)
        books.payment_make(world, told)
    else:
        items = world.debits(name)
        owed = sum((item.open_amount for item in items), start=told.get("amount", 0) * 0)
        books.debit_pay(
            world, name, told.get("amount", owed), told.get("id", ""), world.today, actor=actor
        )
    doing.answer = ALLOWED


def allocate(doing: Doing, told: Told, actor: User, _asked: bool) -> None:
    world = doing.world
    credit = world.credit(told["payment"])
    left = told.get("amount", credit.open_amount)
    for item in world.debits(told.get("document") or told["item"]):
        part = min(left, item.open_amount)
        if part:
            payment_allocate(credit_item=credit, debit_item=item, amount=part, actor=actor)
            left -= part
    doing.answer = ALLOWED


def import_items(doing: Doing, told: Told, _actor: User, _asked: bool) -> None:
    world = doing.world
    doing.customer, doing.company = told.get("customer"), told.get("company")
    due = told.get("due", world.today)
    for amount in told["amounts"]:
        name = world.name_next("OP")
        items = books.post(world, told, "opening", name, [(due, amount)])
        world.debit_ids[name] = [item.pk for item in items]
    doing.answer = ALLOWED


def book(doing: Doing, told: Told, _actor: User, _asked: bool) -> None:
    facts: Told
    if "item" in told:
        facts = told["item"]
        books.item_make(doing.world, facts)
    elif "invoice" in told:
        facts = told["invoice"]
        books.invoice_make(doing.world, facts)
    else:
        facts = told["credit_note"]
        books.credit_note_make(doing.world, facts)
    doing.customer, doing.company = facts.get("customer"), facts.get("company")
    doing.answer = ALLOWED


def _name(rows: Mapping[str, Any], pk: int) -> str:
    return next(name for name, row in rows.items() if row.pk == pk)
