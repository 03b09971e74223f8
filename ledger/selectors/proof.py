"""The proof that stored residuals equal what the allocations say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection

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
    with connection.cursor() as cursor:
        cursor.execute(_SQL, {"accounts": None if account_ids is None else list(account_ids)})
        return [ResidualMiss(*row) for row in cursor.fetchall()]
