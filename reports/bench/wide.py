"""The whole portfolio at once: writing it by COPY, and reading everybody's exposure.

Each beside its floor in the same run: bare COPY of as many rows, and the plain sums of the same
tables by account, which know nothing of policies, hand-over or currencies.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Final

from django.db import connection
from django.utils import timezone

from credit_limits.assemble import account_key
from credit_limits.exposure import gather
from customers.models import CustomerAccount
from ledger.models import JournalLine
from reports.generate.run import Made, generate
from reports.services.defaults import defaults_install

ROUNDS: Final = 10

_SUMS: Final = """
SELECT account_id, SUM(open_amount)
FROM ledger_openitem WHERE open_amount > 0 AND is_posted GROUP BY account_id
UNION ALL
SELECT d.account_id, SUM(l.gross_amount)
FROM documents_document d JOIN documents_documentline l ON l.document_id = d.id
WHERE d.is_live GROUP BY d.account_id
"""


@dataclass(slots=True)
class Wide:
    """What was written how fast (rows per second), and times of reading in milliseconds."""

    made: Made
    copy_rows_per_second: float
    accounts: int = 0
    exposure: list[float] = field(default_factory=list)
    sums: list[float] = field(default_factory=list)


def measure_wide(
    *, customers: int, items: int, documents: int, seed: int, say: Callable[[str], None]
) -> Wide:
    """Generate a portfolio on the empty, migrated database we are connected to, and read it."""
    defaults_install()
    say(f"Writing {customers:,} customers, {items:,} items, {documents:,} documents …")
    made = generate(customers=customers, items=items, documents=documents, seed=seed, say=say)
    found = Wide(made, _bare_copy())
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
    accounts = list(CustomerAccount.objects.select_related("company"))
    keys = [account_key(account) for account in accounts]
    found.accounts = len(keys)
    today = timezone.localdate()
    say(f"Reading the exposure of {len(keys):,} accounts …")
    for number in range(ROUNDS + 1):
        works: list[tuple[list[float], Callable[[], object]]] = [
            (found.exposure, lambda: gather(keys, as_of=today)),
            (found.sums, _plain_sums),
        ]
        for times, work in works if number % 2 else reversed(works):
            start = perf_counter()
            work()
            if number:  # the first round only warms up
                times.append((perf_counter() - start) * 1000)
    return found


def _plain_sums() -> object:
    with connection.cursor() as cursor:
        cursor.execute(_SUMS)
        return cursor.fetchall()


def _bare_copy() -> float:
    """Rows per second of COPY into a table without keys, of rows like those of the ledger."""
    names = [str(field.column) for field in JournalLine._meta.concrete_fields]
    rows = list(JournalLine.objects.values_list(*names)[:50_000])
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE bare (LIKE ledger_journalline)")
        start = perf_counter()
        with cursor.copy(f"COPY bare ({', '.join(names)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        seconds = perf_counter() - start
        cursor.execute("DROP TABLE bare")
    return len(rows) / seconds
