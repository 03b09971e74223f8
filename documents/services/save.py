"""Writing drafts and other documents that do not count yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from core import clock, events
from core.errors import Conflict, Invalid, NotAllowed
from core.locks import busy_on_timeout
from core.money import LARGEST, ZERO, convert
from core.permissions import require
from customers.locks import scope_lock
from customers.models import CustomerAccount
from documents import lifecycle
from documents.amounts import LineInput, lines_fit, total_amounts
from documents.asking import COUNTING_DRAFTS
from documents.models import Document, DocumentLine, DocumentType
from documents.services.base import (
    company_rate,
    document_lock,
    goods_rate,
    guard,
    sources_lock,
)
from documents.services.credited import credited_kept
from documents.services.drafts import counts_as_draft, draft_rate_check
from documents.services.freely import free_credit_check
from documents.services.history import live_refresh, state_write
from documents.services.lines import lines_write
from documents.services.links import rewrite_check, sources_check
from documents.services.numbers import NUMBERED_AT_ONCE, number_give
from documents.services.start import start_check
from documents.services.submit import submit_locked
from documents.services.worth import value_check

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from core.models import User
    from documents.inputs import OrderHeader


def validate(header: OrderHeader, lines: Sequence[LineInput]) -> None:
    """Raise Invalid for what no document may be: empty, worth less than nothing, overpaid."""
    if not lines:
        raise Invalid("documents.no_lines", _("A document needs at least one line."), field="lines")
    lines_fit(lines)
    if header.paid_amount < 0 or header.paid_amount > max(total_amounts(lines).gross, ZERO):
        raise Invalid(
            "documents.paid_too_much",
            _("What is paid at once is between nothing and the total."),
            field="paid_amount",
        )
    if header.paid_amount and header.type.kind != DocumentType.Kind.COUNTER:
        raise Invalid(
            "documents.paid_elsewhere",
            _("Only a counter sale is paid at once."),
            field="paid_amount",
        )
    for number, line in enumerate(lines, start=1):
        if line.quantity == 0:
            raise Invalid(
                "documents.zero_quantity",
                _("Line %(line)s has no quantity."),
                params={"line": number},
                field="lines",
            )
        if line.unit_price < 0:
            raise Invalid(
                "documents.negative_price",
                _("Line %(line)s has a negative price."),
                params={"line": number},
                field="lines",
            )
    if total_amounts(lines).gross < 0:
        raise Invalid(
            "documents.negative_total",
            _("The document adds up to less than nothing."),
            field="lines",
        )
    if not header.currency.is_active:
        raise Invalid(
            "documents.currency_inactive",
            _("The currency %(currency)s is not in use."),
            params={"currency": header.currency.pk},
            field="currency",
        )


def header_write(document: Document, header: OrderHeader, lines: Sequence[LineInput]) -> None:
    """Copy the header onto the document (not saved). Raises Invalid.

    What the lines are worth has to fit in the currency of the company as well.
    """
    document.account = header.account
    document.company = header.account.company
    document.document_on = header.document_on
    document.type = header.type
    document.currency = header.currency
    document.reference = header.reference
    document.ship_to = header.ship_to
    document.payment_method = header.payment_method
    document.payment_term = header.payment_term
    document.ordered_by = header.ordered_by
    document.ship_to_customer = header.ship_to_customer
    document.delivery_on = header.delivery_on
    document.valid_until = header.valid_until
    document.paid_amount = header.paid_amount
    document.rate = company_rate(document, header.document_on)
    if document.rate and convert(total_amounts(lines).gross, document.rate) > LARGEST:
        raise Invalid(
            "documents.total_too_large_converted",
            _("This is too large an amount in %(currency)s, the currency of %(company)s."),
            params={"currency": document.company.currency_id, "company": document.company},
            field="lines",
        )


def may_bill(actor: User, account: CustomerAccount) -> None:
    """Raise NotAllowed when the account is not one the actor may see."""
    if not CustomerAccount.objects.visible_to(actor).filter(pk=account.pk).exists():
        raise NotAllowed(
            "documents.account_not_visible", _("You do not work for this customer account.")
        )


def order_create(*, header: OrderHeader, lines: Sequence[LineInput], actor: User) -> Document:
    """Save a new draft of any kind with its lines. Nothing is checked yet.

    Orders and quotes get their number now, documents that bind the customer when they are
    accepted. An invoice counts from now on, as a draft; other drafts count nothing.

    A second call with the same `header.import_key` returns the first document instead of making
    another (a double click, a repeated import), even when both run at once.
    """
    require(actor, "documents.add_document")
    free_credit_check(actor, header, lines)
    return draft_create(header, lines, actor)


def draft_create(header: OrderHeader, lines: Sequence[LineInput], actor: User) -> Document:
    """As `order_create`, for commands with a right of their own, which they have asked for."""
    may_bill(actor, header.account)
    validate(header, lines)
    if header.import_key and (known := _by_import_key(header)):
        return known
    try:
        with busy_on_timeout(), transaction.atomic():
            return _create(header, lines, actor)
    except IntegrityError:
        if header.import_key and (known := _by_import_key(header)):
            return known
        raise


def _by_import_key(header: OrderHeader) -> Document | None:
    return Document.objects.filter(
        company=header.account.company, import_key=header.import_key
    ).first()


def _create(header: OrderHeader, lines: Sequence[LineInput], actor: User) -> Document:
    document = Document(created_by=actor, import_key=header.import_key)
    header_write(document, header, lines)
    draft_rate_check(document)
    sources_lock([line.source_id for line in lines if line.source_id])
    sources_of_lines_check(header, lines)
    if counts_as_draft(header.type):
        scope_lock(account_ids=[header.account.pk])
    if header.type.kind in NUMBERED_AT_ONCE:
        number_give(document)
    total = total_amounts(lines)
    document.net_amount, document.tax_amount = total.net, total.tax
    document.gross_amount = total.gross
    document.is_live = counts_as_draft(header.type)
    document.save()
    lines_write(document, lines)
    rate_take_over(document)
    value_check(document)
    if document.is_live:
        state_write(document, on=clock.today())
    if any(line.source_id for line in lines):
        live_refresh(document)
    events.record(
        "documents.document.created",
        document,
        actor=actor,
        company=document.company,
        customer_id=document.account.customer_id,
        data={"gross": document.gross_amount, "currency": document.currency_id},
    )
    return document


def rate_take_over(document: Document) -> None:
    """Give a stored delivery or return note the rate of what it continues."""
    if document.type.kind != DocumentType.Kind.DELIVERY:
        return
    rate = goods_rate(document)
    if rate is not None and rate != document.rate:
        document.rate = rate
        document.save(update_fields=["rate"])


def sources_of_lines_check(header: OrderHeader, lines: Sequence[LineInput]) -> None:
    """Raise when a line continues what it must not, or more than is left of it."""
    quantities = [(line.source_id, line.quantity) for line in lines if line.source_id]
    if not quantities:
        return
    start_check(header.type, header.document_on, header.account.company_id)
    sources = DocumentLine.objects.select_related("document__type").in_bulk(
        [key for key, _quantity in quantities]
    )
    if any(key not in sources for key, _quantity in quantities):
        raise Invalid(
            "documents.source_gone", _("A line that this continues is gone."), field="lines"
        )
    sources_check(
        header.type,
        header.account.pk,
        header.currency.pk,
        [(sources[key], quantity) for key, quantity in quantities],
    )


def order_update(
    *,
    document: Document,
    header: OrderHeader,
    lines: Sequence[LineInput],
    version: int,
    actor: User,
    as_of: date | None = None,
) -> Document:
    """Rewrite a draft, held or refused document that does not count.

    A held document is asked about again at once, on its new figures, so that nobody decides on
    old ones. Raises Conflict when the form is stale or the document counts already (then
    `order_change` is the way), Invalid, NotAllowed.
    """
    require(actor, "documents.change_document")
    may_bill(actor, header.account)
    validate(header, lines)
    with busy_on_timeout(), transaction.atomic():
        current = document_lock(document.pk)
        guard(current, lifecycle.Action.EDIT, version)
        before = {"gross": current.gross_amount, "currency": current.currency_id}
        if header.account.company_id != current.company_id:
            raise Invalid(
                "documents.other_company",
                _("This belongs to %(company)s; choose a customer account of that company."),
                params={"company": current.company},
                field="account",
            )
        printed_guard(current)
        free_credit_check(actor, header, lines, current=current)
        rewrite_check(current, header, lines)
        if current.status == Document.Status.DRAFT and counts_as_draft(current.type):
            scope_lock(account_ids=[current.account_id, header.account.pk])
        header_write(current, header, lines)
        if current.status == Document.Status.DRAFT:
            draft_rate_check(current)
        with credited_kept(current):
            lines_write(current, lines)
        rate_take_over(current)
        value_check(current)
        current.version += 1
        current.save()
        if current.type.kind in COUNTING_DRAFTS and current.status == Document.Status.DRAFT:
            state_write(current, on=as_of or clock.today())
        live_refresh(current)
        events.record(
            "documents.document.edited",
            current,
            actor=actor,
            company=current.company,
            customer_id=current.account.customer_id,
            data={
                "gross": [before["gross"], current.gross_amount],
                "currency": current.currency_id,
            },
        )
        if current.status == Document.Status.HELD:
            return submit_locked(current, actor, as_of=as_of or clock.today()).document
    return current


def printed_guard(document: Document) -> None:
    """Raise Conflict for a document that its type locks once it is printed for good."""
    if document.printed_on is not None and document.type.block_printed:
        raise Conflict(
            "documents.printed",
            _("This document was printed for good and cannot be edited any more."),
        )
