"""Which bill an entry belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db.models import Q

from ledger.models import Bill, EntryKind

if TYPE_CHECKING:
    from ledger.models import JournalEntry

ABOUT_BILLS: Final = frozenset(
    {
        EntryKind.BILL,
        EntryKind.BILL_MONEY,
        EntryKind.REVERSAL,
        EntryKind.FEE,
        EntryKind.BANK_COST,
    }
)


def entry_bill(entry: JournalEntry) -> Bill | None:
    """The bill that an entry posts, settles, opens again or charges for; None for others.

    One statement for the kinds of entries that can be about a bill, none for the rest.
    """
    if entry.kind not in ABOUT_BILLS:
        return None
    about = Q(entry=entry) | Q(steps__entry=entry) | Q(steps__charges_entry=entry)
    return Bill.objects.filter(about).distinct().first()
