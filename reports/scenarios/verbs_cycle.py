"""The verbs of the sales cycle: deliver, invoice, post, give back, sell at the counter."""

from __future__ import annotations

from reports.scenarios import fields as f
from reports.scenarios import given_format as g
from reports.scenarios import vocabulary as v
from reports.scenarios.verb import ASKING, CONTENT, DOCUMENT, WHOSE, Verb

CYCLE: dict[str, Verb] = {
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
    ),
    "return_goods": Verb(
        {**DOCUMENT, "item": f.name, "gross": f.amount, "qty": f.number, "into": f.name},
        "Take goods back from the customer.",
    ),
    "cancel_return": Verb(DOCUMENT, "Cancel a return.", required=("document",)),
    "receive_goods": Verb({**WHOSE, "gross": f.amount}, "Receive goods from a supplier."),
    "move_stock": Verb({**WHOSE, "gross": f.amount}, "Move goods between own places."),
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
    ),
    "down_payment": Verb(
        {**DOCUMENT, "percent": f.positive, "into": f.name, "post": f.flag},
        "Make an invoice of a part of an order in advance.",
        required=("document", "percent"),
    ),
    "credit_note": Verb(
        {**DOCUMENT, "gross": f.amount, "into": f.name, "post": f.flag},
        "Make a credit note of an invoice.",
        required=("document",),
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
    ),
    "void": Verb(DOCUMENT, "Void a counter sale.", required=("document",)),
    "send": Verb(DOCUMENT, "Send a quotation to the customer.", required=("document",)),
    "sign": Verb(
        {**DOCUMENT, "via": f.word(list(v.CHANNELS))},
        "The customer accepts a quotation.",
        required=("document",),
    ),
    "issue_bills": Verb(
        {**DOCUMENT, "date": f.day},
        "Issue a bill for every instalment of an invoice, on one slip, subject to collection.",
        required=("document",),
    ),
    "return_bill": Verb(
        {"bill": f.name, "debited": f.positive, "fee": f.positive, "date": f.day},
        "The bank returns a bill unpaid.",
        required=("bill",),
    ),
}
