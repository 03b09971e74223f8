"""The verbs of a step: what each may be told, who does it, and what it waits for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reports.scenarios import fields as f
from reports.scenarios import given_format as g
from reports.scenarios import vocabulary as v
from reports.scenarios.fields import Field

ORDER = g.INLINE["order"]


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing a step can do, by `actor` unless the step says `as`; `needs` is a capability."""

    fields: Mapping[str, Field]
    text: str
    required: tuple[str, ...] = ()
    one_of: tuple[tuple[str, ...], ...] = ()
    actor: str = ""
    needs: str = ""


MANAGER = "credit_manager"
DOCUMENT: Mapping[str, Field] = {"document": f.name}
WHOSE: Mapping[str, Field] = {"customer": f.name, "company": f.name}
ASKING: Mapping[str, Field] = {
    "documents": f.list_of(f.name),
    "override": f.flag,
    "reason": f.text,
    "via": f.word(list(v.CHANNELS)),
}
CONTENT: Mapping[str, Field] = {
    "gross": f.amount,
    "qty": f.number,
    "lines": f.list_of(g.LINE),
    "payment_method": f.name,
}

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
    ),
    "create": Verb(
        {"order": ORDER, "quotation": g.INLINE["quotation"]},
        "Save a new document as a draft.",
        one_of=(("order", "quotation"),),
    ),
    "submit": Verb(
        {**DOCUMENT, **ASKING, "order": ORDER},
        "Submit one document, several one after the other, or a new order.",
        one_of=(("document", "documents", "order"),),
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
        actor=MANAGER,
    ),
}

WAITING: dict[str, Verb] = {
    "deliver": Verb(
        {
            **DOCUMENT,
            **CONTENT,
            "delivery": g.INLINE["delivery"],
            "into": f.name,
            "override": f.flag,
        },
        "Deliver an order, a part of it, or goods without an order.",
        one_of=(("document", "delivery"),),
        needs="deliveries",
    ),
    "return_goods": Verb(
        {**DOCUMENT, "item": f.name, "gross": f.amount, "qty": f.number, "into": f.name},
        "Take goods back from the customer.",
        needs="returns",
    ),
    "cancel_return": Verb(DOCUMENT, "Cancel a return.", required=("document",), needs="returns"),
    "receive_goods": Verb(
        {**WHOSE, "gross": f.amount}, "Receive goods from a supplier.", needs="goods_movements"
    ),
    "move_stock": Verb(
        {**WHOSE, "gross": f.amount}, "Move goods between own places.", needs="goods_movements"
    ),
    "invoice": Verb(
        {
            **DOCUMENT,
            "gross": f.amount,
            "qty": f.number,
            "item": f.name,
            "due": f.day,
            "into": f.name,
            "post": f.flag,
        },
        "Make an invoice of an order or a delivery.",
        required=("document",),
        needs="invoices",
    ),
    "post": Verb(
        {
            **DOCUMENT,
            **ASKING,
            "invoice": g.INLINE["invoice"],
            "register": f.flag,
        },
        "Post one invoice, several, or a new one.",
        one_of=(("document", "documents", "invoice"),),
        needs="invoices",
    ),
    "down_payment": Verb(
        {**DOCUMENT, "percent": f.positive, "into": f.name, "post": f.flag},
        "Make an invoice of a part of an order in advance.",
        required=("document", "percent"),
        needs="down_payments",
    ),
    "credit_note": Verb(
        {**DOCUMENT, "gross": f.amount, "into": f.name, "post": f.flag},
        "Make a credit note of an invoice.",
        required=("document",),
        needs="credit_notes",
    ),
    "counter_sale": Verb(
        {
            **DOCUMENT,
            **WHOSE,
            "gross": f.amount,
            "cash": f.positive,
            "on_account": f.positive,
            "into": f.name,
        },
        "Close a ticket at the counter.",
        needs="counter_sales",
    ),
    "void": Verb(DOCUMENT, "Void a counter sale.", required=("document",), needs="counter_sales"),
    "send": Verb(
        DOCUMENT, "Send a quotation to the customer.", required=("document",), needs="quotes"
    ),
    "sign": Verb(
        {**DOCUMENT, "via": f.word(list(v.CHANNELS))},
        "The customer accepts a quotation.",
        required=("document",),
        needs="quotes",
    ),
    "issue_bills": Verb(
        {**DOCUMENT, "date": f.day},
        "Issue a bill for every instalment of an invoice, on one slip.",
        required=("document",),
        needs="bills",
    ),
    "return_bill": Verb(
        {"bill": f.name, "debited": f.positive, "fee": f.positive, "date": f.day},
        "The bank returns a bill unpaid.",
        required=("bill",),
        needs="bills",
    ),
    "set_hold": Verb(
        {
            **WHOSE,
            "hold": f.word(("credit", "sales")),
            "active": f.flag,
        },
        "Put a customer on credit hold (deliveries) or sales hold (orders).",
        required=("hold",),
        actor=MANAGER,
        needs="holds",
    ),
    "set_override": Verb(
        DOCUMENT,
        "Let one order pass every hold.",
        required=("document",),
        actor=MANAGER,
        needs="holds",
    ),
    "run_dunning": Verb(
        {"days_past_due": f.whole}, "Run the dunning.", actor=MANAGER, needs="dunning"
    ),
    "issue_dunning": Verb(
        {"level": f.whole}, "Issue the letters of a level.", actor=MANAGER, needs="dunning"
    ),
    "suspend_dunning": Verb(
        {"item": f.name}, "Suspend the dunning of an item.", actor=MANAGER, needs="dunning"
    ),
    "resume_dunning": Verb(
        {"item": f.name}, "Lift the suspension.", actor=MANAGER, needs="dunning"
    ),
}

# Holds actions of its own, so the schema reads it by itself.
AT_ONCE = "at_once"
SYNONYMS: Mapping[str, str] = {"confirm": "submit"}
VERBS: Mapping[str, Verb] = {**BUILT, **WAITING}
