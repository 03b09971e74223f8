"""Sequences that the ledger numbers its own entries with. No document numbers with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core.numbering import number_next

if TYPE_CHECKING:
    from datetime import date

    from core.models import Company

# code of the sequence -> what stands before the year
PREFIXES: Final = {
    "payment": "PAY-",
    "reversal": "RV-",
    "deduction": "DE-",
    "chargeback": "CB-",
    "bank_fee": "BF-",
    "receivable": "PR-",
    "bill": "BI-",
    "presentation": "PL-",
}


def entry_number(*, company: Company, code: str, on: date) -> str:
    """The next number of one of these sequences in the year of `on`; any other is a KeyError.

    So every sequence of the ledger is in the table, and no type of document can take its prefix.
    """
    return number_next(company=company, code=code, on=on, prefix=PREFIXES[code])
