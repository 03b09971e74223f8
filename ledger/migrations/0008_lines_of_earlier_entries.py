"""What was posted before there was double entry gets its lines, posting days and values."""

from django.db import migrations

# The accounts a company starts with: role, code, name.
ACCOUNTS = """
INSERT INTO ledger_ledgeraccount (company_id, role, code, name)
SELECT c.id, a.role, a.code, a.name
FROM core_company c CROSS JOIN (VALUES
    ('bank', '1000', 'Bank'),
    ('receivable', '1200', 'Trade receivables'),
    ('clearing', '1290', 'Clearing'),
    ('tax', '2200', 'Tax payable'),
    ('revenue', '4000', 'Revenue'),
    ('discount', '4900', 'Cash discounts'),
    ('write_off', '6800', 'Receivables written off'),
    ('difference', '6810', 'Small differences'),
    ('fx', '7700', 'Exchange differences'),
    ('opening', '9000', 'Opening balances')
) a (role, code, name)
ON CONFLICT DO NOTHING
"""

DAYS = "UPDATE ledger_journalentry SET posted_on = document_on WHERE posted_on IS NULL"

VALUES = """
UPDATE ledger_journalentry SET company_amount = ROUND(amount * rate, 2)
WHERE rate IS NOT NULL AND company_amount IS NULL
"""

# An instalment's part of the entry's company amount; the parts add up to it.
ITEMS = """
UPDATE ledger_openitem i SET noted_at = i.entered_at, company_amount = CASE
    WHEN i.rate IS NOT NULL THEN
        ROUND(p.company_amount * p.through / p.total, 2)
        - ROUND(p.company_amount * (p.through - i.amount) / p.total, 2)
    END
FROM (
    SELECT o.id, e.company_amount, e.amount AS total,
           SUM(o.amount) OVER (PARTITION BY o.entry_id ORDER BY o.instalment) AS through
    FROM ledger_openitem o JOIN ledger_journalentry e ON e.id = o.entry_id
) p
WHERE p.id = i.id AND i.company_amount IS NULL
"""

LINES = """
INSERT INTO ledger_journalline
    (entry_id, ledger_account_id, account_id, debit, credit, company_debit, company_credit)
SELECT e.id, a.id, CASE WHEN l.is_control THEN e.account_id END,
       CASE WHEN l.is_debit THEN e.amount ELSE 0 END,
       CASE WHEN l.is_debit THEN 0 ELSE e.amount END,
       CASE WHEN e.rate IS NULL THEN NULL WHEN l.is_debit THEN e.company_amount ELSE 0 END,
       CASE WHEN e.rate IS NULL THEN NULL WHEN l.is_debit THEN 0 ELSE e.company_amount END
FROM ledger_journalentry e
CROSS JOIN LATERAL (
    SELECT COALESCE(
        (SELECT i.direction FROM ledger_openitem i WHERE i.entry_id = e.id LIMIT 1),
        CASE WHEN e.kind IN ('credit_note', 'payment') THEN 'credit' ELSE 'debit' END
    ) = 'debit' AS debits
) d
CROSS JOIN LATERAL (VALUES
    (TRUE, d.debits, 'receivable'),
    (FALSE, NOT d.debits, CASE e.kind
        WHEN 'payment' THEN 'bank' WHEN 'opening' THEN 'opening'
        WHEN 'adjustment' THEN 'clearing' ELSE 'revenue' END)
) l (is_control, is_debit, role)
JOIN ledger_ledgeraccount a ON a.company_id = e.company_id AND a.role = l.role
WHERE NOT EXISTS (SELECT 1 FROM ledger_journalline o WHERE o.entry_id = e.id)
ORDER BY e.id, l.is_control DESC
"""

# Where two rates met in earlier allocations, one entry per account and currency takes the
# difference, so that the control account equals the items in company currency, too.
EXCHANGE = """
WITH item AS (
    SELECT i.account_id, i.currency_id,
           SUM(CASE i.direction WHEN 'debit' THEN 1 ELSE -1 END
               * ROUND(i.company_amount * i.open_amount / i.amount, 2)) AS value
    FROM ledger_openitem i WHERE i.is_posted
    GROUP BY i.account_id, i.currency_id HAVING BOOL_AND(i.rate IS NOT NULL)
), control AS (
    SELECT e.account_id, e.currency_id, SUM(l.company_debit - l.company_credit) AS value
    FROM ledger_journalentry e JOIN ledger_journalline l ON l.entry_id = e.id
    WHERE e.state = 'posted' AND l.account_id IS NOT NULL
    GROUP BY e.account_id, e.currency_id
), difference AS (
    SELECT c.account_id, c.currency_id, i.value - c.value AS value, a.company_id,
           (SELECT MAX(x.allocated_on) FROM ledger_allocation x
            WHERE x.account_id = c.account_id) AS posted_on
    FROM control c
    JOIN item i ON i.account_id = c.account_id AND i.currency_id = c.currency_id
    JOIN customers_customeraccount a ON a.id = c.account_id
    WHERE i.value <> c.value
), made AS (
    INSERT INTO ledger_journalentry (company_id, account_id, kind, number, document_on, posted_on,
                                     state, currency_id, amount, company_amount, text, entered_at)
    SELECT d.company_id, d.account_id, 'exchange', 'FX-' || d.currency_id, d.posted_on, d.posted_on,
           'posted', d.currency_id, 0, d.value, '', NOW()
    FROM difference d
    RETURNING id, company_id, account_id, company_amount
)
INSERT INTO ledger_journalline
    (entry_id, ledger_account_id, account_id, debit, credit, company_debit, company_credit)
SELECT m.id, a.id, CASE a.role WHEN 'receivable' THEN m.account_id END, 0, 0,
       GREATEST(CASE a.role WHEN 'receivable' THEN m.company_amount ELSE -m.company_amount END, 0),
       GREATEST(CASE a.role WHEN 'receivable' THEN -m.company_amount ELSE m.company_amount END, 0)
FROM made m
JOIN ledger_ledgeraccount a ON a.company_id = m.company_id AND a.role IN ('receivable', 'fx')
ORDER BY m.id, a.role DESC
"""

STATEMENTS = (ACCOUNTS, DAYS, VALUES, ITEMS, LINES, EXCHANGE)

# What was marked as contested gets its row: contested since its document day, as far as we know.
DISPUTES = """
INSERT INTO ledger_dispute (item_id, reason, opened_on, opened_at, outcome)
SELECT i.id, 'Marked as contested', i.document_on, i.entered_at, ''
FROM ledger_openitem i
WHERE i.is_disputed
  AND NOT EXISTS (SELECT 1 FROM ledger_dispute d WHERE d.item_id = i.id AND d.closed_at IS NULL)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0007_double_entry"),
    ]

    operations = [
        *(migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in (*STATEMENTS, DISPUTES)),
    ]
