"""Posting: an invoice, a credit note, a counter sale or a charge becomes items in the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.db.models import Max, Q
from django.db.models.functions import Least
from django.utils.translation import gettext_lazy as _

from core import clock, events
from core.errors import Invalid
from core.locks import busy_on_timeout, lock_keys
from core.money import ZERO
from core.permissions import require
from credit_limits.engine.types import Checkpoint, Outcome
from credit_limits.services.checks import credit_check
from documents import lifecycle
from documents.asking import asked_document
from documents.models import Document, DocumentLine, DocumentType, HoldCase
from documents.results import PASSING, SubmitResult, check_data, release_used
from documents.services.base import company_rate, document_lock, guard
from documents.services.history import live_refresh, state_write
from documents.services.links import document_sources_check
from documents.services.numbers import number_give
from documents.services.override import hold_override, override_facts
from documents.upstream import levels_of
from ledger.instalments import term_instalments
from ledger.models import EntryKind, OpenItem
from ledger.services.allocations import Part, allocations_write
from ledger.services.entries import Split, entry_create

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from core.models import User
    from ledger.models import JournalEntry

Kind = DocumentType.Kind
POSTABLE: Final = frozenset({Kind.INVOICE, Kind.ADVANCE})


def invoice_post(
    *,
    document: Document,
    actor: User,
    on: date | None = None,
    version: int | None = None,
    as_of: date | None = None,
    override_reason: str = "",
    right: str = "documents.post_document",
) -> SubmitResult:
    """Post an invoice, advance invoice or credit note: it asks for credit, then becomes items.

    A hold leaves the document where it is, with a case of its own; approving posts it. `on` is the
    day of the books (default: the document date). A credit note settles the invoice it names as
    far as that is open. The number is drawn only after the check passed.
    `override_reason` passes a hold at entry like in `document_submit`. `right` is what the actor
    needs where what is posted has a right of its own. Raises Invalid (a pro-forma, a closed
    period), Conflict, NotAllowed, Busy.
    """
    from documents.services.holds import case_open, cases_close

    require(actor, right)
    as_of = as_of or clock.today()
    with busy_on_timeout(), transaction.atomic():
        current = document_lock(document.pk)
        guard(current, lifecycle.Action.POST, version)
        postable(current)
        document_sources_check(current)
        lock_keys(OpenItem.objects.filter(pk__in=[item.pk for item in credited_items(current)]))
        asked = asked_document(current, checkpoint=Checkpoint.POST, sources=levels_of(current))
        result = credit_check(
            account=current.account,
            asked=asked,
            checkpoint=Checkpoint.POST,
            actor=actor,
            as_of=as_of,
        )
        overridden: dict[str, Any] = {}
        if result.decision.outcome is Outcome.HOLD and (reason := override_reason.strip()):
            overridden = override_facts(result, reason)
            result = hold_override(current, asked, result, actor=actor, reason=reason)
        if result.decision.outcome in PASSING:
            cases_close(document=current, status=HoldCase.Status.LAPSED, actor=actor, comment="")
            post_locked(current, on=on or current.document_on, actor=actor, as_of=as_of)
            case, action = None, "documents.document.posted"
        else:
            case = case_open(document=current, result=result, actor=actor)
            action = "documents.document.post_held"
        events.record(
            action,
            current,
            actor=actor,
            company=current.company,
            customer_id=current.account.customer_id,
            data={**check_data(result), "released": release_used(result), **overridden},
        )
    return SubmitResult(
        current, result.check, result.decision, case, case.request if case else None
    )


def postable(document: Document) -> None:
    """Raise Invalid for what never enters the ledger by hand."""
    if document.type.kind not in POSTABLE or document.type.is_pro_forma:
        raise Invalid(
            "documents.not_postable",
            _("%(type)s is not posted to the ledger."),
            params={"type": document.type},
        )
    if not document.lines.exists():
        raise Invalid("documents.no_lines", _("A document needs at least one line."), field="lines")


def post_locked(
    current: Document, *, on: date, actor: User | None, as_of: date | None = None
) -> None:
    """Write a locked, checked document into the ledger on the books' day `on`.

    Its entry carries one item per instalment of its terms; a counter sale's payment is entered and
    applied at once. An invoice that advances cover entirely has no entry. The caller records the
    event. Raises Invalid for a closed period, and for a day before that of the goods.
    """
    as_of = as_of or on
    _check_goods_before(current, on)
    current.rate = current.rate or company_rate(current, as_of)
    current.accepted_on = current.accepted_on or as_of
    number_give(current)
    current.status = Document.Status.POSTED
    current.posted_on = on
    current.ended_on = None
    current.is_live = False
    current.version += 1
    if current.gross_amount:
        current.entry = _entry(current, on, actor)
    current.save()
    if current.type.nature == DocumentType.Nature.REVERSE:
        _settle_credited(current)
    if current.paid_amount and current.entry is not None:
        _pay_at_once(current, current.entry, on, actor)
    state_write(current, on=on)  # the day the ledger shows it, so that a past day has it once
    live_refresh(current)


def _check_goods_before(current: Document, on: date) -> None:
    """No books show the bill of goods, or their credit, before they went out or came back.

    On the days between the goods would be in the order and in the books at once (law L2).
    """
    notes = Document.objects.filter(
        type__kind=Kind.DELIVERY, lines__continued_by__document=current.pk
    )
    day = notes.aggregate(day=Max(Least("accepted_on", "document_on")))["day"]
    if day is not None and on < day:
        raise Invalid(
            "documents.posted_before_goods",
            _(
                "The goods are of %(day)s: the books cannot show them billed or credited before. "
                "Post on that day or later."
            ),
            params={"day": day},
            field="posted_on",
        )


def _entry(current: Document, on: date, actor: User | None) -> JournalEntry:
    back = current.type.nature == DocumentType.Nature.REVERSE
    splits = [Split("revenue", current.net_amount), Split("tax", current.tax_amount)]
    return entry_create(
        account=current.account,
        kind=EntryKind.CREDIT_NOTE if back else EntryKind.INVOICE,
        number=current.number,
        document_on=current.document_on,
        posted_on=on,
        instalments=[(current.document_on, current.gross_amount)]
        if back
        else _instalments(current),
        currency=current.currency_id,
        actor=actor,
        text=current.reference,
        rate=current.rate,
        splits=[split for split in splits if split.amount],
    )


def _instalments(current: Document) -> list[tuple[date, Decimal]]:
    """What falls due when. What is paid at the till is due at once, the rest by the terms."""
    day, paid = current.document_on, current.paid_amount
    rest = current.gross_amount - paid
    found = term_instalments(current.payment_term, day, rest) if rest else []
    if paid and found and found[0][0] == day:
        return [(day, paid + found[0][1]), *found[1:]]
    return [(day, paid), *found] if paid else found


def credited_items(current: Document) -> list[OpenItem]:
    """Open items of the invoices a credit note names, oldest due first.

    A credit note for goods that came back names the invoices of their delivery.
    """
    if current.type.nature != DocumentType.Nature.REVERSE:
        return []
    # A deduction that is given back names the advance, but owes it nothing.
    sources = DocumentLine.objects.filter(
        continued_by__document=current, continued_by__net_amount__gt=0
    )
    delivered = sources.filter(document__type__kind=Kind.DELIVERY).values("source_line")
    named = DocumentLine.objects.filter(
        Q(pk__in=sources.values("pk"))
        | Q(source_line__in=delivered, document__type__nature=DocumentType.Nature.NORMAL)
    )
    return list(
        OpenItem.objects.filter(
            entry__document__in=named.values("document"), direction="debit", open_amount__gt=0
        ).order_by("due_on", "pk")
    )


def _settle_credited(current: Document) -> None:
    """Apply a posted credit note to the invoices it names, as far as they are open."""
    if current.entry is None:
        return
    credit = current.entry.items.get()
    left = credit.open_amount
    parts = []
    for item in credited_items(current):
        amount = min(left, item.open_amount)
        if amount > 0:
            parts.append(Part(credit.pk, item.pk, amount))
            left -= amount
    if parts:
        allocations_write(parts, on=None)


def _pay_at_once(current: Document, entry: JournalEntry, on: date, actor: User | None) -> None:
    """Enter what was paid at the till and apply it to the sale."""
    payment = entry_create(
        account=current.account,
        kind=EntryKind.PAYMENT,
        number=current.number,
        document_on=current.document_on,
        posted_on=on,
        instalments=[(current.document_on, current.paid_amount)],
        currency=current.currency_id,
        actor=actor,
        rate=current.rate,
    )
    credit = payment.items.get()
    left: Decimal = current.paid_amount
    parts = []
    for item in entry.items.order_by("due_on", "instalment"):
        amount = min(left, item.open_amount)
        if amount > ZERO:
            parts.append(Part(credit.pk, item.pk, amount))
            left -= amount
    allocations_write(parts, on=None)
