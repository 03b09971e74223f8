"""Words of the notifications that reports send."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from core import notifications

if TYPE_CHECKING:
    from collections.abc import Mapping


@notifications.renders("reports.night_failed")
def night_failed(params: Mapping[str, Any]) -> notifications.Text:
    """Something in the night went wrong; the rest was done."""
    return notifications.Text(
        subject=_("The night of %(as_of)s had %(errors)s errors") % params,
        sentence=_(
            "The night of %(as_of)s ended with %(errors)s errors; the other stages were done."
        )
        % params,
    )
