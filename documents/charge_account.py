"""What a charge account comes to, which accounts were charged, and what can be settled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Count, DecimalField, Exists, Max, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from core import clock
from core.money import ZERO
from customers.models import CustomerAccount
from documents.models import Document, DocumentType
from ledger.models import OpenItem

if TYPE_CHECKING:
    from decimal import Decimal

    from django.db.models import QuerySet

    from core.models import User

CHARGE: Final = DocumentType.Kind.CHARGE


@dataclass(frozen=True, slots=True)
class ChargeTotals:
    """What a charge account comes to, in one currency. `balance` is what the ledger says.

    `waiting` is in analysis and counts nothing, `overdue` a part of `open_amount`, `credit` what is
    left of credits given by hand.
    """

    waiting: Decimal
    waiting_count: int
    open_amount: Decimal
    overdue: Decimal
    credit: Decimal

    @property
    def balance(self) -> Decimal:
        """Open charges less credits that are left."""
        return self.open_amount - self.credit


def charge_totals(account: CustomerAccount, currency: str) -> ChargeTotals:
    """The totals of a charge account."""
    waiting = Document.objects.filter(
        account=account, currency=currency, type__kind=CHARGE, status=Document.Status.HELD
    ).aggregate(amount=Sum("gross_amount"), count=Count("pk"))
    items = OpenItem.objects.filter(account=account, currency=currency, open_amount__gt=0)
    debit = Q(direction=OpenItem.Direction.DEBIT, entry__document__type__kind=CHARGE)
    late = Q(due_on__lt=clock.today())
    credit = Q(direction=OpenItem.Direction.CREDIT, entry__document__charge__isnull=False)
    sums = items.filter(debit | credit).aggregate(
        debit=Sum("open_amount", filter=debit),
        late=Sum("open_amount", filter=debit & late),
        credit=Sum("open_amount", filter=credit),
    )
    return ChargeTotals(
        waiting=waiting["amount"] or ZERO,
        waiting_count=waiting["count"],
        open_amount=sums["debit"] or ZERO,
        overdue=sums["late"] or ZERO,
        credit=sums["credit"] or ZERO,
    )


def charge_currencies(account: CustomerAccount) -> list[str]:
    """The currencies in which the account was charged, its own among them."""
    used = Document.objects.filter(account=account, type__kind=CHARGE).order_by()
    return sorted({account.currency_id, *used.values_list("currency", flat=True).distinct()})


def charge_accounts(user: User, only: str = "") -> QuerySet[CustomerAccount]:
    """Accounts that were charged, with `waiting`, `owed`, `overdue` and `last_on`.

    Amounts are those in the account's own currency. `only` "analysis" or "overdue" leaves out
    accounts without.
    """
    charges = Document.objects.filter(account=OuterRef("pk"), type__kind=CHARGE)
    items = OpenItem.objects.filter(
        account=OuterRef("pk"),
        currency=OuterRef("currency"),
        direction=OpenItem.Direction.DEBIT,
        open_amount__gt=0,
        entry__document__type__kind=CHARGE,
    )
    held = charges.filter(status=Document.Status.HELD, currency=OuterRef("currency"))
    rows = (
        CustomerAccount.objects.visible_to(user)
        .filter(Exists(charges))
        .select_related("customer", "company", "currency")
        .annotate(
            waiting=_sum(held, "gross_amount"),
            owed=_sum(items, "open_amount"),
            overdue=_sum(items.filter(due_on__lt=clock.today()), "open_amount"),
            last_on=Subquery(
                charges.order_by()
                .values("account")
                .annotate(last=Max("document_on"))
                .values("last")
            ),
        )
    )
    if only == "analysis":
        return rows.filter(waiting__gt=0)
    return rows.filter(overdue__gt=0) if only == "overdue" else rows


def _sum(rows: QuerySet[Any], field: str) -> Any:
    total = rows.order_by().values("account").annotate(total=Sum(field)).values("total")
    return Coalesce(Subquery(total), ZERO, output_field=DecimalField())


def charges_to_settle(account: CustomerAccount, currency: str) -> QuerySet[Document]:
    """Charges with something open, the earliest due first, with `open_amount` and `due_on`."""
    items = OpenItem.objects.filter(
        entry=OuterRef("entry"), direction=OpenItem.Direction.DEBIT, open_amount__gt=0
    ).order_by()
    return (
        Document.objects.filter(account=account, currency=currency, type__kind=CHARGE)
        .annotate(
            open_amount=Subquery(items.values("entry").annotate(s=Sum("open_amount")).values("s")),
            due_on=Subquery(items.order_by("due_on").values("due_on")[:1]),
        )
        .filter(open_amount__gt=0)
        .select_related("charge__agreement")
        .order_by("due_on", "pk")
    )
