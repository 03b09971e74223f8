"""The receivables ledger: entries, open items, allocations and imports."""

from ledger.models.imports import ImportProfile, ImportRun
from ledger.models.items import Allocation, EntryKind, JournalEntry, OpenItem
from ledger.models.plans import PlannedAllocation

__all__ = [
    "Allocation",
    "EntryKind",
    "ImportProfile",
    "ImportRun",
    "JournalEntry",
    "OpenItem",
    "PlannedAllocation",
]
