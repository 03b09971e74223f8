"""How exposure is read: the parameters of a policy that say which values count, and where.

The numbers P1, P2, P3, P6, P7 and P9 are those of the Fluentis customer-risk parameters
(docs/exposure.md names each of them).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class ExposureTerms:
    """Terms of the exposure statement; the defaults count everything, with tax.

    `start_on` (P3): delivery notes, invoices and ledger entries dated earlier are ignored.
    `ledger_base` (P6): the ledger balance stands for the open items.
    `provisional` (P7): items of provisional entries count.
    `unprinted` (P9): invoices count before they are printed for good.
    `printed_only`: orders count only once they were printed for good.
    `disputed`: disputed items count. `with_tax`: documents count with their tax.
    `horizon_days`: orders to be delivered later than this many days ahead are only shown.
    `grace_subject` (P1), `grace_after` (P2), `grace_discount`: days after its due date during which
    a bill still counts that was presented subject to collection, after collection, at discount.
    """

    start_on: date | None = None
    ledger_base: bool = False
    provisional: bool = False
    unprinted: bool = True
    printed_only: bool = False
    disputed: bool = True
    with_tax: bool = True
    horizon_days: int | None = None
    grace_subject: int = 0
    grace_after: int = 0
    grace_discount: int = 0
