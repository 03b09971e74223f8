"""Settling charges, taking that back, and crediting a charge account by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import clock, events
from core.errors import Conflict, Invalid
from core.locks import busy_on_timeout
from core.money import ZERO
from core.numerals import format_decimal
from core.permissions import require
from documents.models import Charge, Document, DocumentType, Nature
from documents.services.base import document_lock
from documents.services.charges import (
    ADD,
    charge_account,
    charge_header,
    charge_line,
    employee_known,
)
from documents.services.kinds import type_of
from documents.services.posting import invoice_post
from documents.services.save import draft_create
from ledger.models import EntryKind, JournalEntry, OpenItem
from ledger.services.allocations import Part, allocations_write
from ledger.services.payments import payment_record
from ledger.services.reversals import payment_reverse

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from decimal import Decimal
    from uuid import UUID

    from django.db.models import QuerySet

    from core.models import User
    from customers.models import PaymentMethod
    from documents.services.charges import ChargeInput

SETTLE = "documents.settle_charge"
REVERSE = "documents.reverse_charge_settlement"
CHARGED = {"entry__document__type__kind": DocumentType.Kind.CHARGE}


def charge_settle(
    *,
    charges: Sequence[tuple[Document, Decimal | None]],
    received_on: date,
    actor: User,
    payment_method: PaymentMethod | None = None,
    reference: str = "",
    token: UUID | None = None,
) -> OpenItem:
    """Settle charges with one payment, each in full (None) or in part. Returns the payment's item.

    `token` marks one filling-in of a form: the second payment with it is a Conflict. Raises Invalid
    (nothing chosen, several accounts or currencies, too much), Conflict (in analysis, settled),
    NotAllowed, Busy.
    """
    require(actor, SETTLE)
    if not charges:
        raise Invalid("documents.nothing_chosen", _("Choose at least one charge."))
    parts: list[tuple[OpenItem, Decimal]] = []
    for document, amount in charges:
        parts += _owed(document, amount)
    accounts = {item.account_id for item, _part in parts}
    currencies = {item.currency_id for item, _part in parts}
    if len(accounts) > 1 or len(currencies) > 1:
        raise Invalid(
            "documents.charges_of_several",
            _("Settle the charges of one account and currency at a time."),
        )
    first = parts[0][0]
    words = [payment_method.name if payment_method else "", reference.strip()]
    return payment_record(
        account=first.account,
        received_on=received_on,
        amount=sum((part for _item, part in parts), ZERO),
        allocations=parts,
        currency=first.currency_id,
        text=" · ".join(word for word in words if word),
        token=token,
        actor=actor,
        right=SETTLE,
    )


def _owed(document: Document, amount: Decimal | None) -> list[tuple[OpenItem, Decimal]]:
    """The open items of a charge with what is paid of each, the earliest due first."""
    items = list(
        OpenItem.objects.filter(entry__document=document, direction="debit", open_amount__gt=0)
        .filter(**CHARGED)
        .select_related("account__company")
        .order_by("due_on", "instalment")
    )
    if not items:
        raise Conflict(
            "documents.charge_not_open",
            _("%(charge)s is not open: it is in analysis, or settled."),
            params={"charge": document},
        )
    owed = sum((item.open_amount for item in items), ZERO)
    left = owed if amount is None else amount
    if left <= 0 or left > owed:
        raise Invalid(
            "documents.charge_too_much",
            _("%(charge)s: between 0.01 and %(owed)s can be settled."),
            params={"charge": document, "owed": format_decimal(owed), "document": document.pk},
            field="amount",
        )
    parts = []
    for item in items:
        part = min(left, item.open_amount)
        if part > 0:
            parts.append((item, part))
            left -= part
    return parts


def settled_items(payment: JournalEntry) -> QuerySet[OpenItem]:
    """What a payment was applied to, taken back or not."""
    return (
        OpenItem.objects.filter(debit_allocations__credit_item__entry=payment)
        .exclude(entry__kind=EntryKind.REVERSAL)
        .distinct()
    )


def settlement_check(payment: JournalEntry) -> None:
    """Raise Invalid for what is no settlement of charges, or of more than charges."""
    settled = settled_items(payment)
    if payment.kind != EntryKind.PAYMENT or not settled.filter(**CHARGED).exists():
        raise Invalid("documents.not_a_settlement", _("This settled no charge."))
    if settled.exclude(**CHARGED).exists():
        raise Invalid(
            "documents.settled_more",
            _("This payment settled more than charges. Take it back in the ledger."),
        )


def settlement_reverse(
    *, payment: JournalEntry, reason: str, actor: User, on: date | None = None
) -> JournalEntry:
    """Take back the settlement of charges: they are open again with their old due dates.

    Only for a payment that settled charges and nothing else. Returns the reversing entry. Raises
    Invalid, Conflict, NotAllowed, Busy.
    """
    require(actor, REVERSE)
    settlement_check(payment)
    return payment_reverse(payment=payment, on=on, reason=reason, actor=actor, right=REVERSE)


def charge_credit(
    *,
    charge: ChargeInput,
    actor: User,
    on: date | None = None,
    as_of: date | None = None,
) -> Document:
    """Credit a charge account by hand: a credit note, in the ledger at once.

    It settles the open charges, the earliest due first; under an agreement those of the employee.
    What is left of it stays on the account. Asks no credit, but frees some, so besides adding it
    takes the right to settle. Raises Invalid, NotAllowed, Busy.
    """
    require(actor, ADD)
    require(actor, SETTLE)
    today = as_of or clock.today()
    day = on or today
    if day > today:
        raise Invalid("documents.charge_later", _("A credit is not of a day to come."), field="on")
    account = charge_account(charge)
    charge = employee_known(charge)
    header = charge_header(charge, account, day, type_of("invoice", Nature.REVERSE))
    with busy_on_timeout(), transaction.atomic():
        current = document_lock(draft_create(header, [charge_line(charge)], actor).pk)
        if current.status != Document.Status.DRAFT:
            return current  # the second of two clicks
        Charge.objects.create(
            document=current, agreement=charge.agreement, employee=charge.employee
        )
        result = invoice_post(document=current, actor=actor, on=today, as_of=today, right=SETTLE)
        posted = result.document
        if not result.passed or posted.entry is None:
            return posted
        applied = _apply(posted.entry.items.get(), charge)
        events.record(
            "documents.charge.credited",
            posted,
            actor=actor,
            company=posted.company,
            customer_id=account.customer_id,
            data={
                "gross": posted.gross_amount,
                "currency": posted.currency_id,
                "applied": applied,
                "account_id": account.pk,
            },
        )
    return posted


def _apply(credit: OpenItem, charge: ChargeInput) -> Decimal:
    """Settle open charges with a credit, the earliest due first. Returns how much was applied."""
    items = OpenItem.objects.filter(
        account=credit.account_id,
        currency=credit.currency_id,
        direction="debit",
        open_amount__gt=0,
        is_posted=True,
        **CHARGED,
    )
    if charge.agreement is not None:
        items = items.filter(
            entry__document__charge__agreement=charge.agreement,
            entry__document__charge__employee__iexact=charge.employee,
        )
    left: Decimal = credit.open_amount
    parts = []
    for item in items.order_by("due_on", "pk"):
        part = min(left, item.open_amount)
        if part <= 0:
            break
        parts.append(Part(credit.pk, item.pk, part))
        left -= part
    # A payment that came meanwhile leaves less to settle: the rest stays on the account.
    done = allocations_write(parts, on=None, take_what_is_open=True)
    return sum((row["amount"] for row in done), ZERO)
