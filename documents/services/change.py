"""Changing a document that counts: checked before it is stored; a held wish is kept whole."""

from __future__ import annotations

from copy import copy
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import clock, events
from core.errors import Conflict, Invalid
from core.locks import busy_on_timeout
from core.models import Currency
from core.numerals import format_plain
from core.permissions import require
from credit_limits.engine.types import Checkpoint
from credit_limits.services.checks import credit_check
from customers.models import Customer, PaymentMethod, PaymentTerm
from documents import lifecycle
from documents.amounts import LineInput, total_amounts
from documents.asking import asked_facts, is_checked
from documents.continued import continued, gone_on
from documents.inputs import OrderHeader
from documents.models import DocumentRevision, DocumentType, HoldCase
from documents.results import PASSING, SubmitResult, check_data
from documents.services.base import document_lock, guard
from documents.services.credited import credited_kept
from documents.services.freely import free_credit_check
from documents.services.history import live_refresh, state_write
from documents.services.holds import case_close, case_open
from documents.services.lines import lines_write, removal_check, rows_gone, rows_matched
from documents.services.links import rewrite_check
from documents.services.save import header_write, may_bill, printed_guard, validate
from documents.services.standing import is_linked, value_now
from documents.services.worth import value_check
from documents.upstream import levels_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

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
        printed_guard(current)
        free_credit_check(actor, header, lines, current=current)
        change_guard(current, lines)
        rewrite_check(current, header, lines)
        if not is_checked(current.type):
            return _change_unasked(current, header, lines, actor, as_of or clock.today())
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
            change_apply(current, header, lines, as_of=as_of or clock.today())
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


def _change_unasked(
    current: Document,
    header: OrderHeader,
    lines: Sequence[LineInput],
    actor: User,
    as_of: date,
) -> SubmitResult:
    """Change a document that asks nobody: goods in, an internal move, an unchecked quote."""
    before = current.gross_amount
    change_apply(current, header, lines, as_of=as_of)
    events.record(
        "documents.document.changed",
        current,
        actor=actor,
        company=current.company,
        customer_id=current.account.customer_id,
        data={"gross": [before, current.gross_amount], "currency": current.currency_id},
    )
    return SubmitResult(current, None, None)


def asked_change(
    current: Document, header: OrderHeader, lines: Sequence[LineInput]
) -> AskedDocument:
    """The wished version as it asks for credit, beside what counts until now."""
    total = total_amounts(lines)
    return asked_facts(
        subject_id=current.pk,
        text=str(current),
        type_=header.type,
        gross=total.gross,
        net=total.net,
        currency=current.currency_id,
        method=header.payment_method,
        term=header.payment_term,
        moves=True,
        sources=levels_of(current),
        rate=current.rate,
        staged=staged_change(current, header, lines),
    )


def staged_change(
    current: Document, header: OrderHeader, lines: Sequence[LineInput]
) -> Callable[[], Decimal] | None:
    """Writes the wished version and says what it then counts; None where its total says that."""
    if not is_linked(current):
        return None

    def write() -> Decimal:
        wished = copy(current)
        _write(wished, header, lines)
        live_refresh(wished)  # what went on whole is read no more until it promises more
        return value_now(wished)

    return write


def change_guard(current: Document, lines: Sequence[LineInput]) -> None:
    """Raise Conflict for a line gone, or promising less, than what went on of it already."""
    stored = list(current.lines.order_by("position"))
    matched = rows_matched(stored, lines)
    removal_check(rows_gone(stored, matched))
    taken = continued([row.pk for row in stored])
    for wish, row in zip(lines, matched, strict=True):
        if row is None:
            continue
        gone = gone_on(current.type.kind, taken[row.pk])
        way = 1 if row.quantity > 0 else -1
        if way * wish.quantity < way * gone:
            raise Conflict(
                "documents.less_than_delivered",
                _("%(line)s: %(gone)s went on already; it cannot be less."),
                params={
                    "line": row.description,
                    "gone": format_plain(gone),
                    "line_id": row.pk,
                },
                field="lines",
            )


def change_apply(
    current: Document, header: OrderHeader, lines: Sequence[LineInput], *, as_of: date
) -> None:
    """Write the new version of a locked, accepted document; its rate stays.

    Raises Conflict where it gives back, or takes in advance, more than its source is worth. Credit
    is asked before: an advance beyond its order and the limit says so first.
    """
    _write(current, header, lines)
    value_check(current)
    state_write(current, on=as_of)
    live_refresh(current)


def _write(current: Document, header: OrderHeader, lines: Sequence[LineInput]) -> None:
    rate = current.rate
    header_write(current, header, lines)
    current.rate = rate
    with credited_kept(current):
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
        "ship_to_customer": header.ship_to_customer.pk if header.ship_to_customer else None,
        "delivery_on": header.delivery_on.isoformat() if header.delivery_on else None,
        "lines": [
            {
                key: str(value) if isinstance(value, Decimal) else value
                for key, value in asdict(line).items()
            }
            for line in lines
        ],
    }


def revision_read(revision: DocumentRevision) -> tuple[OrderHeader, list[LineInput]]:
    """The stored wish as header and lines again."""
    content = revision.content
    document = revision.document
    method, term, party = content["payment_method"], content["payment_term"], content["ordered_by"]
    receiver, wished = content.get("ship_to_customer"), content.get("delivery_on")
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
        ship_to_customer=Customer.objects.get(pk=receiver) if receiver else None,
        delivery_on=date.fromisoformat(wished) if wished else None,
        valid_until=document.valid_until,
        paid_amount=document.paid_amount,
    )
    return header, [_line_read(line) for line in content["lines"]]


def _line_read(line: Mapping[str, Any]) -> LineInput:
    return LineInput(
        description=line["description"],
        quantity=Decimal(line["quantity"]),
        unit_price=Decimal(line["unit_price"]),
        discount_percent=Decimal(line["discount_percent"]),
        tax_percent=Decimal(line["tax_percent"]),
        line_id=line.get("line_id"),
        source_id=line.get("source_id"),
        reopens=line.get("reopens", False),
        price_only=line.get("price_only", False),
    )
