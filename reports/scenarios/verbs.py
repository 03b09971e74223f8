"""The verbs of a step: what each may be told, who does it, and what it waits for."""

from __future__ import annotations

from collections.abc import Mapping

from reports.scenarios import fields as f
from reports.scenarios import given_format as g
from reports.scenarios import vocabulary as v
from reports.scenarios.verb import ASKING, CONTENT, DOCUMENT, MANAGER, ORDER, WHOSE, Verb
from reports.scenarios.verbs_cycle import CYCLE
from reports.scenarios.verbs_waiting import WAITING

BUILT: dict[str, Verb] = {
    "read": Verb(
        {
            **WHOSE,
            "what": f.word(("exposure", "limit")),
            "currency": f.currency,
            "deduct_collections": f.flag,
        },
        "Read where a customer stands, or only the limit.",
    ),
    "check": Verb(
        {
            **DOCUMENT,
            **WHOSE,
            "amount": f.amount,
            "projected": f.amount,
            "payment_method": f.name,
            "active_company": f.name,
        },
        "Ask for a decision without storing anything.",
        one_of=(("document", "amount", "projected"),),
        some_of=(("document", "amount", "projected"),),
    ),
    "create": Verb(
        {"order": ORDER, "quotation": g.INLINE["quotation"]},
        "Save a new document as a draft.",
        one_of=(("order", "quotation"),),
        some_of=(("order", "quotation"),),
    ),
    "submit": Verb(
        {**DOCUMENT, **ASKING, "order": ORDER},
        "Submit one document, several one after the other, or a new order.",
        one_of=(("document", "documents", "order"),),
        some_of=(("document", "documents", "order"),),
    ),
    "process": Verb(
        DOCUMENT,
        "Take an accepted order through a further step without changing its value.",
        required=("document",),
    ),
    "change": Verb(
        {**DOCUMENT, **CONTENT},
        "Change a document.",
        required=("document",),
        one_of=(("gross", "qty", "lines"),),
    ),
    "cancel": Verb({**DOCUMENT, "reason": f.text}, "Cancel a document.", required=("document",)),
    "close": Verb({**DOCUMENT, "reason": f.text}, "Close an order.", required=("document",)),
    "reopen": Verb({**DOCUMENT}, "Reopen a closed order.", required=("document",)),
    "copy": Verb(
        {**DOCUMENT, "into": f.name},
        "Copy a document into a new draft.",
        required=("document", "into"),
    ),
    "release": Verb(
        {**DOCUMENT, "reason": f.text},
        "Approve the release of a held document.",
        required=("document",),
        actor=MANAGER,
    ),
    "refuse": Verb(
        {**DOCUMENT, "reason": f.text},
        "Refuse a held document.",
        required=("document",),
        actor=MANAGER,
    ),
    "set_limit": Verb(
        {
            **g.LIMIT,
            **WHOSE,
            "group": f.name,
            "from": f.day,
            "until": f.day,
            "temporary": f.flag,
            "reason": f.text,
            "via": f.word(list(v.CHANNELS)),
        },
        "Grant a limit from the day of the step on.",
        some_of=(("limit", "limit_mode"),),
        actor=MANAGER,
    ),
    "set_policy": Verb(
        {"policy": g.POLICY},
        "Change the named keys of the policy and publish it.",
        required=("policy",),
        actor=MANAGER,
    ),
    "set_status": Verb(
        {
            "status": f.word(v.CUSTOMER_STATUSES),
            "customer": f.name,
            "reason": f.text,
        },
        "Give a customer another status.",
        required=("status",),
        actor=MANAGER,
    ),
    "set_due": Verb(
        {**DOCUMENT, "item": f.name, "due": f.day},
        "Replace what is open of an item by one that is due on another day.",
        required=("due",),
        one_of=(("document", "item"),),
        some_of=(("document", "item"),),
        actor=MANAGER,
    ),
    "pay": Verb(
        {**DOCUMENT, **WHOSE, "item": f.name, "amount": f.positive, "id": f.name},
        "Record a payment: of a document or item, or on account.",
        one_of=(("document", "item"),),
        actor=MANAGER,
    ),
    "allocate": Verb(
        {"payment": f.name, **DOCUMENT, "item": f.name, "amount": f.positive},
        "Settle a document or item with a payment on account or a credit note.",
        required=("payment",),
        one_of=(("document", "item"),),
        some_of=(("document", "item"),),
        actor=MANAGER,
    ),
    "import_items": Verb(
        {**WHOSE, "amounts": f.list_of(f.positive), "due": f.day, "date": f.day},
        "Load opening items.",
        required=("amounts",),
        actor=MANAGER,
    ),
    "book": Verb(
        {"item": g.ITEM, "invoice": g.INLINE["invoice"], "credit_note": g.INLINE["credit_note"]},
        "Enter an open item, a posted invoice or a posted credit note in the ledger.",
        one_of=(("item", "invoice", "credit_note"),),
        some_of=(("item", "invoice", "credit_note"),),
        actor=MANAGER,
    ),
}

# Holds actions of its own, so the schema reads it by itself.
AT_ONCE = "at_once"
SYNONYMS: Mapping[str, str] = {"confirm": "submit"}
VERBS: Mapping[str, Verb] = {**BUILT, **CYCLE, **WAITING}
