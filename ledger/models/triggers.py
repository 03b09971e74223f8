"""What the database itself refuses in the ledger, written once for all the tables it guards."""

from __future__ import annotations

from typing import Final

import pgtrigger

# An entry has lines, they balance in both currencies, they belong to its company and account, and
# what its control line says is what its items say. Asked at the end of the transaction.
_BALANCED: Final = """
SELECT * INTO entry FROM ledger_journalentry e WHERE e.id = entry_key;
SELECT COUNT(*) AS lines,
       COUNT(l.company_debit) AS known,
       SUM(l.debit) - SUM(l.credit) AS rest,
       SUM(l.company_debit) - SUM(l.company_credit) AS company_rest,
       COALESCE(SUM(l.debit - l.credit) FILTER (WHERE l.account_id IS NOT NULL), 0) AS control,
       BOOL_AND(a.company_id = entry.company_id
                AND (a.role = 'receivable') = (l.account_id IS NOT NULL)
                AND COALESCE(l.account_id = entry.account_id, TRUE)) AS belong
INTO found
FROM ledger_journalline l JOIN ledger_ledgeraccount a ON a.id = l.ledger_account_id
WHERE l.entry_id = entry_key;
IF found.lines = 0 THEN
    RAISE EXCEPTION 'Entry % has no lines', entry.number
        USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_has_lines';
END IF;
IF NOT found.belong THEN
    RAISE EXCEPTION 'Entry % has a line of another company or account', entry.number
        USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_lines_belong';
END IF;
IF found.rest <> 0 OR found.known NOT IN (0, found.lines) OR COALESCE(found.company_rest, 0) <> 0
THEN
    RAISE EXCEPTION 'Entry % does not balance', entry.number
        USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_balanced';
END IF;
"""

_EQUALS_ITEMS: Final = """
IF {asked} AND found.control <> (
    SELECT COALESCE(SUM(CASE i.direction WHEN 'debit' THEN i.amount ELSE -i.amount END), 0)
    FROM ledger_openitem i WHERE i.entry_id = entry_key
) THEN
    RAISE EXCEPTION 'The items of entry % differ from its control line', entry.number
        USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_control_equals_items';
END IF;
"""

_DECLARE: Final = [
    ("entry", "ledger_journalentry%ROWTYPE"),
    ("found", "RECORD"),
    ("entry_key", "BIGINT"),
]


def balanced(key: str, *, with_items: str) -> pgtrigger.Trigger:
    """Ask at the end of the transaction whether the entry of a new row is in balance.

    `with_items` is the condition under which its items are asked, too.
    """
    items = _EQUALS_ITEMS.format(asked=with_items)
    return pgtrigger.Trigger(
        name="balanced",
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        timing=pgtrigger.Deferred,
        declare=_DECLARE,
        func=f"entry_key := NEW.{key};\n{_BALANCED}{items}RETURN NULL;",
    )


def append_only() -> pgtrigger.Protect:
    """No row changes or goes."""
    return pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)


# A provisional entry is posted once, on a day of its own choice; nothing else ever changes.
ENTRY_APPEND_ONLY: Final = pgtrigger.Trigger(
    name="append_only",
    when=pgtrigger.Before,
    operation=pgtrigger.Update | pgtrigger.Delete,
    func="""
    IF TG_OP = 'UPDATE' AND OLD.state = 'provisional' AND NEW.state = 'posted'
       AND to_jsonb(NEW) - ARRAY['state', 'posted_on'] = to_jsonb(OLD) - ARRAY['state', 'posted_on']
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;
    """,
)

# Posting holds a shared lock on the calendar of its company until it ends, closing a period the
# exclusive one: so no entry slips into a period while it is being closed.
CALENDAR_LOCK: Final = 1002
_OPEN: Final = """
PERFORM pg_advisory_xact_lock_shared({lock}, company_key::int);
IF EXISTS (
    SELECT 1 FROM ledger_ledgersettings s
    WHERE s.company_id = company_key AND s.closed_through >= {day}
) THEN
    RAISE EXCEPTION 'The books are closed through %', (
        SELECT s.closed_through FROM ledger_ledgersettings s WHERE s.company_id = company_key
    ) USING ERRCODE = 'check_violation', CONSTRAINT = 'period_is_open';
END IF;
RETURN NEW;
"""

ENTRY_PERIOD_OPEN: Final = pgtrigger.Trigger(
    name="period_open",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.Update,
    condition=pgtrigger.Q(new__state="posted"),
    declare=[("company_key", "BIGINT")],
    func="company_key := NEW.company_id;" + _OPEN.format(lock=CALENDAR_LOCK, day="NEW.posted_on"),
)

ALLOCATION_PERIOD_OPEN: Final = pgtrigger.Trigger(
    name="period_open",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert,
    declare=[("company_key", "BIGINT")],
    func=f"""
    SELECT a.company_id INTO company_key
    FROM customers_customeraccount a WHERE a.id = NEW.account_id;
    {_OPEN.format(lock=CALENDAR_LOCK, day="NEW.allocated_on")}
    """,  # noqa: S608 - fixed text
)

# What is taken back is the whole of what was given, between the same two items, not earlier.
ALLOCATION_MIRRORS: Final = pgtrigger.Trigger(
    name="mirrors",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert,
    condition=pgtrigger.Q(new__reverses__isnull=False),
    func="""
    IF NOT EXISTS (
        SELECT 1 FROM ledger_allocation o
        WHERE o.id = NEW.reverses_id AND o.reverses_id IS NULL AND o.amount = -NEW.amount
          AND o.account_id = NEW.account_id AND o.debit_item_id = NEW.debit_item_id
          AND o.credit_item_id = NEW.credit_item_id AND o.allocated_on <= NEW.allocated_on
    ) THEN
        RAISE EXCEPTION 'A reversal takes back exactly what was applied'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reversal_mirrors';
    END IF;
    RETURN NEW;
    """,
)
