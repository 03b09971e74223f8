"""What a component is made of: the documents and items that add up to it, to the cent.

The statements select the same rows as the exposure sources (`documents.exposure`,
`ledger.exposure`), one line for each document or item, and convert as `credit_limits.exposure`
does. A test holds the two against each other on random ledgers.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from django.db import connection

from core.links import subject_url
from core.money import ZERO, convert, split_evenly
from core.rates import rates_on
from credit_limits.engine.types import Component
from credit_limits.exposure import is_current
from reports.queries.components import TOTAL, WAITING, is_counted

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from decimal import Decimal

    from credit_limits.engine.types import PolicyFacts
    from customers.models import CustomerAccount

DOCUMENT: Final = "document"
ITEM: Final = "item"


@dataclass(frozen=True, slots=True)
class Line:
    """One document or item in a component.

    `amount` is in its own `currency`, `account_amount` in the account's (None: a rate is
    missing); both are signed as the component counts them. `kind` is "document" or "item".
    """

    component: str
    kind: str
    pk: int
    number: str
    state: str
    document_on: date
    due_on: date | None
    currency: str
    amount: Decimal
    company_amount: Decimal | None
    account_amount: Decimal | None = None

    @property
    def url(self) -> str:
        """The page of the document or item."""
        kind = "documents.document" if self.kind == DOCUMENT else "ledger.openitem"
        return subject_url(kind, self.pk)


_DOCUMENTS = """
SELECT CASE WHEN d.status = 'held' THEN 'waiting' ELSE 'order_open' END, 'document',
       d.id, d.number, d.status, d.document_on, NULL::date, d.currency_id,
       SUM(l.gross_amount), SUM(ROUND(l.gross_amount * d.rate, 2))
FROM documents_document d
JOIN documents_documenttype t ON t.id = d.type_id
JOIN documents_documentline l ON l.document_id = d.id
WHERE d.account_id = %(account)s AND t.kind = 'order' AND t.counts_as_credit
  AND (
    d.status = 'held' AND %(is_current)s
    OR d.accepted_on IS NOT NULL
       AND (d.accepted_on <= %(as_of)s OR %(is_current)s)
       AND (d.status IN ('submitted', 'released') OR d.ended_on > %(as_of)s)
  )
GROUP BY d.id
"""

_ITEMS = """
SELECT {component}, 'item', r.id, r.number, r.kind, r.document_on, r.due_on, r.currency_id,
       {sign} SUM(r.residual), {sign} SUM(ROUND(r.residual * r.rate, 2))
FROM (
    SELECT i.id, i.number, e.kind, i.document_on, i.due_on, i.currency_id, i.rate,
           i.open_amount AS residual
    FROM ledger_openitem i JOIN ledger_journalentry e ON e.id = i.entry_id
    WHERE i.account_id = %(account)s AND i.direction = '{side}' AND i.open_amount > 0
      AND i.is_posted AND (i.document_on <= %(as_of)s OR %(is_current)s)
    UNION ALL
    SELECT i.id, i.number, e.kind, i.document_on, i.due_on, i.currency_id, i.rate, a.amount
    FROM ledger_allocation a
    JOIN ledger_openitem i ON i.id = a.{side}_item_id
    JOIN ledger_journalentry e ON e.id = i.entry_id
    WHERE a.account_id = %(account)s AND a.allocated_on > %(as_of)s
      AND i.is_posted AND (i.document_on <= %(as_of)s OR %(is_current)s)
) r
GROUP BY r.id, r.number, r.kind, r.document_on, r.due_on, r.currency_id
"""

_DEBITS = _ITEMS.format(
    component="CASE WHEN r.due_on < %(as_of)s THEN 'invoice_overdue' ELSE 'invoice_open' END",
    sign="",
    side="debit",
)
_CREDITS = _ITEMS.format(component="'credits'", sign="-", side="credit")

_SOURCES: Final[tuple[tuple[str, frozenset[str]], ...]] = (
    (_DOCUMENTS, frozenset({Component.ORDER_OPEN.value, WAITING})),
    (_DEBITS, frozenset({Component.INVOICE_OPEN.value, Component.INVOICE_OVERDUE.value})),
    (_CREDITS, frozenset({Component.CREDITS.value})),
)


def component_lines(
    account: CustomerAccount, component: str, as_of: date, policy: PolicyFacts | None = None
) -> list[Line]:
    """The lines of one component of `account` on a day, oldest first.

    `component` is an engine component, "waiting" for held documents, or "total" for all that
    `policy` counts. Their `account_amount` adds up to the figure of the account's position.
    One statement, and one for rates when a line is in another currency. Needs `company` loaded.
    """
    if component == TOTAL:
        wanted = {part.value for part in Component if is_counted(part, policy)}
    else:
        wanted = {component}
    pieces = [sql for sql, filled in _SOURCES if filled & wanted]
    if not pieces:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "\nUNION ALL\n".join(pieces),
            {"account": account.pk, "as_of": as_of, "is_current": is_current(as_of)},
        )
        lines = [Line(*row) for row in cursor.fetchall() if row[0] in wanted]
    lines = _converted(lines, account, as_of)
    return sorted(lines, key=lambda line: (line.due_on or line.document_on, line.number, line.pk))


def lines_total(lines: Iterable[Line]) -> Decimal:
    """What the lines add up to in the account's currency; lines without a rate are left out."""
    return sum((line.account_amount for line in lines if line.account_amount is not None), ZERO)


def _converted(lines: list[Line], account: CustomerAccount, as_of: date) -> list[Line]:
    """The lines with their amount in the account's currency.

    At a dated rate the sum of a component is converted and the lines share it, so that they add
    up; at the rate a line carries each line is converted by itself.
    """
    target = account.currency_id
    by_company = target == account.company.currency_id
    result: list[Line] = []
    dated: dict[tuple[str, str, bool], list[Line]] = defaultdict(list)
    for line in lines:
        if line.currency == target:
            result.append(replace(line, account_amount=line.amount))
        elif by_company and line.company_amount is not None:
            result.append(replace(line, account_amount=line.company_amount))
        else:
            key = (line.component, line.currency, line.company_amount is None)
            dated[key].append(line)
    if not dated:
        return result
    rates = rates_on({(currency, target) for _part, currency, _none in dated}, as_of)
    for (_part, currency, _none), group in dated.items():
        rate = rates[currency, target]
        if rate is None:
            result += group
            continue
        amounts = [line.amount for line in group]
        total = convert(sum(amounts, ZERO), rate)
        shares = split_evenly(total, amounts) if sum(amounts, ZERO) else [ZERO] * len(group)
        result += [
            replace(line, account_amount=share) for line, share in zip(group, shares, strict=True)
        ]
    return result
