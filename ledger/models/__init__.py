"""The receivables ledger: entries with their lines, open items, allocations and imports."""

from ledger.models.accounts import DelayCause, LedgerAccount, LedgerRole, LedgerSettings
from ledger.models.bills import Bill, BillKind, BillPart, BillState, BillStep
from ledger.models.chargebacks import Chargeback, ReturnedPayment
from ledger.models.disputes import Dispute
from ledger.models.entries import EntryKind, JournalEntry
from ledger.models.imports import ImportProfile, ImportRun
from ledger.models.items import Allocation, OpenItem
from ledger.models.lines import JournalLine
from ledger.models.plans import PlannedAllocation
from ledger.models.presentations import Presentation

__all__ = [
    "Allocation",
    "Bill",
    "BillKind",
    "BillPart",
    "BillState",
    "BillStep",
    "Chargeback",
    "DelayCause",
    "Dispute",
    "EntryKind",
    "ImportProfile",
    "ImportRun",
    "JournalEntry",
    "JournalLine",
    "LedgerAccount",
    "LedgerRole",
    "LedgerSettings",
    "OpenItem",
    "PlannedAllocation",
    "Presentation",
    "ReturnedPayment",
]
