"""Findings and ways in plain, translated words, with their figures."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django.utils import formats
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from credit_limits.engine.types import Component, Way, WayKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from credit_limits.engine.types import Finding
    from credit_limits.models import CheckFinding

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


def _day(value: Any) -> str:
    found = parse_date(value) if isinstance(value, str) else value
    return formats.date_format(found, "SHORT_DATE_FORMAT") if found else ""


def _over_limit(facts: Mapping[str, Any]) -> str:
    return _(
        "Over the limit of %(label)s by %(overrun)s %(currency)s "
        "(limit %(limit)s; used %(used)s; this document %(document)s)."
    ) % _figures(facts)


def _figures(facts: Mapping[str, Any]) -> dict[str, Any]:
    amounts = ("limit", "used", "document", "projected", "overrun", "amount")
    return {
        **facts,
        **{key: amount_text(facts[key]) for key in amounts if key in facts},
    }


def finding_sentence(finding: Finding | CheckFinding) -> str:
    """One finding as a sentence a clerk would say, with its figures."""
    facts: Mapping[str, Any] = finding.facts
    observed = finding.observed
    threshold = finding.threshold
    code = finding.reason.partition(":")[0]
    if code.startswith("STATUS_"):
        return _("%(status)s.") % {"status": reason_label(code)}
    if finding.asked is False:
        return _("Not asked here.")
    try:
        return _sentence(code, facts, observed, threshold)
    except KeyError:
        return reason_label(finding.reason)


def _sentence(code: str, facts: Mapping[str, Any], observed: Any, threshold: Any) -> str:
    if code in {"LIMIT_EXCEEDED", "ALREADY_OVER_LIMIT"}:
        if Decimal(str(facts["overrun"])) <= 0:
            return _("%(projected)s of %(limit)s %(currency)s used with this document.") % _figures(
                facts
            )
        return _over_limit(facts)
    if code == "NEAR_LIMIT":
        return _(
            "%(projected)s of %(limit)s %(currency)s with this document; "
            "from %(threshold)s on it is worth a look."
        ) % {**_figures(facts), "threshold": amount_text(threshold)}
    if code == "COMPONENT_LIMIT":
        return _(
            "%(component)s would reach %(observed)s; allowed are %(threshold)s %(currency)s."
        ) % {
            "component": COMPONENT_LABELS[Component(facts["component"])],
            "observed": amount_text(observed),
            "threshold": amount_text(threshold),
            "currency": facts["currency"],
        }
    if code == "OVERDUE_DAYS":
        if not facts.get("items"):
            return _("%(days)s days overdue at most; allowed are %(allowed)s.") % {
                "days": observed,
                "allowed": threshold,
            }
        return _(
            "%(amount)s %(currency)s overdue, the oldest (%(reference)s) since %(days)s days; "
            "allowed are %(allowed)s days."
        ) % {**_figures(facts), "days": observed, "allowed": threshold}
    if code == "OVERDUE_AMOUNT":
        return _("%(observed)s %(currency)s overdue; allowed are %(threshold)s.") % {
            "observed": amount_text(observed),
            "threshold": amount_text(threshold),
            "currency": facts["currency"],
        }
    if code == "OLDEST_ITEM":
        return _(
            "Oldest open item %(reference)s is %(days)s days old; allowed are %(allowed)s."
        ) % {
            "reference": facts["reference"],
            "days": observed,
            "allowed": str(threshold).split(".", maxsplit=1)[0],
        }
    if code == "DOCUMENT_MAXIMUM":
        return _("This document is worth %(observed)s; one may be worth %(threshold)s.") % {
            "observed": amount_text(observed),
            "threshold": amount_text(threshold),
        }
    if code == "PAYMENT_METHOD":
        return _payment_method(facts)
    if code == "RATE_MISSING":
        return _("No exchange rate for %(rates)s: the exposure is incomplete.") % facts
    if code == "NO_LIMIT":
        return _("Nobody has granted this customer a limit; that gives no credit.")
    if code == "UNLIMITED":
        return _("The limit of %(label)s is unlimited.") % facts
    if code == "FIRST_ORDER":
        return _("This would be the customer's first order, and no limit has been granted.")
    return reason_label(code)


def _payment_method(facts: Mapping[str, Any]) -> str:
    causes = str(facts.get("causes", "")).split(", ")
    method = facts.get("method") or _("without a method")
    if "analysis" in causes:
        return _("Payment by “%(method)s” always goes to analysis.") % {"method": method}
    if "instalments" in causes:
        count = int(facts.get("instalments", 1))
        return ngettext(
            "Payment in %(count)s instalment goes to analysis.",
            "Payment in %(count)s instalments goes to analysis.",
            count,
        ) % {"count": count}
    if "not_immediate" in causes:
        return _("Payment by “%(method)s” is not immediate.") % {"method": method}
    return _("Payment by “%(method)s” raises no question.") % {"method": method}


def way_sentence(way: Way, currency: str) -> str:
    """One way to a pass as an instruction."""
    amount = amount_text(way.amount)
    figures = {"amount": amount, "currency": currency, "items": ", ".join(way.references)}
    match way.kind:
        case WayKind.REDUCE:
            return _("Reduce this document by %(amount)s %(currency)s.") % figures
        case WayKind.PAY_ITEMS:
            return _("Payment of %(items)s (%(amount)s %(currency)s).") % figures
        case WayKind.PAY_AMOUNT:
            return _("A payment of %(amount)s %(currency)s.") % figures
        case WayKind.PAY_IMMEDIATELY:
            return _("Immediate payment (cash, card) instead of credit.")
        case WayKind.RAISE_LIMIT:
            return _("A limit of %(amount)s %(currency)s.") % figures
    return str(way.kind)
