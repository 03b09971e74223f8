"""Where the value of bills sits: the rule of `ledger.bills.bill_component`, said in SQL.

What stands is read from an index of the bills that may count. A past day is read from the steps:
the last one of each bill that had happened and was known by then says where the bill was. Bills
are never cut off by a start date, and each has its value from the items that its posting closed.
"""

from __future__ import annotations

from typing import Final

from core.sources import ExposureSource

_COUNTING: Final = "('in_hand', 'presented', 'returned')"

# A bill with a bank counts while its day plus the grace of its kind is after the day, strictly.
_COUNTS: Final = """
  AND (r.state <> 'presented' OR r.pay_on + CASE r.presented
       WHEN 'discount' THEN a.grace_discount WHEN 'subject' THEN a.grace_subject
       ELSE a.grace_after END > %(as_of)s)"""

_COMPONENT: Final = """CASE r.state WHEN 'in_hand' THEN 'bill_issued'
       WHEN 'presented' THEN 'bill_presented' ELSE 'bill_returned' END"""

_NOW: Final = f"""
FROM account a JOIN ledger_bill r ON r.account_id = a.id
WHERE r.state IN {_COUNTING}{_COUNTS}"""

_THEN: Final = (
    (
        "ledger_bill_then",
        f"""
SELECT b.id, b.account_id, b.number, b.kind, b.drawn_on, b.currency_id, b.amount, b.rate,
       b.company_amount, s.state, s.presented, s.pay_on
FROM account a
JOIN ledger_bill b ON b.account_id = a.id
CROSS JOIN LATERAL (
    SELECT t.state, t.presented, t.pay_on
    FROM ledger_billstep t
    WHERE t.bill_id = b.id
      AND (%(is_current)s OR t."on" <= %(as_of)s)
      AND (%(known_at)s::timestamptz IS NULL OR t.entered_at <= %(known_at)s)
    ORDER BY t.position DESC
    LIMIT 1
) s
WHERE s.state IN {_COUNTING}""",  # noqa: S608 - fixed text, parameters are bound
    ),
)

_PAST: Final = f"""
FROM account a JOIN ledger_bill_then r ON r.account_id = a.id
WHERE TRUE{_COUNTS}"""

# When a bill is due says nothing about being late: what is overdue are items.
_SUMS: Final = """
SELECT r.account_id, {component}, r.currency_id, SUM(r.amount), SUM(r.company_amount), COUNT(*),
       NULL::date, 0
{rows}
GROUP BY r.account_id, r.state, r.currency_id, r.rate IS NULL
"""

# The state of a bill with a bank is how it was presented: that says how long it counts.
_LINES: Final = """
SELECT r.account_id, {component}, 'ledger.bill', r.id, r.number, r.kind,
       CASE r.state WHEN 'presented' THEN r.presented ELSE r.state END, r.drawn_on,
       r.pay_on, NULL::date, NULL::bigint, r.currency_id, r.amount, r.company_amount, r.amount,
       NULL::numeric, NULL::numeric, NULL::numeric, NULL::numeric, NULL::numeric
{rows}
"""

BILLS = ExposureSource(
    name="bills",
    sql=_SUMS.format(component=_COMPONENT, rows=_NOW),
    past_ctes=_THEN,
    past_sql=_SUMS.format(component=_COMPONENT, rows=_PAST),
    line_ctes=_THEN,
    lines=_LINES.format(component=_COMPONENT, rows=_PAST),
)
