"""Old and new values side by side, as the audit event of a change stores them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import Model

type Diff = dict[str, list[str]]


def shown(value: object) -> str:
    """A field's value as text that stays readable when the row it points to is gone."""
    if value is None:
        return ""
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def fields_set(row: Model, values: Mapping[str, Any]) -> Diff:
    """Write `values` on `row` (not to the database); return {field: [old, new]} of what differs."""
    changed: Diff = {}
    for name, new in values.items():
        old = getattr(row, name)
        if old != new:
            changed[name] = [shown(old), shown(new)]
            setattr(row, name, new)
    return changed
