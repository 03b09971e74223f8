"""The whole content of a database as one short text per table, to tell two states apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db import connection as default

if TYPE_CHECKING:
    from collections.abc import Mapping

type Fingerprint = Mapping[str, str]

# Moments differ between two runs of the same command; everything else must not.
_COLUMNS: Final = """
SELECT c.relname, COALESCE(array_agg(a.attname) FILTER (WHERE a.atttypid = 'timestamptz'::regtype),
                           ARRAY[]::name[])
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
GROUP BY c.relname ORDER BY c.relname
"""

_DIGEST: Final = """
SELECT '{table}', count(*) || ' rows, ' || md5(COALESCE(string_agg(x, '|' ORDER BY x), ''))
FROM (SELECT (to_jsonb(t) - %s::text[])::text AS x FROM {name} t) AS rows
"""


def fingerprint(connection: Any = default) -> dict[str, str]:
    """Table → number of rows and a digest of all rows without their moments (timestamps)."""
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS)
        tables = cursor.fetchall()
        parts = [_DIGEST.format(table=table, name=quote(table)) for table, _moments in tables]
        cursor.execute(" UNION ALL ".join(parts), [moments for _table, moments in tables])
        return dict(cursor.fetchall())


def differences(found: Fingerprint, wanted: Fingerprint) -> list[str]:
    """The tables that differ, with how many rows they hold and should hold."""
    return [
        f"{table}: {found.get(table, 'missing')}, not {wanted.get(table, 'missing')}"
        for table in sorted({*found, *wanted})
        if found.get(table) != wanted.get(table)
    ]
