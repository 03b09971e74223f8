"""Credit given without a document behind it: credit notes and returns whose lines continue nothing.

Such a line lowers the exposure as soon as it is stored, and nothing bounds it by what was invoiced
or delivered. So it takes a right of its own; what is continued is bounded by its source instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from core.errors import Invalid
from core.money import ZERO
from documents.amounts import line_amounts
from documents.models import DocumentLine, Nature
from documents.services.lines import rows_matched

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from core.models import User
    from documents.amounts import LineInput
    from documents.inputs import OrderHeader
    from documents.models import Document, DocumentType

CREDIT_FREELY: Final = "documents.credit_freely"


def may_give(actor: User, type_: DocumentType) -> bool:
    """Whether `actor` may enter documents of this type from nothing, as far as credit goes."""
    return type_.nature != Nature.REVERSE or actor.has_perm(CREDIT_FREELY)


def free_credit_check(
    actor: User, header: OrderHeader, lines: Sequence[LineInput], *, current: Document | None = None
) -> None:
    """Raise Invalid where `actor` would give back freely, or more freely than `current` did.

    Amounts are compared with tax, in the currency of the document; another customer, currency or
    type than before counts as given anew.
    """
    if may_give(actor, header.type):
        return
    stored = list(current.lines.order_by("position")) if current is not None else []
    wanted = _free(lines, stored)
    if wanted > (_given(current, header, stored) if current is not None else ZERO):
        raise _refusal()


def free_reopen_check(actor: User, current: Document) -> None:
    """Raise Invalid where `actor` would give back freely again what was cancelled."""
    lines = current.lines.filter(source_line__isnull=True, gross_amount__gt=0)
    if not may_give(actor, current.type) and lines.exists():
        raise _refusal()


def _free(lines: Sequence[LineInput], stored: Sequence[DocumentLine]) -> Decimal:
    """What the lines give back that continue nothing."""
    amounts = (
        line_amounts(line).gross
        for line, row in zip(lines, rows_matched(stored, lines), strict=True)
        if not (line.source_id if row is None else row.source_line_id)
    )
    return sum((amount for amount in amounts if amount > 0), ZERO)


def _given(current: Document, header: OrderHeader, stored: Sequence[DocumentLine]) -> Decimal:
    """What the stored document gives back freely to the same customer in the same currency."""
    if (
        current.type.nature != Nature.REVERSE
        or current.account_id != header.account.pk
        or current.currency_id != header.currency.pk
    ):
        return ZERO
    return sum(
        (row.gross_amount for row in stored if row.source_line_id is None and row.gross_amount > 0),
        ZERO,
    )


def _refusal() -> Invalid:
    return Invalid(
        "documents.credit_freely",
        _(
            "This gives credit with no invoice or delivery behind it, which takes the right of "
            "billing. Start from the invoice or the delivery note, or ask billing."
        ),
        field="lines",
    )
