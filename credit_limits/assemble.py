"""From rows to engine facts: the only translator between the database and the engine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from core.money import ZERO, convert
from credit_limits.engine.exposure import compose
from credit_limits.engine.limits import LimitKind, LimitRow, effective_limit
from credit_limits.engine.types import (
    CheckInput,
    Checkpoint,
    Component,
    ControlType,
    CustomerFacts,
    CustomerStatus,
    DocumentFacts,
    Exposure,
    LimitFacts,
    LimitState,
    MethodTreatment,
    OverdueFacts,
    ReleaseFacts,
    Rule,
    ScopeFacts,
    ScopeKind,
)
from credit_limits.exposure import AccountKey, Gathered, Identity, gather, is_current
from credit_limits.standing import limits_in_force, standing
from ledger.overdue import due_items

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from core.rates import Pair
    from credit_limits.engine.types import PolicyFacts
    from credit_limits.models import CreditLimit, PolicyVersion
    from credit_limits.standing import LimitFound
    from customers.models import CustomerAccount


@dataclass(frozen=True, slots=True)
class AskedDocument:
    """What a document says of itself when it asks for credit. Amounts in its own currency.

    `amount` is its gross value if accepted, `counted_before` what its accepted version counts
    until now (0 for a new one). `subject_id` is None while it has not been saved.
    """

    subject_type: str
    subject_id: int | None
    text: str
    kind: str
    amount: Decimal
    currency: str
    counted_before: Decimal = ZERO
    component: Component | None = Component.ORDER_OPEN
    counts: bool = True
    outward: bool = True
    exclude_block: bool = False
    method_treatment: MethodTreatment = MethodTreatment.NORMAL
    method_immediate: bool = False
    method_name: str = ""
    instalments: int = 1


@dataclass(frozen=True, slots=True)
class Assembled:
    """The engine's facts, and the rows they came from."""

    facts: CheckInput
    policy_version: PolicyVersion
    gathered: Gathered


def account_key(account: CustomerAccount) -> AccountKey:
    """The account as the exposure reads it (needs `company` loaded)."""
    return AccountKey(account.pk, account.currency_id, account.company.currency_id)


def limit_row(limit: CreditLimit | LimitFound, rate: Decimal) -> LimitRow:
    """A stored limit as an engine row, its amount taken at `rate`."""
    span = limit.valid_during
    return LimitRow(
        kind=LimitKind(limit.kind),
        state=LimitState(limit.state),
        amount=convert(limit.amount, rate) if limit.amount is not None else ZERO,
        valid_from=span.lower or date.min,
        valid_until=span.upper,
        approved=limit.is_approved,
    )


def assemble(
    *, account: CustomerAccount, asked: AskedDocument, checkpoint: Checkpoint, as_of: date
) -> Assembled:
    """Everything the engine needs to decide about `asked`, read in at most seven statements.

    `account` must have `customer` and `company` loaded (the scope lock gives both). The figures
    are only binding when the scope is locked; without the lock they are a preview.
    """
    stand = standing(account, subject_type=asked.subject_type, subject_id=asked.subject_id)
    limits = limits_in_force(account, as_of)
    own = account_key(account)
    members = {own.id: own}
    for limit in limits:
        members.update((member.id, member) for member in limit.members)
    gathered = gather(
        list(members.values()),
        as_of=as_of,
        without=(
            Identity(asked.subject_type, asked.subject_id) if asked.subject_id is not None else None
        ),
        pairs=_pairs(own, asked, limits, members.values()),
    )
    missing = {pair for key in members for pair in gathered.accounts[key].missing_rates}
    scopes = _scopes(account, asked, limits, gathered, as_of=as_of, missing=missing)
    return Assembled(
        facts=CheckInput(
            document=_document(asked, checkpoint),
            customer=CustomerFacts(
                status=CustomerStatus(account.customer.status),
                control=ControlType(stand.control),
                has_history=stand.has_history,
            ),
            scopes=scopes,
            overdue=_overdue(own, stand.policy, gathered, as_of=as_of),
            policy=stand.policy,
            as_of=as_of,
            releases=tuple(_release(row) for row in stand.releases),
            missing_rates=tuple(sorted(missing)),
        ),
        policy_version=stand.version,
        gathered=gathered,
    )


def _pairs(
    own: AccountKey,
    asked: AskedDocument,
    limits: Iterable[LimitFound],
    members: Iterable[AccountKey],
) -> set[Pair]:
    pairs: set[Pair] = {(asked.currency, own.currency)}
    keys = list(members)
    for limit in limits:
        if limit.account_id is not None:
            pairs.add((limit.currency_id, own.currency))
        else:
            pairs.add((asked.currency, limit.currency_id))
            pairs.add((limit.currency_id, own.currency))
            pairs |= {(key.currency, limit.currency_id) for key in keys}
    return pairs


def _rate(gathered: Gathered, source: str, target: str, missing: set[str]) -> Decimal:
    if source == target:
        return Decimal(1)
    rate = gathered.rates.get((source, target))
    if rate is None:
        missing.add(f"{source}-{target}")
        return Decimal(0)
    return rate


def _scopes(
    account: CustomerAccount,
    asked: AskedDocument,
    limits: list[LimitFound],
    gathered: Gathered,
    *,
    as_of: date,
    missing: set[str],
) -> tuple[ScopeFacts, ...]:
    own_currency = account.currency_id
    own_rate = _rate(gathered, asked.currency, own_currency, missing)
    own_rows = [
        limit_row(limit, _rate(gathered, limit.currency_id, own_currency, missing))
        for limit in limits
        if limit.account_id is not None
    ]
    scopes = [
        ScopeFacts(
            kind=ScopeKind.ACCOUNT,
            label=str(account.customer),
            limit=effective_limit(own_rows, as_of),
            exposure=gathered.accounts[account.pk].exposure,
            currency=own_currency,
            document_amount=convert(asked.amount, own_rate),
            counted_before=convert(asked.counted_before, own_rate),
        )
    ]
    for kind, field in ((ScopeKind.CUSTOMER, "customer_id"), (ScopeKind.GROUP, "group_id")):
        rows = [limit for limit in limits if getattr(limit, field) is not None]
        if not rows:
            continue
        currency = rows[0].currency_id
        rate = _rate(gathered, asked.currency, currency, missing)
        label = account.customer if kind is ScopeKind.CUSTOMER else account.customer.group
        scopes.append(
            ScopeFacts(
                kind=kind,
                label=str(label),
                limit=_wide_limit(rows, currency, gathered, as_of=as_of, missing=missing),
                exposure=_wide_exposure(rows[0].members, currency, gathered, missing),
                currency=currency,
                document_amount=convert(asked.amount, rate),
                counted_before=convert(asked.counted_before, rate),
                to_account=_rate(gathered, currency, own_currency, missing),
            )
        )
    return tuple(scopes)


def _wide_limit(
    rows: list[LimitFound], currency: str, gathered: Gathered, *, as_of: date, missing: set[str]
) -> LimitFacts:
    return effective_limit(
        [limit_row(row, _rate(gathered, row.currency_id, currency, missing)) for row in rows],
        as_of,
    )


def _wide_exposure(
    members: Iterable[AccountKey],
    currency: str,
    gathered: Gathered,
    missing: set[str],
) -> Exposure:
    """The members' exposure added up in the scope's currency."""
    parts: list[tuple[Component, Decimal]] = []
    for key in members:
        rate = _rate(gathered, key.currency, currency, missing)
        amounts = gathered.accounts[key.id].exposure.amounts
        parts += [(component, convert(amount, rate)) for component, amount in amounts.items()]
    return compose(parts)


def _document(asked: AskedDocument, checkpoint: Checkpoint) -> DocumentFacts:
    return DocumentFacts(
        reference=asked.text,
        kind=asked.kind,
        checkpoint=checkpoint,
        amount=asked.amount,
        currency=asked.currency,
        component=asked.component,
        counts=asked.counts,
        outward=asked.outward,
        exclude_block=asked.exclude_block,
        method_treatment=asked.method_treatment,
        method_immediate=asked.method_immediate,
        method_name=asked.method_name,
        instalments=asked.instalments,
    )


def _overdue(
    own: AccountKey, policy: PolicyFacts, gathered: Gathered, *, as_of: date
) -> OverdueFacts:
    tolerances = [
        policy.setting(rule).tolerance for rule in (Rule.OVERDUE_DAYS, Rule.OVERDUE_AMOUNT)
    ]
    due = due_items(
        account_id=own.id,
        as_of=as_of,
        is_current=is_current(as_of),
        low=min(tolerances),
        high=max(tolerances),
    )
    items = []
    for row in due.rows:
        amount = row.amount
        if row.currency != own.currency:
            rate = gathered.rates.get((row.currency, own.currency))
            if own.currency == own.company_currency and row.company_amount is not None:
                amount = row.company_amount
            elif rate is None:
                continue  # reported as a missing rate by the exposure already
            else:
                amount = convert(amount, rate)
        reference = row.number if row.count == 1 else f"{row.number} +{row.count - 1}"
        items.append((reference, row.due_on, amount))
    return OverdueFacts(
        items=tuple(items),
        oldest_item_on=due.oldest_on,
        oldest_item_reference=due.oldest_number,
    )


def _release(row: Mapping[str, Any]) -> ReleaseFacts:
    return ReleaseFacts(
        reasons=frozenset(row["reasons"]),
        amount_up_to=Decimal(row["amount"]),
        valid_until=date.fromisoformat(row["until"]),
        checkpoints=frozenset(Checkpoint(value) for value in row["checkpoints"]),
        reference=str(row["id"]),
    )
