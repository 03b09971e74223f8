"""Control totals: what stands in the ledger must be what stood in the file, to the cent."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from django.db import connection
from django.utils.translation import gettext_lazy as _

from core.errors import Conflict
from ledger.import_texts import MESSAGES
from ledger.models import ImportRun

# What the file says, what the ledger holds for the same rows.
_CHECKS: Final = (
    (
        _("documents"),
        "SELECT COUNT(*), COUNT(i.id) FROM import_row r "
        "LEFT JOIN ledger_openitem i ON i.id = r.item_id AND i.account_id = r.account_id",
    ),
    (
        _("sum of the amounts"),
        "SELECT COALESCE(SUM(r.amount), 0), COALESCE(SUM(i.amount), 0) FROM import_row r "
        "LEFT JOIN ledger_openitem i ON i.id = r.item_id",
    ),
    (
        _("new documents"),
        "SELECT COALESCE((SELECT SUM(amount) FROM import_row WHERE is_new), 0), "
        "COALESCE((SELECT SUM(e.amount) FROM ledger_journalentry e WHERE e.import_run_id = %(run)s "
        "AND e.id NOT IN (SELECT pay_entry_id FROM import_row WHERE pay_entry_id IS NOT NULL)), 0)",
    ),
    (
        _("payments"),
        "SELECT COALESCE((SELECT SUM(pay) FROM import_row), 0), "
        "(SELECT COALESCE(SUM(a.amount), 0) FROM ledger_allocation a "
        "JOIN import_row r ON r.pay_item_id = a.credit_item_id) + "
        "(SELECT COALESCE(SUM(a.amount), 0) FROM ledger_allocation a "
        "JOIN import_row r ON r.pay_item_id = a.debit_item_id)",
    ),
    (
        _("what is still open"),
        "SELECT COALESCE(SUM(r.amount - GREATEST(r.settled, i.amount - i.open_amount)), 0), "
        "COALESCE(SUM(i.open_amount), 0) "
        "FROM import_row r LEFT JOIN ledger_openitem i ON i.id = r.item_id",
    ),
)

_UNPROVED: Final = """
SELECT COUNT(*) FROM import_row r JOIN ledger_openitem i ON i.id = r.item_id
LEFT JOIN (SELECT item_id, SUM(amount) AS amount FROM (
    SELECT a.debit_item_id AS item_id, a.amount FROM ledger_allocation a
    JOIN import_row r ON r.item_id = a.debit_item_id
    UNION ALL
    SELECT a.credit_item_id, a.amount FROM ledger_allocation a
    JOIN import_row r ON r.item_id = a.credit_item_id
) side GROUP BY item_id) s ON s.item_id = i.id
WHERE i.open_amount <> i.amount - COALESCE(s.amount, 0)
"""


def totals_assert(run: ImportRun) -> None:
    """Compare the staged rows with what the ledger holds for them now. Raises Conflict."""
    with connection.cursor() as cursor:
        for what, sql in _CHECKS:
            cursor.execute(sql, {"run": run.pk})
            found, written = cursor.fetchone()
            if Decimal(found) != Decimal(written):
                raise _differ(str(what), found, written)
        cursor.execute(_UNPROVED)
        (unproved,) = cursor.fetchone()
        if unproved:
            raise _differ(str(_("residuals without proof")), 0, unproved)


def _differ(what: str, found: object, written: object) -> Conflict:
    return Conflict(
        "ledger.import.totals_differ",
        MESSAGES["totals_differ"],
        params={"what": what, "found": found, "written": written},
    )
