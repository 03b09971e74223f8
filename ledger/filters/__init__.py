"""What lists of the ledger are narrowed by."""

from ledger.filters.items import ItemFilter, in_state
from ledger.filters.returns import ChargebackFilter, ReturnFilter

__all__ = ["ChargebackFilter", "ItemFilter", "ReturnFilter", "in_state"]
