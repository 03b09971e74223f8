"""Lists of the ledger, on the page and as files."""

from ledger.tables.items import (
    ImportTable,
    ItemTable,
    credit_file_url,
    export_header,
    export_rows,
    item_state,
    totals,
)
from ledger.tables.returns import ChargebackTable, ReturnTable, chargeback_export, return_export

__all__ = [
    "ChargebackTable",
    "ImportTable",
    "ItemTable",
    "ReturnTable",
    "chargeback_export",
    "credit_file_url",
    "export_header",
    "export_rows",
    "item_state",
    "return_export",
    "totals",
]
