"""Writing drafts and other documents that do not count yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from core import clock, events
from core.errors import Invalid, NotAllowed
from core.locks import busy_on_timeout
from core.numbering import number_next
from core.permissions import require
from customers.models import CustomerAccount
from documents import lifecycle
from documents.amounts import LineInput, line_amounts, total_amounts
from documents.models import Document, DocumentLine
from documents.services.base import company_rate, document_lock, guard
from documents.services.submit import submit_locked

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from core.models import User
    from documents.inputs import OrderHeader


def validate(header: OrderHeader, lines: Sequence[LineInput]) -> None:
    """Raise Invalid for what no order may be: empty, worth less than nothing, unknown prices."""
    if not lines:
        raise Invalid("documents.no_lines", _("An order needs at least one line."), field="lines")
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
            _("The order adds up to less than nothing."),
            field="lines",
        )
    if not header.currency.is_active:
        raise Invalid(
            "documents.currency_inactive",
            _("The currency %(currency)s is not in use."),
            params={"currency": header.currency.pk},
            field="currency",
        )


def lines_write(document: Document, lines: Sequence[LineInput]) -> None:
    """Replace the lines and the stored totals (not saved on the document itself)."""
    DocumentLine.objects.filter(document=document).delete()
    rows = []
    for position, line in enumerate(lines, start=1):
        amounts = line_amounts(line)
        rows.append(
            DocumentLine(
                document=document,
                position=position,
                description=line.description,
                quantity=line.quantity,
                unit_price=line.unit_price,
                discount_percent=line.discount_percent,
                tax_percent=line.tax_percent,
                net_amount=amounts.net,
                tax_amount=amounts.tax,
                gross_amount=amounts.gross,
            )
        )
    DocumentLine.objects.bulk_create(rows)
    total = total_amounts(lines)
    document.net_amount = total.net
    document.tax_amount = total.tax
    document.gross_amount = total.gross


def header_write(document: Document, header: OrderHeader) -> None:
    """Copy the header onto the document (not saved)."""
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
    document.rate = company_rate(document, header.document_on)


def may_bill(actor: User, account: CustomerAccount) -> None:
    """Raise NotAllowed when the account is not one the actor may see."""
    if not CustomerAccount.objects.visible_to(actor).filter(pk=account.pk).exists():
        raise NotAllowed(
            "documents.account_not_visible", _("You do not work for this customer account.")
        )


def order_create(*, header: OrderHeader, lines: Sequence[LineInput], actor: User) -> Document:
    """Save a new draft with its number and lines. Nothing is checked and nothing counts yet.

    A second call with the same `header.import_key` returns the first document instead of making
    another (a double click, a repeated import), even when both run at once.
    """
    require(actor, "documents.add_document")
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
    header_write(document, header)
    document.number = number_next(
        company=document.company,
        code=header.type.sequence_code,
        on=header.document_on,
        prefix=header.type.number_prefix,
    )
    total = total_amounts(lines)
    document.net_amount, document.tax_amount = total.net, total.tax
    document.gross_amount = total.gross
    document.save()
    lines_write(document, lines)
    events.record(
        "documents.document.created",
        document,
        actor=actor,
        company=document.company,
        customer_id=document.account.customer_id,
        data={"gross": document.gross_amount, "currency": document.currency_id},
    )
    return document


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
                _("The order belongs to %(company)s; choose a customer account of that company."),
                params={"company": current.company},
                field="account",
            )
        header_write(current, header)
        lines_write(current, lines)
        current.version += 1
        current.save()
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
