"""Open debit items by days past due, in one statement for any number of accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from django.db import connection
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.clock import today
from ledger.ageing import BUCKETS, BY_KEY, Bucket
from ledger.exposure import allocated_later

LABELS: Final[dict[str, Promise]] = {
    "not_due": _("Not due"),
    "1-30": _("1–30 days"),
    "31-60": _("31–60 days"),
    "61-90": _("61–90 days"),
    "91-180": _("91–180 days"),
    "over-180": _("Over 180 days"),
}


def bucket_label(key: str) -> str:
    """The words of a bucket in the active language."""
    return str(LABELS[key])


@dataclass(frozen=True, slots=True)
class AgeingRow:
    """Residuals of one account in one bucket and currency.

    `company_amount` is the same in the company's currency at the rates the items carry; None when
    an item in it carries none. `item_count` counts items.
    """

    account_id: int
    bucket: Bucket
    currency: str
    amount: Decimal
    company_amount: Decimal | None
    item_count: int


_CASES = " ".join(
    f"WHEN %(as_of)s::date - r.due_on <= {bucket.last} THEN '{bucket.key}'"
    for bucket in BUCKETS
    if bucket.last is not None
)

# An item whose residual on the day comes out as nothing (what was allocated later was taken back
# again, say) is not there. The bounds are constants of ours; everything else is a parameter.
_SQL = f"""
SELECT r.account_id,
       CASE {_CASES} ELSE '{BUCKETS[-1].key}' END AS bucket,
       r.currency_id,
       SUM(r.residual),
       CASE WHEN BOOL_AND(r.rate IS NOT NULL)
           THEN SUM(ROUND(r.company_amount * r.residual / r.amount, 2)) END,
       COUNT(*)
FROM (
    SELECT i.account_id, i.due_on, i.currency_id, i.rate, i.amount, i.company_amount,
           SUM(p.amount) AS residual
    FROM (
        SELECT o.id, o.open_amount AS amount
        FROM ledger_openitem o
        WHERE o.direction = 'debit' AND o.is_posted AND o.open_amount > 0
          AND (%(accounts)s::bigint[] IS NULL OR o.account_id = ANY(%(accounts)s))
        UNION ALL
        SELECT a.debit_item_id, a.amount
        FROM ledger_allocation a
        WHERE (%(accounts)s::bigint[] IS NULL OR a.account_id = ANY(%(accounts)s))
          AND {allocated_later("a")}
    ) p
    JOIN ledger_openitem i ON i.id = p.id
    JOIN ledger_journalentry e ON e.id = i.entry_id
    WHERE i.is_posted AND (%(is_current)s OR e.posted_on <= %(as_of)s)
      AND (%(known_at)s::timestamptz IS NULL OR i.entered_at <= %(known_at)s)
    GROUP BY i.id
    HAVING SUM(p.amount) > 0
) r
GROUP BY 1, 2, 3
ORDER BY 1, 3, 2
"""  # noqa: S608


def ageing_rows(
    *, account_ids: Sequence[int] | None, as_of: date, known_at: datetime | None = None
) -> list[AgeingRow]:
    """Residuals of posted debit items as they stood on `as_of`, by account, bucket and currency.

    `account_ids` None means all accounts. `known_at` leaves out what was entered later. Empty
    buckets have no row.
    """
    if account_ids is not None and not account_ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            _SQL,
            {
                "accounts": None if account_ids is None else list(account_ids),
                "as_of": as_of,
                "is_current": as_of >= _day(known_at),
                "known_at": known_at,
            },
        )
        rows = cursor.fetchall()
    return [
        AgeingRow(account_id, BY_KEY[key], currency, amount, company_amount, count)
        for account_id, key, currency, amount, company_amount, count in rows
    ]


def _day(known_at: datetime | None) -> date:
    return today() if known_at is None else timezone.localdate(known_at)
