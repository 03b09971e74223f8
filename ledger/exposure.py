"""Where the ledger's values sit: open and overdue debit items, and the customer's credits.

Today's residuals are read from an index alone. A past day is recomputed item by item: the residual
now plus what was allocated after that day or became known later, the disputes and the posting as
they were known. Where the ledger balance is the base (P6a), it stands in for the items: all of it
is `invoice_open`, and the credits are part of it.
"""

from __future__ import annotations

from typing import Final

from core.sources import ExposureSource


def company_amount(amount: str, item: str) -> str:
    """SUM(ROUND(company amount × amount ÷ amount of the item, 2)) per group, as the books have it.

    Nothing is multiplied where the rate is 1; NULL where the items carry no rate: group by
    `rate IS NULL`. `item` has `rate`, `amount` and `company_amount`.
    """
    difference = f"ROUND({item}.company_amount * {amount} / {item}.amount, 2) - {amount}"
    return (
        f"CASE WHEN NOT ({item}.rate IS NULL) THEN SUM({amount})"
        f" + COALESCE(SUM({difference}) FILTER (WHERE {item}.rate <> 1), 0) END"
    )


def active_dispute(dispute: str) -> str:
    """Whether a dispute stood on the day, as it was known."""
    return f"""(%(is_current)s OR {dispute}.opened_on <= %(as_of)s)
      AND (%(known_at)s::timestamptz IS NULL OR {dispute}.opened_at <= %(known_at)s)
      AND NOT ({dispute}.closed_at IS NOT NULL
               AND (%(is_current)s OR {dispute}.closed_on <= %(as_of)s)
               AND (%(known_at)s::timestamptz IS NULL OR {dispute}.closed_at <= %(known_at)s))"""


def allocated_later(allocation: str) -> str:
    """Whether an allocation, seen from the day, was still to come or not yet known."""
    return f"""(NOT %(is_current)s AND {allocation}.allocated_on > %(as_of)s
      OR %(known_at)s::timestamptz IS NOT NULL AND {allocation}.entered_at > %(known_at)s)"""


def contested(residual: str, *, active: str, none: str) -> str:
    """What is contested of an item `i`, no more than its `residual`; `none` without a dispute.

    For accounts whose contested parts do not count. `active` says which disputes `d` stand.
    """
    return f"""
LEAST({residual}, COALESCE((
    SELECT SUM(COALESCE(d.amount, i.amount)) FROM ledger_dispute d
    WHERE d.item_id = i.id AND {active}
), {none}))"""  # noqa: S608 - fixed text


CONTESTED_NOW: Final = contested(
    "i.open_amount", active="d.closed_at IS NULL", none="i.open_amount"
)
_PAST_RESIDUAL: Final = "(i.open_amount + i.later)"
_PAST: Final = (
    (
        "ledger_later",
        f"""
SELECT s.id, SUM(s.amount) AS amount
FROM (
    SELECT x.debit_item_id AS id, x.amount
    FROM account a JOIN ledger_allocation x ON x.account_id = a.id
    WHERE {allocated_later("x")}
    UNION ALL
    SELECT x.credit_item_id, x.amount
    FROM account a JOIN ledger_allocation x ON x.account_id = a.id
    WHERE {allocated_later("x")}
) s
GROUP BY s.id""",  # noqa: S608 - fixed text, parameters are bound
    ),
    (
        "ledger_residual",
        f"""
SELECT i.account_id, i.id, i.direction, i.due_on, i.currency_id, i.rate, i.amount,
       i.company_amount,
       {_PAST_RESIDUAL} - CASE WHEN a.disputed OR i.direction = 'credit' THEN 0 ELSE
       {contested(_PAST_RESIDUAL, active=active_dispute("d"), none="0")}
       END AS residual
FROM account a
JOIN (
    SELECT o.*, COALESCE(l.amount, 0) AS later
    FROM account a
    JOIN ledger_openitem o ON o.account_id = a.id AND o.open_amount > 0
    LEFT JOIN ledger_later l ON l.id = o.id
    UNION ALL
    SELECT o.*, l.amount
    FROM ledger_later l JOIN ledger_openitem o ON o.id = l.id AND o.open_amount = 0
) i ON i.account_id = a.id
JOIN ledger_journalentry e ON e.id = i.entry_id
WHERE NOT a.ledger_base
  AND (i.is_posted
       AND (%(is_current)s OR e.posted_on <= %(as_of)s)
       AND (%(known_at)s::timestamptz IS NULL OR i.entered_at <= %(known_at)s)
       OR a.provisional AND e.noted_on IS NOT NULL AND e.kind <> 'payment'
       AND (%(is_current)s OR e.noted_on <= %(as_of)s)
       AND (%(known_at)s::timestamptz IS NULL OR i.noted_at <= %(known_at)s))""",  # noqa: S608
    ),
)

_BY_DUE_DAY: Final = "CASE WHEN r.due_on < %(as_of)s THEN 'invoice_overdue' ELSE 'invoice_open' END"

_OPEN_OR_OVERDUE: Final = f"""
SELECT r.account_id, {_BY_DUE_DAY},
       r.currency_id, SUM({{amount}}), {{company}}, COUNT(*), MIN(r.due_on),
       GREATEST(%(as_of)s - MIN(r.due_on), 0)
{{rows}}
GROUP BY r.account_id, r.due_on < %(as_of)s, r.currency_id, r.rate IS NULL
"""

_CREDIT: Final = """
SELECT r.account_id, 'credits', r.currency_id, -SUM({amount}), -{company}, COUNT(*),
       NULL::date, 0
{rows}
GROUP BY r.account_id, r.currency_id, r.rate IS NULL
"""


def _piece(template: str, rows: str, amount: str = "r.open_amount") -> str:
    return template.format(amount=amount, company=company_amount(amount, "r"), rows=rows)


def _live(direction: str, condition: str) -> str:
    return f"""
FROM account a JOIN ledger_openitem r ON r.account_id = a.id
WHERE NOT a.ledger_base AND r.direction = '{direction}' AND r.open_amount > 0 AND {condition}"""


# A contested item counts with what is not contested of it.
_LIVE_CONTESTED: Final = f"""
FROM (
    SELECT i.account_id, i.due_on, i.currency_id, i.rate, i.amount, i.company_amount,
           i.open_amount
           - {CONTESTED_NOW} AS open_amount
    FROM account a JOIN ledger_openitem i ON i.account_id = a.id
    WHERE NOT a.ledger_base AND NOT a.disputed AND i.direction = 'debit' AND i.open_amount > 0
      AND i.is_disputed AND (i.is_posted OR a.provisional)
) r
WHERE r.open_amount > 0"""  # noqa: S608 - fixed text

_COUNTED: Final = "(a.disputed OR NOT r.is_disputed)"
_POSTED: Final = "r.is_posted"
# Money that nobody confirmed frees nothing, whatever the policy says.
_PROVISIONAL: Final = """NOT r.is_posted AND a.provisional
  AND (SELECT e.kind FROM ledger_journalentry e WHERE e.id = r.entry_id) <> 'payment'"""


def _past(direction: str) -> str:
    return f"FROM ledger_residual r WHERE r.direction = '{direction}' AND r.residual > 0"


# Kept apart by whether the rate is known, as the items are.
_BALANCE: Final = """
SELECT e.account_id, 'invoice_open', e.currency_id, SUM(l.debit) - SUM(l.credit),
       SUM(l.company_debit) - SUM(l.company_credit), COUNT(DISTINCT e.id), NULL::date, 0
{rows}
GROUP BY e.account_id, e.currency_id, l.company_debit IS NULL
"""

_BALANCE_ROWS: Final = """
FROM account a
JOIN ledger_journalentry e ON e.account_id = a.id
JOIN ledger_journalline l ON l.entry_id = e.id AND l.account_id = a.id
WHERE a.ledger_base AND e.state = 'posted'
  AND (a.start_on IS NULL OR e.posted_on >= a.start_on)
  {known}
"""

# The moment an entry was posted is kept with its items; an entry without items was never
# provisional.
_BALANCE_KNOWN: Final = """
  AND (%(is_current)s OR e.posted_on <= %(as_of)s)
  AND (%(known_at)s::timestamptz IS NULL OR %(known_at)s >= COALESCE(
      (SELECT MAX(i.entered_at) FROM ledger_openitem i WHERE i.entry_id = e.id), e.entered_at))
"""

# The residual of an item is the same sum for a past day and for today, so one text lists both.
_LINES: Final = """
SELECT r.account_id, {component}, 'ledger.openitem', r.id, i.number, e.kind,
       CASE WHEN i.is_posted AND (%(is_current)s OR e.posted_on <= %(as_of)s)
                 AND (%(known_at)s::timestamptz IS NULL OR i.entered_at <= %(known_at)s)
           THEN '' ELSE 'provisional' END, i.document_on,
       i.due_on, NULL::date, NULL::bigint, r.currency_id, {sign} r.residual,
       {sign} ROUND(r.company_amount * r.residual / r.amount, 2), {sign} i.amount,
       NULL::numeric, NULL::numeric, NULL::numeric, NULL::numeric, NULL::numeric
{rows}
"""


def _lines(direction: str, component: str) -> str:
    rows = f"""
FROM ledger_residual r
JOIN ledger_openitem i ON i.id = r.id
JOIN ledger_journalentry e ON e.id = i.entry_id
WHERE r.direction = '{direction}' AND r.residual > 0"""
    return _LINES.format(component=component, sign="-" if direction == "credit" else "", rows=rows)


_BALANCE_LINES: Final = """
SELECT e.account_id, 'invoice_open', 'ledger.journalentry', e.id, e.number, e.kind, '',
       e.document_on, NULL::date, NULL::date, NULL::bigint, e.currency_id,
       SUM(l.debit) - SUM(l.credit), SUM(l.company_debit) - SUM(l.company_credit),
       SUM(l.debit) - SUM(l.credit),
       NULL::numeric, NULL::numeric, NULL::numeric, NULL::numeric, NULL::numeric
{rows}
GROUP BY e.id, l.company_debit IS NULL
HAVING SUM(l.debit) <> SUM(l.credit)
"""

ITEMS = ExposureSource(
    name="items",
    sql=" UNION ALL ".join(
        (
            _piece(_OPEN_OR_OVERDUE, _live("debit", f"{_POSTED} AND {_COUNTED}")),
            _piece(_OPEN_OR_OVERDUE, _live("debit", f"{_PROVISIONAL} AND {_COUNTED}")),
            _piece(_OPEN_OR_OVERDUE, _LIVE_CONTESTED),
            _BALANCE.format(rows=_BALANCE_ROWS.format(known="")),
        )
    ),
    past_ctes=_PAST,
    past_sql=_piece(_OPEN_OR_OVERDUE, _past("debit"), "r.residual")
    + " UNION ALL "
    + _BALANCE.format(rows=_BALANCE_ROWS.format(known=_BALANCE_KNOWN)),
    line_ctes=_PAST,
    lines=_lines("debit", _BY_DUE_DAY)
    + " UNION ALL "
    + _BALANCE_LINES.format(rows=_BALANCE_ROWS.format(known=_BALANCE_KNOWN)),
)

CREDITS = ExposureSource(
    name="credits",
    sql=_piece(_CREDIT, _live("credit", _POSTED))
    + " UNION ALL "
    + _piece(_CREDIT, _live("credit", _PROVISIONAL)),
    past_ctes=_PAST,
    past_sql=_piece(_CREDIT, _past("credit"), "r.residual"),
    line_ctes=_PAST,
    lines=_lines("credit", "'credits'"),
)
