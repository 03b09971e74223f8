"""The coming weeks of accounts: their lines of today as dated flows, and the curve they draw."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING

from core.money import ZERO, split_evenly
from credit_limits.assemble import account_key
from credit_limits.engine.flows import (
    Flow,
    bill_flow,
    credit_flow,
    item_flow,
    merged,
    paper_flow,
)
from credit_limits.engine.timeline import WEEKS, Curve, curve
from credit_limits.engine.types import Component, Include
from credit_limits.exposure import LATER, WAITING, Asked, Identity
from credit_limits.exposure_lines import exposure_lines
from credit_limits.scopes import dated_limits
from credit_limits.standing import policies_by_company
from customers.models import PaymentTermLine
from ledger.bills import ADVANCED, BillFacts, Grace, Presented, State, leaves_on
from ledger.instalments import instalments
from ledger.models import OpenItem
from ledger.selectors import behaviour_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date
    from decimal import Decimal

    from credit_limits.assemble import AskedDocument
    from credit_limits.engine.terms import ExposureTerms
    from credit_limits.engine.types import PolicyFacts
    from credit_limits.exposure_lines import ExposureLine
    from customers.models import CustomerAccount


ENTRY = "ledger.journalentry"
BILL = "ledger.bill"


def exposure_curve(
    account: CustomerAccount,
    as_of: date,
    weeks: int = WEEKS,
    extra: AskedDocument | None = None,
    *,
    policy: PolicyFacts | None = None,
    merge: bool = False,
) -> Curve:
    """The coming weeks of one account; `extra` is a document that is asked about.

    Its own value is left out, and it has taken over from what it continues, as in its check.
    `policy` saves asking for it. `merge`: flows of the same way are one, for figures only. Needs
    `company` loaded.
    """
    own = None
    if extra is not None and extra.subject_id is not None:
        own = Identity(extra.subject_type, extra.subject_id)
    asked = Asked(as_of, without=own, taking=own)
    policies = {account.company_id: policy} if policy else None
    return _curves([account], asked, weeks, policies=policies, merge=merge)[account.pk]


def exposure_curves(
    accounts: Sequence[CustomerAccount], as_of: date, weeks: int = WEEKS
) -> dict[int, Curve]:
    """The coming weeks of many accounts, in a constant number of statements.

    Lines, payment behaviour, terms, limits, policies, and rates when currencies differ. Lines
    without a rate are left out, as they are in the position. Needs `company` loaded.
    """
    return _curves(accounts, Asked(as_of), weeks)


def _curves(
    accounts: Sequence[CustomerAccount],
    asked: Asked,
    weeks: int,
    *,
    policies: Mapping[int, PolicyFacts] | None = None,
    merge: bool = False,
) -> dict[int, Curve]:
    as_of = asked.as_of
    ids = [account.pk for account in accounts]
    if policies is None:
        policies = policies_by_company({account.company_id for account in accounts})
    keys = {account.pk: account_key(account) for account in accounts}
    for account in accounts:
        if account.company_id in policies:
            keys[account.pk] = keys[account.pk].under(policies[account.company_id])
    lines = exposure_lines(list(keys.values()), asked)
    lateness = {
        row.account_id: ceil(row.average_days_late)
        for row in behaviour_rows(ids, as_of)
        if row.average_days_late is not None
    }
    # What somebody wrote on the card goes before what is reckoned.
    lateness |= {
        account.pk: max(account.days_late, 0)
        for account in accounts
        if account.days_late is not None
    }
    terms = _terms(accounts, lines)
    dues = _due_days(lines)
    limits = dated_limits(accounts, as_of, as_of + timedelta(days=7 * weeks))
    result = {}
    for account in accounts:
        policy = policies.get(account.company_id)
        flows: Iterable[Flow] = [
            flow
            for line in lines.get(account.pk, [])
            for flow in _flows(
                line,
                as_of=as_of,
                late=lateness.get(account.pk, 0),
                read=keys[account.pk].terms,
                dues=dues.get(line.subject_id, []),
                terms=terms.get(line.term_id or account.payment_term_id, []),
            )
        ]
        result[account.pk] = curve(
            merged(flows) if merge else flows,
            as_of=as_of,
            counted=_counted(policy),
            limits=limits[account.pk][0],
            weeks=weeks,
            days_late=lateness.get(account.pk, 0),
        )
    return result


def _counted(policy: PolicyFacts | None) -> frozenset[Component]:
    return frozenset(
        part for part in Component if policy is None or policy.includes(part) is Include.COUNT
    )


def _terms(
    accounts: Iterable[CustomerAccount], lines: Mapping[int, Iterable[ExposureLine]]
) -> dict[int | None, list[PaymentTermLine]]:
    """The instalments of every term that is needed. One statement, none without terms."""
    wanted = {account.payment_term_id for account in accounts}
    wanted |= {line.term_id for rows in lines.values() for line in rows}
    wanted.discard(None)
    found: dict[int | None, list[PaymentTermLine]] = defaultdict(list)
    if wanted:
        for row in PaymentTermLine.objects.filter(term__in=wanted).order_by("term", "position"):
            found[row.term_id].append(row)
    return found


def _due_days(
    lines: Mapping[int, Iterable[ExposureLine]],
) -> dict[int, list[tuple[date, Decimal]]]:
    """The due days of entries, with what falls due, where the ledger balance is the base.

    One statement; none where items are the base, which bring their own.
    """
    wanted = {
        line.subject_id for rows in lines.values() for line in rows if line.subject_type == ENTRY
    }
    found: dict[int, list[tuple[date, Decimal]]] = defaultdict(list)
    if wanted:
        debits = OpenItem.objects.filter(entry__in=wanted, direction=OpenItem.Direction.DEBIT)
        for entry, due_on, amount in debits.order_by("due_on", "pk").values_list(
            "entry", "due_on", "amount"
        ):
            found[entry].append((due_on, amount))
    return found


def _flows(
    line: ExposureLine,
    *,
    as_of: date,
    late: int,
    read: ExposureTerms,
    dues: list[tuple[date, Decimal]],
    terms: list[PaymentTermLine],
) -> Iterator[Flow]:
    """The ways of one line: an order has one for each instalment of its invoice."""
    key = (line.subject_type, line.subject_id)
    amount = line.account_amount
    if line.component == WAITING or not amount:
        return
    if amount < ZERO:
        component = None if line.component == LATER else Component(line.component)
        if component is not None:
            yield credit_flow(
                key,
                line.number,
                amount,
                document_on=line.document_on,
                as_of=as_of,
                component=component,
            )
    elif line.subject_type == BILL:
        yield _bill(line, amount, as_of=as_of, late=late, read=read)
    elif line.due_on is not None:
        yield item_flow(
            key,
            line.number,
            amount,
            document_on=line.document_on,
            due_on=line.due_on,
            as_of=as_of,
            days_late=late,
        )
    elif not line.is_document:
        for due_on, part in _shares(dues, amount) or instalments(terms, line.document_on, amount):
            yield item_flow(
                key,
                line.number,
                part,
                document_on=line.document_on,
                due_on=due_on,
                as_of=as_of,
                days_late=late,
                apart=not read.ledger_base,
            )
    else:
        yield from _papers(line, amount, as_of=as_of, late=late, read=read, terms=terms)


def _bill(
    line: ExposureLine, amount: Decimal, *, as_of: date, late: int, read: ExposureTerms
) -> Flow:
    """The way of a bill; the state of one with a bank is how it was presented."""
    due_on = line.due_on or as_of
    leaves, is_advanced = None, False
    if line.component == Component.BILL_PRESENTED:
        kind = Presented(line.state)
        grace = Grace(read.grace_discount, read.grace_subject, read.grace_after)
        leaves = leaves_on(BillFacts(State.PRESENTED, due_on, kind), grace)
        is_advanced = kind in ADVANCED
    return bill_flow(
        (line.subject_type, line.subject_id),
        line.number,
        amount,
        component=Component(line.component),
        document_on=line.document_on,
        due_on=due_on,
        as_of=as_of,
        leaves_on=leaves,
        is_advanced=is_advanced,
        days_late=late,
    )


def _shares(dues: list[tuple[date, Decimal]], amount: Decimal) -> list[tuple[date, Decimal]]:
    """The amount over the due days of an entry, in proportion and to the cent."""
    parts = split_evenly(amount, [part for _due_on, part in dues]) if dues else []
    return [(due_on, part) for (due_on, _amount), part in zip(dues, parts, strict=True)]


def _papers(
    line: ExposureLine,
    amount: Decimal,
    *,
    as_of: date,
    late: int,
    read: ExposureTerms,
    terms: list[PaymentTermLine],
) -> Iterator[Flow]:
    """Orders are invoiced when they are to be delivered, deliveries today, drafts on their day."""
    if line.component == Component.INVOICE_DRAFT:
        invoiced_on = line.document_on
    else:
        invoiced_on = max(line.wanted_on or as_of, as_of)
        if line.component == Component.DELIVERED_UNINVOICED:
            invoiced_on = as_of
    is_later = line.component == LATER
    counts_on = invoiced_on
    horizon = read.horizon_days
    if is_later and horizon is not None and line.wanted_on is not None:
        counts_on = max(line.wanted_on - timedelta(days=horizon), as_of)
    for due_on, part in instalments(terms, invoiced_on, amount):
        yield paper_flow(
            (line.subject_type, line.subject_id),
            line.number,
            part,
            component=None if is_later else Component(line.component),
            as_of=as_of,
            counts_on=counts_on,
            invoiced_on=max(invoiced_on, as_of),
            due_on=due_on,
            days_late=late,
            apart=not read.ledger_base,
        )
