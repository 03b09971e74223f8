"""The words of the format: capabilities, components, decisions, states, rights and reasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from credit_limits.engine.types import Component, CustomerStatus, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class Capability:
    """Something the application can do, or will: a case may say that it waits for it."""

    built: bool
    text: str


CAPABILITIES: Mapping[str, Capability] = {
    "orders": Capability(True, "orders: save, submit, change, cancel, close, reopen, copy"),
    "ledger": Capability(True, "open items, payments, allocations, opening items"),
    "limits": Capability(True, "limits per account, customer and group, with their states"),
    "approvals": Capability(True, "release and refusal of held orders, passing a hold at entry"),
    "policy": Capability(True, "a policy with rules, included components and checkpoints"),
    "currencies": Capability(True, "documents, items and limits in several currencies"),
    "companies": Capability(True, "several companies that sell to one customer"),
    "groups": Capability(True, "a limit of a customer group"),
    "quotes": Capability(True, "quotations as documents of their own, sent and accepted"),
    "deliveries": Capability(True, "delivery notes and the value delivered, not invoiced"),
    "returns": Capability(True, "goods that come back, and the cancellation of a return"),
    "goods_movements": Capability(True, "supplier receipts and internal moves"),
    "invoices": Capability(True, "invoices in draft, made from orders and deliveries, posted"),
    "credit_notes": Capability(True, "credit notes in draft, and credit notes of an invoice"),
    "down_payments": Capability(True, "invoices of a part of an order in advance"),
    "counter_sales": Capability(True, "tickets paid partly in cash and partly on account"),
    "legal_numbers": Capability(True, "final numbers and the registration of e-invoices"),
    "bills": Capability(True, "bills issued, presented and returned"),
    "collections": Capability(False, "collection sheets noted and not yet booked"),
    "other_receivables": Capability(False, "receivables outside invoices as a component"),
    "holds": Capability(False, "forced holds of orders or deliveries, lifted per order"),
    "dunning": Capability(False, "dunning runs with levels"),
    "limit_requests": Capability(False, "limits that wait for approval"),
    "portal": Capability(False, "customers who sign on a portal"),
    "api": Capability(False, "documents that arrive through an API"),
    "order_import": Capability(False, "documents that arrive through an import"),
}

# Component in a case → our components that it stands for.
COMPONENTS: Mapping[str, tuple[Component, ...]] = {
    **{component.value: (component,) for component in Component},
    "instruments": (Component.BILL_ISSUED, Component.BILL_PRESENTED),
    "instruments_returned": (Component.BILL_RETURNED,),
    "other_open": (),
    "other_overdue": (),
}
# Component in a case → capability without which it cannot come about.
COMPONENT_NEEDS: Mapping[str, str] = {
    "delivered_uninvoiced": "deliveries",
    "invoice_draft": "invoices",
    "instruments": "bills",
    "instruments_returned": "bills",
    "bill_issued": "bills",
    "bill_presented": "bills",
    "bill_returned": "bills",
    "other_open": "other_receivables",
    "other_overdue": "other_receivables",
}

# Decision in a case → outcomes it stands for.
DECISIONS: Mapping[str, frozenset[str]] = {
    "allow": frozenset({"allow"}),
    "warn": frozenset({"warn"}),
    "block": frozenset({"hold", "refuse"}),
    "hold": frozenset({"hold"}),
    "refuse": frozenset({"refuse"}),
}
EFFECTS: Mapping[str, str] = {
    "off": "off",
    "allow": "off",
    "note": "note",
    "warn": "warn",
    "block": "hold",
    "hold": "hold",
    "refuse": "refuse",
}

LIMIT_MODES = ("amount", "zero", "unlimited", "none")
CUSTOMER_STATUSES: Mapping[str, str] = {
    **{status.value: status.value for status in CustomerStatus},
    "open": "released",
    "stop": "blocked",
    "review": "under_review",
    "no_check": "no_check",
    "hold": "hold",
}
CONTROLS = ("none", "monitor", "lock")

DOCUMENT_TYPES = (
    "order",
    "quotation",
    "delivery",
    "invoice",
    "credit_note",
    "payment",
    "pos_ticket",
)
# State in a case → the state it means; the document's own word where the type has one.
STATES: Mapping[str, str] = {
    "draft": "draft",
    "sent": "sent",
    "submitted": "submitted",
    "confirmed": "submitted",
    "processing": "submitted",
    "held": "held",
    "on_hold": "held",
    "released": "released",
    "refused": "refused",
    "cancelled": "cancelled",
    "closed": "closed",
    "completed": "completed",
    "done": "done",
    "posted": "posted",
}
# What an actual document state may be called in an expectation.
STATE_NAMES: Mapping[str, frozenset[str]] = {
    "draft": frozenset({"draft"}),
    "submitted": frozenset({"submitted", "confirmed", "processing"}),
    "released": frozenset({"released", "confirmed", "processing"}),
    "held": frozenset({"held", "on_hold"}),
    "refused": frozenset({"refused"}),
    "cancelled": frozenset({"cancelled"}),
    "closed": frozenset({"closed"}),
    "posted": frozenset({"posted"}),
}

CHECKPOINTS: Mapping[str, tuple[str, ...]] = {
    "order": ("submit", "change", "reopen", "release"),
    "delivery": ("deliver",),
    "invoice": ("invoice", "post"),
    **{
        step: (step,)
        for step in ("submit", "change", "reopen", "release", "print", "deliver", "post")
    },
}
CHANNELS: Mapping[str, str] = {
    "form": "",
    "batch": "",
    "api": "api",
    "import": "order_import",
    "portal": "portal",
}

ROLES = ("sales", "billing", "approver", "credit_manager", "treasury", "auditor", "admin")
# Users every case may name without giving them: what they may do.
STANDARD_USERS: Mapping[str, tuple[str, ...]] = {
    "clerk": ("sales",),
    "senior": ("sales", "override"),
    "credit_manager": ("credit_manager", "approve"),
    "approver": ("approver", "approve"),
    "treasury": ("treasury",),
    "auditor": ("auditor",),
    "admin": ("admin",),
}
# Names in `notified` for people who are not users of the case by that name.
PEOPLE_ALIASES: Mapping[str, str] = {"salesperson": "clerk"}

# Reasons that come from a refused command rather than from a rule.
COMMAND_REASONS = ("NO_PERMISSION", "VALIDATION", "CONFLICT", "BUSY")
OVERRIDE_USED = "OVERRIDE_USED"
# Word of other systems → our reason. Only where it can mean one thing.
REASON_ALIASES: Mapping[str, str] = {
    "OVERDUE": "OVERDUE_DAYS",
    "OVERDUE_THRESHOLD": "OVERDUE_AMOUNT",
    "STATUS_STOP": "STATUS_BLOCKED",
    "STATUS_REVIEW": "STATUS_UNDER_REVIEW",
    "WATCH": "NEAR_LIMIT",
    "RISK_PAYMENT_METHOD": "PAYMENT_METHOD",
}
# Words for what is not built: accepted, but only in steps that wait.
REASON_NEEDS: Mapping[str, str] = {
    "STATUS_HOLD": "holds",
    "SALES_HOLD": "holds",
    "DUNNING_LEVEL": "dunning",
    "LIMIT_NOT_APPROVED": "limit_requests",
}
COMPONENT_LIMIT = "COMPONENT_LIMIT:"


def rule_reasons() -> frozenset[str]:
    """Every reason the engine can give, COMPONENT_LIMIT with its component aside."""
    rules = {rule.name for rule in Rule} - {"CUSTOMER_STATUS", "COMPONENT_LIMIT"}
    statuses = {f"STATUS_{status.name}" for status in CustomerStatus}
    return frozenset(rules | statuses | {"ALREADY_OVER_LIMIT", "UNLIMITED"})


def known_reasons() -> frozenset[str]:
    """Every word allowed under `reasons`, COMPONENT_LIMIT with its component aside."""
    return (
        rule_reasons() | {OVERRIDE_USED, *COMMAND_REASONS} | set(REASON_ALIASES) | set(REASON_NEEDS)
    )


def missing_capabilities(names: Iterable[str]) -> tuple[str, ...]:
    """Those of the capabilities that are not built, sorted, each once."""
    return tuple(sorted({name for name in names if name and not CAPABILITIES[name].built}))
