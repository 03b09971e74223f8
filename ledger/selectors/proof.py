"""The proofs of the ledger: residuals equal the allocations, the control account the items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from customers.models import CustomerAccount
from ledger.selectors.proof_bills import bills_proof

_SQL = """
SELECT i.id, i.number, i.open_amount, i.amount - COALESCE(s.amount, 0), i.settled_on,
       CASE WHEN i.amount = s.amount THEN s.last_on END
FROM ledger_openitem i
LEFT JOIN (
    SELECT side.item_id, SUM(side.amount) AS amount, MAX(side.allocated_on) AS last_on
    FROM (
        SELECT debit_item_id AS item_id, account_id, amount, allocated_on FROM ledger_allocation
        UNION ALL
        SELECT credit_item_id, account_id, amount, allocated_on FROM ledger_allocation
    ) side
    WHERE %(accounts)s::bigint[] IS NULL OR side.account_id = ANY(%(accounts)s)
    GROUP BY side.item_id
) s ON s.item_id = i.id
WHERE (%(accounts)s::bigint[] IS NULL OR i.account_id = ANY(%(accounts)s))
  AND (i.open_amount <> i.amount - COALESCE(s.amount, 0)
       OR i.settled_on IS DISTINCT FROM CASE WHEN i.amount = s.amount THEN s.last_on END)
ORDER BY i.id
"""


@dataclass(frozen=True, slots=True)
class ResidualMiss:
    """An item whose stored residual or settlement date is not what its allocations add up to."""

    item_id: int
    number: str
    stored: Decimal
    proved: Decimal
    stored_settled_on: date | None
    proved_settled_on: date | None


def residual_proof(account_ids: Sequence[int] | None = None) -> list[ResidualMiss]:
    """Every item whose stored residual differs from its amount less its allocations.

    Empty when all is well. `account_ids` None proves the whole ledger.
    """
    return [ResidualMiss(*row) for row in _rows(_SQL, account_ids)]


# Control lines of posted entries against what is open of posted items, by account and currency.
# In company currency the value of what is open follows the residual (ledger.values); where a rate
# is unknown, nothing is said about it.
_CONTROL = """
SELECT COALESCE(c.account_id, i.account_id) AS account_id,
       COALESCE(c.currency_id, i.currency_id) AS currency_id,
       COALESCE(c.amount, 0), COALESCE(i.amount, 0),
       CASE WHEN COALESCE(c.known, TRUE) AND COALESCE(i.known, TRUE)
            THEN COALESCE(c.value, 0) END,
       CASE WHEN COALESCE(c.known, TRUE) AND COALESCE(i.known, TRUE)
            THEN COALESCE(i.value, 0) END
FROM (
    SELECT e.account_id, e.currency_id,
           SUM(l.debit - l.credit) AS amount,
           SUM(l.company_debit - l.company_credit) AS value,
           BOOL_AND(l.company_debit IS NOT NULL) AS known
    FROM ledger_journalentry e
    JOIN ledger_journalline l ON l.entry_id = e.id AND l.account_id IS NOT NULL
    WHERE e.state = 'posted'
      AND (%(accounts)s::bigint[] IS NULL OR e.account_id = ANY(%(accounts)s))
    GROUP BY e.account_id, e.currency_id
) c
FULL JOIN (
    SELECT o.account_id, o.currency_id,
           SUM(o.side * o.open_amount) AS amount,
           SUM(o.side * ROUND(o.company_amount * o.open_amount / o.amount, 2)) AS value,
           BOOL_AND(o.company_amount IS NOT NULL) AS known
    FROM (
        SELECT x.*, CASE x.direction WHEN 'debit' THEN 1 ELSE -1 END AS side
        FROM ledger_openitem x
        WHERE x.is_posted
          AND (%(accounts)s::bigint[] IS NULL OR x.account_id = ANY(%(accounts)s))
    ) o
    GROUP BY o.account_id, o.currency_id
) i ON i.account_id = c.account_id AND i.currency_id = c.currency_id
WHERE COALESCE(c.amount, 0) <> COALESCE(i.amount, 0)
   OR COALESCE(c.known, TRUE) AND COALESCE(i.known, TRUE)
      AND COALESCE(c.value, 0) <> COALESCE(i.value, 0)
ORDER BY 1, 2
"""

# The same on a day: entries posted up to it against their items, less what was applied up to it.
# In company currency each allocation may be off by its rounding where some were dated back: what an
# exchange difference is worth followed the order of entering.
_CONTROL_ON = """
SELECT c.account_id, c.currency_id, c.amount, COALESCE(i.amount, 0),
       CASE WHEN c.known AND COALESCE(i.known, TRUE) THEN c.value END,
       CASE WHEN c.known AND COALESCE(i.known, TRUE) THEN COALESCE(i.value, 0) END
FROM (
    SELECT e.account_id, e.currency_id,
           SUM(l.debit - l.credit) AS amount,
           SUM(l.company_debit - l.company_credit) AS value,
           BOOL_AND(l.company_debit IS NOT NULL) AS known
    FROM ledger_journalentry e
    JOIN ledger_journalline l ON l.entry_id = e.id AND l.account_id IS NOT NULL
    WHERE e.state = 'posted' AND e.posted_on <= %(on)s
      AND (%(accounts)s::bigint[] IS NULL OR e.account_id = ANY(%(accounts)s))
    GROUP BY e.account_id, e.currency_id
) c
LEFT JOIN (
    SELECT o.account_id, o.currency_id,
           SUM(o.side * o.residual) AS amount,
           SUM(o.side * ROUND(o.company_amount * o.residual / o.amount, 2)) AS value,
           BOOL_AND(o.company_amount IS NOT NULL) AS known,
           SUM(o.times) AS times
    FROM (
        SELECT x.account_id, x.currency_id, x.amount, x.company_amount,
               x.amount - COALESCE(s.amount, 0) AS residual, COALESCE(s.times, 0) AS times,
               CASE x.direction WHEN 'debit' THEN 1 ELSE -1 END AS side
        FROM ledger_openitem x
        JOIN ledger_journalentry e ON e.id = x.entry_id
        LEFT JOIN (
            SELECT side.item_id, SUM(side.amount) AS amount, COUNT(*) AS times
            FROM (
                SELECT debit_item_id AS item_id, account_id, amount FROM ledger_allocation
                WHERE allocated_on <= %(on)s
                UNION ALL
                SELECT credit_item_id, account_id, amount FROM ledger_allocation
                WHERE allocated_on <= %(on)s
            ) side
            WHERE %(accounts)s::bigint[] IS NULL OR side.account_id = ANY(%(accounts)s)
            GROUP BY side.item_id
        ) s ON s.item_id = x.id
        WHERE e.state = 'posted' AND e.posted_on <= %(on)s
          AND (%(accounts)s::bigint[] IS NULL OR x.account_id = ANY(%(accounts)s))
    ) o
    GROUP BY o.account_id, o.currency_id
) i ON i.account_id = c.account_id AND i.currency_id = c.currency_id
WHERE c.amount <> COALESCE(i.amount, 0)
   OR c.known AND COALESCE(i.known, TRUE)
      AND ABS(c.value - COALESCE(i.value, 0)) > 0.01 * COALESCE(i.times, 0)
ORDER BY 1, 2
"""

_UNBALANCED = """
SELECT e.id, e.number, COALESCE(SUM(l.debit), 0), COALESCE(SUM(l.credit), 0)
FROM ledger_journalentry e LEFT JOIN ledger_journalline l ON l.entry_id = e.id
WHERE %(accounts)s::bigint[] IS NULL OR e.account_id = ANY(%(accounts)s)
GROUP BY e.id
HAVING COUNT(l.id) = 0 OR SUM(l.debit) <> SUM(l.credit)
    OR COALESCE(SUM(l.company_debit) <> SUM(l.company_credit), FALSE)
ORDER BY e.id
"""


@dataclass(frozen=True, slots=True)
class ControlMiss:
    """An account and currency whose control account is not what its items add up to.

    `value`s are in company currency; None where a rate is unknown.
    """

    account_id: int
    currency: str
    control: Decimal
    items: Decimal
    control_value: Decimal | None
    items_value: Decimal | None


@dataclass(frozen=True, slots=True)
class BalanceMiss:
    """An entry whose lines do not balance, or that has none."""

    entry_id: int
    number: str
    debit: Decimal
    credit: Decimal


def control_proof(
    account_ids: Sequence[int] | None = None, *, on: date | None = None
) -> list[ControlMiss]:
    """Every account and currency whose control account differs from the sum of its open items.

    In document currency always, in company currency wherever the rates are known. `on` compares
    what was posted up to a day with what was open on it; None compares all that is stored now.
    Empty when all is well. `account_ids` None proves the whole ledger.
    """
    if on is None:
        return [ControlMiss(*row) for row in _rows(_CONTROL, account_ids)]
    return [ControlMiss(*row) for row in _rows(_CONTROL_ON, account_ids, on=on)]


def balance_proof(account_ids: Sequence[int] | None = None) -> list[BalanceMiss]:
    """Every entry whose lines do not balance in both currencies. Empty when all is well."""
    return [BalanceMiss(*row) for row in _rows(_UNBALANCED, account_ids)]


def ledger_misses(account_ids: Sequence[int] | None = None, *, on: date | None = None) -> list[str]:
    """A sentence for every control account, entry and bill account that is not what it should be.

    Control accounts as stored now and, with `on`, as of that day, too.
    """
    found = [("", miss) for miss in control_proof(account_ids)]
    if on is not None:
        found += [(f" on {on}", miss) for miss in control_proof(account_ids, on=on)]
    bills = bills_proof(account_ids)
    missed = {miss.account_id for _day, miss in found} | {miss.account_id for miss in bills}
    names = {
        account.pk: f"{account.customer.code} ({account.company.code})"
        for account in CustomerAccount.objects.filter(pk__in=missed).select_related(
            "customer", "company"
        )
    }
    texts = []
    for day, miss in found:
        text = f"{names[miss.account_id]} {miss.currency}{day}: "
        text += f"control account {miss.control}, items {miss.items}"
        if miss.control_value != miss.items_value:
            text += f"; in company currency {miss.control_value} and {miss.items_value}"
        texts.append(text)
    texts += [
        f"{names[each.account_id]} {each.currency}: bills booked {each.booked}, there are "
        f"{each.bills}; advances of banks {each.advanced}, due {each.owed}"
        for each in bills
    ]
    return texts + [
        f"entry {miss.number}: debit {miss.debit}, credit {miss.credit}"
        for miss in balance_proof(account_ids)
    ]


def _rows(sql: str, account_ids: Sequence[int] | None, **more: date) -> list[tuple[Any, ...]]:
    accounts = None if account_ids is None else list(account_ids)
    with connection.cursor() as cursor:
        cursor.execute(sql, {"accounts": accounts, **more})
        return list(cursor.fetchall())
