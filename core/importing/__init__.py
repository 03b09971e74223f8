"""Reading tables that people bring: CSV and XLSX, streamed, every fault with row and column.

`look_into` finds out what a file is; `open_table` streams its rows; `values` turns cells into
typed values. Nothing here knows what the columns mean.
"""

from core.importing.problems import MESSAGES, CellError, Problem, ReadError
from core.importing.sniff import look_into
from core.importing.tables import Cell, FileShape, Table, heading_key, open_table, row_estimate

__all__ = [
    "MESSAGES",
    "Cell",
    "CellError",
    "FileShape",
    "Problem",
    "ReadError",
    "Table",
    "heading_key",
    "look_into",
    "open_table",
    "row_estimate",
]
