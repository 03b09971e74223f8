"""Alerts in plain words."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from core.numerals import format_decimal
from credit_limits.models import Alert

if TYPE_CHECKING:
    from collections.abc import Mapping


def alert_sentence(alert: Alert) -> str:
    """What became true, with its figures where the night stored them."""
    facts: Mapping[str, Any] = alert.facts
    currency = str(facts.get("currency") or alert.account.currency_id)
    if alert.kind == Alert.Kind.OVER_LIMIT:
        total, limit = _amount(facts, "total"), _amount(facts, "limit")
        if total is None or limit is None:
            return _("Newly over the limit.")
        return _("Newly over the limit: %(total)s of %(limit)s %(currency)s, over by %(over)s.") % {
            "total": format_decimal(total),
            "limit": format_decimal(limit),
            "over": format_decimal(total - limit),
            "currency": currency,
        }
    amount, days = _amount(facts, "overdue"), facts.get("days")
    if amount is None:
        return _("Newly overdue.")
    if not days:
        return _("Newly overdue: %(amount)s %(currency)s.") % {
            "amount": format_decimal(amount),
            "currency": currency,
        }
    return _("Newly overdue: %(amount)s %(currency)s, the oldest for %(days)s days.") % {
        "amount": format_decimal(amount),
        "currency": currency,
        "days": days,
    }


def _amount(facts: Mapping[str, Any], key: str) -> Decimal | None:
    try:
        return Decimal(str(facts[key]))
    except (KeyError, InvalidOperation):
        return None
