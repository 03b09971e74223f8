"""Plain sentences for what happens to limits and policies."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from core.audit import renders
from core.dates import day_text
from credit_limits.labels import amount_text
from credit_limits.models import Alert, CreditLimit


@renders("credit_limits.limit.granted")
def limit_granted(data: dict[str, Any]) -> str:
    """Who may owe how much, from when until when, and what it was before."""
    text = (
        _("Temporary limit of %(scope)s set to %(shown)s %(span)s (before: %(before)s): %(reason)s")
        if data["kind"] == CreditLimit.Kind.TEMPORARY
        else _("Limit of %(scope)s set to %(shown)s %(span)s (before: %(before)s): %(reason)s")
    )
    return text % {
        "scope": data["scope"],
        "shown": _limit(data),
        "span": _span(data["valid_from"], data["valid_until"]),
        "before": ", ".join(map(_limit, data["before"])) or _("none"),
        "reason": data["reason"],
    }


def _limit(data: dict[str, Any]) -> str:
    """The size of a limit: its amount, or its state in words."""
    if data["amount"] is not None:
        return f"{amount_text(data['amount'])} {data['currency']}"
    states = {"zero": _("zero"), "unlimited": _("unlimited"), "none": _("none")}
    return states[data["state"]]


def _span(start: str, until: str | None) -> str:
    """From the first day to the last; `until` is the day after it, as the database has it."""
    if until is None:
        return _("from %(start)s on") % {"start": day_text(start)}
    end = date.fromisoformat(until) - timedelta(days=1)
    return _("from %(start)s to %(end)s") % {"start": day_text(start), "end": day_text(end)}


@renders("credit_limits.policy.published")
def policy_published(data: dict[str, Any]) -> str:
    """Which version is in force now."""
    return _("Credit policy published as version %(version)s") % {"version": data["version"]}


@renders("credit_limits.alert.seen")
def alert_seen(data: dict[str, Any]) -> str:
    """Somebody took note of an alert."""
    words = dict(Alert.Kind.choices)
    return _("Took note of the alert “%(kind)s” of %(on)s") % {
        "kind": words.get(data["kind"], data["kind"]),
        "on": day_text(data["as_of"]),
    }
