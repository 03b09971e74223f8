"""Changing a document that counts: checked before it is stored; a held wish is kept whole."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import clock, events
from core.errors import Invalid
from core.locks import busy_on_timeout
from core.models import Currency
from core.permissions import require
from credit_limits.engine.types import Checkpoint
from credit_limits.services.checks import credit_check
from customers.models import Customer, PaymentMethod, PaymentTerm
from documents import lifecycle
from documents.amounts import LineInput, total_amounts
from documents.asking import asked_facts
from documents.inputs import OrderHeader
from documents.models import DocumentRevision, DocumentType, HoldCase
from documents.services.base import document_lock, guard
from documents.services.holds import case_close, case_open
from documents.services.save import header_write, lines_write, may_bill, validate
from documents.services.submit import PASSING, SubmitResult, check_data

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.models import User
    from credit_limits.assemble import AskedDocument
    from documents.models import Document


def order_change(
    *,
    document: Document,
    header: OrderHeader,
    lines: Sequence[LineInput],
    version: int,
    actor: User,
    as_of: date | None = None,
) -> SubmitResult:
    """Change a submitted or released order; only the difference asks for credit.

    When the check holds, the accepted version keeps counting and the wish is stored as a pending
    revision that an approver can release (settled question 2). The bill-to account and the
    currency of an accepted order stay. Raises Conflict, Invalid, NotAllowed, Busy.
    """
    require(actor, "documents.change_document")
    may_bill(actor, header.account)
    validate(header, lines)
    with busy_on_timeout(), transaction.atomic():
        current = document_lock(document.pk)
        guard(current, lifecycle.Action.CHANGE, version)
        if header.account.pk != current.account_id or header.currency.pk != current.currency_id:
            raise Invalid(
                "documents.bill_to_fixed",
                _("The customer account and the currency of an accepted order cannot change."),
                field="account",
            )
        revision_drop(current, actor=actor)
        result = credit_check(
            account=current.account,
            asked=asked_change(current, header, lines),
            checkpoint=Checkpoint.CHANGE,
            actor=actor,
            as_of=as_of or clock.today(),
        )
        if result.decision.outcome in PASSING:
            before = current.gross_amount
            change_apply(current, header, lines)
            events.record(
                "documents.document.changed",
                current,
                actor=actor,
                company=current.company,
                customer_id=current.account.customer_id,
                data={**check_data(result), "gross": [before, current.gross_amount]},
            )
            return SubmitResult(current, result.check, result.decision)
        DocumentRevision.objects.create(
            document=current,
            content=content_of(header, lines),
            gross_amount=total_amounts(lines).gross,
            base_version=current.version,
            created_by=actor,
        )
        case = case_open(document=current, result=result, actor=actor)
        events.record(
            "documents.document.change_held",
            current,
            actor=actor,
            company=current.company,
            customer_id=current.account.customer_id,
            data={
                **check_data(result),
                "gross": [current.gross_amount, total_amounts(lines).gross],
            },
        )
        return SubmitResult(current, result.check, result.decision, case, case.request)


def asked_change(
    current: Document, header: OrderHeader, lines: Sequence[LineInput]
) -> AskedDocument:
    """The wished version as it asks for credit, beside what counts until now."""
    return asked_facts(
        subject_id=current.pk,
        text=str(current),
        kind=header.type.kind,
        gross=total_amounts(lines).gross,
        currency=current.currency_id,
        counted_before=current.gross_amount,
        counts=header.type.counts_as_credit,
        exclude_block=header.type.exclude_block,
        method=header.payment_method,
        term=header.payment_term,
    )


def change_apply(current: Document, header: OrderHeader, lines: Sequence[LineInput]) -> None:
    """Write the new version of a locked, accepted document; its rate stays."""
    rate = current.rate
    header_write(current, header)
    current.rate = rate
    lines_write(current, lines)
    current.version += 1
    current.save()


def revision_drop(current: Document, *, actor: User | None) -> None:
    """Drop the pending wish of a locked document, and close the case that waits for it."""
    dropped = DocumentRevision.objects.filter(
        document=current, status=DocumentRevision.Status.PENDING
    ).update(status=DocumentRevision.Status.DROPPED)
    if not dropped:
        return
    for case in HoldCase.objects.filter(
        document=current, checkpoint=Checkpoint.CHANGE.value, status=HoldCase.Status.OPEN
    ).select_related("request"):
        case_close(case=case, status=HoldCase.Status.WITHDRAWN, actor=actor, comment="")


def content_of(header: OrderHeader, lines: Sequence[LineInput]) -> dict[str, Any]:
    """The wish as JSON: every figure as text, every relation by key."""
    return {
        "document_on": header.document_on.isoformat(),
        "type": header.type.pk,
        "reference": header.reference,
        "ship_to": header.ship_to,
        "payment_method": header.payment_method.pk if header.payment_method else None,
        "payment_term": header.payment_term.pk if header.payment_term else None,
        "ordered_by": header.ordered_by.pk if header.ordered_by else None,
        "lines": [{key: str(value) for key, value in asdict(line).items()} for line in lines],
    }


def revision_read(revision: DocumentRevision) -> tuple[OrderHeader, list[LineInput]]:
    """The stored wish as header and lines again."""
    content = revision.content
    document = revision.document
    method, term, party = content["payment_method"], content["payment_term"], content["ordered_by"]
    header = OrderHeader(
        account=document.account,
        document_on=date.fromisoformat(content["document_on"]),
        type=DocumentType.objects.get(pk=content["type"]),
        currency=Currency.objects.get(pk=document.currency_id),
        reference=content["reference"],
        ship_to=content["ship_to"],
        payment_method=PaymentMethod.objects.get(pk=method) if method else None,
        payment_term=PaymentTerm.objects.get(pk=term) if term else None,
        ordered_by=Customer.objects.get(pk=party) if party else None,
    )
    lines = [
        LineInput(
            description=line["description"],
            **{key: Decimal(line[key]) for key in line if key != "description"},
        )
        for line in content["lines"]
    ]
    return header, lines
