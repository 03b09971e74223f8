"""The statement of a purchase agreement: who bought what in a month, and what is open of it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import OuterRef, Q, Subquery, Sum

from core.money import ZERO
from documents.entitled import ceiling_of, entitled
from documents.models import Charge, Document, Nature
from ledger.models import OpenItem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from documents.models import AgreementEmployee, PurchaseAgreement

IN_LEDGER = Document.Status.POSTED
WAITING = Document.Status.HELD


@dataclass(slots=True)
class Purchase:
    """One purchase or credit of an employee; amounts signed."""

    charge: Charge
    document: Document
    amount: Decimal
    open_amount: Decimal

    @property
    def is_in_ledger(self) -> bool:
        """Whether it is a receivable (or a credit) already."""
        return self.document.status == IN_LEDGER


@dataclass(slots=True)
class EmployeeStatement:
    """The month of one employee. `open_in_all` is of every month, analysis included."""

    employee: str
    purchases: list[Purchase] = field(default_factory=list)
    bought: Decimal = ZERO
    waiting: Decimal = ZERO
    open_amount: Decimal = ZERO
    open_in_all: Decimal = ZERO
    left: Decimal | None = None

    @property
    def settled(self) -> Decimal:
        """What was settled of the purchases of the month."""
        return self.bought - self.open_amount


@dataclass(frozen=True, slots=True)
class AgreementStatement:
    """The month of an agreement. `entitled` is its list, empty where every name is taken."""

    begin: datetime.date
    end: datetime.date
    employees: list[EmployeeStatement]
    entitled: list[AgreementEmployee]

    @property
    def bought(self) -> Decimal:
        """Purchases of the month in the ledger, credits taken off."""
        return sum((row.bought for row in self.employees), ZERO)

    @property
    def waiting(self) -> Decimal:
        """Purchases of the month in analysis."""
        return sum((row.waiting for row in self.employees), ZERO)

    @property
    def open_amount(self) -> Decimal:
        """What is open of the purchases of the month."""
        return sum((row.open_amount for row in self.employees), ZERO)

    @property
    def settled(self) -> Decimal:
        """What was settled of them."""
        return self.bought - self.open_amount

    @property
    def open_in_all(self) -> Decimal:
        """What is open of every month, analysis included."""
        return sum((row.open_in_all for row in self.employees), ZERO)


def month_of(text: str, default: datetime.date) -> datetime.date:
    """The first day of the month `text` ("2026-11") names; that of `default` for anything else."""
    try:
        return datetime.date.fromisoformat(f"{text}-01")
    except ValueError:
        return default.replace(day=1)


def month_after(begin: datetime.date) -> datetime.date:
    """The first day of the next month."""
    return (begin + datetime.timedelta(days=32)).replace(day=1)


def agreement_statement(agreement: PurchaseAgreement, begin: datetime.date) -> AgreementStatement:
    """The statement of the month that begins on `begin`, employees by name.

    Whoever has something open from another month is listed, too. Three statements.
    """
    listed = entitled(agreement)
    end = month_after(begin)
    in_all = _open_in_all(agreement)
    found = {
        name: EmployeeStatement(name, open_in_all=amount)
        for name, amount in in_all.items()
        if amount
    }
    for purchase in _purchases(agreement, begin, end):
        name = purchase.charge.employee
        row = found.setdefault(name, EmployeeStatement(name))
        row.purchases.append(purchase)
        if purchase.is_in_ledger:
            row.bought += purchase.amount
            row.open_amount += purchase.open_amount
        elif purchase.document.status == WAITING:
            row.waiting += purchase.amount
    for row in found.values():
        ceiling = ceiling_of(agreement, row.employee, listed)
        if ceiling is not None:
            row.left = ceiling - row.open_in_all
    last = end - datetime.timedelta(days=1)
    employees = sorted(found.values(), key=lambda row: row.employee)
    by_name = sorted(listed.values(), key=lambda row: row.name.casefold())
    return AgreementStatement(begin, last, employees, by_name)


def _purchases(
    agreement: PurchaseAgreement, begin: datetime.date, end: datetime.date
) -> list[Purchase]:
    items = OpenItem.objects.filter(entry=OuterRef("document__entry")).order_by().values("entry")
    rows = (
        Charge.objects.filter(
            agreement=agreement, document__document_on__gte=begin, document__document_on__lt=end
        )
        .exclude(document__status=Document.Status.CANCELLED)
        .select_related("document__type")
        .annotate(left=Subquery(items.annotate(s=Sum("open_amount")).values("s")))
        .order_by("document__document_on", "document__pk")
    )
    found = []
    for row in rows:
        sign = -1 if row.document.type.nature == Nature.REVERSE else 1
        left: Decimal = row.left or ZERO
        found.append(Purchase(row, row.document, sign * row.document.gross_amount, sign * left))
    return found


def _open_in_all(agreement: PurchaseAgreement) -> Mapping[str, Decimal]:
    """What each employee has open in all months, what is in analysis included."""
    charges = Charge.objects.filter(agreement=agreement).order_by()
    debit = Q(document__entry__items__direction=OpenItem.Direction.DEBIT)
    rows = charges.values("employee").annotate(
        debit=Sum("document__entry__items__open_amount", filter=debit),
        credit=Sum("document__entry__items__open_amount", filter=~debit),
    )
    waiting = dict(
        charges.filter(document__status=WAITING)
        .values_list("employee")
        .annotate(amount=Sum("document__gross_amount"))
    )
    return {
        row["employee"]: (row["debit"] or ZERO)
        - (row["credit"] or ZERO)
        + waiting.get(row["employee"], ZERO)
        for row in rows
    }
