"""The proof of the bills: what the ledger account of bills says is what the bills say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

# Advances of banks stand against the bills that are with a bank which credited them.
_BILLS = """
SELECT COALESCE(l.account_id, b.account_id), COALESCE(l.currency_id, b.currency_id),
       COALESCE(l.bills, 0), COALESCE(b.bills, 0),
       COALESCE(l.advances, 0), COALESCE(b.advances, 0)
FROM (
    SELECT e.account_id, e.currency_id,
           COALESCE(SUM(l.debit - l.credit) FILTER (WHERE g.role = 'bills'), 0) AS bills,
           COALESCE(SUM(l.credit - l.debit) FILTER (WHERE g.role = 'advances'), 0) AS advances
    FROM ledger_journalentry e
    JOIN ledger_journalline l ON l.entry_id = e.id
    JOIN ledger_ledgeraccount g ON g.id = l.ledger_account_id AND g.role IN ('bills', 'advances')
    WHERE e.state = 'posted'
      AND (%(accounts)s::bigint[] IS NULL OR e.account_id = ANY(%(accounts)s))
    GROUP BY e.account_id, e.currency_id
) l
FULL JOIN (
    SELECT r.account_id, r.currency_id, SUM(r.amount) AS bills,
           COALESCE(SUM(r.amount) FILTER (
               WHERE r.state = 'presented' AND r.presented IN ('discount', 'subject')), 0
           ) AS advances
    FROM ledger_bill r
    WHERE r.state IN ('in_hand', 'presented', 'returned')
      AND (%(accounts)s::bigint[] IS NULL OR r.account_id = ANY(%(accounts)s))
    GROUP BY r.account_id, r.currency_id
) b ON b.account_id = l.account_id AND b.currency_id = l.currency_id
WHERE COALESCE(l.bills, 0) <> COALESCE(b.bills, 0)
   OR COALESCE(l.advances, 0) <> COALESCE(b.advances, 0)
ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class BillMiss:
    """An account and currency whose ledger says something else about bills than the bills do.

    `booked` and `advanced` are what the ledger says, `bills` and `owed` what the bills say: how
    much of them we hold, and how much of that a bank has credited already.
    """

    account_id: int
    currency: str
    booked: Decimal
    bills: Decimal
    advanced: Decimal
    owed: Decimal


def bills_proof(account_ids: Sequence[int] | None = None) -> list[BillMiss]:
    """Every account and currency whose bills and books differ; None proves the whole ledger."""
    accounts = None if account_ids is None else list(account_ids)
    with connection.cursor() as cursor:
        cursor.execute(_BILLS, {"accounts": accounts})
        return [BillMiss(*row) for row in cursor.fetchall()]
