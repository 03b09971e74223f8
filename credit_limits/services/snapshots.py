"""What the night stores: exposure and payment behaviour per account and day, and alerts.

Every function is idempotent: a second run of a day writes only what differs, so a row whose
figures are the same keeps even the moment it was taken.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

from core.locks import settled_moment, under_way
from credit_limits.engine.types import Component, LimitState
from credit_limits.models import ExposureSnapshot, PaymentBehaviour
from credit_limits.selectors import portfolio_positions
from ledger.selectors.behaviour import behaviour_rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from django.db.models import Model

    from credit_limits.selectors import CreditPosition

WINDOW_MONTHS = 12


def snapshot_values(position: CreditPosition) -> dict[str, Any]:
    """The columns of a snapshot for a position (amounts in the account's risk currency)."""
    limit = position.limit
    return {
        "account_id": position.account.pk,
        "as_of": position.as_of,
        "currency_id": position.currency,
        **{component.value: position.components[component] for component in Component},
        "waiting": position.waiting,
        "total": position.total,
        "limit_state": limit.state.value,
        "limit_amount": limit.amount if limit.state is LimitState.AMOUNT else None,
        "headroom": position.headroom,
        "worst_days_overdue": position.worst_days_overdue,
        "is_over_limit": position.is_over_limit,
        "is_complete": position.is_complete,
    }


def exposure_snapshots_take(
    *, as_of: date, account_ids: Sequence[int], known_at: datetime | None = None
) -> dict[str, int]:
    """Store the exposure of these accounts on a day; returns accounts seen and rows written.

    As it was known at `known_at` (default: `settled_moment`), which is kept as `taken_at`: asked
    again with that moment it is the same on any later day, whoever was at work meanwhile.
    """
    moment = known_at or settled_moment()
    positions = portfolio_positions(as_of=as_of, account_ids=account_ids, known_at=moment)
    rows = [snapshot_values(positions[key]) for key in sorted(positions)]
    written = _upsert(ExposureSnapshot, rows, ("account_id", "as_of"), stamp=("taken_at", moment))
    return {"accounts": len(rows), "snapshots_written": written}


def behaviours_take(*, as_of: date, account_ids: Sequence[int]) -> dict[str, int]:
    """Store how these accounts paid in the 12 months before a day (amount-weighted)."""
    found = {row.account_id: row for row in behaviour_rows(account_ids, as_of, WINDOW_MONTHS)}
    rows = []
    for account_id in sorted(account_ids):
        row = found.get(account_id)
        known = row is not None and row.settled_amount > 0
        rows.append(
            {
                "account_id": account_id,
                "as_of": as_of,
                "window_months": WINDOW_MONTHS,
                "settled_amount": row.settled_amount if row else 0,
                "settled_count": row.settled_count if row else 0,
                "average_days_late": row.average_days_late if known and row else None,
                "late_share_percent": row.late_share_percent if known and row else None,
            }
        )
    written = _upsert(PaymentBehaviour, rows, ("account_id", "as_of", "window_months"))
    return {"behaviours_written": written}


_ALERTS = """
INSERT INTO credit_limits_alert (account_id, kind, as_of, facts, created_at)
SELECT s.account_id, k.kind, s.as_of,
       jsonb_build_object('total', s.total::text, 'limit', s.limit_amount::text,
                          'headroom', s.headroom::text, 'overdue', s.invoice_overdue::text,
                          'days', s.worst_days_overdue, 'currency', s.currency_id),
       now()
FROM credit_limits_exposuresnapshot s
LEFT JOIN LATERAL (
    SELECT p.is_over_limit, p.invoice_overdue
    FROM credit_limits_exposuresnapshot p
    WHERE p.account_id = s.account_id AND p.as_of < s.as_of
    ORDER BY p.as_of DESC LIMIT 1
) before ON true
CROSS JOIN LATERAL (
    VALUES ('over_limit', s.is_over_limit AND NOT COALESCE(before.is_over_limit, false)),
           ('overdue', s.invoice_overdue > 0 AND COALESCE(before.invoice_overdue, 0) <= 0)
) k (kind, is_new)
WHERE s.as_of = %(as_of)s AND s.account_id = ANY(%(accounts)s) AND k.is_new
  AND NOT EXISTS (
    SELECT 1
    FROM credit_limits_alert a
    WHERE a.account_id = s.account_id AND a.kind = k.kind
      AND a.as_of = (
        SELECT MIN(n.as_of) FROM credit_limits_exposuresnapshot n
        WHERE n.account_id = s.account_id AND n.as_of > s.as_of
      )
  )
ON CONFLICT (account_id, kind, as_of) DO NOTHING
"""


def alerts_raise(*, as_of: date, account_ids: Sequence[int]) -> dict[str, int]:
    """Raise an alert for accounts over the limit or overdue on a day that were not before.

    "Before" is the account's latest earlier snapshot; without one, everything is new. A night that
    fills a gap afterwards is silent about what the night after the gap has told already.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ALERTS, {"as_of": as_of, "accounts": list(account_ids)})
        return {"alerts": cursor.rowcount}


def snapshots_prove(*, as_of: date, account_ids: Sequence[int], known_at: datetime) -> list[str]:
    """Where stored figures of a day differ from a fresh computation; empty when all is well.

    Stored ones are read from the states that documents leave behind as known at `known_at`, fresh
    ones from what stands. Where they differ because somebody worked since, it is no miss.
    """
    misses = _misses(as_of, account_ids, None)
    if misses:
        now, _oldest = under_way()
        moved = _misses(as_of, list(misses), now)
        as_stored = _misses(as_of, list(moved), known_at)
        misses = {
            key: texts for key, texts in misses.items() if key not in moved or key in as_stored
        }
    return [text for texts in misses.values() for text in texts]


def _misses(
    as_of: date, account_ids: Sequence[int], known_at: datetime | None
) -> dict[int, list[str]]:
    """By account, where its snapshot of a day differs from what was known at a moment."""
    if not account_ids:
        return {}
    positions = portfolio_positions(as_of=as_of, account_ids=account_ids, known_at=known_at)
    stored = {
        row.account_id: row
        for row in ExposureSnapshot.objects.filter(as_of=as_of, account__in=account_ids)
    }
    found: dict[int, list[str]] = {}
    for account_id, position in sorted(positions.items()):
        row = stored.get(account_id)
        if row is None:
            found[account_id] = [f"account {account_id}: no snapshot of {as_of}"]
            continue
        texts = [
            f"account {account_id}: {column} is stored as {kept}, computed as {value}"
            for column, value in snapshot_values(position).items()
            if (kept := getattr(row, column)) != value
        ]
        if texts:
            found[account_id] = texts
    return found


def _upsert(
    model: type[Model],
    rows: list[dict[str, Any]],
    key: tuple[str, ...],
    stamp: tuple[str, datetime] | None = None,
) -> int:
    """Insert rows, update those that differ, leave equal ones alone; returns rows written.

    `stamp` is a column that is written with the others, and makes no difference itself.
    """
    if not rows:
        return 0
    columns = list(rows[0])
    types = {
        field.column: field.db_type(connection) or "text" for field in model._meta.concrete_fields
    }
    values = [column for column in columns if column not in key]
    table = connection.ops.quote_name(model._meta.db_table)
    names = ", ".join(columns)
    record = ", ".join(f"{column} {types[column]}" for column in columns)
    stamped = {"names": f", {stamp[0]}", "at": ", %s"} if stamp else {"names": "", "at": ""}
    updates = [f"{column} = EXCLUDED.{column}" for column in values]
    if stamp:
        updates.append(f"{stamp[0]} = EXCLUDED.{stamp[0]}")
    old = ", ".join(f"t.{column}" for column in values)
    new = ", ".join(f"EXCLUDED.{column}" for column in values)
    # Names come from the model, never from outside; values are bound.
    statement = f"""
        INSERT INTO {table} AS t ({names}{stamped["names"]})
        SELECT {names}{stamped["at"]} FROM jsonb_to_recordset(%s::jsonb) AS r ({record})
        ON CONFLICT ({", ".join(key)}) DO UPDATE SET {", ".join(updates)}
        WHERE ({old}) IS DISTINCT FROM ({new})
    """  # noqa: S608
    with connection.cursor() as cursor:
        moments = [stamp[1]] if stamp else []
        cursor.execute(statement, [*moments, json.dumps(rows, cls=DjangoJSONEncoder)])
        written: int = cursor.rowcount
        return written
