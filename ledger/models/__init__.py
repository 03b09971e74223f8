"""The receivables ledger: entries, open items, allocations and imports."""

from ledger.models.imports import ImportProfile, ImportRun
from ledger.models.items import Allocation, JournalEntry, OpenItem

__all__ = ["Allocation", "ImportProfile", "ImportRun", "JournalEntry", "OpenItem"]
