"""Plain sentences for what happens to limits and policies."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from core.audit import renders
from credit_limits.models import Alert


@renders("credit_limits.limit.granted")
def limit_granted(data: dict[str, Any]) -> str:
    """Who may owe how much, from when, and what it was before."""
    shown = (
        f"{data['amount']} {data['currency']}" if data.get("amount") is not None else data["state"]
    )
    before = ", ".join(data.get("before") or []) or _("none")
    return _(
        "Limit of %(scope)s set to %(shown)s from %(start)s (before: %(before)s): %(reason)s"
    ) % {
        "scope": data["scope"],
        "shown": shown,
        "start": data["valid_from"],
        "before": before,
        "reason": data["reason"],
    }


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
        "on": data["as_of"],
    }
