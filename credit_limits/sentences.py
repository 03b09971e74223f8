"""Findings and ways in plain, translated words, with their figures.

A finding that fired says what is the matter; one that did not says what was found and allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.dates import day_text
from credit_limits.engine.types import Component, Way, WayKind
from credit_limits.labels import (
    COMPONENT_LABELS,
    EXCLUSION_LABELS,
    REASON_LABELS,
    amount_text,
    reason_label,
)

if TYPE_CHECKING:
    from credit_limits.engine.types import Finding
    from credit_limits.models import CheckFinding

__all__ = [
    "COMPONENT_LABELS",
    "EXCLUSION_LABELS",
    "REASON_LABELS",
    "amount_text",
    "finding_sentence",
    "reason_label",
    "way_sentence",
]

type Facts = Mapping[str, Any]
type Words = Callable[[Facts, Any, Any, bool], str]

AMOUNTS = ("limit", "used", "document", "projected", "overrun", "amount")


def finding_sentence(finding: Finding | CheckFinding) -> str:
    """One finding as a sentence a clerk would say, with its figures."""
    code = finding.reason.partition(":")[0]
    if code.startswith("STATUS_"):
        return f"{reason_label(code)}."
    if not finding.asked:
        return _("Not asked here.")
    words = _WORDS.get(code)
    if words is None:
        return reason_label(finding.reason)
    try:
        return words(finding.facts, finding.observed, finding.threshold, finding.fired)
    except KeyError:
        return reason_label(finding.reason)


def _figures(facts: Facts) -> dict[str, Any]:
    return {**facts, **{key: amount_text(facts[key]) for key in AMOUNTS if key in facts}}


def _limit(facts: Facts, _observed: Any, _threshold: Any, fired: bool) -> str:
    if not fired:
        return _("%(projected)s of %(limit)s %(currency)s used with this document.") % _figures(
            facts
        )
    return _(
        "Over the limit of %(label)s by %(overrun)s %(currency)s "
        "(limit %(limit)s; used %(used)s; this document %(document)s)."
    ) % _figures(facts)


def _near(facts: Facts, _observed: Any, threshold: Any, fired: bool) -> str:
    figures = {**_figures(facts), "threshold": amount_text(threshold)}
    if not fired:
        return (
            _("%(projected)s %(currency)s; worth a look from %(threshold)s to %(limit)s.") % figures
        )
    return (
        _(
            "%(projected)s of %(limit)s %(currency)s with this document; "
            "from %(threshold)s on it is worth a look."
        )
        % figures
    )


def _component(facts: Facts, observed: Any, threshold: Any, _fired: bool) -> str:
    return _("%(component)s would reach %(observed)s; allowed are %(threshold)s %(currency)s.") % {
        "component": COMPONENT_LABELS[Component(facts["component"])],
        "observed": amount_text(observed),
        "threshold": amount_text(threshold),
        "currency": facts["currency"],
    }


def _overdue_days(facts: Facts, observed: Any, threshold: Any, fired: bool) -> str:
    figures = {**_figures(facts), "days": observed, "allowed": threshold}
    if not fired:
        return _("%(days)s days overdue at most; allowed are %(allowed)s.") % figures
    return (
        _(
            "%(amount)s %(currency)s overdue, the oldest (%(reference)s) since %(days)s days; "
            "allowed are %(allowed)s days."
        )
        % figures
    )


def _overdue_amount(facts: Facts, observed: Any, threshold: Any, _fired: bool) -> str:
    return _("%(observed)s %(currency)s overdue; allowed are %(threshold)s.") % {
        "observed": amount_text(observed),
        "threshold": amount_text(threshold),
        "currency": facts["currency"],
    }


def _oldest(facts: Facts, observed: Any, threshold: Any, _fired: bool) -> str:
    return _("Oldest open item %(reference)s is %(days)s days old; allowed are %(allowed)s.") % {
        "reference": facts["reference"],
        "days": observed,
        "allowed": str(threshold).partition(".")[0],
    }


def _maximum(_facts: Facts, observed: Any, threshold: Any, _fired: bool) -> str:
    return _("This document is worth %(observed)s; one may be worth %(threshold)s.") % {
        "observed": amount_text(observed),
        "threshold": amount_text(threshold),
    }


def _method(facts: Facts, _observed: Any, _threshold: Any, _fired: bool) -> str:
    causes = str(facts.get("causes", "")).split(", ")
    method = {"method": facts.get("method") or _("no method")}
    if "analysis" in causes:
        return _("Payment by “%(method)s” always goes to analysis.") % method
    if "instalments" in causes:
        count = int(facts.get("instalments", 1))
        return ngettext(
            "Payment in %(count)s instalment goes to analysis.",
            "Payment in %(count)s instalments goes to analysis.",
            count,
        ) % {"count": count}
    if "not_immediate" in causes:
        return _("Payment by “%(method)s” is not immediate.") % method
    return _("Payment by “%(method)s” raises no question.") % method


def _rate(facts: Facts, _observed: Any, _threshold: Any, fired: bool) -> str:
    if not fired:
        return _("Every amount could be converted.")
    return _("No exchange rate for %(rates)s: the exposure is incomplete.") % facts


def _no_limit(_facts: Facts, _observed: Any, _threshold: Any, fired: bool) -> str:
    if not fired:
        return _("A limit has been granted.")
    return _("Nobody has granted this customer a limit; that gives no credit.")


def _unlimited(facts: Facts, _observed: Any, _threshold: Any, _fired: bool) -> str:
    return _("The limit of %(label)s is unlimited.") % facts


def _first(_facts: Facts, _observed: Any, _threshold: Any, fired: bool) -> str:
    if not fired:
        return _("The customer has bought before, or has a limit.")
    return _("This would be the customer's first order, and no limit has been granted.")


_WORDS: Mapping[str, Words] = {
    "LIMIT_EXCEEDED": _limit,
    "ALREADY_OVER_LIMIT": _limit,
    "NEAR_LIMIT": _near,
    "COMPONENT_LIMIT": _component,
    "OVERDUE_DAYS": _overdue_days,
    "OVERDUE_AMOUNT": _overdue_amount,
    "OLDEST_ITEM": _oldest,
    "DOCUMENT_MAXIMUM": _maximum,
    "PAYMENT_METHOD": _method,
    "RATE_MISSING": _rate,
    "NO_LIMIT": _no_limit,
    "UNLIMITED": _unlimited,
    "FIRST_ORDER": _first,
}


def way_sentence(way: Way, currency: str) -> str:
    """One way to a pass as an instruction; what has to be done besides follows with "and"."""
    text = _one_way(way, currency)
    for further in way.also:
        text = _("%(first)s and %(second)s") % {
            "first": text,
            "second": way_sentence(further, currency),
        }
    return text


def _one_way(way: Way, currency: str) -> str:
    figures = {
        "amount": amount_text(way.amount),
        "currency": currency,
        "items": ", ".join(way.references),
        "on": day_text(way.on) if way.on else "",
    }
    templates = {
        WayKind.REDUCE: _("reduce this document by %(amount)s %(currency)s"),
        WayKind.PAY_ITEMS: _("payment of %(items)s (%(amount)s %(currency)s)"),
        WayKind.PAY_AMOUNT: _("a payment of %(amount)s %(currency)s"),
        WayKind.PAY_IMMEDIATELY: _("immediate payment (cash, card) instead of credit"),
        WayKind.RAISE_LIMIT: _("a limit of %(amount)s %(currency)s for %(items)s"),
        WayKind.SHIP_AFTER: _("ship after %(on)s (%(amount)s %(currency)s is expected in by then)")
        if way.amount
        else _("ship after %(on)s"),
    }
    return templates[way.kind] % figures
