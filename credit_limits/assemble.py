"""From rows to engine facts: the only translator between the database and the engine."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction

from core.money import ZERO, convert
from credit_limits.engine.types import (
    CheckInput,
    Checkpoint,
    Component,
    ControlType,
    CustomerFacts,
    CustomerStatus,
    DocumentFacts,
    MethodTreatment,
    OverdueFacts,
    ReleaseFacts,
    Rule,
)
from credit_limits.exposure import AccountKey, Gathered, Identity, gather, is_current
from credit_limits.scopes import View, members_of, rate_pairs, scopes_of
from credit_limits.standing import limits_in_force, standing
from ledger.overdue import due_items

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from credit_limits.engine.types import PolicyFacts
    from credit_limits.models import PolicyVersion
    from customers.models import CustomerAccount


@dataclass(frozen=True, slots=True)
class AskedDocument:
    """What a document says of itself when it asks for credit. Amounts in its own currency.

    `amount` is its gross value if accepted; `adds` what it then counts in its component, where
    that is not the whole (a part is delivered or paid already; less than nothing for what comes
    back). `untaxed` stands in for it where the policy counts documents without tax. `moves`
    says that some of its value counts until now: in its accepted version, or in the documents
    it continues. `is_new` says that nobody was asked about it yet: then its draft is no value
    of before, though drafts may count. `sources` are the documents it continues by level,
    nearest first, each with its value, so that their releases hold for this one too. `staged`
    writes a wished version and returns what that adds; it runs in a savepoint that is taken
    back once the exposure beside it was read. `subject_id` is None while the document is not
    saved. `rounding` is by how much it may exceed what those handed over to it only because
    every document rounds its own lines. `rate` is company currency for one unit where the
    document keeps the rate that it carries; None takes that of the day.
    """

    subject_type: str
    subject_id: int | None
    text: str
    kind: str
    amount: Decimal
    currency: str
    adds: Decimal | None = None
    untaxed: Decimal | None = None
    moves: bool = False
    is_new: bool = False
    sources: tuple[tuple[tuple[int, Decimal], ...], ...] = ()
    rounding: Decimal = ZERO
    rate: Decimal | None = None
    staged: Callable[[], Decimal] | None = field(default=None, compare=False, repr=False)
    component: Component | None = Component.ORDER_OPEN
    counts: bool = True
    outward: bool = True
    exclude_block: bool = False
    method_treatment: MethodTreatment = MethodTreatment.NORMAL
    method_immediate: bool = False
    method_name: str = ""
    instalments: int = 1

    @property
    def value(self) -> Decimal:
        """What the document counts in its component once accepted."""
        return self.amount if self.adds is None else self.adds


@dataclass(frozen=True, slots=True)
class Assembled:
    """The engine's facts, and the rows they came from."""

    facts: CheckInput
    policy_version: PolicyVersion
    gathered: Gathered


def account_key(account: CustomerAccount) -> AccountKey:
    """The account as the exposure reads it (needs `company` loaded)."""
    return AccountKey(
        account.pk, account.currency_id, account.company.currency_id, account.company_id
    )


def assemble(
    *, account: CustomerAccount, asked: AskedDocument, checkpoint: Checkpoint, as_of: date
) -> Assembled:
    """Everything the engine needs to decide about `asked`, read in at most seven statements.

    `account` must have `customer` and `company` loaded (the scope lock gives both). The figures
    are only binding when the scope is locked; without the lock they are a preview.
    """
    stand = standing(
        account,
        subject_type=asked.subject_type,
        subject_id=asked.subject_id,
        source_ids=[key for level in asked.sources for key, _amount in level],
    )
    if asked.untaxed is not None and not stand.policy.terms.with_tax:
        asked = replace(asked, adds=asked.untaxed)
    limits = limits_in_force(account, as_of)
    own = account_key(account).under(stand.policy)
    members = members_of(own, limits, stand.policy)
    identity = (
        Identity(asked.subject_type, asked.subject_id) if asked.subject_id is not None else None
    )
    before = None
    if asked.moves and identity is not None:
        own_draft = identity if asked.is_new else None
        before = gather(list(members.values()), as_of=as_of, without=own_draft, absent=own_draft)
    pairs = rate_pairs(own, asked, limits, members.values())

    def others() -> Gathered:
        return gather(
            list(members.values()), as_of=as_of, without=identity, taking=identity, pairs=pairs
        )

    if asked.staged is None:
        gathered = others()
    else:
        asked, gathered = _staged(asked, asked.staged, others)
    missing = {pair for key in members for pair in gathered.accounts[key].missing_rates}
    view = View(own, asked, limits, gathered, before, stand.policy, as_of, missing)
    scopes = scopes_of(account, view)
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
            releases=tuple(_releases(stand.releases, asked)),
            missing_rates=tuple(sorted(missing)),
        ),
        policy_version=stand.version,
        gathered=gathered,
    )


class _TakeBackError(Exception):
    """Leaves the savepoint."""


def _staged(
    asked: AskedDocument, write: Callable[[], Decimal], others: Callable[[], Gathered]
) -> tuple[AskedDocument, Gathered]:
    """What a wished version adds, and the exposure beside it; nothing of it stays written."""
    try:
        with transaction.atomic():
            asked = replace(asked, adds=write(), staged=None)
            gathered = others()
            raise _TakeBackError
    except _TakeBackError:
        return asked, gathered


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
        disputed=policy.terms.disputed,
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


def _releases(rows: Iterable[Mapping[str, Any]], asked: AskedDocument) -> Iterator[ReleaseFacts]:
    """The document's own releases, and what those of the documents it continues allow together.

    A document that continues several released ones of a level is covered by what all of them
    allow; one of them without a release leaves nothing.
    """
    found = list(rows)
    for row in found:
        if int(row["subject"]) == asked.subject_id:
            yield _release(row, None)
    for level in asked.sources:
        by_source = [
            [_release(row, amount) for row in found if int(row["subject"]) == key]
            for key, amount in level
        ]
        if len(by_source) == 1:
            yield from by_source[0]
        elif all(by_source):
            yield _together(
                [releases[-1] for releases in by_source], sum((a for _k, a in level), ZERO)
            )


def _together(releases: list[ReleaseFacts], amount: Decimal) -> ReleaseFacts:
    """What several permissions allow at once."""
    return ReleaseFacts(
        reasons=frozenset.intersection(*(release.reasons for release in releases)),
        amount_up_to=sum((release.amount_up_to for release in releases), ZERO),
        valid_until=min(release.valid_until for release in releases),
        checkpoints=frozenset.intersection(*(release.checkpoints for release in releases)),
        reference="+".join(release.reference for release in releases),
        source_amount=amount,
    )


def _release(row: Mapping[str, Any], source_amount: Decimal | None) -> ReleaseFacts:
    return ReleaseFacts(
        reasons=frozenset(row["reasons"]),
        amount_up_to=Decimal(row["amount"]),
        valid_until=date.fromisoformat(row["until"]),
        checkpoints=frozenset(Checkpoint(value) for value in row["checkpoints"]),
        reference=str(row["id"]),
        source_amount=source_amount,
    )
