"""Entries, items and allocations of a generated portfolio."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from core.money import ZERO
from ledger.models import Allocation, JournalEntry, JournalLine, LedgerAccount, OpenItem
from reports.generate.table import Table, first_key

if TYPE_CHECKING:
    from customers.models import CustomerAccount
    from reports.generate.plan import Dice

DAYS_TO_PAY: Final = 60
HISTORY_DAYS: Final = 720
PART_PAID_PERCENT: Final = 6


@dataclass(frozen=True, slots=True)
class Booked:
    """An entry that was written: its key and that of its only item."""

    entry: int
    item: int


class Books:
    """Rows of the ledger: every entry balanced, every residual what its allocations leave."""

    def __init__(self, dice: Dice, company_id: int, tag: str) -> None:
        self.dice = dice
        self.company_id = company_id
        self.tag = tag
        self.count = 0
        self.entries = Table(JournalEntry, first_key(JournalEntry))
        self.items = Table(OpenItem, first_key(OpenItem))
        self.lines = Table(JournalLine, first_key(JournalLine))
        self.allocations = Table(Allocation, first_key(Allocation))
        self.roles = dict(
            LedgerAccount.objects.filter(company=company_id).values_list("role", "pk")
        )

    @property
    def tables(self) -> tuple[Table, ...]:
        """Parents first."""
        return (self.entries, self.items, self.lines, self.allocations)

    def invoice(
        self, account: CustomerAccount, amount: Decimal, document_on: date, *, tax: Decimal = ZERO
    ) -> Booked:
        """An invoice with one instalment, paid, partly paid or open as its age makes likely."""
        due_on = document_on + timedelta(days=self.dice.random.choice((30, 30, 60, 60, 90)))
        paid_on = due_on + timedelta(days=self.dice.late())
        paid_on = max(paid_on, document_on)
        paid = ZERO
        if paid_on < self.dice.today:
            paid = amount
        elif self.dice.chance(PART_PAID_PERCENT) and amount > 1:
            paid, paid_on = (amount / 2).quantize(Decimal("0.01")), self.dice.today
        splits = [("revenue", amount - tax), ("tax", tax)]
        debit = self._book(account, "invoice", amount, document_on, due_on, amount - paid, splits)
        if paid:
            self._settle(account, debit, amount, paid, paid_on)
        return debit

    def credit_note(
        self, account: CustomerAccount, amount: Decimal, document_on: date, *, tax: Decimal
    ) -> Booked:
        """A credit note that was not used yet."""
        splits = [("revenue", amount - tax), ("tax", tax)]
        return self._book(account, "credit_note", amount, document_on, document_on, amount, splits)

    def on_account(self, account: CustomerAccount, amount: Decimal, received_on: date) -> None:
        """A payment nobody has applied yet."""
        self._book(account, "payment", amount, received_on, received_on, amount, [("bank", amount)])

    def _settle(
        self,
        account: CustomerAccount,
        debit: Booked,
        amount: Decimal,
        paid: Decimal,
        paid_on: date,
    ) -> None:
        credit = self._book(
            account, "payment", paid, paid_on, paid_on, ZERO, [("bank", paid)], settled_on=paid_on
        )
        if paid == amount:
            row = self.items.rows[-2]
            row[self.items.places["settled_on"]] = paid_on
        self.allocations.add(
            account_id=account.pk,
            debit_item_id=debit.item,
            credit_item_id=credit.item,
            amount=paid,
            allocated_on=paid_on,
        )

    def _book(
        self,
        account: CustomerAccount,
        kind: str,
        amount: Decimal,
        document_on: date,
        due_on: date,
        left: Decimal,
        splits: list[tuple[str, Decimal]],
        *,
        settled_on: date | None = None,
    ) -> Booked:
        self.count += 1
        number = f"{self.tag}{self.count}"
        credit = kind in {"payment", "credit_note"}
        entry = self.entries.add(
            company_id=self.company_id,
            account_id=account.pk,
            kind=kind,
            number=number,
            document_on=document_on,
            posted_on=document_on,
            currency_id=account.currency_id,
            amount=amount,
            rate=1,
            company_amount=amount,
        )
        item = self.items.add(
            entry_id=entry,
            account_id=account.pk,
            direction="credit" if credit else "debit",
            number=number,
            document_on=document_on,
            due_on=due_on,
            currency_id=account.currency_id,
            amount=amount,
            open_amount=left,
            rate=1,
            company_amount=amount,
            settled_on=settled_on,
        )
        self._line(entry, "receivable", amount, credit=credit, account_id=account.pk)
        for role, part in splits:
            if part:
                self._line(entry, role, part, credit=not credit)
        return Booked(entry, item)

    def _line(
        self, entry: int, role: str, amount: Decimal, *, credit: bool, account_id: int | None = None
    ) -> None:
        debit_part, credit_part = (ZERO, amount) if credit else (amount, ZERO)
        self.lines.add(
            entry_id=entry,
            ledger_account_id=self.roles[role],
            account_id=account_id,
            debit=debit_part,
            credit=credit_part,
            company_debit=debit_part,
            company_credit=credit_part,
        )
