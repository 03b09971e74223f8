"""Payment behaviour of many accounts in one statement, and the rows behind the figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from ledger.metrics import PaidRow, window_start

# A payment is money applied to what the customer owed: credit notes, discounts and the
# counter-entries of imported credits are no payments, and money that went back was none. The value
# date is the day the money came; what came before the invoice counts from the invoice's date on.
# A bill is paid on its due date whatever the day of its posting, once it is with a bank or
# collected; one that had come back, on the day it was collected after all.
# Items that are late for a cause of ours say nothing about the customer.
_STANDS = """
      AND a.reverses_id IS NULL
      AND NOT EXISTS (
          SELECT 1 FROM ledger_allocation b
          WHERE b.reverses_id = a.id AND b.allocated_on <= %(as_of)s
            AND (%(known_at)s::timestamptz IS NULL OR b.entered_at <= %(known_at)s))
      AND (d.delay_cause_id IS NULL OR d.delay_cause_id IN (
          SELECT w.id FROM ledger_delaycause w WHERE w.counts_as_late))
"""

_PAID = f"""
    SELECT a.id, a.account_id, a.debit_item_id AS item_id, a.amount, d.rate, d.due_on,
           GREATEST(c.document_on, d.document_on) AS paid_on, a.allocated_on AS known_on
    FROM ledger_allocation a
    JOIN ledger_openitem d ON d.id = a.debit_item_id
    JOIN ledger_openitem c ON c.id = a.credit_item_id
    JOIN ledger_journalentry de ON de.id = d.entry_id AND de.kind IN ('invoice', 'opening')
    JOIN ledger_journalentry ce ON ce.id = c.entry_id AND ce.kind = 'payment'
    WHERE (%(accounts)s::bigint[] IS NULL OR a.account_id = ANY(%(accounts)s))
      AND a.allocated_on > %(start)s AND a.allocated_on <= %(as_of)s
      AND GREATEST(c.document_on, d.document_on) > %(start)s
      AND (%(known_at)s::timestamptz IS NULL OR a.entered_at <= %(known_at)s)
      {_STANDS}
    UNION ALL
    SELECT a.id, a.account_id, a.debit_item_id, a.amount, d.rate, d.due_on, w.paid_on,
           a.allocated_on
    FROM ledger_bill r
    CROSS JOIN LATERAL (
        SELECT CASE WHEN s.state = 'collected' AND s.came_back THEN s.collected_on
                    WHEN s.state IN ('collected', 'presented') THEN s.pay_on END AS paid_on
        FROM (
            SELECT (ARRAY_AGG(t.state ORDER BY t.position DESC))[1] AS state,
                   (ARRAY_AGG(t.pay_on ORDER BY t.position DESC))[1] AS pay_on,
                   MAX(t."on") FILTER (WHERE t.kind = 'collect') AS collected_on,
                   BOOL_OR(t.kind = 'return') AS came_back
            FROM ledger_billstep t
            WHERE t.bill_id = r.id AND t."on" <= %(as_of)s
              AND (%(known_at)s::timestamptz IS NULL OR t.entered_at <= %(known_at)s)
        ) s
    ) w
    JOIN ledger_openitem c ON c.entry_id = r.entry_id
    JOIN ledger_allocation a ON a.credit_item_id = c.id
    JOIN ledger_openitem d ON d.id = a.debit_item_id
    JOIN ledger_journalentry de ON de.id = d.entry_id AND de.kind IN ('invoice', 'opening')
    WHERE (%(accounts)s::bigint[] IS NULL OR r.account_id = ANY(%(accounts)s))
      AND w.paid_on > %(start)s AND w.paid_on <= %(as_of)s AND a.allocated_on <= %(as_of)s
      {_STANDS}
"""  # noqa: S608 - fixed text, parameters are bound

_ROWS = f"""
SELECT account_id, item_id, ROUND(amount * rate, 2), due_on, paid_on, known_on
FROM ({_PAID}) p
WHERE rate IS NOT NULL
ORDER BY account_id, paid_on, id
"""  # noqa: S608 - fixed text, parameters are bound

_FIGURES = f"""
WITH paid AS (
    SELECT account_id, item_id, ROUND(amount * rate, 2) AS amount, paid_on - due_on AS deviation
    FROM ({_PAID}) p
), item AS (
    SELECT account_id, item_id, SUM(amount) AS amount,
           COALESCE(SUM(amount) FILTER (WHERE deviation > 0), 0) AS late_amount,
           SUM(amount * GREATEST(deviation, 0)) AS late_numbers,
           SUM(amount * deviation) AS numbers,
           GREATEST(MAX(deviation), 0) AS days_late,
           COUNT(*) FILTER (WHERE amount IS NULL) AS unknown
    FROM paid GROUP BY account_id, item_id
)
SELECT account_id,
       COALESCE(SUM(amount), 0),
       COUNT(*) FILTER (WHERE unknown = 0),
       COALESCE(SUM(late_amount), 0),
       COUNT(*) FILTER (WHERE unknown = 0 AND days_late > 0),
       ROUND(SUM(late_numbers) / NULLIF(SUM(amount), 0), 2),
       ROUND(SUM(numbers) / NULLIF(SUM(amount), 0), 2),
       ROUND(100 * SUM(late_amount) / NULLIF(SUM(amount), 0), 4),
       ROUND(AVG(days_late) FILTER (WHERE unknown = 0), 4),
       COUNT(*) FILTER (WHERE unknown > 0)
FROM item GROUP BY account_id ORDER BY account_id
"""  # noqa: S608 - fixed text, parameters are bound


@dataclass(frozen=True, slots=True)
class BehaviourRow:
    """How one account paid in a window. Amounts in the company's currency, figures rounded.

    Averages and shares are None when nothing was settled. Items without a rate are left out and
    counted in `unknown_count`. The meaning of each figure: `ledger.metrics.Behaviour`.
    """

    account_id: int
    settled_amount: Decimal
    settled_count: int
    late_amount: Decimal
    late_count: int
    average_days_late: Decimal | None
    average_deviation_days: Decimal | None
    late_share_percent: Decimal | None
    mean_days_late: Decimal | None
    unknown_count: int


def behaviour_rows(
    account_ids: Sequence[int] | None,
    as_of: date,
    months: int = 12,
    *,
    known_at: datetime | None = None,
) -> list[BehaviourRow]:
    """Payment behaviour of accounts (None: all) in the `months` up to `as_of`, in one statement.

    Accounts that paid nothing in the window have no row. What was paid or applied after `as_of`,
    or entered after `known_at`, never counts.
    """
    return [BehaviourRow(*row) for row in _fetch(_FIGURES, account_ids, as_of, months, known_at)]


def paid_rows(
    account_ids: Sequence[int] | None,
    as_of: date,
    months: int = 12,
    *,
    known_at: datetime | None = None,
) -> dict[int, list[PaidRow]]:
    """The payments behind `behaviour_rows`, by account, oldest first."""
    result: dict[int, list[PaidRow]] = {}
    for account_id, item_id, amount, due_on, paid_on, known_on in _fetch(
        _ROWS, account_ids, as_of, months, known_at
    ):
        result.setdefault(account_id, []).append(
            PaidRow(item_id, amount, due_on, paid_on, known_on)
        )
    return result


def _fetch(
    sql: str,
    account_ids: Sequence[int] | None,
    as_of: date,
    months: int,
    known_at: datetime | None,
) -> list[tuple[Any, ...]]:
    if account_ids is not None and not account_ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            sql,
            {
                "accounts": None if account_ids is None else list(account_ids),
                "start": window_start(as_of, months),
                "as_of": as_of,
                "known_at": known_at,
            },
        )
        return list(cursor.fetchall())
