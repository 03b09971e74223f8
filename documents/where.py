"""Where the value of documents sits now: component by component, paper and ledger alike."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core import clock
from core.prepared import prepared_cursor
from core.sources import ACCOUNT
from credit_limits.engine.types import Component
from credit_limits.exposure import AccountKey, Asked, exposure_params
from credit_limits.standing import policies_by_company
from documents.exposure import LIVE_CTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from decimal import Decimal

    from credit_limits.engine.types import PolicyFacts
    from customers.models import CustomerAccount
    from documents.models import Document
    from ledger.models import OpenItem

WAITING: Final = "waiting"
LATER: Final = "later"


@dataclass(frozen=True, slots=True)
class Place:
    """So much of a document's value in one component, in the document's currency.

    `component` is an engine component, or "waiting" and "later", which are shown and not counted.
    """

    component: str
    amount: Decimal

    @property
    def is_counted(self) -> bool:
        """Whether it may count as exposure (the policy of the company has the last word)."""
        return self.component not in {WAITING, LATER}


def places(
    account: CustomerAccount, document_ids: Sequence[int], policy: PolicyFacts | None = None
) -> dict[int, list[Place]]:
    """Where each of these documents of one account has its value on paper. One statement.

    A `policy` that is known already saves asking for it.

    Documents that count nothing have no entry; what is posted sits in its items (`item_places`).
    """
    if not document_ids:
        return {}
    key = AccountKey(
        account.pk, account.currency_id, account.company.currency_id, account.company_id
    )
    policy = policy or policies_by_company([account.company_id]).get(account.company_id)
    if policy is not None:
        key = key.under(policy)
    ctes = ",\n".join(f"{name} AS ({body})" for name, body in (("account", ACCOUNT), *LIVE_CTES))
    params = exposure_params([key], Asked(clock.today()))
    with prepared_cursor() as cursor:
        cursor.execute(
            f"WITH {ctes} SELECT document_id, component, amount FROM document_value"  # noqa: S608
            " WHERE document_id = ANY(%(documents)s) AND amount <> 0",
            params | {"documents": list(document_ids)},
        )
        rows = cursor.fetchall()
    found: dict[int, list[Place]] = defaultdict(list)
    for document_id, component, amount in sorted(rows, key=lambda row: _rank(row[1])):
        found[document_id].append(Place(component, amount))
    return dict(found)


def item_places(document: Document, items: Iterable[OpenItem]) -> list[Place]:
    """Where a posted document has what is open of its items, due and overdue apart."""
    today = clock.today()
    sums: dict[str, Decimal] = {}
    for item in items:
        if not item.open_amount:
            continue
        if item.direction == "credit":
            component, amount = Component.CREDITS.value, -item.open_amount
        else:
            overdue = item.due_on < today
            component = Component.INVOICE_OVERDUE.value if overdue else Component.INVOICE_OPEN.value
            amount = item.open_amount
        sums[component] = sums.get(component, amount - amount) + amount
    return [Place(component, sums[component]) for component in sorted(sums, key=_rank)]


def _rank(component: str) -> int:
    order = [item.value for item in Component]
    return order.index(component) if component in order else len(order)
