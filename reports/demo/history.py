"""A year of invoices and payments, written in bulk with every residual in its place."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from core.money import ZERO, quantize
from ledger.models import Allocation, Dispute, EntryKind, JournalEntry, OpenItem
from ledger.services.accounts import ledger_install_defaults
from ledger.services.lines import lines_fill
from reports.demo.people import PROFILES

if TYPE_CHECKING:
    from random import Random

    from customers.models import CustomerAccount
    from reports.demo.people import Profile

MONTHS = 13
DAYS = 30


class Book:
    """Collects entries, items and allocations of all accounts, then writes them in bulk."""

    def __init__(self, anchor: date, random: Random) -> None:
        self.anchor = anchor
        self.random = random
        self.entries: list[JournalEntry] = []
        self.items: list[OpenItem] = []
        self.allocations: list[Allocation] = []
        self._number = 0

    def account(self, account: CustomerAccount, profile_name: str, terms: int) -> Decimal:
        """Invent the history of one account; returns what is open at the end."""
        profile = PROFILES[profile_name]
        count = int(profile.invoices_per_month * MONTHS)
        still_open = ZERO
        for _invoice in range(count):
            still_open += self._invoice(account, profile, terms)
        if count and self.random.random() < 0.25:
            still_open -= self._credit_note(account, profile)
        if count and self.random.random() < 0.2:
            still_open -= self._on_account(account, profile)
        return still_open

    def _invoice(self, account: CustomerAccount, profile: Profile, terms: int) -> Decimal:
        on = self.anchor - timedelta(days=self.random.randint(0, MONTHS * DAYS))
        due = on + timedelta(days=terms)
        amount = quantize(Decimal(str(profile.usual_amount * self.random.lognormvariate(0, 0.45))))
        item = self._item(account, EntryKind.INVOICE, "debit", amount, on, due)
        item.is_disputed = self.random.random() < 0.03
        if self.random.random() < profile.unpaid_share:
            return amount
        late = int(self.random.gauss(profile.days_late, profile.spread))
        paid_on = max(on + timedelta(days=2), due + timedelta(days=late))
        if paid_on > self.anchor:
            if self.random.random() < 0.08:
                part = quantize(amount * Decimal("0.4"))
                paid_part_on = on + (self.anchor - on) // 2
                self._pay(account, item, part, paid_part_on)
            left: Decimal = item.open_amount
            return left
        self._pay(account, item, amount, paid_on)
        return ZERO

    def _credit_note(self, account: CustomerAccount, profile: Profile) -> Decimal:
        on = self.anchor - timedelta(days=self.random.randint(3, 40))
        amount = quantize(Decimal(profile.usual_amount) * Decimal("0.12"))
        self._item(account, EntryKind.CREDIT_NOTE, "credit", amount, on, on)
        return amount

    def _on_account(self, account: CustomerAccount, profile: Profile) -> Decimal:
        on = self.anchor - timedelta(days=self.random.randint(1, 20))
        amount = quantize(Decimal(profile.usual_amount) * Decimal("0.35"))
        self._item(account, EntryKind.PAYMENT, "credit", amount, on, on)
        return amount

    def _item(
        self,
        account: CustomerAccount,
        kind: EntryKind,
        direction: str,
        amount: Decimal,
        on: date,
        due: date,
    ) -> OpenItem:
        self._number += 1
        prefix = {"invoice": "IN", "credit_note": "CN", "payment": "PA"}[kind.value]
        entry = JournalEntry(
            company=account.company,
            account=account,
            kind=kind,
            number=f"{prefix}-{on:%y}-{self._number:05d}",
            document_on=on,
            posted_on=on,
            currency_id=account.currency_id,
            amount=amount,
            rate=Decimal(1),
            company_amount=amount,
        )
        item = OpenItem(
            entry=entry,
            account=account,
            direction=direction,
            number=entry.number,
            document_on=on,
            due_on=due,
            currency_id=account.currency_id,
            amount=amount,
            open_amount=amount,
            rate=Decimal(1),
            company_amount=amount,
        )
        self.entries.append(entry)
        self.items.append(item)
        return item

    def _pay(self, account: CustomerAccount, debit: OpenItem, amount: Decimal, on: date) -> None:
        credit = self._item(account, EntryKind.PAYMENT, "credit", amount, on, on)
        for item in (debit, credit):
            item.open_amount -= amount
            item.settled_on = on if item.open_amount == 0 else None
        self.allocations.append(
            Allocation(
                account=account,
                debit_item=debit,
                credit_item=credit,
                amount=amount,
                allocated_on=on,
            )
        )

    def write(self) -> None:
        """Store everything; parents first, so that children carry their keys."""
        JournalEntry.objects.bulk_create(self.entries, batch_size=2000)
        for item in self.items:
            item.entry_id = item.entry.pk
        OpenItem.objects.bulk_create(self.items, batch_size=2000)
        for allocation in self.allocations:
            allocation.debit_item_id = allocation.debit_item.pk
            allocation.credit_item_id = allocation.credit_item.pk
        Allocation.objects.bulk_create(self.allocations, batch_size=2000)
        Dispute.objects.bulk_create(
            Dispute(item=item, reason="Goods damaged in transit", opened_on=item.document_on)
            for item in self.items
            if item.is_disputed
        )
        for company in {entry.company for entry in self.entries}:
            ledger_install_defaults(company)
        lines_fill()
