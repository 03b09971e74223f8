"""What lists of the ledger are narrowed by."""

from ledger.filters.bills import BillFilter, PresentationFilter
from ledger.filters.items import ItemFilter, in_state
from ledger.filters.returns import ChargebackFilter, ReturnFilter

__all__ = [
    "BillFilter",
    "ChargebackFilter",
    "ItemFilter",
    "PresentationFilter",
    "ReturnFilter",
    "in_state",
]
