"""Overdue debit items of one account, condensed by due date for the credit check.

Thousands of small items become one row per due date, so the check stays quick; items between two
tolerances stay single, because a rule compares each of them with its own tolerance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.prepared import prepared_cursor
from ledger.exposure import CONTESTED_NOW, active_dispute, company_amount, contested

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

# Today the open items and the oldest of them are read from indexes alone, their numbers only where
# one is shown. On a past day, what was allocated later was still open, and an item was not there
# before its posting day.
_LATER = """
later AS MATERIALIZED (
    SELECT a.debit_item_id AS id, SUM(a.amount) AS amount
    FROM ledger_allocation a
    WHERE a.account_id = %(account)s AND a.allocated_on > %(as_of)s
    GROUP BY a.debit_item_id
), """

# What is contested of an item does not count as late where the policy leaves it out; the rest does.
_LEFT_NOW = (
    f"i.open_amount - CASE WHEN %(disputed)s OR NOT i.is_disputed THEN 0 ELSE {CONTESTED_NOW} END"
)
_WHOLE_THEN = "i.open_amount + COALESCE(l.amount, 0)"
_CONTESTED_THEN = contested(_WHOLE_THEN, active=active_dispute("d"), none="0")
_LEFT_THEN = f"{_WHOLE_THEN} - CASE WHEN %(disputed)s THEN 0 ELSE {_CONTESTED_THEN} END"

_OPEN_NOW = f"""
    SELECT i.id, i.due_on, i.currency_id, i.rate, i.amount, i.company_amount,
           {_LEFT_NOW} AS residual
    FROM ledger_openitem i
    WHERE i.account_id = %(account)s AND i.direction = 'debit' AND i.open_amount > 0
      AND i.is_posted AND i.due_on < %(as_of)s AND {{late}} AND {_LEFT_NOW} > 0"""  # noqa: S608

_OPEN_THEN = f"""
    SELECT i.id, i.due_on, i.currency_id, i.rate, i.amount, i.company_amount,
           {_LEFT_THEN} AS residual
    FROM ledger_openitem i JOIN ledger_journalentry e ON e.id = i.entry_id
    LEFT JOIN later l ON l.id = i.id
    WHERE i.account_id = %(account)s AND i.direction = 'debit'
      AND {_LEFT_THEN} > 0
      AND i.is_posted AND i.due_on < %(as_of)s AND e.posted_on <= %(as_of)s AND {{late}}"""  # noqa: S608

_OLDEST_NOW = f"""
    SELECT i.document_on, i.id
    FROM ledger_openitem i
    WHERE i.account_id = %(account)s AND i.direction = 'debit' AND i.open_amount > 0
      AND i.is_posted AND {{late}} AND {_LEFT_NOW} > 0
    ORDER BY i.document_on, i.id LIMIT 1"""  # noqa: S608

_OLDEST_THEN = f"""
    SELECT i.document_on, i.id
    FROM ledger_openitem i JOIN ledger_journalentry e ON e.id = i.entry_id
    LEFT JOIN later l ON l.id = i.id
    WHERE i.account_id = %(account)s AND i.direction = 'debit'
      AND {_LEFT_THEN} > 0
      AND i.is_posted AND e.posted_on <= %(as_of)s AND {{late}}
    ORDER BY i.document_on, i.id LIMIT 1"""  # noqa: S608

# Not late for a cause of ours.
_COUNTS = """(i.delay_cause_id IS NULL
           OR i.delay_cause_id IN (SELECT c.id FROM ledger_delaycause c WHERE c.counts_as_late))"""

_CONDENSED = """
WITH {later}overdue AS ({overdue}
), due AS (
    SELECT o.due_on, o.currency_id, COUNT(*) AS items, MIN(o.id) AS id, SUM(o.residual) AS amount,
           {company} AS company_amount
    FROM overdue o
    GROUP BY o.due_on, o.currency_id, o.rate IS NULL, o.residual > %(low)s,
             CASE WHEN o.residual > %(low)s AND o.residual <= %(high)s THEN o.id END
), oldest AS ({oldest}
)
SELECT d.due_on, d.currency_id, d.items, d.amount, d.company_amount,
       (SELECT n.number FROM ledger_openitem n WHERE n.id = d.id)
FROM due d
UNION ALL
SELECT o.document_on, NULL, 0, NULL, NULL,
       (SELECT n.number FROM ledger_openitem n WHERE n.id = o.id)
FROM oldest o
ORDER BY 1, 2, 6
"""


def _statement(later: str, overdue: str, oldest: str, late: str) -> str:
    return _CONDENSED.format(
        later=later,
        overdue=overdue.format(late=late),
        oldest=oldest.format(late=late),
        company=company_amount("o.residual", "o"),
    )


_NOW = _statement("", _OPEN_NOW, _OLDEST_NOW, _COUNTS)
_THEN = _statement(_LATER, _OPEN_THEN, _OLDEST_THEN, _COUNTS)


@dataclass(frozen=True, slots=True)
class DueRow:
    """Overdue debit items of one due date and currency.

    `amount` is in `currency`; `company_amount` at the rate the items carry (None: they carry
    none). `number` is one of them, `count` how many there are.
    """

    due_on: date
    currency: str
    count: int
    amount: Decimal
    company_amount: Decimal | None
    number: str


@dataclass(frozen=True, slots=True)
class DueItems:
    """What is overdue, earliest due date first, and the oldest open item by document date.

    The oldest need not be overdue; None and "" when nothing is open.
    """

    rows: tuple[DueRow, ...]
    oldest_on: date | None
    oldest_number: str


def due_items(
    *,
    account_id: int,
    as_of: date,
    is_current: bool,
    low: Decimal,
    high: Decimal,
    disputed: bool = True,
) -> DueItems:
    """Debit items of the account past due on `as_of`, and its oldest open one. One statement.

    Items whose cause of delay does not count as late are left out, and what is contested of the
    others where `disputed` (the policy) says so. `low` and `high` are the smallest and largest
    tolerated residual of the rules that will read the rows; rows of items at or below `low` are
    kept apart from those above.
    """
    with prepared_cursor() as cursor:
        cursor.execute(
            _NOW if is_current else _THEN,
            {
                "account": account_id,
                "as_of": as_of,
                "disputed": disputed,
                "is_current": is_current,
                "known_at": None,
                "low": low,
                "high": high,
            },
        )
        found = cursor.fetchall()
    oldest = next((row for row in found if not row[2]), None)
    return DueItems(
        rows=tuple(DueRow(*row) for row in found if row[2]),
        oldest_on=oldest[0] if oldest else None,
        oldest_number=oldest[5] if oldest else "",
    )
