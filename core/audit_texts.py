"""Plain sentences for the audit events of settings."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.audit import renders


def _kind(data: dict[str, Any]) -> str:
    """The kind of setting in words, such as "payment method"."""
    try:
        return str(apps.get_model(data["model"])._meta.verbose_name)
    except (LookupError, ValueError):
        return str(data["model"])


def _field(data: dict[str, Any], name: str) -> str:
    try:
        field = apps.get_model(data["model"])._meta.get_field(name)
    except (LookupError, ValueError):
        return name
    return str(getattr(field, "verbose_name", name))


def _changes(data: dict[str, Any]) -> str:
    parts = []
    for name, (old, new) in data["changes"].items():
        if old or new:
            parts.append(f"{_field(data, name)} {old or '–'} → {new or '–'}")
        else:
            parts.append(_field(data, name))
    if data["lines"]:
        parts.append(
            ngettext("%(count)s line", "%(count)s lines", data["lines"]) % {"count": data["lines"]}
        )
    return ", ".join(parts)


@renders("core.setting.added")
def setting_added(data: dict[str, Any]) -> str:
    """A row of settings was added."""
    return _("Setting added: %(kind)s %(name)s") % {"kind": _kind(data), "name": data["name"]}


@renders("core.setting.changed")
def setting_changed(data: dict[str, Any]) -> str:
    """Which fields, from what to what."""
    return _("Setting changed: %(kind)s %(name)s: %(changes)s") % {
        "kind": _kind(data),
        "name": data["name"],
        "changes": _changes(data),
    }


@renders("core.setting.removed")
def setting_removed(data: dict[str, Any]) -> str:
    """A row of settings was removed."""
    return _("Setting removed: %(kind)s %(name)s") % {"kind": _kind(data), "name": data["name"]}
