"""What a case needs that is not built, found from what it says (beside its own `needs`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reports.scenarios import vocabulary as v
from reports.scenarios.then_format import THEN_NEEDS
from reports.scenarios.verbs import VERBS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from reports.scenarios.cases import Action

POLICY_NEEDS = {
    "dunning_days": "dunning",
    "invoice_of_approved_order": "invoices",
    "deduct_collections": "collections",
}
TYPE_NEEDS = {"delivery": "deliveries", "pos_ticket": "counter_sales"}
UNPOSTED_NEEDS = {"invoice": "invoices", "credit_note": "credit_notes"}


def case_needs(given: Mapping[str, Any]) -> set[str]:
    """Capabilities that the given facts ask for, built ones included."""
    found: set[str] = set()
    for item in given.get("items", []):
        found |= item_needs(item)
    for document in given.get("documents", []):
        found |= document_needs(document)
    if given.get("bills"):
        found.add("bills")
    found |= policy_needs(given.get("policy", {}))
    customers = [*given.get("customers", {}).values(), given.get("customer", {})]
    for customer in customers:
        if customer.get("status") == "hold":
            found.add("holds")
        if customer.get("also_supplier"):
            found.add("goods_movements")
    return found


def item_needs(item: Mapping[str, Any]) -> set[str]:
    """Capabilities that an item asks for."""
    if item.get("type") == "collection_sheet":
        return {"collections"}
    return {v.COMPONENT_NEEDS.get(item.get("component", "invoice_open"), "ledger")}


def document_needs(document: Mapping[str, Any]) -> set[str]:
    """Capabilities that a document asks for."""
    kind = document["type"]
    found = {TYPE_NEEDS.get(kind, "")}
    state = document.get("state", "")
    if kind in UNPOSTED_NEEDS and state != "posted":
        found.add(UNPOSTED_NEEDS[kind])
    if kind != "order" and ("order" in document or "delivery" in document):
        found |= {"deliveries" if "delivery" in document else "", "invoices"}
    if state in {"completed", "done"} or "delivered" in document:
        found.add("deliveries")
    if document.get("invoiced"):
        found.add("invoices")
    if state == "sent":
        found.add("quotes")
    return found


def policy_needs(policy: Mapping[str, Any]) -> set[str]:
    """Capabilities that a policy asks for."""
    found = {need for key, need in POLICY_NEEDS.items() if key in policy}
    for component in policy.get("component_limits", {}):
        if len(v.COMPONENTS[component]) != 1:
            found.add(v.COMPONENT_NEEDS[component])
    return found


def step_needs(actions: Iterable[Action], then: Mapping[str, Any]) -> set[str]:
    """Capabilities that a step asks for."""
    found: set[str] = set()
    for action in actions:
        found |= _action_needs(action)
    found |= _then_needs(then)
    return found | _then_needs(then.get("wrong", {}))


def _action_needs(action: Action) -> set[str]:
    if action.parts:
        return {need for part in action.parts for need in _action_needs(part)}
    params = action.params
    found = {VERBS[action.verb].needs, v.CHANNELS[params.get("via", "form")]}
    if params.get("deduct_collections") is not None:
        found.add("collections")
    if params.get("status") == "hold":
        found.add("holds")
    found |= policy_needs(params.get("policy", {}))
    if "item" in params and isinstance(params["item"], dict):
        found |= item_needs(params["item"])
    for key in ("order", "quotation", "invoice", "delivery", "credit_note"):
        if isinstance(params.get(key), dict):
            found |= document_needs({"type": key, "state": "posted", **params[key]})
    return found


def _then_needs(then: Mapping[str, Any]) -> set[str]:
    found = {need for key, need in THEN_NEEDS.items() if key in then}
    for reason in then.get("reasons", []):
        found.add(v.REASON_NEEDS.get(reason, ""))
    return found
