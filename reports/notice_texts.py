"""Words of the notifications that reports send."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import ngettext

from core import notifications
from core.dates import day_text

if TYPE_CHECKING:
    from collections.abc import Mapping


@notifications.renders("reports.night_failed")
def night_failed(params: Mapping[str, Any]) -> notifications.Text:
    """Something in the night went wrong; the rest was done."""
    count = int(params["errors"])
    words = {"as_of": day_text(params["as_of"]), "errors": count}
    return notifications.Text(
        subject=ngettext(
            "The night of %(as_of)s had %(errors)s error",
            "The night of %(as_of)s had %(errors)s errors",
            count,
        )
        % words,
        sentence=ngettext(
            "The night of %(as_of)s ended with %(errors)s error; the other stages were done.",
            "The night of %(as_of)s ended with %(errors)s errors; the other stages were done.",
            count,
        )
        % words,
    )
