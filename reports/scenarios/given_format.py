"""The keys of `given`: parties, companies, rates, policy, items and documents."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from reports.scenarios import fields as f
from reports.scenarios import vocabulary as v
from reports.scenarios.fields import Field, Record
from reports.scenarios.problems import At

_PAIR = re.compile(r"^([A-Z]{3})[-_/]?([A-Z]{3})$")


def pair(value: Any, at: At) -> tuple[str, str]:
    """Two currencies in one word: EURUSD, EUR_USD, EUR-USD or EUR/USD."""
    found = _PAIR.match(value) if isinstance(value, str) else None
    if found is None or found[1] == found[2]:
        at.say(f"write two currencies such as EURUSD, not {f.shown(value)}.")
        return ("EUR", "USD")
    return (found[1], found[2])


def rates(value: Any, at: At) -> dict[date | None, dict[tuple[str, str], Any]]:
    """Rates by day, or without a day (then valid from long ago): {EURUSD: 1.10}."""
    if not isinstance(value, dict):
        at.say(f"write rates such as {{EURUSD: 1.10}}, not {f.shown(value)}.")
        return {}
    table = f.mapping_of(pair, f.rate)
    result: dict[date | None, dict[tuple[str, str], Any]] = {}
    for key, content in value.items():
        below = at.down(str(key))
        if isinstance(content, dict):
            result[f.day(key, below)] = table(content, below)
        else:
            result.setdefault(None, {})[pair(key, below)] = f.rate(content, below)
    return result


def company(value: Any, at: At) -> str:
    """A company, written as its currency: {A: EUR}, or with a key: {A: {currency: EUR}}."""
    if isinstance(value, dict):
        return str(Record({"currency": f.currency}, required=("currency",))(value, at)["currency"])
    return f.currency(value, at)


def right(value: Any, at: At) -> str:
    """A role, one of the words override and approve, or a permission such as app.codename."""
    known = (*v.ROLES, "override", "approve")
    if isinstance(value, str) and (value in known or re.match(r"^[a-z_]+\.[a-z_]+$", value)):
        return value
    at.say(f"unknown right {f.shown(value)!r}{f.suggestion(value, known)}")
    return "sales"


def authority(value: Any, at: At) -> Any:
    """The amount up to which somebody may decide, or the word unlimited."""
    return value if value == "unlimited" else f.positive(value, at)


LIMIT: dict[str, Field] = {
    "limit": f.optional(f.positive),
    "limit_mode": f.word(v.LIMIT_MODES),
}

TEMPORARY = Record(
    {"amount": f.positive, "from": f.day, "until": f.day}, required=("amount", "until")
)

CUSTOMER = Record(
    {
        **LIMIT,
        "limit_in": f.mapping_of(f.name, f.positive),
        "limit_from": f.day,
        "limit_until": f.day,
        "temporary_limit": TEMPORARY,
        "currency": f.currency,
        "credit_currency": f.currency,
        "status": f.word(v.CUSTOMER_STATUSES),
        "control": f.word(v.CONTROLS),
        "group": f.name,
        "name": f.text,
        "payment_method": f.name,
        "also_supplier": f.flag,
        "contacts_count": f.whole,
        "orders": f.whole,
    },
    one_of=(("currency", "credit_currency"),),
)

GROUP = Record({**LIMIT, "head": f.name, "currency": f.currency})

USER = Record(
    {
        "rights": f.one_or_many(right),
        "companies": f.one_or_many(f.name),
        "authority": authority,
    }
)

POLICY_FIELDS: dict[str, Field] = {
    "include": f.list_of(f.word(list(v.COMPONENTS))),
    "leave_out": f.list_of(f.word(list(v.COMPONENTS))),
    "component_limits": f.mapping_of(f.word(list(v.COMPONENTS)), f.optional(f.positive)),
    "check_at": f.list_of(f.word(list(v.CHECKPOINTS))),
    "over_limit": f.word(v.EFFECTS),
    "watch_percent": f.positive,
    "watch_percent_default": f.positive,
    "watch_action": f.word(v.EFFECTS),
    "grace_days": f.whole,
    "overdue_action": f.word(v.EFFECTS),
    "overdue_threshold": f.positive,
    "overdue_tolerance": f.positive,
    "oldest_item_days": f.whole,
    "oldest_item_action": f.word(v.EFFECTS),
    "no_limit_action": f.word(v.EFFECTS),
    "first_order_action": f.word(v.EFFECTS),
    "document_maximum": f.positive,
    "document_maximum_action": f.word(v.EFFECTS),
    "status_actions": f.mapping_of(
        f.word([word for word in v.CUSTOMER_STATUSES if word not in {"no_check", "hold"}]),
        f.word(v.EFFECTS),
    ),
    "exempt_payment_methods": f.list_of(f.name),
    "analysis_payment_methods": f.list_of(f.name),
    "analyse_non_immediate": f.flag,
    "analyse_instalments": f.flag,
    "payment_method_action": f.word(v.EFFECTS),
    "scope": f.word(("global", "company")),
    "direct_override": f.flag,
    "release_valid_days": f.whole,
    "release_tolerance_percent": f.positive,
    "invoice_of_approved_order": f.word(("allow",)),
    "deduct_collections": f.flag,
    "dunning_days": f.list_of(f.whole),
}
POLICY = Record(POLICY_FIELDS)

INSTALMENT = Record({"due": f.day, "amount": f.positive}, required=("due", "amount"))

LINE = Record(
    {
        "item": f.name,
        "description": f.text,
        "qty": f.number,
        "price": f.number,
        "gross": f.amount,
        "discount_percent": f.positive,
        "tax_percent": f.positive,
    },
    one_of=(("price", "gross"),),
)

ITEM = Record(
    {
        "id": f.name,
        "component": f.word(list(v.COMPONENTS)),
        "type": f.word(("item", "collection_sheet")),
        "amount": f.amount,
        "currency": f.currency,
        "rate": f.rate,
        "date": f.day,
        "due": f.day,
        "days_past_due": f.whole,
        "state": f.word(("open", "booked")),
        "invoice": f.name,
        "invoice_component": f.word(list(v.COMPONENTS)),
        "customer": f.name,
        "company": f.name,
        "disputed": f.flag,
    },
    required=("amount",),
    one_of=(("due", "days_past_due"), ("component", "type")),
)

DOCUMENT = Record(
    {
        "id": f.name,
        "type": f.word(v.DOCUMENT_TYPES),
        "state": f.word(v.STATES),
        "customer": f.name,
        "bill_to": f.name,
        "company": f.name,
        "currency": f.currency,
        "gross": f.amount,
        "net": f.amount,
        "tax": f.amount,
        "qty": f.number,
        "price": f.number,
        "lines": f.list_of(LINE),
        "date": f.day,
        "due": f.day,
        "instalments": f.list_of(INSTALMENT),
        "payment_method": f.name,
        "paid": f.positive,
        "open": f.positive,
        "rate": f.rate,
        "booked_base": f.positive,
        "order": f.name,
        "delivery": f.name,
        "item": f.name,
        "delivered": f.positive,
        "invoiced": f.positive,
        "credit_override": f.flag,
        "converted_to_discount": f.flag,
        "used": f.positive,
        "pays": f.name,
        "by": f.name,
    },
    required=("type",),
    one_of=(
        ("gross", "net", "lines", "price"),
        ("paid", "open"),
        ("rate", "booked_base"),
        ("due", "instalments"),
    ),
)

PAYMENT = Record(
    {
        "id": f.name,
        "amount": f.positive,
        "customer": f.name,
        "company": f.name,
        "currency": f.currency,
        "date": f.day,
        "pays": f.name,
    },
    required=("amount",),
)

BILL = Record(
    {
        "id": f.name,
        "amount": f.positive,
        "due": f.day,
        "state": f.word(("issued", "presented", "returned")),
        "invoice": f.name,
        "customer": f.name,
        "company": f.name,
    },
    required=("amount", "due"),
)

GIVEN = Record(
    {
        "today": f.day,
        "base_currency": f.currency,
        "company_currency": f.currency,
        "companies": f.mapping_of(f.name, company),
        "rates": rates,
        "rates_on_order_date": f.mapping_of(f.currency, f.rate),
        "customer": CUSTOMER,
        "customers": f.mapping_of(f.name, CUSTOMER),
        "groups": f.mapping_of(f.name, GROUP),
        "user": USER,
        "users": f.mapping_of(f.name, USER),
        "policy": POLICY,
        "items": f.list_of(ITEM),
        "documents": f.list_of(DOCUMENT),
        "payments": f.list_of(PAYMENT),
        "bills": f.list_of(BILL),
    },
    one_of=(("customer", "customers"), ("base_currency", "company_currency", "companies")),
)

# A document written inside a step says its type by the key it stands under.
INLINE: Mapping[str, Field] = {
    key: Record({**DOCUMENT.fields}, one_of=DOCUMENT.one_of)
    for key in ("order", "quotation", "invoice", "delivery", "credit_note")
}
