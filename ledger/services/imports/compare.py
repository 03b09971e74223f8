"""Comparing the staged rows among each other and with the ledger, in set-based statements."""

from __future__ import annotations

import json
from typing import Any, Final

from django.db import connection

from core.importing import Problem
from ledger.services.imports.findings import KEPT, Findings
from ledger.services.imports.rows import RowReader

_ACCOUNTS: Final = (
    "UPDATE import_row r SET account_id = a.id FROM customers_customer c "
    "JOIN customers_customeraccount a ON a.customer_id = c.id AND a.company_id = %(company)s "
    "WHERE c.code = r.customer_code"
)
_LOOK_UP: Final = (
    # Forget an earlier look: somebody may have posted or paid since.
    "UPDATE import_row SET account_id = NULL, entry_id = NULL, item_id = NULL, pay = settled, "
    "entry_row = f.first FROM (SELECT row, MIN(row) OVER (PARTITION BY customer_code, kind, match) "
    "AS first FROM import_row) f WHERE f.row = import_row.row",
    _ACCOUNTS,
    "UPDATE import_row r SET entry_id = e.id FROM ledger_journalentry e "
    "WHERE e.account_id = r.account_id AND e.kind = r.kind AND e.number = r.number",
    "UPDATE import_row r SET entry_id = e.id FROM ledger_journalentry e "
    "WHERE %(ignore_zeros)s AND r.entry_id IS NULL AND e.account_id = r.account_id "
    "AND e.kind = r.kind AND ltrim(e.number, '0') = r.match",
    "UPDATE import_row r SET item_id = i.id, "
    "pay = GREATEST(r.settled - (i.amount - i.open_amount), 0) "
    "FROM ledger_openitem i WHERE i.entry_id = r.entry_id AND i.instalment = r.instalment",
    "UPDATE import_row SET is_new = entry_id IS NULL",
)

# Each yields row, field, code and the figures of the message.
_ERRORS: Final = (
    """
    SELECT row, 'invoice_number', 'row_twice', jsonb_build_object('first', first) FROM (
        SELECT row, MIN(row) OVER same AS first, ROW_NUMBER() OVER (same ORDER BY row) AS n
        FROM import_row WINDOW same AS (PARTITION BY customer_code, kind, match, instalment)
    ) r WHERE n > 1
    """,
    """
    SELECT r.row, CASE WHEN r.document_on <> f.document_on THEN 'invoice_date' ELSE 'currency' END,
           'instalments_differ', jsonb_build_object('first', f.row, 'expected',
               CASE WHEN r.document_on <> f.document_on THEN f.document_on::text
                    ELSE f.currency END)
    FROM import_row r JOIN import_row f ON f.row = r.entry_row
    WHERE r.document_on <> f.document_on OR r.currency <> f.currency
    """,
    """
    SELECT r.row, 'customer_code', 'customer_case', jsonb_build_object('known', c.code)
    FROM import_row r JOIN customers_customer c ON LOWER(c.code) = LOWER(r.customer_code)
    WHERE c.code <> r.customer_code
      AND NOT EXISTS (SELECT 1 FROM customers_customer s WHERE s.code = r.customer_code)
    """,
    """
    SELECT r.row, 'invoice_number', 'number_ambiguous', '{}'::jsonb
    FROM import_row r JOIN (
        SELECT e.account_id, e.kind, ltrim(e.number, '0') AS match FROM ledger_journalentry e
        WHERE %(ignore_zeros)s AND e.account_id IN (SELECT account_id FROM import_row)
        GROUP BY 1, 2, 3 HAVING COUNT(*) > 1
    ) m ON m.account_id = r.account_id AND m.kind = r.kind AND m.match = r.match
    """,
    """
    SELECT r.row, 'invoice_number', 'known_other_kind', jsonb_build_object('kind', e.kind)
    FROM import_row r JOIN ledger_journalentry e ON e.account_id = r.account_id
      AND e.number = r.number AND e.kind <> r.kind AND e.kind IN ('invoice', 'opening')
    WHERE r.is_new AND r.kind IN ('invoice', 'opening')
    """,
    """
    SELECT r.row, 'instalment', 'known_instalment', jsonb_build_object('instalment', r.instalment)
    FROM import_row r WHERE r.entry_id IS NOT NULL AND r.item_id IS NULL
    """,
    """
    SELECT r.row, v.field, v.code, jsonb_build_object('known', v.known, 'found', v.found)
    FROM import_row r JOIN ledger_openitem i ON i.id = r.item_id
    CROSS JOIN LATERAL (VALUES
        ('amount', 'known_amount', i.amount::text, r.amount::text),
        ('currency', 'known_currency', i.currency_id, r.currency),
        ('invoice_date', 'known_document_date', i.document_on::text, r.document_on::text),
        ('due_date', 'known_due_date', i.due_on::text, r.due_on::text)
    ) v (field, code, known, found)
    WHERE (i.amount, i.currency_id, i.document_on, i.due_on)
          IS DISTINCT FROM (r.amount, r.currency, r.document_on, r.due_on)
      AND v.known <> v.found
    """,
    """
    SELECT r.row, v.field, 'period_closed', jsonb_build_object('date', s.closed_through)
    FROM import_row r
    JOIN ledger_ledgersettings s ON s.company_id = %(company)s
    CROSS JOIN LATERAL (VALUES
        ('invoice_date', r.is_new, r.document_on),
        ('settled_date', r.pay > 0, r.settled_on)
    ) v (field, is_posted, day)
    WHERE v.is_posted AND v.day <= s.closed_through
    """,
    """
    SELECT r.row, 'settled_date', 'known_provisional', '{}'::jsonb
    FROM import_row r JOIN ledger_openitem i ON i.id = r.item_id
    WHERE r.pay > 0 AND NOT i.is_posted
    """,
)

_NOTICES: Final = (
    """
    SELECT r.row, 'settled_date', 'known_more_paid',
           jsonb_build_object('known', (i.amount - i.open_amount)::text, 'found', r.settled::text)
    FROM import_row r JOIN ledger_openitem i ON i.id = r.item_id
    WHERE %(has_settlement)s AND i.amount = r.amount AND i.amount - i.open_amount > r.settled
    """,
)

_TOTALS: Final = """
SELECT COUNT(*),
       COUNT(DISTINCT customer_code),
       COUNT(DISTINCT customer_code) FILTER (WHERE r.account_id IS NULL),
       COUNT(DISTINCT entry_row),
       COUNT(DISTINCT entry_row) FILTER (WHERE is_new),
       COUNT(DISTINCT entry_row) FILTER (WHERE NOT is_new),
       COUNT(*) FILTER (WHERE pay > 0),
       COUNT(*) FILTER (WHERE NOT is_new AND pay > 0),
       COUNT(*) FILTER (WHERE r.disputed <> i.is_disputed)
FROM import_row r LEFT JOIN ledger_openitem i ON i.id = r.item_id
"""

_SUMS: Final = """
SELECT currency,
       SUM(CASE direction WHEN 'debit' THEN amount ELSE -amount END),
       COALESCE(SUM(amount) FILTER (WHERE direction = 'debit'), 0),
       COALESCE(SUM(amount) FILTER (WHERE direction = 'credit'), 0),
       COALESCE(SUM(amount) FILTER (WHERE is_new), 0),
       SUM(pay)
FROM import_row GROUP BY currency ORDER BY currency
"""


def accounts_look_up(*, company_id: int) -> None:
    """Find the account of every staged row."""
    with connection.cursor() as cursor:
        cursor.execute(_ACCOUNTS, {"company": company_id})


def rows_look_up(*, company_id: int, ignore_leading_zeros: bool) -> None:
    """Find account, entry, item and missing payment of every staged row."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE import_row")
        for statement in _LOOK_UP:
            cursor.execute(statement, {"company": company_id, "ignore_zeros": ignore_leading_zeros})


def rows_compare(*, company_id: int, reader: RowReader, findings: Findings) -> None:
    """Add what is wrong among the rows or against the ledger to the findings."""
    params = {
        "company": company_id,
        "ignore_zeros": reader.settings.ignore_leading_zeros,
        "has_settlement": "settled_date" in reader.columns,
    }
    with connection.cursor() as cursor:
        for statements, tally in ((_ERRORS, findings.errors), (_NOTICES, findings.notices)):
            for statement in statements:
                cursor.execute(f"{statement} ORDER BY 1", params)
                rows = cursor.fetchmany(KEPT)
                for row, field, code, figures in rows:
                    tally.add(Problem(code, row, reader.heading(field), _figures(figures)))
                tally.count += cursor.rowcount - len(rows)


def _figures(value: Any) -> dict[str, Any]:
    figures: dict[str, Any] = json.loads(value) if isinstance(value, str) else value
    return figures


def rows_totals() -> dict[str, Any]:
    """What the staged rows add up to, and what of it is new. Amounts as text, by currency."""
    with connection.cursor() as cursor:
        cursor.execute(_TOTALS)
        counts = cursor.fetchone()
        cursor.execute(_SUMS)
        sums = cursor.fetchall()
    names = (
        "rows",
        "customers",
        "customers_new",
        "entries",
        "entries_new",
        "entries_known",
        "payments_new",
        "items_paid",
        "disputes_changed",
    )
    keys = ("amount", "debit", "credit", "amount_new", "payments")
    return {
        **dict(zip(names, counts, strict=True)),
        "currencies": {
            currency: dict(zip(keys, map(str, amounts), strict=True)) for currency, *amounts in sums
        },
    }
