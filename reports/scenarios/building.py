"""Making what a case takes as given, with the real services, on the scratch database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from core.models import Company, Currency, ExchangeRate
from customers.models import PaymentMethod
from customers.services import (
    AccountInput,
    ContactInput,
    CustomerInput,
    GroupInput,
    customer_create,
    group_create,
    group_update,
)
from documents.services.defaults import document_types_install_defaults
from reports.scenarios import bills, books, bulk, papers, people, policy, terms
from reports.scenarios.cases import Case
from reports.scenarios.names import ONLY_COMPANY, ONLY_CUSTOMER, method_names
from reports.scenarios.world import LONG_AGO, World

IMMEDIATE_METHODS = frozenset({"cash", "card", "advance"})


def build(case: Case) -> World:
    """Make everything the case gives.

    Documents come first, under a policy that asks for nothing; limits, the policy of the case and
    statuses after them. So given facts are never refused, whatever the limit says about them.
    Only documents that are given as held or approved are submitted at the very end.
    """
    world = World(case=case, today=case.today, policy=dict(case.given.get("policy", {})))
    _currencies(world)
    for name, currency in (case.given.get("companies") or {ONLY_COMPANY: base(case)}).items():
        world.companies[name] = Company.objects.create(
            code=name[:12], name=name, currency_id=currency
        )
    _rates(world)
    for method in method_names(case.given, case.steps):
        world.methods[method] = PaymentMethod.objects.create(
            code=method[:20], name=method, is_immediate=method in IMMEDIATE_METHODS
        )
    people.users_make(world)
    document_types_install_defaults()
    policy.publish_permissive(world)
    facts = customer_facts(case)
    _customers(world, facts)
    items = case.given.get("items", [])
    for item in items:
        if not bills.is_bill(item):
            books.item_make(world, item)
    documents = case.given.get("documents", [])
    for document in documents:
        if not papers.is_decided_late(document):
            papers.given_document(world, document)
    for payment in case.given.get("payments", []):
        books.payment_make(world, payment)
    # On invoices that are there by now, and on what payments left open of them.
    for bill in [*filter(bills.is_bill, items), *case.given.get("bills", [])]:
        bills.bill_make(world, bill)
    for name, customer in facts.items():
        terms.limits_grant(world, name, customer)
    terms.group_limits_grant(world)
    policy.publish(world)
    for name, customer in facts.items():
        terms.status_give(world, name, customer.get("status", "released"), "given", None)
    for document in documents:
        if papers.is_decided_late(document):
            papers.given_document(world, document)
    return world


def base(case: Case) -> str:
    """The currency of the only company of a case."""
    return str(case.given.get("base_currency") or case.given.get("company_currency") or "EUR")


def customer_facts(case: Case) -> dict[str, Mapping[str, Any]]:
    """What is given of each customer; of one called `customer` when the case names none."""
    several = case.given.get("customers")
    return dict(several) if several else {ONLY_CUSTOMER: case.given.get("customer", {})}


def _currencies(world: World) -> None:
    codes = {"EUR", base(world.case), *_codes(world.given)}
    for step in world.case.steps:
        for action in step.actions:
            codes |= _codes(action.params)
    Currency.objects.bulk_create(Currency(code=code, name=code) for code in sorted(codes))


def _codes(value: Any, key: str = "") -> set[str]:
    """Every currency named in a piece of a case."""
    if isinstance(value, Mapping):
        if key == "rates":
            return {code for table in value.values() for pair in table for code in pair}
        if key == "companies":
            return {code for code in value.values() if isinstance(code, str)}
        if key == "rates_on_order_date":
            return set(value)
        return {code for name, part in value.items() for code in _codes(part, str(name))}
    if isinstance(value, list):
        return {code for part in value for code in _codes(part, key)}
    return {value} if key.endswith("currency") and isinstance(value, str) else set()


def _rates(world: World) -> None:
    rows: list[tuple[str, str, date, Decimal]] = []
    for day, table in world.given.get("rates", {}).items():
        rows += [(*pair, day or LONG_AGO, rate) for pair, rate in table.items()]
    for code, rate in world.given.get("rates_on_order_date", {}).items():
        rows.append((code, base(world.case), world.today, rate))
    ExchangeRate.objects.bulk_create(
        ExchangeRate(from_currency_id=first, to_currency_id=second, valid_on=day, rate=rate)
        for first, second, day, rate in rows
    )


def _customers(world: World, facts: Mapping[str, Mapping[str, Any]]) -> None:
    groups = world.given.get("groups", {})
    for name in groups:
        world.groups[name] = group_create(fields=GroupInput(code=name, name=name), actor=None)
    for name, customer in facts.items():
        group = world.groups.get(customer.get("group", ""))
        world.customers[name] = customer_create(
            fields=CustomerInput(code=name, name=customer.get("name", name), group=group),
            accounts=[_account_input(world, company, customer) for company in world.companies],
            contacts=[
                ContactInput(name=f"Contact {number}")
                for number in range(1, customer.get("contacts_count", 0) + 1)
            ],
            actor=None,
        )
        bulk.orders_load(world, name, customer.get("orders", 0))
    for name, group_facts in groups.items():
        if "head" in group_facts:
            head = world.customers[group_facts["head"]]
            group_update(
                group=world.groups[name],
                fields=GroupInput(code=name, name=name, head=head),
                actor=None,
            )


def _account_input(world: World, company: str, facts: Mapping[str, Any]) -> AccountInput:
    found = world.companies[company]
    code = facts.get("credit_currency") or facts.get("currency") or found.currency_id
    return AccountInput(
        company=found,
        currency=Currency.objects.get(pk=code),
        payment_method=world.methods.get(facts.get("payment_method", "")),
        agent=world.users["clerk"],
        responsible=world.users["credit_manager"],
    )
