"""Verbs that are understood and do not run yet: each names the capability it waits for."""

from __future__ import annotations

from reports.scenarios import fields as f
from reports.scenarios import given_format as g
from reports.scenarios import vocabulary as v
from reports.scenarios.verb import ASKING, CONTENT, DOCUMENT, MANAGER, WHOSE, Verb

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
        some_of=(("document", "delivery"),),
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
        some_of=(("document", "documents", "invoice"),),
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
