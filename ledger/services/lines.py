"""The lines behind an entry: the control line of the customer, and what stands against it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.db import connection
from django.utils.translation import gettext_lazy as _

from core.errors import Invalid
from core.money import ZERO
from ledger.models import EntryKind, JournalEntry, JournalLine, LedgerRole
from ledger.services.accounts import accounts_by_role
from ledger.values import part_values


@dataclass(frozen=True, slots=True)
class Split:
    """A counter line: `amount` in the entry's currency on the account of a role.

    Above zero it stands against the control line (revenue of an invoice, the bank of a payment);
    below zero on the same side as it (an advance that a final invoice deducts).
    """

    role: str
    amount: Decimal


COUNTER_ROLE: Final[dict[str, str]] = {
    EntryKind.INVOICE: LedgerRole.REVENUE,
    EntryKind.CREDIT_NOTE: LedgerRole.REVENUE,
    EntryKind.PAYMENT: LedgerRole.BANK,
    EntryKind.OPENING: LedgerRole.OPENING,
    EntryKind.ADJUSTMENT: LedgerRole.CLEARING,
    EntryKind.DISCOUNT: LedgerRole.DISCOUNT,
    EntryKind.DIFFERENCE: LedgerRole.DIFFERENCE,
    EntryKind.WRITE_OFF: LedgerRole.WRITE_OFF,
    EntryKind.EXCHANGE: LedgerRole.FX,
    EntryKind.FEE: LedgerRole.BANK,
    EntryKind.BILL: LedgerRole.BILLS,
}


def splits_checked(kind: str, total: Decimal, splits: Sequence[Split]) -> list[Split]:
    """Counter lines of an entry over `total`: the given ones, one per role, or the usual one.

    Raises Invalid for an unknown role and for lines that do not add up to `total`.
    """
    if not splits:
        return [Split(COUNTER_ROLE[kind], total)]
    sums: dict[str, Decimal] = {}
    for split in splits:
        if split.role not in LedgerRole.values or split.role == LedgerRole.RECEIVABLE:
            raise Invalid(
                "ledger.split_role",
                _("%(role)s is no account to post against."),
                params={"role": split.role},
            )
        sums[split.role] = sums.get(split.role, ZERO) + split.amount
    if sum(sums.values(), ZERO) != total:
        raise Invalid(
            "ledger.splits_do_not_add_up",
            _("The counter lines make %(sum)s, the entry %(total)s."),
            params={"sum": sum(sums.values(), ZERO), "total": total},
        )
    return [Split(role, amount) for role, amount in sums.items() if amount]


def lines_write(entry: JournalEntry, *, is_debit: bool, splits: Sequence[Split]) -> None:
    """Write the control line of a new entry on its side and `splits` against it."""
    roles = accounts_by_role(entry.company)
    values: list[Decimal | None] = [None] * len(splits)
    if entry.company_amount is not None:
        values = list(part_values(entry.company_amount, [split.amount for split in splits]))
    control = _line(
        entry, roles[LedgerRole.RECEIVABLE], entry.amount, entry.company_amount, is_debit=is_debit
    )
    control.account_id = entry.account_id
    JournalLine.objects.bulk_create(
        [
            control,
            *(
                _line(entry, roles[split.role], split.amount, value, is_debit=not is_debit)
                for split, value in zip(splits, values, strict=True)
            ),
        ]
    )


def lines_write_between(entry: JournalEntry, *, debit: str, credit: str) -> None:
    """Write the two lines of an entry that moves its amount from one role's account to another's.

    Between receivables and receivables the customer's control account stays where it is.
    """
    roles = accounts_by_role(entry.company)
    lines = []
    for role, is_debit in ((debit, True), (credit, False)):
        line = _line(entry, roles[role], entry.amount, entry.company_amount, is_debit=is_debit)
        line.account_id = entry.account_id if role == LedgerRole.RECEIVABLE else None
        lines.append(line)
    JournalLine.objects.bulk_create(lines)


def _line(
    entry: JournalEntry,
    ledger_account_id: int,
    amount: Decimal,
    value: Decimal | None,
    *,
    is_debit: bool,
) -> JournalLine:
    """A line of `amount` on one side, or of its opposite on the other side."""
    if amount < 0 or (value is not None and value < 0):
        amount, is_debit = -amount, not is_debit
        value = None if value is None else -value
    nothing = None if value is None else ZERO
    return JournalLine(
        entry=entry,
        ledger_account_id=ledger_account_id,
        debit=amount if is_debit else ZERO,
        credit=ZERO if is_debit else amount,
        company_debit=value if is_debit else nothing,
        company_credit=nothing if is_debit else value,
    )


_COUNTER_CASES = " ".join(f"WHEN '{kind}' THEN '{role}'" for kind, role in COUNTER_ROLE.items())

_FILL: Final = f"""
INSERT INTO ledger_journalline
    (entry_id, ledger_account_id, account_id, debit, credit, company_debit, company_credit)
SELECT e.id, a.id, CASE WHEN l.is_control THEN e.account_id END,
       CASE WHEN l.is_debit THEN e.amount ELSE 0 END,
       CASE WHEN l.is_debit THEN 0 ELSE e.amount END,
       CASE WHEN e.company_amount IS NULL THEN NULL
            WHEN l.is_debit THEN e.company_amount ELSE 0 END,
       CASE WHEN e.company_amount IS NULL THEN NULL
            WHEN l.is_debit THEN 0 ELSE e.company_amount END
FROM ledger_journalentry e
JOIN LATERAL (
    SELECT i.direction = 'debit' AS debits FROM ledger_openitem i WHERE i.entry_id = e.id LIMIT 1
) d ON TRUE
CROSS JOIN LATERAL (VALUES
    (TRUE, d.debits, 'receivable'),
    (FALSE, NOT d.debits, CASE e.kind {_COUNTER_CASES} END)
) l (is_control, is_debit, role)
JOIN ledger_ledgeraccount a ON a.company_id = e.company_id AND a.role = l.role
WHERE (%(run)s::bigint IS NULL OR e.import_run_id = %(run)s)
  AND NOT EXISTS (SELECT 1 FROM ledger_journalline o WHERE o.entry_id = e.id)
ORDER BY e.id, l.is_control DESC
"""  # noqa: S608 - names of ours only


def lines_fill(*, run_id: int | None = None) -> int:
    """Write the usual two lines of every entry that has none, in one statement; return how many.

    For those who write entries and items in bulk, in the same transaction. `run_id` looks at the
    entries of one import only. The companies need their ledger accounts first.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FILL, {"run": run_id})
        return int(cursor.rowcount)
