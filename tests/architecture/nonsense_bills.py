"""Nonsense about bills."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ledger.models import Bill, BillPart, BillStep, Presentation
from ledger.services.bills import bill_issue
from ledger.services.bills.issue import NewBill
from tests.architecture.ground import TOKEN
from tests.architecture.nonsense_case import Case, same
from tests.world import TODAY

if TYPE_CHECKING:
    from django.db.models import Model

    from tests.architecture.ground import Ground, Values

DAY = datetime.timedelta(days=1)


def bill(g: Ground) -> tuple[type[Model], Values]:
    """One that is issued and not posted."""
    return Bill, {
        "company": g.world.company,
        "account": g.account,
        "number": "BI-1",
        "kind": "riba",
        "drawn_on": TODAY,
        "due_on": TODAY + DAY,
        "pay_on": TODAY + DAY,
        "currency": g.euro,
        "amount": 10,
    }


def stored(g: Ground) -> Bill:
    """One that a service issued, posted."""
    new = NewBill(parts=[(g.invoice, Decimal(10))])
    return bill_issue(account=g.account, kind="note", bill=new, drawn_on=TODAY, actor=None)


def part(g: Ground) -> tuple[type[Model], Values]:
    """A part of another item."""
    return BillPart, {"bill": stored(g), "item": g.world.item(20), "amount": 5}


def presentation(g: Ground) -> tuple[type[Model], Values]:
    """An empty list."""
    return Presentation, {
        "company": g.world.company,
        "number": "PL-1",
        "kind": "after",
        "bank": "Banca",
        "presented_on": TODAY,
        "currency": g.euro,
    }


def listed(g: Ground) -> Presentation:
    """A stored list."""
    _model, values = presentation(g)
    return Presentation.objects.create(**values)


def step(g: Ground) -> tuple[type[Model], Values]:
    """The collection of a bill in hand."""
    return BillStep, {
        "bill": stored(g),
        "position": 3,
        "kind": "collect",
        "on": TODAY,
        "state": "collected",
        "pay_on": TODAY + 30 * DAY,
    }


def entry(g: Ground) -> Any:
    """An entry that no bill has."""
    return g.invoice.entry


BILLS = (
    Case("one_bill_per_number", bill, {"amount": 11}, {"number": "BI-2"}, same()),
    Case(
        "one_issue_per_form",
        bill,
        {"number": "BI-2", "form_token": TOKEN},
        {"number": "BI-2"},
        same(form_token=TOKEN),
    ),
    Case("bill_amount_positive", bill, {"amount": 0}, {"amount": Decimal("0.01")}),
    Case("bill_amount_positive", bill, {"amount": -10}),
    Case("bill_due_not_before_issue", bill, {"due_on": TODAY - DAY}, {"due_on": TODAY}),
    Case("bill_paid_not_before_due", bill, {"pay_on": TODAY}, {"pay_on": TODAY + 9 * DAY}),
    Case("bill_posted_iff_entry", bill, {"state": "in_hand"}, {"state": "cancelled"}),
    Case("bill_posted_iff_entry", bill, {"entry": entry}, {"entry": entry, "state": "in_hand"}),
    Case(
        "bill_presented_says_how",
        bill,
        {"state": "presented", "entry": entry},
        {"state": "presented", "entry": entry, "presented": "after"},
    ),
    Case("bill_company_amount_iff_rate", bill, {"rate": 1}, {"rate": 1, "company_amount": 10}),
    Case("bill_company_amount_iff_rate", bill, {"company_amount": 10}),
    Case(
        "bill_protested_after_return",
        bill,
        {"is_protested": True},
        {"is_protested": True, "state": "returned", "entry": entry},
    ),
    Case("one_part_per_item", part, {"item": lambda g: g.invoice}),
    Case("bill_part_positive", part, {"amount": 0}, {"amount": Decimal("0.01")}),
    Case(
        "one_presentation_per_number", presentation, {"bank": "Other"}, {"number": "PL-2"}, same()
    ),
    Case(
        "one_presentation_per_form",
        presentation,
        {"number": "PL-2", "form_token": TOKEN},
        {"number": "PL-2"},
        same(form_token=TOKEN),
    ),
    Case("one_bill_step_per_position", step, {"position": 2}, {"position": 3}),
    Case(
        "step_presented_iff_presentation",
        step,
        {"kind": "present", "state": "presented", "presented": "after"},
        {
            "kind": "present",
            "state": "presented",
            "presented": "after",
            "presentation": listed,
        },
    ),
    Case("step_presented_iff_presentation", step, {"presentation": listed}),
    Case(
        "step_charges_have_an_entry", step, {"charges": 5}, {"charges": 5, "charges_entry": entry}
    ),
    Case("step_charges_have_an_entry", step, {"charges_entry": entry}),
)
