"""A small real handler: writes and audits like the documents' one, but on a customer."""

from __future__ import annotations

from core import events
from core.errors import Conflict
from customers.models import Customer

RELEASED, REFUSED = "released by a handler", "refused by a handler"


def customer_decided(*, request, approved, actor, comment, as_of) -> None:
    """Writes the verdict into the customer's status reason; refuses a customer in debt."""
    customer = Customer.objects.get(pk=request.subject_id)
    if approved and customer.status == Customer.Status.DEBTOR:
        customer.status_reason = "half done"  # must vanish with the transaction
        customer.save()
        raise Conflict("test.debtor", "This customer became a debtor.")
    customer.status_reason = RELEASED if approved else REFUSED
    customer.save()
    events.record(
        "customers.customer.updated",
        customer,
        actor=actor,
        customer_id=customer.pk,
        data={"changes": {"status_reason": ["", customer.status_reason]}},
    )


def customer_asked_again(*, request, approved, actor, comment, as_of) -> None:
    """Finds other figures than those asked about: a new question goes out."""
    from approvals.services import request_open

    request_open(
        kind=request.kind,
        subject=Customer.objects.get(pk=request.subject_id),
        account=request.account,
        requested_by=request.requested_by,
        barred_ids=request.barred_ids,
        amount=request.amount * 2,
        overrun=request.overrun * 2,
        currency=request.currency_id,
        reasons=request.reasons,
        snapshot=request.snapshot,
    )
