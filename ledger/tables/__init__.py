"""Lists of the ledger, on the page and as files."""

from ledger.tables.bills import BillTable, PresentationTable, bill_badge, bill_export
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
    "BillTable",
    "ChargebackTable",
    "ImportTable",
    "ItemTable",
    "PresentationTable",
    "ReturnTable",
    "bill_badge",
    "bill_export",
    "chargeback_export",
    "credit_file_url",
    "export_header",
    "export_rows",
    "item_state",
    "return_export",
    "totals",
]
