"""Why a document or item counts in its component, and how much of it still does, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.dates import day_text
from core.numerals import format_decimal, format_plain
from credit_limits.engine.types import Component
from documents.models import Document, DocumentType
from reports.queries.components import LATER, WAITING

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from credit_limits.exposure_lines import ExposureLine

Kind = DocumentType.Kind


def line_reason(line: ExposureLine, as_of: date) -> str:
    """Why the line counts as it does on that day: one short sentence without its amount."""
    if line.component == WAITING:
        return _("held: counts once it is released")
    if line.subject_type == "ledger.bill":
        return _bill(line, as_of)
    if not line.is_document:
        return _item(line, as_of)
    if line.component == LATER:
        return _later(line)
    if line.component == Component.INVOICE_DRAFT:
        return _paper(line)
    return _goods(line)


def _item(line: ExposureLine, as_of: date) -> str:
    if line.state == "provisional":
        return _("provisional: counted by the policy, confirmed by nobody yet")
    if line.component == Component.CREDITS:
        return _("not applied yet")
    if line.due_on is None:
        return _("in the balance of the ledger")
    days = (as_of - line.due_on).days
    if days > 0:
        return ngettext("%(days)s day overdue", "%(days)s days overdue", days) % {"days": days}
    if days == 0:
        return _("due on this day")
    return ngettext("due in %(days)s day", "due in %(days)s days", -days) % {"days": -days}


def _bill(line: ExposureLine, as_of: date) -> str:
    """Where the bill is, and when it falls due."""
    due = {"due": day_text(line.due_on) if line.due_on else "–"}
    if line.component == Component.BILL_RETURNED:
        return _("came back unpaid; its items are not open again yet")
    if line.component == Component.BILL_ISSUED:
        return _("in hand, due on %(due)s") % due
    words = {
        "discount": _("at discount, due on %(due)s"),
        "subject": _("subject to collection, due on %(due)s"),
        "after": _("after collection, due on %(due)s"),
    }[line.state]
    if line.due_on is not None and line.due_on <= as_of:
        return _("%(words)s: still within its grace days") % {"words": words % due}
    return words % due


def _later(line: ExposureLine) -> str:
    if line.wanted_on is None:
        return _("counts once it is printed for good")
    return _("to be delivered on %(on)s: counts later") % {"on": day_text(line.wanted_on)}


def _paper(line: ExposureLine) -> str:
    if line.total < 0:
        return _("credit note not posted yet")
    if line.kind == Kind.ADVANCE:
        return _("advance not posted yet")
    return _("not posted yet")


def _goods(line: ExposureLine) -> str:
    """Where the units of an order or a delivery note went."""
    if line.total < 0:
        return _("came back, not credited yet")
    parts = []
    if line.kind == Kind.ORDER:
        parts.append(_("ordered %(units)s") % {"units": _units(line.quantity)})
        parts.append(
            _("delivered %(units)s") % {"units": _units(line.delivered)}
            if line.delivered
            else _("nothing delivered yet")
        )
    else:
        parts.append(_("delivered %(units)s") % {"units": _units(line.quantity)})
    if line.invoiced:
        parts.append(_("invoiced %(units)s") % {"units": _units(line.invoiced)})
    elif line.kind != Kind.ORDER:
        parts.append(_("nothing invoiced yet"))
    if line.returned:
        parts.append(_("came back %(units)s") % {"units": _units(line.returned)})
    if line.advance:
        parts.append(_("advances %(amount)s") % {"amount": format_decimal(line.advance)})
    if line.state == Document.Status.CLOSED:
        parts.append(_("closed by force"))
    return ", ".join(parts)


def _units(quantity: Decimal | None) -> str:
    return "0" if not quantity else format_plain(quantity)
