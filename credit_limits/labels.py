"""Words for reasons, components and exclusions, and amounts in the reader's notation."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils import formats
from django.utils.translation import gettext_lazy

from credit_limits.engine.types import Component

REASON_LABELS = {
    "LIMIT_EXCEEDED": gettext_lazy("Over the limit"),
    "ALREADY_OVER_LIMIT": gettext_lazy("Already over the limit"),
    "NEAR_LIMIT": gettext_lazy("Near the limit"),
    "COMPONENT_LIMIT": gettext_lazy("Limit of one component exceeded"),
    "NO_LIMIT": gettext_lazy("No limit granted"),
    "UNLIMITED": gettext_lazy("Unlimited"),
    "FIRST_ORDER": gettext_lazy("First order"),
    "DOCUMENT_MAXIMUM": gettext_lazy("Document too large"),
    "OVERDUE_DAYS": gettext_lazy("Overdue too long"),
    "OVERDUE_AMOUNT": gettext_lazy("Too much overdue"),
    "OLDEST_ITEM": gettext_lazy("Old open item"),
    "PAYMENT_METHOD": gettext_lazy("Payment method needs a look"),
    "RATE_MISSING": gettext_lazy("Exchange rate missing"),
    "CUSTOMER_STATUS": gettext_lazy("Customer status"),
    "STATUS_RELEASED": gettext_lazy("Customer released"),
    "STATUS_BLOCKED": gettext_lazy("Customer blocked"),
    "STATUS_DEBTOR": gettext_lazy("Customer is a debtor"),
    "STATUS_PROTESTED": gettext_lazy("Customer protested"),
    "STATUS_UNDER_REVIEW": gettext_lazy("Customer under review"),
}

COMPONENT_LABELS = {
    Component.ORDER_OPEN: gettext_lazy("Orders"),
    Component.DELIVERED_UNINVOICED: gettext_lazy("Delivered, not invoiced"),
    Component.INVOICE_DRAFT: gettext_lazy("Invoices not posted"),
    Component.INVOICE_OPEN: gettext_lazy("Open items"),
    Component.INVOICE_OVERDUE: gettext_lazy("Overdue items"),
    Component.BILL_ISSUED: gettext_lazy("Bills issued"),
    Component.BILL_PRESENTED: gettext_lazy("Bills presented"),
    Component.BILL_RETURNED: gettext_lazy("Bills returned"),
    Component.CREDITS: gettext_lazy("Credits"),
}

EXCLUSION_LABELS = {
    "not_outward": gettext_lazy("not asked of returns and credits"),
    "checkpoint_off": gettext_lazy("not asked at this step"),
    "not_counted": gettext_lazy("this document type does not count"),
    "no_increment": gettext_lazy("the document adds nothing"),
    "control_none": gettext_lazy("account without credit control"),
    "control_monitor": gettext_lazy("account is only monitored"),
    "control_lock": gettext_lazy("amounts hold, they do not refuse"),
    "payment_method_passes": gettext_lazy("the payment method always passes"),
    "exclude_block": gettext_lazy("this document type is never held"),
    "release": gettext_lazy("released by an approver"),
}


def reason_label(reason: str) -> str:
    """The reason in a few words; "COMPONENT_LIMIT:order_open" names the component."""
    code, _sep, part = reason.partition(":")
    label = str(REASON_LABELS.get(code, code))
    if part and part in COMPONENT_LABELS:
        return f"{label}: {COMPONENT_LABELS[Component(part)]}"
    return label


def amount_text(value: Any) -> str:
    """An amount in the reader's notation, with two decimals; what is no number stays as it is."""
    try:
        number = Decimal(str(value)).quantize(Decimal("0.01"))
    except InvalidOperation:
        return str(value)
    return formats.number_format(number, decimal_pos=2, use_l10n=True, force_grouping=True)
