"""Writing the staged rows into the ledger: a few statements, whatever the number of rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db import connection

from core.clock import today
from core.importing import Problem
from core.locks import lock_rows
from core.money import quantize
from core.rates import rates_on
from customers.locks import scope_lock
from customers.services.ensure import Party, accounts_ensure
from ledger.models import ImportRun, OpenItem
from ledger.services.accounts import accounts_by_role
from ledger.services.imports.findings import Findings
from ledger.services.imports.progress import Progress
from ledger.services.lines import lines_fill

LOCK_TIMEOUT: Final = "20s"
"""An import may wait longer for a busy customer than a clerk would."""

_ENTRY_COLUMNS: Final = (
    "company_id, account_id, kind, number, document_on, posted_on, state, currency_id, amount, "
    "rate, "
    "company_amount, text, import_run_id, created_by_id, entered_at"
)
_ITEM_COLUMNS: Final = (
    "entry_id, account_id, direction, number, instalment, document_on, due_on, currency_id, "
    "amount, open_amount, rate, company_amount, is_posted, is_disputed, settled_on, entered_at"
)

_STATEMENTS: Final = (
    # Documents.
    f"""
    WITH made AS (
        INSERT INTO ledger_journalentry ({_ENTRY_COLUMNS})
        SELECT %(company)s, f.account_id, f.kind, f.number, f.document_on, f.document_on, 'posted',
               f.currency, t.amount, x.rate, ROUND(t.amount * x.rate, 2), f.note, %(run)s,
               %(user)s, %(now)s
        FROM import_row f
        JOIN (SELECT entry_row, SUM(amount) AS amount FROM import_row WHERE is_new
              GROUP BY entry_row) t ON t.entry_row = f.row
        JOIN import_rate x ON x.currency = f.currency AND x.valid_on = f.document_on
        ORDER BY f.row
        RETURNING id, account_id, kind, number
    )
    UPDATE import_row r SET entry_id = made.id
    FROM made JOIN import_row f ON f.account_id = made.account_id AND f.kind = made.kind
         AND f.number = made.number AND f.row = f.entry_row
    WHERE r.entry_row = f.row
    """,  # noqa: S608 - names of columns only
    f"""
    WITH made AS (
        INSERT INTO ledger_openitem ({_ITEM_COLUMNS})
        SELECT r.entry_id, r.account_id, r.direction, e.number, r.instalment, r.document_on,
               r.due_on, r.currency, r.amount, r.amount - r.pay, e.rate, r.value, true,
               COALESCE(r.disputed, false),
               CASE WHEN r.pay = r.amount THEN GREATEST(r.settled_on, r.document_on) END, %(now)s
        FROM (
            SELECT n.*, ROUND(e.company_amount * n.through / e.amount, 2)
                   - ROUND(e.company_amount * (n.through - n.amount) / e.amount, 2) AS value
            FROM (
                SELECT o.*, SUM(o.amount) OVER (PARTITION BY o.entry_id ORDER BY o.instalment)
                       AS through
                FROM import_row o WHERE o.is_new
            ) n JOIN ledger_journalentry e ON e.id = n.entry_id
        ) r JOIN ledger_journalentry e ON e.id = r.entry_id
        ORDER BY r.row
        RETURNING id, entry_id, instalment
    )
    UPDATE import_row r SET item_id = made.id
    FROM made WHERE made.entry_id = r.entry_id AND made.instalment = r.instalment
    """,  # noqa: S608 - names of columns only
    # Their payments: one per row, named after the document and the day.
    """
    UPDATE import_row r SET pay_number = CASE
        WHEN p.n = 1 AND NOT EXISTS (
            SELECT 1 FROM ledger_journalentry e WHERE e.account_id = r.account_id
            AND e.kind = p.kind AND e.number = p.number
        ) THEN p.number ELSE p.number || ' #' || %(run)s || '.' || r.row END
    FROM (
        SELECT row, kind, number,
               ROW_NUMBER() OVER (PARTITION BY account_id, kind, number ORDER BY row) AS n
        FROM (
            SELECT row, account_id, left(number, 32) || ' ' || to_char(settled_on, 'YYYY-MM-DD')
                       AS number,
                   CASE direction WHEN 'debit' THEN 'payment' ELSE 'adjustment' END AS kind
            FROM import_row WHERE pay > 0
        ) named
    ) p WHERE p.row = r.row
    """,
    f"""
    WITH made AS (
        INSERT INTO ledger_journalentry ({_ENTRY_COLUMNS})
        SELECT %(company)s, r.account_id,
               CASE r.direction WHEN 'debit' THEN 'payment' ELSE 'adjustment' END,
               r.pay_number, r.settled_on, r.settled_on, 'posted', r.currency, r.pay, x.rate,
               ROUND(r.pay * x.rate, 2), '', %(run)s, %(user)s, %(now)s
        FROM import_row r
        JOIN import_rate x ON x.currency = r.currency AND x.valid_on = r.settled_on
        WHERE r.pay > 0
        ORDER BY r.row
        RETURNING id, account_id, kind, number
    )
    UPDATE import_row r SET pay_entry_id = made.id
    FROM made WHERE r.account_id = made.account_id AND r.pay_number = made.number AND r.pay > 0
      AND made.kind = CASE r.direction WHEN 'debit' THEN 'payment' ELSE 'adjustment' END
    """,  # noqa: S608 - names of columns only
    f"""
    WITH made AS (
        INSERT INTO ledger_openitem ({_ITEM_COLUMNS})
        SELECT r.pay_entry_id, r.account_id,
               CASE r.direction WHEN 'debit' THEN 'credit' ELSE 'debit' END,
               r.pay_number, 1, r.settled_on, r.settled_on, r.currency, r.pay, 0, e.rate,
               e.company_amount, true, false, GREATEST(r.settled_on, r.document_on), %(now)s
        FROM import_row r JOIN ledger_journalentry e ON e.id = r.pay_entry_id
        WHERE r.pay > 0
        ORDER BY r.row
        RETURNING id, entry_id
    )
    UPDATE import_row r SET pay_item_id = made.id FROM made WHERE made.entry_id = r.pay_entry_id
    """,  # noqa: S608 - names of columns only
    """
    INSERT INTO ledger_allocation
        (account_id, debit_item_id, credit_item_id, amount, allocated_on, entered_at)
    SELECT r.account_id,
           CASE direction WHEN 'debit' THEN item_id ELSE pay_item_id END,
           CASE direction WHEN 'debit' THEN pay_item_id ELSE item_id END,
           pay, GREATEST(r.settled_on, r.document_on, e.posted_on, (
               SELECT MAX(b.allocated_on) FROM ledger_allocation b
               WHERE r.item_id IN (b.debit_item_id, b.credit_item_id) AND b.reverses_id IS NOT NULL
           )), %(now)s
    FROM import_row r JOIN ledger_journalentry e ON e.id = r.entry_id
    WHERE pay > 0 ORDER BY row
    """,
    # What is known already: further payments, disputes.
    """
    UPDATE ledger_openitem i SET
        open_amount = i.open_amount - r.pay,
        settled_on = CASE WHEN i.open_amount = r.pay THEN (
            SELECT MAX(a.allocated_on) FROM ledger_allocation a
            WHERE a.debit_item_id = i.id OR a.credit_item_id = i.id
        ) END
    FROM import_row r WHERE r.item_id = i.id AND NOT r.is_new AND r.pay > 0
    """,
    # Contested since the document's day, as far as the file can tell; settled when it says so.
    """
    INSERT INTO ledger_dispute (item_id, reason, opened_on, opened_at, opened_by_id, outcome)
    SELECT r.item_id, %(file)s, r.document_on, %(now)s, %(user)s, ''
    FROM import_row r JOIN ledger_openitem i ON i.id = r.item_id
    WHERE r.disputed AND (r.is_new OR NOT i.is_disputed)
    """,
    """
    UPDATE ledger_dispute d SET closed_on = GREATEST(%(today)s, d.opened_on), closed_at = %(now)s,
           closed_by_id = %(user)s, outcome = %(file)s
    FROM import_row r JOIN ledger_openitem i ON i.id = r.item_id
    WHERE d.item_id = i.id AND d.closed_at IS NULL AND NOT r.is_new AND NOT r.disputed
    """,
    """
    UPDATE ledger_openitem i SET is_disputed = r.disputed
    FROM import_row r
    WHERE r.item_id = i.id AND NOT r.is_new AND r.disputed <> i.is_disputed
    """,
    # What two rates made of a payment: the values of both items moved differently.
    """
    INSERT INTO ledger_journalentry (company_id, account_id, kind, number, document_on, posted_on,
        state, currency_id, amount, company_amount, text, import_run_id, created_by_id,
        goes_with_id, entered_at)
    SELECT %(company)s, m.account_id, 'exchange', 'FX-' || m.id, m.allocated_on, m.allocated_on,
           'posted', m.currency_id, 0, m.value, '', %(run)s, %(user)s, m.entry_id, %(now)s
    FROM (
        SELECT a.id, a.account_id, a.allocated_on, d.currency_id, c.entry_id,
               (ROUND(d.company_amount * d.open_amount / d.amount, 2)
                - ROUND(d.company_amount * (d.open_amount + CASE r.direction
                    WHEN 'debit' THEN r.pay ELSE d.amount END) / d.amount, 2))
               - (ROUND(c.company_amount * c.open_amount / c.amount, 2)
                - ROUND(c.company_amount * (c.open_amount + CASE r.direction
                    WHEN 'debit' THEN c.amount ELSE r.pay END) / c.amount, 2)) AS value
        FROM import_row r
        JOIN ledger_allocation a ON r.pay_item_id IN (a.debit_item_id, a.credit_item_id)
        JOIN ledger_openitem d ON d.id = a.debit_item_id
        JOIN ledger_openitem c ON c.id = a.credit_item_id
        WHERE r.pay > 0 AND d.rate <> c.rate
    ) m WHERE m.value <> 0
    ORDER BY m.id
    """,
    """
    INSERT INTO ledger_journalline
        (entry_id, ledger_account_id, account_id, debit, credit, company_debit, company_credit)
    SELECT e.id, g.id, CASE g.role WHEN 'receivable' THEN e.account_id END, 0, 0,
           GREATEST(CASE g.role WHEN 'fx' THEN -e.company_amount ELSE e.company_amount END, 0),
           GREATEST(CASE g.role WHEN 'fx' THEN e.company_amount ELSE -e.company_amount END, 0)
    FROM ledger_journalentry e
    JOIN ledger_ledgeraccount g ON g.company_id = e.company_id AND g.role IN ('receivable', 'fx')
    WHERE e.import_run_id = %(run)s AND e.kind = 'exchange'
    ORDER BY e.id, g.role DESC
    """,
)


def accounts_prepare(run: ImportRun) -> int:
    """Make the accounts the staged rows lack; return of how many customers."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT customer_code,
                   COALESCE((array_agg(customer_name ORDER BY row)
                             FILTER (WHERE customer_name <> ''))[1], ''),
                   COALESCE((array_agg(country ORDER BY row) FILTER (WHERE country <> ''))[1], '')
            FROM import_row WHERE account_id IS NULL GROUP BY customer_code
            """
        )
        parties = [Party(*row) for row in cursor.fetchall()]
    if parties:
        accounts_ensure(company=run.company, parties=parties)
    return len(parties)


def scopes_lock() -> None:
    """Lock the scopes of accounts that get new debits, in key order.

    Raises Busy (through the caller's `busy_on_timeout`) when others hold them too long.
    """
    accounts = _column(
        "SELECT DISTINCT account_id FROM import_row WHERE is_new AND direction = 'debit'"
    )
    scope_lock(account_ids=accounts, timeout=LOCK_TIMEOUT)


def items_lock() -> int:
    """Lock the known items that will change, in key order; return how many there are."""
    items = _column(
        "SELECT r.item_id FROM import_row r JOIN ledger_openitem i ON i.id = r.item_id "
        "WHERE NOT r.is_new AND (r.pay > 0 OR r.disputed <> i.is_disputed)"
    )
    if items:
        lock_rows(OpenItem.objects.filter(pk__in=items))
    return len(items)


def _column(sql: str) -> Sequence[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [row[0] for row in cursor.fetchall()]


def rates_stage(run: ImportRun, findings: Findings) -> None:
    """A table of the rate of every currency and day that will be written; missing ones as NULL."""
    company = run.company.currency_id
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.import_rate")
        cursor.execute(
            "CREATE TEMP TABLE import_rate (currency text NOT NULL, valid_on date NOT NULL, "
            "rate numeric(18, 8)) ON COMMIT DROP"
        )
        cursor.execute(
            "INSERT INTO import_rate SELECT %s, day, 1 FROM (SELECT document_on AS day FROM "
            "import_row WHERE currency = %s UNION SELECT settled_on FROM import_row "
            "WHERE currency = %s AND settled_on IS NOT NULL) days",
            [company] * 3,
        )
        cursor.execute(
            "SELECT day, array_agg(DISTINCT currency), MIN(row) FROM ("
            "SELECT document_on AS day, currency, row FROM import_row WHERE is_new UNION ALL "
            "SELECT settled_on, currency, row FROM import_row WHERE pay > 0"
            ") days WHERE currency <> %s GROUP BY day ORDER BY day",
            [company],
        )
        for day, currencies, row in cursor.fetchall():
            rates = rates_on({(code, company) for code in currencies}, day)
            for (code, _company), rate in rates.items():
                if rate is None:
                    figures = {"currency": code, "company": company, "date": day}
                    findings.notices.add(Problem("rate_missing", row, "", figures))
                rounded: Decimal | None = None if rate is None else quantize(rate, 8)
                cursor.execute(
                    "INSERT INTO import_rate VALUES (%s, %s, %s)", [code, day, rounded or None]
                )
        cursor.execute("ANALYZE import_rate")


def rows_write(run: ImportRun, *, now: datetime, progress: Progress) -> None:
    """Write documents, payments, allocations, lines and changed residuals of the staged rows."""
    accounts_by_role(run.company)
    params: dict[str, Any] = {
        "company": run.company_id,
        "run": run.pk,
        "user": run.started_by_id,
        "now": now,
        "today": today(),
        "file": run.file_name,
    }
    total = run.rows_total
    progress.phase(ImportRun.Phase.WRITING)
    with connection.cursor() as cursor:
        for step, statement in enumerate(_STATEMENTS, start=1):
            cursor.execute(statement, params)
            progress.phase(ImportRun.Phase.WRITING, done=total * step // len(_STATEMENTS))
    lines_fill(run_id=run.pk)
