"""The documents and items that exposure is made of, one line each, in one statement.

The sources list them from the same tables they add up, and amounts are converted as
`credit_limits.exposure` converts sums: the lines of a component add up to its figure, to the cent.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from core.money import ZERO, convert, split_evenly
from core.prepared import cursor_for
from core.rates import rates_on
from core.sources import line_statement
from credit_limits.exposure import Asked, exposure_params, sources

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date
    from decimal import Decimal

    from core.rates import Pair
    from credit_limits.exposure import AccountKey

DOCUMENT: Final = "documents.document"


@dataclass(frozen=True, slots=True)
class ExposureLine:
    """One document or item in a component.

    `component` is an engine component, "waiting" or "later". `amount` is in its own `currency`,
    `account_amount` in the account's (None: a rate is missing); both are signed as the component
    counts them, and so is `total`, what the whole document or item is worth. `kind` is the kind
    of the document or of the ledger entry, `state` the status of a document on that day.
    `wanted_on` is when its goods are to be delivered, `term_id` its payment terms. `quantity` are
    the units of a document (None for items), `delivered`, `invoiced` and `returned` where they
    went, `advance` what advances cover of an order.
    """

    account_id: int
    component: str
    subject_type: str
    subject_id: int
    number: str
    kind: str
    state: str
    document_on: date
    due_on: date | None
    wanted_on: date | None
    term_id: int | None
    currency: str
    amount: Decimal
    company_amount: Decimal | None
    total: Decimal
    quantity: Decimal | None
    delivered: Decimal | None
    invoiced: Decimal | None
    returned: Decimal | None
    advance: Decimal | None
    account_amount: Decimal | None = None

    @property
    def is_document(self) -> bool:
        """Whether it is a sales document, not an item of the ledger."""
        return self.subject_type == DOCUMENT


def exposure_lines(accounts: Sequence[AccountKey], asked: Asked) -> dict[int, list[ExposureLine]]:
    """Every line of each account's exposure, oldest first; accounts without any have no entry.

    One statement, and one for rates when a line is in another currency than its account.
    """
    if not accounts:
        return {}
    with cursor_for(len(accounts)) as cursor:
        cursor.execute(
            line_statement(sources(), past=asked.is_past), exposure_params(accounts, asked)
        )
        lines = [ExposureLine(*row) for row in cursor.fetchall()]
    found: dict[int, list[ExposureLine]] = defaultdict(list)
    for line in _converted(lines, {account.id: account for account in accounts}, asked):
        found[line.account_id].append(line)
    for rows in found.values():
        rows.sort(key=lambda line: (line.due_on or line.document_on, line.number, line.subject_id))
    return dict(found)


def lines_total(lines: Iterable[ExposureLine]) -> Decimal:
    """What the lines add up to in the account's currency; lines without a rate are left out."""
    return sum((line.account_amount for line in lines if line.account_amount is not None), ZERO)


def _converted(
    lines: list[ExposureLine], accounts: Mapping[int, AccountKey], asked: Asked
) -> list[ExposureLine]:
    """The lines with their amount in the account's currency.

    At a dated rate the sum of a component is converted and the lines share it, so that they add
    up; at the rate a line carries each line is converted by itself.
    """
    result: list[ExposureLine] = []
    dated: dict[tuple[int, str, str, bool], list[ExposureLine]] = defaultdict(list)
    for line in lines:
        account = accounts[line.account_id]
        if line.currency == account.currency:
            result.append(replace(line, account_amount=line.amount))
        elif account.currency == account.company_currency and line.company_amount is not None:
            result.append(replace(line, account_amount=line.company_amount))
        else:
            key = (line.account_id, line.component, line.currency, line.company_amount is None)
            dated[key].append(line)
    if not dated:
        return result
    pairs: set[Pair] = {(key[2], accounts[key[0]].currency) for key in dated}
    rates = rates_on(pairs, asked.as_of, known_at=asked.known_at)
    for (account_id, _component, currency, _none), group in dated.items():
        rate = rates[currency, accounts[account_id].currency]
        if rate is None:
            result += group
            continue
        amounts = [line.amount for line in group]
        total = convert(sum(amounts, ZERO), rate)
        shares = split_evenly(total, amounts) if sum(amounts, ZERO) else [ZERO] * len(group)
        result += [
            replace(line, account_amount=share) for line, share in zip(group, shares, strict=True)
        ]
    return result
