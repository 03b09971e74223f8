"""All rows that the database must refuse."""

from __future__ import annotations

from tests.architecture.nonsense_bills import BILLS
from tests.architecture.nonsense_books import BOOKS
from tests.architecture.nonsense_sales import SALES

CASES = (*BOOKS, *BILLS, *SALES)
