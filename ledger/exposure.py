"""Where the ledger's values sit: open and overdue debit items, and the customer's credits.

A residual on a past day is the residual now plus what was allocated after that day (or became
known only later), so one statement serves today and every as-of date. What is open now is added up
from an index alone; what was allocated later, usually nothing, joins in rows of its own, so several
rows may speak of one component.
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


def _open(direction: str) -> str:
    """What is open now."""
    return f"""
FROM ledger_openitem i
WHERE i.account_id = ANY(%(accounts)s) AND i.direction = '{direction}' AND i.open_amount > 0
{_KNOWN}"""


def _allocated_later(direction: str) -> str:
    """What was still open on the day and is not any more."""
    return f"""
FROM ledger_allocation a JOIN ledger_openitem i ON i.id = a.{direction}_item_id
WHERE a.account_id = ANY(%(accounts)s) AND {_LATER}
{_KNOWN}"""


def company_amount(amount: str, item: str) -> str:
    """SUM(ROUND(amount × rate, 2)) per group; nothing is multiplied where the rate is 1.

    NULL where the items carry no rate: group by `rate IS NULL`.
    """
    difference = f"ROUND({amount} * {item}.rate, 2) - {amount}"
    return (
        f"CASE WHEN NOT ({item}.rate IS NULL) THEN SUM({amount})"
        f" + COALESCE(SUM({difference}) FILTER (WHERE {item}.rate <> 1), 0) END"
    )


# An item counts once: where it is open now, or else where what was allocated later is added.
_OPEN_ITEMS = "COUNT(*)"
_SETTLED_ITEMS = "COUNT(DISTINCT i.id) FILTER (WHERE i.open_amount = 0)"


def _items(amount: str, count: str, rows: str) -> str:
    return f"""
SELECT i.account_id,
       CASE WHEN i.due_on < %(as_of)s THEN 'invoice_overdue' ELSE 'invoice_open' END,
       i.currency_id,
       SUM({amount}),
       {company_amount(amount, "i")},
       {count},
       MIN(i.due_on),
       GREATEST(%(as_of)s - MIN(i.due_on), 0)
{rows}
GROUP BY i.account_id, i.due_on < %(as_of)s, i.currency_id, i.rate IS NULL
"""


def _credits(amount: str, count: str, rows: str) -> str:
    return f"""
SELECT i.account_id, 'credits', i.currency_id,
       -SUM({amount}), -{company_amount(amount, "i")}, {count}, NULL::date, 0
{rows}
GROUP BY i.account_id, i.currency_id, i.rate IS NULL
"""


ITEMS = ExposureSource(
    name="items",
    sql=_items("i.open_amount", _OPEN_ITEMS, _open("debit"))
    + "UNION ALL"
    + _items("a.amount", _SETTLED_ITEMS, _allocated_later("debit")),
)

CREDITS = ExposureSource(
    name="credits",
    sql=_credits("i.open_amount", _OPEN_ITEMS, _open("credit"))
    + "UNION ALL"
    + _credits("a.amount", _SETTLED_ITEMS, _allocated_later("credit")),
)
