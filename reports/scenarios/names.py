"""Every name a case uses must be one it gives: documents, customers, companies, users, methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reports.scenarios import vocabulary as v
from reports.scenarios.fields import suggestion

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from reports.scenarios.cases import Action, Case
    from reports.scenarios.problems import At

ONLY_CUSTOMER = "customer"
ONLY_COMPANY = "main"
GIVEN_USER = "user"
METHODS = ("transfer", "cash", "card", "advance", "cheque", "bill")
INLINE_KEYS = ("order", "quotation", "invoice", "delivery", "credit_note")


def company_names(given: Mapping[str, Any]) -> list[str]:
    """The companies of a case; one called `main` when it names none."""
    return list(given.get("companies", {})) or [ONLY_COMPANY]


def customer_names(given: Mapping[str, Any]) -> list[str]:
    """The customers of a case; one called `customer` when it gives none or just one."""
    return list(given.get("customers", {})) or [ONLY_CUSTOMER]


def user_names(given: Mapping[str, Any]) -> list[str]:
    """Everybody a case may name: the standard users, its own, and the one under `user`."""
    own = [GIVEN_USER] if "user" in given else []
    return [*v.STANDARD_USERS, *given.get("users", {}), *own]


def method_names(given: Mapping[str, Any], steps: Iterable[Any] = ()) -> list[str]:
    """The payment methods of a case: the standard ones and those a policy names."""
    policies = [given.get("policy", {})]
    policies += [
        action.params.get("policy", {}) for step in steps for action in _flat(step.actions)
    ]
    named = [
        method
        for policy in policies
        for key in ("exempt_payment_methods", "analysis_payment_methods")
        for method in policy.get(key, [])
    ]
    return list(dict.fromkeys([*METHODS, *named]))


def _flat(actions: Iterable[Action]) -> Iterable[Action]:
    for action in actions:
        yield action
        yield from _flat(action.parts)


class _Names:
    """The names known so far, and the place to complain about others."""

    def __init__(self, case: Case) -> None:
        given = case.given
        self.sets: dict[str, set[str]] = {
            "document": set(),
            "customer": set(customer_names(given)),
            "company": set(company_names(given)),
            "group": set(given.get("groups", {})),
            "user": set(user_names(given)),
            "payment method": set(method_names(given, case.steps)),
        }

    def know(self, kind: str, name: str | None, at: At) -> None:
        if not name:
            return
        if name in self.sets[kind]:
            at.say(f"the name {name} is given twice.")
        self.sets[kind].add(name)

    def ask(self, kind: str, name: Any, at: At) -> None:
        if isinstance(name, str) and name not in self.sets[kind]:
            known = self.sets[kind] or {"(none)"}
            at.say(f"unknown {kind} {name!r}{suggestion(name, known)}")

    def ask_parts(self, entry: Mapping[str, Any], at: At) -> None:
        """The names inside a document, an item or an action."""
        for key, kind in (
            ("customer", "customer"),
            ("bill_to", "customer"),
            ("company", "company"),
            ("active_company", "company"),
            ("group", "group"),
            ("payment_method", "payment method"),
            ("by", "user"),
        ):
            if key in entry:
                self.ask(kind, entry[key], at.down(key))


def check_names(case: Case, at: At) -> None:
    """Note every name that is used and not given, and every one that is given twice."""
    names = _Names(case)
    given = case.given
    here = at.down("given")
    for name, customer in {
        **given.get("customers", {}),
        **({ONLY_CUSTOMER: given["customer"]} if "customer" in given else {}),
    }.items():
        place = here.down("customer" if "customer" in given else f"customers.{name}")
        names.ask_parts(customer, place)
        for company in customer.get("limit_in", {}):
            names.ask("company", company, place.down("limit_in"))
    for name, group in given.get("groups", {}).items():
        names.ask("customer", group.get("head"), here.down(f"groups.{name}.head"))
    for name, user in given.get("users", {}).items():
        for company in user.get("companies", []):
            names.ask("company", company, here.down(f"users.{name}.companies"))
    for key in ("items", "payments", "bills", "documents"):
        for position, entry in enumerate(given.get(key, []), start=1):
            place = here.down(key).down(position)
            names.know("document", entry.get("id"), place)
            names.ask_parts(entry, place)
    names.sets["document"] |= {
        entry["invoice"]
        for key in ("items", "bills")
        for entry in given.get(key, [])
        if "invoice" in entry
    }
    for position, entry in enumerate(given.get("documents", []), start=1):
        for key in ("order", "delivery", "pays"):
            names.ask("document", entry.get(key), here.down("documents").down(position).down(key))
    for step in case.steps:
        place = at.down("steps").down(step.number)
        for action in step.actions:
            _action_names(action, names, place.down("when"))
        _then_names(step.then, names, place.down("then"))


def _action_names(action: Action, names: _Names, at: At) -> None:
    for part in action.parts:
        _action_names(part, names, at)
    if action.actor:
        names.ask("user", action.actor, at.down("as"))
    params = action.params
    names.ask_parts(params, at)
    for key in INLINE_KEYS:
        if isinstance(params.get(key), dict):
            names.know("document", params[key].get("id"), at.down(key))
            names.ask_parts(params[key], at.down(key))
    for key in ("document", "payment", "bill"):
        names.ask("document", params.get(key), at.down(key))
    for document in params.get("documents", []):
        names.ask("document", document, at.down("documents"))
    if action.verb in {"pay", "allocate", "set_due", "suspend_dunning", "resume_dunning"}:
        names.ask("document", params.get("item"), at.down("item"))
    if action.verb == "book" and isinstance(params.get("item"), dict):
        names.know("document", params["item"].get("id"), at.down("item"))
        names.ask_parts(params["item"], at.down("item"))
    names.know("document", params.get("into"), at.down("into"))
    if action.verb == "pay":
        names.know("document", params.get("id"), at.down("id"))


def _then_names(then: Mapping[str, Any], names: _Names, at: At) -> None:
    for key in ("doc_state", "per_document", "gross_of", "invoice_flags", "invoice_open_of"):
        if isinstance(then.get(key), dict):
            for document in then[key]:
                names.ask("document", document, at.down(key))
    for person in then.get("notified", []):
        if person not in v.PEOPLE_ALIASES:
            names.ask("user", person, at.down("notified"))
    if "wrong" in then:
        _then_names(then["wrong"], names, at.down("wrong"))
