"""The words of the credit engine: components, severities, checkpoints, rules and their like."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Component(StrEnum):
    """The disjoint places a customer's value can sit in (order = display order)."""

    ORDER_OPEN = "order_open"
    DELIVERED_UNINVOICED = "delivered_uninvoiced"
    INVOICE_DRAFT = "invoice_draft"
    INVOICE_OPEN = "invoice_open"
    INVOICE_OVERDUE = "invoice_overdue"
    BILL_ISSUED = "bill_issued"
    BILL_PRESENTED = "bill_presented"
    BILL_RETURNED = "bill_returned"
    CREDITS = "credits"


class Include(StrEnum):
    """What the policy does with a component: count it, only show it, or leave it out."""

    COUNT = "count"
    SHOW = "show"
    LEAVE_OUT = "leave_out"


class LimitState(StrEnum):
    """The explicit state of a limit; never inferred from 0 or NULL."""

    NONE = "none"
    ZERO = "zero"
    AMOUNT = "amount"
    UNLIMITED = "unlimited"


class Severity(IntEnum):
    """How far a finding reaches; the worst one decides."""

    OK = 0
    NOTE = 1
    WARN = 2
    HOLD = 3
    REFUSE = 4


class Outcome(StrEnum):
    """What happens to the document (NOTE findings pass)."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    WARN = "warn"
    HOLD = "hold"
    REFUSE = "refuse"


class ControlType(StrEnum):
    """How firmly an account's amount rules are applied (settled question 10)."""

    NONE = "none"
    MONITOR = "monitor"
    LOCK = "lock"


class Checkpoint(StrEnum):
    """The steps of a document at which credit is asked for."""

    SUBMIT = "submit"
    CHANGE = "change"
    REOPEN = "reopen"
    PRINT = "print"
    DELIVER = "deliver"
    INVOICE = "invoice"
    POST = "post"
    RELEASE = "release"


class ScopeKind(StrEnum):
    """Whose limit is compared: one account, the customer over all companies, a customer group."""

    ACCOUNT = "account"
    CUSTOMER = "customer"
    GROUP = "group"


class CustomerStatus(StrEnum):
    """The commercial status of a customer."""

    RELEASED = "released"
    BLOCKED = "blocked"
    DEBTOR = "debtor"
    PROTESTED = "protested"
    UNDER_REVIEW = "under_review"


class MethodTreatment(StrEnum):
    """What a payment method means for credit."""

    NORMAL = "normal"
    PASSES = "passes"
    ANALYSIS = "analysis"


class Rule(StrEnum):
    """Every rule of the engine; a policy gives each of them a severity and parameters."""

    CUSTOMER_STATUS = "customer_status"
    RATE_MISSING = "rate_missing"
    LIMIT_EXCEEDED = "limit_exceeded"
    NEAR_LIMIT = "near_limit"
    COMPONENT_LIMIT = "component_limit"
    NO_LIMIT = "no_limit"
    FIRST_ORDER = "first_order"
    DOCUMENT_MAXIMUM = "document_maximum"
    OVERDUE_DAYS = "overdue_days"
    OVERDUE_AMOUNT = "overdue_amount"
    OLDEST_ITEM = "oldest_item"
    PAYMENT_METHOD = "payment_method"


class WayKind(StrEnum):
    """How a document could be made to pass."""

    REDUCE = "reduce"
    PAY_ITEMS = "pay_items"
    PAY_AMOUNT = "pay_amount"
    PAY_IMMEDIATELY = "pay_immediately"
    RAISE_LIMIT = "raise_limit"
    SHIP_AFTER = "ship_after"


AMOUNT_RULES = frozenset(
    {
        Rule.LIMIT_EXCEEDED,
        Rule.NEAR_LIMIT,
        Rule.COMPONENT_LIMIT,
        Rule.NO_LIMIT,
        Rule.FIRST_ORDER,
        Rule.DOCUMENT_MAXIMUM,
    }
)
