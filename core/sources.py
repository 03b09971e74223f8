"""What a source of exposure hands upward: a piece of SQL with fixed columns.

All pieces are joined by UNION ALL into one statement, so that every component is read from the
same snapshot (law L1). The columns of a piece, in this order:

    account_id bigint · component text · currency text · amount numeric (document currency)
    · company_amount numeric (at the rate the document carries, NULL when it carries none)
    · item_count bigint · oldest_due_on date · worst_days integer (days past due, 0 when none)

`component` is one of the engine's components, or "waiting" for held documents, which are shown
and never counted. A piece may refer to the parameters %(accounts)s (array of account ids),
%(as_of)s (date), %(is_current)s (true when `as_of` is today or later: then whatever is accepted
counts, even with a later document date), %(known_at)s (timestamp or NULL: only what had been
entered by then) and %(without_type)s / %(without_id)s (identity of the document under test,
which must not be counted).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ExposureSource:
    """One named piece of the exposure statement."""

    name: str
    sql: str
