"""What the database itself refuses in the ledger, written once for all the tables it guards."""

from __future__ import annotations

from typing import Final

import pgtrigger

from ledger.bills import TRANSITIONS

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

# The parts of a bill are its amount; asked at the end of the transaction.
_ADDS_UP: Final = """
IF (SELECT b.amount FROM ledger_bill b WHERE b.id = NEW.{key})
   IS DISTINCT FROM (SELECT SUM(p.amount) FROM ledger_billpart p WHERE p.bill_id = NEW.{key})
THEN
    RAISE EXCEPTION 'The parts of bill % do not add up to it', NEW.{key}
        USING ERRCODE = 'check_violation', CONSTRAINT = 'bill_adds_up';
END IF;
RETURN NULL;
"""


def _adds_up(key: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name="adds_up",
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        timing=pgtrigger.Deferred,
        func=_ADDS_UP.format(key=key),
    )


BILL_ADDS_UP: Final = _adds_up("id")
BILL_PARTS_ADD_UP: Final = _adds_up("bill_id")

# A bill stands where its last step left it; asked at the end of the transaction.
_STANDS: Final = """
IF (SELECT (b.state, b.presented, b.pay_on, b.is_protested)
    FROM ledger_bill b WHERE b.id = NEW.{key})
   IS DISTINCT FROM (
       SELECT (s.state, s.presented, s.pay_on, s.is_protested) FROM ledger_billstep s
       WHERE s.bill_id = NEW.{key} ORDER BY s.position DESC LIMIT 1
   )
THEN
    RAISE EXCEPTION 'Bill % does not stand where its last step left it', NEW.{key}
        USING ERRCODE = 'check_violation', CONSTRAINT = 'bill_stands';
END IF;
RETURN NULL;
"""


def _stands(key: str, operation: pgtrigger.Operation) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name="stands",
        when=pgtrigger.After,
        operation=operation,
        timing=pgtrigger.Deferred,
        func=_STANDS.format(key=key),
    )


BILL_STANDS: Final = _stands("id", pgtrigger.Insert | pgtrigger.Update)
BILL_STEP_STANDS: Final = _stands("bill_id", pgtrigger.Insert)

BILL_PART_BELONGS: Final = pgtrigger.Trigger(
    name="belongs",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert,
    func="""
    IF NOT EXISTS (
        SELECT 1 FROM ledger_bill b JOIN ledger_openitem i ON i.id = NEW.item_id
        WHERE b.id = NEW.bill_id AND i.account_id = b.account_id
          AND i.currency_id = b.currency_id AND i.direction = 'debit'
    ) THEN
        RAISE EXCEPTION 'A bill is drawn on what its own account owes in its currency'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'bill_part_belongs';
    END IF;
    RETURN NEW;
    """,
)

_WAYS: Final = ", ".join(
    f"('{step}', '{before}', '{after}')"
    for step, ways in TRANSITIONS.items()
    for before, after in ways.items()
)

# Steps are numbered without a gap, their days ascend, and each is one that the table of
# `ledger.bills` knows. What is taken back leads to the state before it.
BILL_STEP_FOLLOWS: Final = pgtrigger.Trigger(
    name="follows",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert,
    declare=[("last", "RECORD")],
    func=f"""
    SELECT s.position, s.kind, s.state, s."on" INTO last
    FROM ledger_billstep s WHERE s.bill_id = NEW.bill_id ORDER BY s.position DESC LIMIT 1;
    IF NOT FOUND THEN
        IF NEW.kind = 'issue' AND NEW.state = 'issued' AND NEW.position = 1 THEN
            RETURN NEW;
        END IF;
    ELSIF NEW.position = last.position + 1 AND NEW."on" >= last."on" AND (
        NEW.kind = 'undo' AND NEW.state = (
            SELECT s.state FROM ledger_billstep s
            WHERE s.bill_id = NEW.bill_id AND s.position = last.position - 1
        )
        OR (NEW.kind, last.state, NEW.state) IN ({_WAYS})
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'Bill %: step % does not follow', NEW.bill_id, NEW.kind
        USING ERRCODE = 'check_violation', CONSTRAINT = 'bill_step_follows';
    """,  # noqa: S608 - fixed text
)
