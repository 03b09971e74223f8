"""Where the ledger's values sit: open and overdue debit items, and the customer's credits.

A residual on a past day is the residual now plus what was allocated after that day (or became
known only later), so one statement serves today and every as-of date.
"""

from __future__ import annotations

from core.sources import ExposureSource

_KNOWN = """
    AND i.is_posted
    AND (i.document_on <= %(as_of)s OR %(is_current)s)
    AND (%(known_at)s::timestamptz IS NULL OR i.entered_at <= %(known_at)s)
"""

_LATER = """
    (a.allocated_on > %(as_of)s
     OR (%(known_at)s::timestamptz IS NOT NULL AND a.entered_at > %(known_at)s))
"""

ITEMS = ExposureSource(
    name="items",
    sql=f"""
SELECT r.account_id,
       CASE WHEN r.due_on < %(as_of)s THEN 'invoice_overdue' ELSE 'invoice_open' END,
       r.currency_id,
       SUM(r.residual),
       SUM(ROUND(r.residual * r.rate, 2)),
       COUNT(*),
       MIN(r.due_on),
       GREATEST(MAX(%(as_of)s - r.due_on), 0)
FROM (
    SELECT i.account_id, i.due_on, i.currency_id, i.rate, i.open_amount AS residual
    FROM ledger_openitem i
    WHERE i.account_id = ANY(%(accounts)s) AND i.direction = 'debit' AND i.open_amount > 0
    {_KNOWN}
    UNION ALL
    SELECT i.account_id, i.due_on, i.currency_id, i.rate, a.amount
    FROM ledger_allocation a JOIN ledger_openitem i ON i.id = a.debit_item_id
    WHERE a.account_id = ANY(%(accounts)s) AND {_LATER}
    {_KNOWN}
) r
GROUP BY r.account_id, 2, r.currency_id, r.rate IS NULL
""",
)

CREDITS = ExposureSource(
    name="credits",
    sql=f"""
SELECT r.account_id, 'credits', r.currency_id,
       -SUM(r.residual), -SUM(ROUND(r.residual * r.rate, 2)), COUNT(*), NULL::date, 0
FROM (
    SELECT i.account_id, i.currency_id, i.rate, i.open_amount AS residual
    FROM ledger_openitem i
    WHERE i.account_id = ANY(%(accounts)s) AND i.direction = 'credit' AND i.open_amount > 0
    {_KNOWN}
    UNION ALL
    SELECT i.account_id, i.currency_id, i.rate, a.amount
    FROM ledger_allocation a JOIN ledger_openitem i ON i.id = a.credit_item_id
    WHERE a.account_id = ANY(%(accounts)s) AND {_LATER}
    {_KNOWN}
) r
GROUP BY r.account_id, r.currency_id, r.rate IS NULL
""",
)
