"""Sequences that the ledger numbers its own entries with. No document numbers with them."""

from __future__ import annotations

from typing import Final

# code of the sequence -> what stands before the year
PREFIXES: Final = {"payment": "PAY-", "reversal": "RV-", "deduction": "DE-"}
