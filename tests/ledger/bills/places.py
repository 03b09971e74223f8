"""What the tests of bills ask."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from core.audit import sentence
from core.models import AuditEvent
from credit_limits.selectors import credit_position
from ledger.models import JournalLine
from ledger.services.bills import bill_issue
from ledger.services.bills.issue import NewBill

if TYPE_CHECKING:
    from collections.abc import Mapping

    from customers.models import CustomerAccount
    from ledger.models import Bill, OpenItem

D = datetime.date


def issue(*items: OpenItem, **more: Any) -> Bill:
    """A collection order on all that is open of the items; `parts` for something else."""
    parts = more.pop("parts", [(item, item.open_amount) for item in items])
    facts = {key: more.pop(key) for key in ("due_on", "number", "reference", "bank") if key in more}
    given: dict[str, Any] = {"kind": "riba", "drawn_on": D(2026, 1, 10), "actor": None} | more
    return bill_issue(account=items[0].account, bill=NewBill(parts=parts, **facts), **given)


def where(account: CustomerAccount, as_of: datetime.date, **more: Any) -> dict[str, Decimal]:
    """The account's components on a day that are not zero."""
    parts = credit_position(account=account, as_of=as_of, **more).components
    return {component.value: amount for component, amount in parts.items() if amount}


def booked(account: CustomerAccount) -> Mapping[str, Decimal]:
    """What the ledger accounts say about a customer's account, debits less credits, by role."""
    found: dict[str, Decimal] = {}
    for line in JournalLine.objects.filter(entry__account=account).select_related("ledger_account"):
        role = line.ledger_account.role
        found[role] = found.get(role, Decimal(0)) + line.debit - line.credit
    return {role: amount for role, amount in found.items() if amount}


def said(action: str) -> str:
    """The sentence of the last event of an action."""
    return sentence(AuditEvent.objects.filter(action=action).latest("pk"))
