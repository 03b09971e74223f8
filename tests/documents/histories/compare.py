"""The application's figures beside the oracle's."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from core.clock import business_day
from core.prepared import prepared_cursor
from core.sources import ACCOUNT
from credit_limits.engine.types import ExposureTerms
from credit_limits.exposure import AccountKey, Asked, exposure_params, gather
from documents.exposure import LIVE_CTES, PAST_CTES
from tests.documents.histories.oracle import Day, Terms, Worth
from tests.documents.histories.oracle_ledger import Totals, as_known, exposure
from tests.documents.histories.oracle_papers import Papers

if TYPE_CHECKING:
    from customers.models import CustomerAccount
    from tests.documents.histories.house import House


def key_of(account: CustomerAccount, terms: Terms) -> AccountKey:
    """The account as the application reads it under these terms."""
    return AccountKey(
        id=account.pk,
        currency=account.currency_id,
        company_currency=account.company.currency_id,
        company_id=account.company_id,
        terms=ExposureTerms(
            start_on=terms.start_on,
            ledger_base=terms.ledger_base,
            provisional=terms.provisional,
            unprinted=terms.unprinted_count,
            printed_only=terms.printed_orders_only,
            disputed=terms.disputed,
            with_tax=terms.with_tax,
            horizon_days=terms.horizon_days,
            grace_discount=terms.grace_discount,
            grace_subject=terms.grace_subject,
            grace_after=terms.grace_after,
        ),
        delivered=terms.deliveries_count,
        drafts=terms.drafts_count,
    )


def stated_totals(house: House, terms: Terms, day: Day) -> dict[int, Totals]:
    """What the application says of each account, by component."""
    with business_day(day.today):
        found = gather(
            [key_of(account, terms) for account in house.accounts],
            as_of=day.on,
            known_at=day.known_at,
        )
    result = {}
    for key, part in found.accounts.items():
        assert not part.missing_rates, part.missing_rates
        amounts = {component.value: amount for component, amount in part.exposure.amounts.items()}
        amounts |= {"waiting": part.waiting, "later": part.later}
        result[key] = {name: amount for name, amount in amounts.items() if amount}
    return result


def counted_totals(house: House, terms: Terms, day: Day, *, past: bool) -> dict[int, Totals]:
    """What the oracle says; of a past day from the noted versions."""
    papers = as_known(house.history, day) if past else list(house.papers.values())
    return {
        account.pk: exposure(
            account={
                "id": account.pk,
                "currency": account.currency_id,
                "company_currency": account.company.currency_id,
            },
            papers=papers,
            ledger=house.ledger(account),
            terms=terms,
            day=day,
            rates=house.rates(day.on),
        )
        for account in house.accounts
    }


def stated_documents(house: House, terms: Terms, day: Day, *, past: bool) -> Worth:
    """What the application says of each document."""
    ctes = PAST_CTES if past else LIVE_CTES
    names = ",\n".join(f"{name} AS ({body})" for name, body in (("account", ACCOUNT), *ctes))
    keys = [key_of(account, terms) for account in house.accounts]
    with business_day(day.today), prepared_cursor() as cursor:
        cursor.execute(
            f"WITH {names} SELECT account_id, component, document_id, amount, company_amount"  # noqa: S608
            " FROM document_value",
            exposure_params(keys, Asked(day.on, known_at=day.known_at)),
        )
        return nonzero({(row[0], row[1], row[2]): (row[3], row[4]) for row in cursor.fetchall()})


def counted_documents(house: House, terms: Terms, day: Day, *, past: bool) -> Worth:
    """What the oracle says of each document."""
    papers = as_known(house.history, day) if past else list(house.papers.values())
    return nonzero(Papers(papers, terms).worth(day.on))


def nonzero(worth: Worth) -> Worth:
    """Without what is worth nothing."""
    return {key: pair for key, pair in worth.items() if pair[0] or pair[1]}


def differences(stated: dict, counted: dict) -> list[str]:  # type: ignore[type-arg]
    """Where two answers differ, in words."""
    return [
        f"{key}: the application says {stated.get(key)}, the oracle {counted.get(key)}"
        for key in sorted({*stated, *counted}, key=str)
        if stated.get(key) != counted.get(key)
    ]


CORE = [
    Terms(deliveries_count=delivered, drafts_count=drafts, unprinted_count=unprinted)
    for delivered in (True, False)
    for drafts, unprinted in ((True, True), (True, False), (False, True))
]


def counts(totals: Totals, terms: Terms) -> Decimal:
    """The counted total under the terms."""
    left_out = {"waiting", "later"}
    if not terms.deliveries_count:
        left_out.add("delivered_uninvoiced")
    if not terms.drafts_count:
        left_out.add("invoice_draft")
    return sum(
        (amount for component, amount in totals.items() if component not in left_out), Decimal(0)
    )


def today_of(house: House) -> Day:
    """The day a house has now."""
    return Day(on=house.today, today=house.today)


def ago(house: House, days: int) -> Day:
    """A past day of a house."""
    return Day(on=house.today - datetime.timedelta(days=days), today=house.today)
