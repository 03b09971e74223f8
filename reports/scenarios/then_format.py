"""The keys of `then`: what a step must come to, and what must not come out (`wrong`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports.scenarios import fields as f
from reports.scenarios import vocabulary as v
from reports.scenarios.fields import Field, Record
from reports.scenarios.problems import At

COMPONENT_AMOUNTS = f.mapping_of(f.word(list(v.COMPONENTS)), f.amount)


def exposure(value: Any, at: At) -> dict[str, Any]:
    """Components and their total."""
    return dict(Record({**dict.fromkeys(v.COMPONENTS, f.amount), "total": f.amount})(value, at))


def reason(value: Any, at: At) -> str:
    """A reason of ours, or another system's word for one."""
    if isinstance(value, str):
        if value in v.known_reasons():
            return value
        if value.startswith(v.COMPONENT_LIMIT):
            component = value.removeprefix(v.COMPONENT_LIMIT)
            if component in v.COMPONENTS:
                return value
    known = {*v.known_reasons(), f"{v.COMPONENT_LIMIT}<component>"}
    at.say(f"unknown reason {f.shown(value)!r}{f.suggestion(value, known)}")
    return ""


def state(value: Any, at: At) -> Any:
    """A state of the step's document, or one for each document named."""
    one = f.word(list(v.STATES))
    return f.mapping_of(f.name, one)(value, at) if isinstance(value, dict) else one(value, at)


DECISION = f.word(list(v.DECISIONS))

THEN_FIELDS: dict[str, Field] = {
    "exposure": exposure,
    "total": f.amount,
    "excluded": COMPONENT_AMOUNTS,
    "shown": COMPONENT_AMOUNTS,
    "waiting": f.amount,
    "by_maturity": f.mapping_of(f.day, f.amount),
    "overdue_count": f.whole,
    "overdue_amount": f.amount,
    "worst_days_overdue": f.whole,
    "exposure_state": f.word(("complete", "incomplete")),
    "missing_rate": f.text,
    "over_limit": f.flag,
    "over_by": f.amount,
    "available": f.amount,
    "limit_now": f.optional(f.positive),
    "decision": DECISION,
    "reasons": f.list_of(reason),
    "projected": f.amount,
    "component_projected": COMPONENT_AMOUNTS,
    "limit_checked": f.positive,
    "status": f.word(("ok", "watch", "hold")),
    "doc_state": state,
    "per_document": f.mapping_of(f.name, DECISION),
    "gross_of": f.mapping_of(f.name, f.amount),
    "confirmed_count": f.whole,
    "blocked_count": f.whole,
    "other_customers_wait": f.flag,
    "review_item_created": f.flag,
    "notified": f.list_of(f.name),
    "audit_entries": f.whole,
    "message": Record({"names": f.list_of(f.name)}, required=("names",)),
    "max_seconds": f.number,
    "max_queries": f.whole,
    "shown_pending_collections": f.amount,
    "invoice_flags": f.mapping_of(f.name, f.word(("returned",))),
    "invoice_open_of": f.mapping_of(f.name, f.amount),
    "legal_number_used": f.flag,
    "external_registration_called": f.flag,
    "dunning_lines": f.whole,
    "level": f.whole,
    "state": f.word(("draft", "issued")),
}

# Expectation → capability without which nothing can answer it.
THEN_NEEDS: Mapping[str, str] = {
    "shown_pending_collections": "collections",
    "legal_number_used": "legal_numbers",
    "external_registration_called": "legal_numbers",
    "dunning_lines": "dunning",
    "level": "dunning",
    "state": "dunning",
}

# A cap is met or not; the opposite of it says nothing.
NOT_IN_WRONG = ("wrong", "max_seconds", "max_queries", "message")

WRONG = Record({key: field for key, field in THEN_FIELDS.items() if key not in NOT_IN_WRONG})
THEN = Record({**THEN_FIELDS, "wrong": WRONG})
