"""What the credit file shows of a customer, one function for each part of the page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from django.db.models import Count, F, Prefetch, Q, Sum
from django.urls import reverse

from approvals.models import ApprovalRequest
from core.charts import Part
from core.models import AuditEvent
from credit_limits.assemble import AskedDocument
from credit_limits.engine.types import Checkpoint, LimitState
from credit_limits.models import (
    CreditCheck,
    CreditLimit,
    CreditProfile,
    Release,
)
from credit_limits.selectors import credit_preview
from documents.asking import SUBJECT_TYPE
from documents.models import Document, HoldCase
from ledger.ageing import BY_KEY
from ledger.models import OpenItem
from ledger.selectors import items_as_of
from reports.queries.components import TOTAL, aside_of, component_url, parts_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from django.db.models import QuerySet

    from core.models import User
    from credit_limits.engine.types import LimitFacts, PolicyFacts
    from credit_limits.selectors import CreditPosition, Preview
    from customers.models import Customer, CustomerAccount
    from reports.queries.portfolio import Portfolio

SMALLEST: Final = Decimal("0.01")


@dataclass(frozen=True)
class AccountFigures:
    """One account of the file: its position, laid out for the meter."""

    position: CreditPosition
    policy: PolicyFacts | None
    parts: list[Part]
    aside: list[Part]
    near_percent: Decimal
    band: str
    profile: CreditProfile | None
    dated: date | None

    @property
    def file_url(self) -> str:
        """The open items of the account in the credit file."""
        path = reverse("reports:credit_file", args=[self.account.customer_id])
        return f"{path}?account={self.account.pk}&tab=items"

    @property
    def total_url(self) -> str:
        """All lines that make up the exposure."""
        return component_url(self.account.pk, TOTAL, self.dated)

    @property
    def account(self) -> CustomerAccount:
        """The account."""
        return self.position.account

    @property
    def review_is_near(self) -> bool:
        """Whether the limit is due for a look within two months, or should have had it."""
        due = self.profile.review_on if self.profile else None
        return due is not None and due <= self.position.as_of + timedelta(days=60)

    @property
    def limit(self) -> LimitFacts:
        """The account's own limit."""
        return self.position.limit


def account_figures(book: Portfolio, dated: date | None) -> list[AccountFigures]:
    """The accounts of a portfolio laid out for the page, by company. One statement: profiles."""
    profiles = {
        profile.account_id: profile
        for profile in CreditProfile.objects.filter(account__in=list(book.positions))
    }
    rows = []
    for key, position in book.positions.items():
        policy = book.policy(position)
        rows.append(
            AccountFigures(
                position=position,
                policy=policy,
                parts=parts_of(position, policy, dated),
                aside=aside_of(position, policy, dated),
                near_percent=book.near_percent(position),
                band=book.band(position),
                profile=profiles.get(key),
                dated=dated,
            )
        )
    return sorted(rows, key=lambda row: row.account.company.code)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for somebody: held orders and open requests."""

    held_count: int
    held_amounts: tuple[tuple[str, Decimal], ...]
    requests: tuple[ApprovalRequest, ...]


def waiting_of(accounts: Sequence[int]) -> Waiting:
    """Held documents by currency, and the open requests about these accounts. Two statements."""
    held = list(
        Document.objects.held()
        .filter(account__in=accounts)
        .values("currency")
        .annotate(count=Count("pk"), amount=Sum("gross_amount"))
        .order_by("currency")
    )
    requests = (
        ApprovalRequest.objects.waiting()
        .filter(account__in=accounts)
        .select_related("requested_by", "currency")
        .order_by("opened_at")[:20]
    )
    return Waiting(
        held_count=sum(row["count"] for row in held),
        held_amounts=tuple((row["currency"], row["amount"]) for row in held),
        requests=tuple(requests),
    )


def next_order(account: CustomerAccount, as_of: date) -> Preview:
    """What a small order would meet on that day: the check itself, without lock or trace."""
    return credit_preview(
        account=account,
        asked=AskedDocument(
            subject_type=SUBJECT_TYPE,
            subject_id=None,
            text="",
            kind="order",
            amount=SMALLEST,
            currency=account.currency_id,
        ),
        checkpoint=Checkpoint.SUBMIT,
        as_of=as_of,
    )


def open_items(
    accounts: Sequence[int], as_of: date, *, is_today: bool, bucket: str = ""
) -> QuerySet[OpenItem]:
    """Posted items with a residual on that day, with `residual`; debits of one age if asked."""
    items = OpenItem.objects.filter(account__in=accounts).posted()
    found = items_as_of(None if is_today else as_of, items).filter(Q(residual__gt=0))
    if bucket in BY_KEY:
        chosen = BY_KEY[bucket]
        found = found.filter(direction=OpenItem.Direction.DEBIT)
        if chosen.first is not None:
            found = found.filter(due_on__lte=as_of - timedelta(days=chosen.first))
        if chosen.last is not None:
            found = found.filter(due_on__gte=as_of - timedelta(days=chosen.last))
    return found.select_related("entry", "account__company").order_by("due_on", "number", "pk")


def documents_of(accounts: Sequence[int]) -> QuerySet[Document]:
    """The accounts' documents with their open hold cases, newest first."""
    cases = HoldCase.objects.filter(status=HoldCase.Status.OPEN)
    return (
        Document.objects.filter(account__in=accounts)
        .select_related("type", "account__company", "created_by")
        .prefetch_related(Prefetch("hold_cases", queryset=cases, to_attr="open_cases"))
        .order_by("-document_on", "-pk")
    )


def limits_of(customer: Customer, accounts: Sequence[int]) -> QuerySet[CreditLimit]:
    """Every limit ever granted to the accounts, the customer or its group, newest first."""
    scope = Q(account__in=accounts) | Q(customer=customer)
    if customer.group_id is not None:
        scope |= Q(group=customer.group_id)
    return (
        CreditLimit.objects.filter(scope)
        .exclude(valid_during__isempty=True)
        .select_related("account__company", "customer", "group", "granted_by")
        .annotate(starts_on=F("valid_during__startswith"), ends_on=F("valid_during__endswith"))
        .order_by("-starts_on", "-pk")
    )


def is_in_force(limit: CreditLimit, as_of: date) -> bool:
    """Whether an approved limit holds on that day (`valid_during` ends before its upper day)."""
    span = limit.valid_during
    return (
        limit.is_approved
        and (span.lower is None or span.lower <= as_of)
        and (span.upper is None or as_of < span.upper)
    )


def limit_is_stated(limit: LimitFacts) -> bool:
    """Whether anybody has said anything about the limit."""
    return limit.state is not LimitState.NONE


def checks_of(accounts: Sequence[int], as_of: date | None = None) -> QuerySet[CreditCheck]:
    """The stored checks, newest first; those up to a day when one is named."""
    found = CreditCheck.objects.filter(account__in=accounts)
    if as_of is not None:
        found = found.filter(as_of__lte=as_of)
    return found.select_related(
        "checked_by", "account__company", "policy_version__policy"
    ).order_by("-checked_at", "-pk")


def requests_of(accounts: Sequence[int]) -> QuerySet[ApprovalRequest]:
    """The requests about the accounts with their steps, newest first."""
    return (
        ApprovalRequest.objects.filter(account__in=accounts)
        .select_related("requested_by", "currency", "account__company")
        .prefetch_related("steps__acted_by")
        .order_by("-opened_at", "-pk")
    )


def releases_of(accounts: Sequence[int]) -> QuerySet[Release]:
    """The releases granted for the accounts' documents, newest first."""
    return (
        Release.objects.filter(account__in=accounts)
        .select_related("granted_by", "account__company")
        .order_by("-granted_at", "-pk")
    )


def events_of(user: User, customer: Customer) -> QuerySet[AuditEvent]:
    """The customer's audit trail, without what belongs to companies the user does not see."""
    events = AuditEvent.objects.filter(customer_id=customer.pk)
    if not user.is_superuser:
        events = events.filter(Q(company__isnull=True) | Q(company__in=user.companies.all()))
    return events.order_by("-at", "-pk")
