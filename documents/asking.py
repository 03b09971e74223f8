"""A document in the words of the credit check."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import F, Q

from core import clock
from core.money import ZERO
from credit_limits.assemble import AskedDocument
from credit_limits.engine.types import Checkpoint, Component, MethodTreatment
from credit_limits.exposure import AccountKey, Asked, Identity, exposure_params
from credit_limits.standing import policies_by_company
from documents import lifecycle
from documents.exposure import document_values
from documents.models import DocumentType

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from customers.models import PaymentMethod, PaymentTerm
    from documents.models import Document

SUBJECT_TYPE = "documents.document"
Kind = DocumentType.Kind

# Where the value sits once the document is accepted.
_COMPONENTS = {
    Kind.QUOTE: Component.ORDER_OPEN,
    Kind.ORDER: Component.ORDER_OPEN,
    Kind.DELIVERY: Component.DELIVERED_UNINVOICED,
    Kind.INVOICE: Component.INVOICE_DRAFT,
    Kind.ADVANCE: Component.INVOICE_DRAFT,
    Kind.COUNTER: Component.INVOICE_OPEN,
    Kind.CHARGE: Component.INVOICE_OPEN,
}
# The step at which a document of the kind first asks for credit.
_FIRST_STEPS = {
    Kind.DELIVERY: Checkpoint.DELIVER,
    Kind.INVOICE: Checkpoint.INVOICE,
    Kind.ADVANCE: Checkpoint.INVOICE,
}
# Steps that leave a document its rate; at the others it takes that of the day.
_KEEPS_RATE = frozenset({Checkpoint.CHANGE, Checkpoint.POST, Checkpoint.PRINT})
# Kinds whose drafts count already.
COUNTING_DRAFTS = frozenset({Kind.INVOICE, Kind.ADVANCE})

ROUNDING_OF_A_LINE = Decimal("0.03")

type Level = tuple[tuple[int, Decimal], ...]


def first_checkpoint(kind: str) -> Checkpoint:
    """The step at which a document of this kind first asks for credit."""
    return _FIRST_STEPS.get(Kind(kind), Checkpoint.SUBMIT)


def is_checked(type_: DocumentType) -> bool:
    """Whether documents of this type ask for credit at all.

    Goods in and internal moves never do, nor pro-formas; a quote only when its type says so.
    """
    if type_.kind in {Kind.RECEIPT, Kind.MOVE} or type_.is_pro_forma:
        return False
    return type_.kind != Kind.QUOTE or type_.counts_as_credit


def asked_document(
    document: Document,
    *,
    checkpoint: Checkpoint,
    sources: Sequence[Level] = (),
    staged: Callable[[], Decimal] | None = None,
) -> AskedDocument:
    """The stored document as it asks for credit at a step.

    `sources` are the documents it continues, nearest first (`documents.upstream.levels_of`).
    `staged` writes another version of it, to be asked about instead (`AskedDocument.staged`).
    """
    adds = document.gross_amount - document.paid_amount if document.paid_amount else None
    if sources and staged is None and document.type.kind == Kind.DELIVERY:
        adds = _own_value(document)
    return asked_facts(
        subject_id=document.pk,
        text=str(document),
        type_=document.type,
        gross=document.gross_amount,
        net=document.net_amount,
        currency=document.currency_id,
        method=document.payment_method,
        term=document.payment_term,
        adds=adds,
        moves=bool(sources) or document.status in lifecycle.ACCEPTED,
        is_new=document.status not in lifecycle.ACCEPTED,
        sources=tuple(sources),
        rounding=_rounding(document) if sources and staged is None else ZERO,
        rate=document.rate
        if checkpoint in _KEEPS_RATE or document.type.kind == Kind.DELIVERY
        else None,
        staged=staged,
        posts=checkpoint is Checkpoint.POST,
    )


def _rounding(document: Document) -> Decimal:
    """Cents by which lines at the price of the line that they continue may differ from it.

    Half a cent each for the net amount and the tax of the new line and of the old one, and for the
    two shares of the old one: less than three cents a line.
    """
    same = document.lines.filter(
        source_line__unit_price=F("unit_price"),
        source_line__discount_percent=F("discount_percent"),
        source_line__tax_percent=F("tax_percent"),
    )
    return ROUNDING_OF_A_LINE * same.count()


def _own_value(document: Document) -> Decimal | None:
    """What a delivery or return that continues others will count itself; None: its whole value.

    Advances may stand for a part of a delivery, and goods that were invoiced before they go out
    count in their invoice alone; what a return takes back is taken off its delivery. Above zero
    for both, in document currency.
    """
    back = document.type.nature == DocumentType.Nature.REVERSE
    stood_for = document.lines.filter(
        Q(source_line__continued_by__document__type__kind=Kind.ADVANCE)
        | Q(source_line__document__type__kind=Kind.INVOICE)
    )
    if not back and not stood_for.exists():
        return None
    account = document.account
    key = AccountKey(
        account.pk, account.currency_id, account.company.currency_id, account.company_id
    )
    policies = policies_by_company([account.company_id])
    if account.company_id in policies:
        key = key.under(policies[account.company_id])
    accepted = Asked(clock.today(), taking=Identity(SUBJECT_TYPE, document.pk))
    value = document_values(exposure_params([key], accepted)).get(document.pk, ZERO)
    return -value if back else value


def asked_facts(  # noqa: PLR0913 - so many things matter to a check
    *,
    subject_id: int | None,
    text: str,
    type_: DocumentType,
    gross: Decimal,
    net: Decimal,
    currency: str,
    method: PaymentMethod | None,
    term: PaymentTerm | None,
    adds: Decimal | None = None,
    moves: bool = False,
    is_new: bool = False,
    sources: tuple[Level, ...] = (),
    rounding: Decimal = ZERO,
    rate: Decimal | None = None,
    staged: Callable[[], Decimal] | None = None,
    posts: bool = False,
) -> AskedDocument:
    """Put a document's figures and terms into the words of the credit check.

    What comes back from the customer takes its value away and is never stopped.
    """
    back = type_.nature == DocumentType.Nature.REVERSE
    value = gross if adds is None else adds
    # What becomes an item at once counts as items do, with its tax.
    in_full = type_.kind in {Kind.COUNTER, Kind.CHARGE}
    # How the customer else pays does not matter where everything was paid at the till.
    at_once = type_.kind == Kind.COUNTER and adds is not None and adds <= 0
    if at_once:
        method, term = None, None
    return AskedDocument(
        subject_type=SUBJECT_TYPE,
        subject_id=subject_id,
        text=text,
        kind=type_.kind,
        amount=gross,
        currency=currency,
        adds=-value if back else adds,
        untaxed=None if in_full or adds is not None else -net if back else net,
        moves=moves,
        is_new=is_new,
        sources=sources,
        rounding=rounding,
        rate=rate,
        staged=staged,
        component=Component.INVOICE_OPEN if posts else _COMPONENTS[Kind(type_.kind)],
        counts=type_.counts_as_credit,
        outward=not back,
        exclude_block=type_.exclude_block,
        method_treatment=(MethodTreatment(method.treatment) if method else MethodTreatment.NORMAL),
        method_immediate=at_once or (method.is_immediate if method else False),
        method_name=method.name if method else "",
        instalments=max(term.lines.count(), 1) if term else 1,
    )
