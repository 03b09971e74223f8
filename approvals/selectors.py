"""Who may decide a request, and what waits for whom.

The rule itself is `approvals.engine.who_may_act`; here people and amounts are read for it, always
the same way, so that the inbox offers exactly what the service lets through.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, Exists, F, OuterRef, Q
from django.db.models.functions import Cast, JSONObject

from approvals import engine
from approvals.models import ApprovalAuthority, ApprovalRequest
from core.clock import today
from core.models import User
from core.money import convert
from core.rates import rates_on

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from approvals.querysets import ApprovalRequestQuerySet
    from customers.models import CustomerAccount

DECIDE = "approvals.decide_request"
HISTORY_LENGTH = 5

type Rates = Mapping[tuple[str, str], Decimal | None]


@dataclass(frozen=True, slots=True)
class Deciders:
    """Who may decide about an account up to which amount, in one currency.

    `users` are the people behind the authorities. `unconverted` names currencies of authorities
    without a rate: such an authority gives nothing until there is one.
    """

    authorities: tuple[engine.Authority, ...]
    users: Mapping[int, User]
    unconverted: tuple[str, ...]


def deciders(*, kind: str, account: CustomerAccount, currency_id: str, on: date) -> Deciders:
    """The authorities of a kind over an account, their bounds converted at the rate of a day.

    Two statements, and one for rates when currencies differ.
    """
    users = {user.pk: user for user in _eligible_users(account)}
    members: dict[int, set[int]] = defaultdict(set)
    for user in users.values():
        for group_id in user.group_ids:  # type: ignore[attr-defined]
            members[group_id].add(user.pk)
    rows = list(
        ApprovalAuthority.objects.filter(
            Q(company=None) | Q(company=account.company_id), kind=kind
        ).select_related("group", "user")
    )
    rates = rates_on({(row.currency_id, currency_id) for row in rows}, on) if rows else {}
    authorities, unconverted = [], set()
    for row in rows:
        bound = _converted(row.max_amount, row.currency_id, currency_id, rates)
        if bound is None and row.max_amount is not None:
            unconverted.add(row.currency_id)
            continue
        people = {row.user_id} & users.keys() if row.user_id else members[row.group_id or 0]
        authorities.append(
            engine.Authority(
                who_id=row.user_id or row.group_id or 0,
                who_label=str(row.user or row.group),
                kind="user" if row.user_id else "role",
                max_amount=bound,
                company_id=row.company_id,
                member_ids=frozenset(people),
            )
        )
    return Deciders(tuple(authorities), users, tuple(sorted(unconverted)))


def request_deciders(request: ApprovalRequest, on: date | None = None) -> Deciders:
    """The deciders of a request, at the rates of a day (default today)."""
    return deciders(
        kind=request.kind,
        account=request.account,
        currency_id=request.currency_id,
        on=on or today(),
    )


def request_people(request: ApprovalRequest, known: Deciders | None = None) -> list[User]:
    """Everybody who may decide the request, by name; empty when nobody may."""
    known = known or request_deciders(request)
    ids = engine.who_may_act(
        request.amount, known.authorities, request.requested_by_id, request.barred_ids
    )
    return sorted((known.users[pk] for pk in ids), key=lambda user: (str(user), user.pk))


def request_may_act(request: ApprovalRequest, user: User, on: date | None = None) -> bool:
    """Whether `user` may decide the request, at the rates of a day (default today).

    Closed requests are for nobody.
    """
    if request.status != ApprovalRequest.Status.OPEN:
        return False
    people = request_people(request, request_deciders(request, on))
    return any(person.pk == user.pk for person in people)


def request_top(request: ApprovalRequest, known: Deciders) -> engine.NoApproverError | None:
    """Why nobody may decide the request; None when somebody may."""
    try:
        engine.route(
            engine.Routing.FIRST,
            request.amount,
            known.authorities,
            request.requested_by_id,
            request.barred_ids,
        )
    except engine.NoApproverError as error:
        return error
    return None


def request_successor(request: ApprovalRequest) -> ApprovalRequest | None:
    """The open request about the same subject that took the place of this one, if there is one."""
    return (
        ApprovalRequest.objects.waiting()
        .about(request.subject_type, [request.subject_id])
        .filter(kind=request.kind)
        .exclude(pk=request.pk)
        .first()
    )


def requests_team(user: User) -> ApprovalRequestQuerySet:
    """What waits, whoever may decide it, oldest first."""
    return ApprovalRequest.objects.visible_to(user).waiting()


def requests_decided(user: User) -> ApprovalRequestQuerySet:
    """What was decided or closed, newest first."""
    return ApprovalRequest.objects.visible_to(user).decided()


def requests_for(user: User) -> ApprovalRequestQuerySet:
    """What waits and the user may decide, oldest first."""
    return requests_team(user).filter(pk__in=_decidable_ids(user))


def inbox_count(user: User) -> int:
    """How many requests wait for the user. One statement (and one for rates, when needed)."""
    return len(_decidable_ids(user))


def decisions_of_customer(request: ApprovalRequest, user: User) -> list[ApprovalRequest]:
    """The last decisions about the same customer, with their steps; without the request itself."""
    return list(
        requests_decided(user)
        .filter(account__customer=request.account.customer_id)
        .exclude(pk=request.pk)
        .select_related("currency")
        .prefetch_related("steps__acted_by")[:HISTORY_LENGTH]
    )


def _eligible_users(account: CustomerAccount) -> Iterable[User]:
    """Active people with the right to decide who can see the account, with their group ids."""
    sees = Q(companies=account.company_id) & (
        Q(own_accounts_only=False) | Q(pk__in=[account.agent_id, account.responsible_id])
    )
    visible = User.objects.filter(Q(is_superuser=True) | sees).values("pk")
    return (
        User.objects.with_perm(DECIDE)
        .filter(pk__in=visible)
        .annotate(
            group_ids=ArrayAgg("groups", distinct=True, filter=Q(groups__isnull=False), default=[])
        )
    )


def _decidable_ids(user: User) -> list[int]:
    """Keys of the open requests the user may decide: read with the user's own authorities only."""
    if not (user.is_active and user.has_perm(DECIDE)):
        return []
    mine = (
        ApprovalAuthority.objects.filter(kind=OuterRef("kind"))
        .filter(Q(company=None) | Q(company=OuterRef("account__company")))
        .filter(Q(user=user) | Q(group__in=user.groups.values("pk")))
    )
    bounds = mine.values(
        bound=JSONObject(amount=Cast("max_amount", CharField()), currency=F("currency"))
    )
    rows = list(
        requests_team(user)
        .filter(Exists(mine))
        .values_list(
            "pk", "amount", "currency", "requested_by", "barred_ids", ArraySubquery(bounds)
        )
    )
    pairs = {(bound["currency"], row[2]) for row in rows for bound in row[5]}
    rates = rates_on(pairs, today()) if pairs else {}
    return [
        pk
        for pk, amount, currency, requester, barred, own in rows
        if user.pk
        in engine.who_may_act(
            amount, _own_authorities(user.pk, own, currency, rates), requester, barred
        )
    ]


def _own_authorities(
    user_id: int, bounds: Iterable[Mapping[str, str | None]], currency_id: str, rates: Rates
) -> list[engine.Authority]:
    """One person's bounds as authorities; a bound without a rate gives nothing."""
    found = []
    for bound in bounds:
        text = bound["amount"]
        limit = None if text is None else Decimal(text)
        converted = _converted(limit, bound["currency"] or "", currency_id, rates)
        if limit is None or converted is not None:
            found.append(
                engine.Authority(
                    who_id=user_id,
                    who_label="",
                    kind="user",
                    max_amount=converted,
                    company_id=None,
                    member_ids=frozenset({user_id}),
                )
            )
    return found


def _converted(amount: Decimal | None, source: str, target: str, rates: Rates) -> Decimal | None:
    """`amount` in the other currency; None for an unbounded amount and for a missing rate."""
    rate = rates.get((source, target))
    return None if amount is None or rate is None else convert(amount, rate)
