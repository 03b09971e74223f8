"""Alerts, and what stands against a next order, in plain words."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.numerals import format_decimal
from credit_limits.engine.types import ScopeKind
from credit_limits.models import Alert
from credit_limits.sentences import finding_sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from credit_limits.engine.types import Finding

AMOUNT_REASONS = frozenset({"LIMIT_EXCEEDED", "ALREADY_OVER_LIMIT", "NEAR_LIMIT"})


def next_sentence(finding: Finding) -> str:
    """What a finding of a preview for a very small order says about any order.

    The figures of amount rules are told without the order, which has no size yet.
    """
    facts = finding.facts
    limit, used = _amount(facts, "limit"), _amount(facts, "used")
    if finding.reason not in AMOUNT_REASONS or limit is None or used is None:
        return finding_sentence(finding)
    wide = finding.scope is not None and finding.scope is not ScopeKind.ACCOUNT
    words = {
        "limit": format_decimal(limit),
        "free": format_decimal(limit - used),
        "over": format_decimal(used - limit),
        "currency": facts.get("currency", ""),
        "label": f" ({facts.get('label', '')})" if wide else "",
    }
    if finding.reason == "NEAR_LIMIT":
        return _("%(free)s of the limit of %(limit)s %(currency)s%(label)s are left.") % words
    if used > limit:
        return _("The limit of %(limit)s %(currency)s%(label)s is exceeded by %(over)s.") % words
    return _("The limit of %(limit)s %(currency)s%(label)s is used up.") % words


def alert_sentence(alert: Alert) -> str:
    """What became true, with its figures where the night stored them."""
    return _("%(what)s: %(figures)s") % {
        "what": alert.get_kind_display(),
        "figures": alert_figures(alert),
    }


def alert_figures(alert: Alert) -> str:
    """The figures of an alert, told without its kind."""
    facts: Mapping[str, Any] = alert.facts
    currency = str(facts.get("currency") or alert.account.currency_id)
    if alert.kind == Alert.Kind.OVER_LIMIT:
        total, headroom = _amount(facts, "total"), _amount(facts, "headroom")
        if total is None or headroom is None:
            return _("figures were not stored")
        return _("%(total)s of %(limit)s %(currency)s, over by %(over)s") % {
            "total": format_decimal(total),
            "limit": format_decimal(total + headroom),
            "over": format_decimal(-headroom),
            "currency": currency,
        }
    amount = _amount(facts, "overdue")
    if amount is None:
        return _("figures were not stored")
    days = int(_amount(facts, "days") or 0)
    words = {"amount": format_decimal(amount), "currency": currency, "days": days}
    return (
        ngettext(
            "%(amount)s %(currency)s, the oldest for %(days)s day",
            "%(amount)s %(currency)s, the oldest for %(days)s days",
            days,
        )
        % words
    )


def _amount(facts: Mapping[str, Any], key: str) -> Decimal | None:
    try:
        return Decimal(str(facts[key]))
    except (KeyError, InvalidOperation):
        return None
