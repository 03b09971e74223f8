"""Advance invoices: a part of an order invoiced ahead, and deducted from what follows."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import clock
from core.errors import Conflict, Invalid
from core.money import ZERO, quantize
from core.numerals import format_decimal, format_plain
from documents.amounts import LineInput
from documents.inputs import OrderHeader
from documents.models import Document, DocumentLine, DocumentType
from documents.remaining import deducted
from documents.services.kinds import type_of
from documents.services.save import order_create
from documents.services.worth import advances_open

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from core.models import User

Kind = DocumentType.Kind
HUNDRED: Final = Decimal(100)


def advance_left(order: Document) -> Decimal:
    """Net value of an order that is neither invoiced nor covered by an advance, in its currency."""
    return sum((left for _line, left in _lines_open(order)), ZERO)


def _lines_open(order: Document) -> list[tuple[DocumentLine, Decimal]]:
    left = advances_open(order)
    return [(line, left[line.pk]) for line in order.lines.order_by("position")]


def advance_create(
    *,
    order: Document,
    percent: Decimal | None = None,
    amount: Decimal | None = None,
    actor: User,
    on: date | None = None,
    type_: DocumentType | None = None,
    **head: Any,
) -> Document:
    """An advance invoice on an order: `percent` of it (above 0, at most 100), or a net `amount`.

    It has a line for each of the order's lines, so that taxes stay apart; the amount replaces a
    part of the order until final invoices deduct it. Raises Invalid, and Conflict when advances
    take more than the order is worth.
    """
    rows = _lines_open(order)
    if amount is None:
        if percent is None or not 0 < percent <= HUNDRED:
            raise Invalid(
                "documents.advance_share",
                gettext_lazy("An advance is more than 0 % and at most 100 %."),
                field="percent",
            )
        shares = [quantize(line.net_amount * percent / HUNDRED) for line, _left in rows]
        if any(abs(share) > abs(left) for share, (_line, left) in zip(shares, rows, strict=True)):
            # Lines that were invoiced stand back; the others take their part.
            shares = _spread(sum(shares, ZERO), [left for _line, left in rows])
        words = _("Advance of %(percent)s %% on %(item)s")
    else:
        shares = _spread(amount, [left for _line, left in rows])
        words = _("Advance on %(item)s")
    left = sum((left for _line, left in rows), ZERO)
    if sum(shares, ZERO) > left:
        raise Conflict(
            "documents.advance_too_much",
            gettext_lazy(
                "%(wanted)s is too much: advances can still take %(left)s of this order before tax."
            ),
            params={
                "wanted": format_decimal(sum(shares, ZERO)),
                "left": format_decimal(left),
            },
            field="percent" if amount is None else "amount",
        )
    inputs = [
        LineInput(
            description=words
            % {"percent": format_plain(percent or ZERO), "item": line.description[:150]},
            quantity=Decimal(1 if share > 0 else -1),
            unit_price=abs(share),
            tax_percent=line.tax_percent,
            source_id=line.pk,
        )
        for (line, _left), share in zip(rows, shares, strict=True)
        if share
    ]
    header = OrderHeader(
        account=order.account,
        document_on=on or clock.today(),
        type=type_ or type_of(Kind.ADVANCE),
        currency=order.currency,
        reference=head.pop("reference", order.reference),
        payment_method=order.payment_method,
        payment_term=order.payment_term,
        ordered_by=order.ordered_by,
        **head,
    )
    return order_create(header=header, lines=inputs, actor=actor)


def _spread(amount: Decimal, open_values: Sequence[Decimal]) -> list[Decimal]:
    """`amount` over lines by what is open of them, to the cent. Raises Invalid for nothing."""
    whole = sum(open_values, ZERO)
    if amount <= 0:
        raise Invalid(
            "documents.advance_amount",
            gettext_lazy("An advance is an amount above zero."),
            field="amount",
        )
    if whole <= 0:
        return [amount, *(ZERO for _value in open_values[1:])]
    shares, rest, given = [], whole, amount
    for value in open_values:
        # Each line takes its part of what is left for it and the lines after it: no cent is lost.
        share = quantize(given * value / rest) if rest else ZERO
        shares.append(share)
        rest, given = rest - value, given - share
    return shares


def deductions(parts: Sequence[tuple[DocumentLine, Decimal]]) -> list[LineInput]:
    """Lines that take off what advances on the same orders were posted and not deducted yet.

    Never more than the parts are worth. What an advance gave off for a rebate is given back.
    """
    orders = {
        key
        for line, _quantity in parts
        for key in (line.pk, line.source_line_id)
        if key is not None
    }
    advances = list(
        DocumentLine.objects.filter(
            document__type__kind=Kind.ADVANCE,
            document__status=Document.Status.POSTED,
            source_line__in=orders,
        )
        .select_related("document__type")
        .order_by("document_id", "position")
    )
    used = deducted([line.pk for line in advances])
    left = [(line, line.net_amount - used.get(line.pk, ZERO)) for line in advances]
    given_back = [(line, value) for line, value in left if value < 0]
    worth = sum(
        (quantize(line.net_amount * quantity / line.quantity) for line, quantity in parts), ZERO
    ) - sum((value for _line, value in given_back), ZERO)
    taken = []
    for line, value in left:
        amount = min(value, worth)
        if amount > 0:
            worth -= amount
            taken.append((line, amount))
    return [
        LineInput(
            description=_("Less advance %(number)s") % {"number": line.document},
            quantity=Decimal(-1 if amount > 0 else 1),
            unit_price=abs(amount),
            tax_percent=line.tax_percent,
            source_id=line.pk,
        )
        for line, amount in (*taken, *(given_back if taken else ()))
    ]
