"""Overdue debit items of one account, condensed by due date for the credit check.

Thousands of small items become one row per due date, so the check stays quick; items between two
tolerances stay single, because a rule compares each of them with its own tolerance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

_SQL = """
SELECT r.due_on, r.currency_id, COUNT(*), MIN(r.number), SUM(r.residual),
       SUM(ROUND(r.residual * r.rate, 2)), MIN(r.document_on),
       (ARRAY_AGG(r.number ORDER BY r.document_on, r.number))[1]
FROM (
    SELECT s.id, s.due_on, s.document_on, s.currency_id, s.rate, s.number,
           SUM(s.residual) AS residual
    FROM (
        SELECT i.id, i.due_on, i.document_on, i.currency_id, i.rate, i.number,
               i.open_amount AS residual
        FROM ledger_openitem i
        WHERE i.account_id = %(account)s AND i.direction = 'debit' AND i.open_amount > 0
          AND i.is_posted AND (i.document_on <= %(as_of)s OR %(is_current)s)
        UNION ALL
        SELECT i.id, i.due_on, i.document_on, i.currency_id, i.rate, i.number, a.amount
        FROM ledger_allocation a JOIN ledger_openitem i ON i.id = a.debit_item_id
        WHERE a.account_id = %(account)s AND a.allocated_on > %(as_of)s
          AND i.is_posted AND (i.document_on <= %(as_of)s OR %(is_current)s)
    ) s
    GROUP BY s.id, s.due_on, s.document_on, s.currency_id, s.rate, s.number
) r
GROUP BY r.due_on, r.currency_id, r.rate IS NULL, r.residual > %(low)s,
         CASE WHEN r.residual > %(low)s AND r.residual <= %(high)s THEN r.id END
ORDER BY r.due_on
"""


@dataclass(frozen=True, slots=True)
class DueRow:
    """Debit items of one due date and currency.

    `amount` is in `currency`; `company_amount` at the rate the items carry (None: they carry
    none). `number` is one of them, `count` how many there are.
    """

    due_on: date
    currency: str
    count: int
    number: str
    amount: Decimal
    company_amount: Decimal | None
    oldest_on: date
    oldest_number: str


def due_rows(
    *, account_id: int, as_of: date, is_current: bool, low: Decimal, high: Decimal
) -> list[DueRow]:
    """Open debit items of the account on `as_of`, earliest due date first. One statement.

    `low` and `high` are the smallest and largest tolerated residual of the rules that will read
    the rows; rows of items at or below `low` are kept apart from those above.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _SQL,
            {
                "account": account_id,
                "as_of": as_of,
                "is_current": is_current,
                "low": low,
                "high": high,
            },
        )
        return [DueRow(*row) for row in cursor.fetchall()]
