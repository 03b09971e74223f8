"""Plain sentences for the audit events of approvals."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from core.audit import renders
from core.numerals import format_decimal


@renders("approvals.step.approved")
def step_approved(data: dict[str, Any]) -> str:
    """One of several people said yes."""
    return _("Step %(step)s approved for %(subject)s, %(amount)s %(currency)s: “%(reason)s”") % {
        **data,
        "amount": format_decimal(Decimal(str(data["amount"]))),
    }
