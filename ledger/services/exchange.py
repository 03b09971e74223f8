"""Exchange differences realised where a credit and a debit of different rates meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.models import Company
from core.money import ZERO
from ledger.models import Allocation, EntryKind, JournalEntry, JournalLine, LedgerRole
from ledger.services.accounts import accounts_by_role


@dataclass(frozen=True, slots=True)
class Move:
    """By how much the items' value in company currency rose with an allocation (stored by then).

    None: a rate is unknown, so nothing can be said. Zero: both sides moved alike.
    """

    allocation: Allocation
    value: Decimal | None


def exchange_write(moves: Sequence[Move]) -> list[JournalEntry]:
    """Post the differences, so that the control account follows the items; one entry for each.

    They are worth nothing in their own currency, and are numbered after their allocation.
    """
    real = [(move.allocation, move.value) for move in moves if move.value]
    if not real:
        return []
    entries = [
        JournalEntry(
            company_id=allocation.debit_item.entry.company_id,
            account_id=allocation.account_id,
            kind=EntryKind.EXCHANGE,
            number=f"FX-{allocation.pk}",
            document_on=allocation.allocated_on,
            posted_on=allocation.allocated_on,
            state=JournalEntry.State.POSTED,
            currency_id=allocation.debit_item.currency_id,
            amount=ZERO,
            company_amount=value,
            goes_with=allocation.credit_item.entry,
        )
        for allocation, value in real
    ]
    JournalEntry.objects.bulk_create(entries)
    roles = accounts_by_role(Company.objects.get(pk=entries[0].company_id))
    JournalLine.objects.bulk_create(
        _line(entry, roles[role], value, account_id)
        for entry, (allocation, value) in zip(entries, real, strict=True)
        for role, value, account_id in (
            (LedgerRole.RECEIVABLE, value, allocation.account_id),
            (LedgerRole.FX, -value, None),
        )
    )
    return entries


def _line(
    entry: JournalEntry, ledger_account_id: int, value: Decimal, account_id: int | None
) -> JournalLine:
    return JournalLine(
        entry=entry,
        ledger_account_id=ledger_account_id,
        account_id=account_id,
        company_debit=max(value, ZERO),
        company_credit=max(-value, ZERO),
    )
