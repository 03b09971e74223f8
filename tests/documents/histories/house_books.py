"""What can happen to the ledger of a random history."""

from __future__ import annotations

from decimal import Decimal

from ledger.models import Dispute, JournalEntry, OpenItem
from ledger.services.disputes import dispute_close, dispute_open
from ledger.services.entries import entry_confirm
from ledger.services.payments import credit_apply, payment_record
from ledger.services.reversals import payment_reverse
from tests.documents.histories.house_ground import DAY, PORTIONS, Ground


class Books(Ground):
    """Payments, their confirmation, application and return, and disputes."""

    def items(self, direction: str) -> list[OpenItem]:
        """What is open on one side."""
        return list(
            OpenItem.objects.filter(
                account__in=self.accounts, direction=direction, open_amount__gt=0, is_posted=True
            )
            .select_related("account__company", "entry", "currency")
            .order_by("pk")
        )

    def pay(self, pick: int, portion: int, *, provisional: bool, back: int = 0) -> None:
        """A payment of an open item, of a part of it, or of more than it."""
        found = self.items("debit")
        if not found:
            return
        item = found[pick % len(found)]
        part = (item.open_amount * PORTIONS[portion % 4]).quantize(Decimal("0.01"))
        if not part:
            return
        with self.at(self.today):
            payment_record(
                account=item.account,
                received_on=self.today - back * DAY,
                amount=part,
                allocations=[(item, min(part, item.open_amount))] if portion % 5 else [],
                currency=item.currency,
                provisional=provisional,
                actor=None,
            )

    def confirm(self, pick: int) -> None:
        """Post a provisional entry."""
        found = list(
            JournalEntry.objects.filter(account__in=self.accounts, state="provisional").order_by(
                "pk"
            )
        )
        if found:
            with self.at(self.today):
                entry_confirm(entry=found[pick % len(found)], actor=None)

    def apply(self, pick: int, other: int) -> None:
        """Apply a credit on account to something owed."""
        credits, debits = self.items("credit"), self.items("debit")
        if not credits:
            return
        credit = credits[pick % len(credits)]
        fitting = [
            item
            for item in debits
            if item.account_id == credit.account_id and item.currency_id == credit.currency_id
        ]
        if not fitting:
            return
        debit = fitting[other % len(fitting)]
        with self.at(self.today):
            credit_apply(
                credit_item=credit,
                allocations=[(debit, min(credit.open_amount, debit.open_amount))],
                on=self.today,
                actor=None,
            )

    def pay_back(self, pick: int) -> None:
        """A payment is returned."""
        found = list(
            JournalEntry.objects.filter(
                account__in=self.accounts, kind="payment", state="posted", reversed_by=None
            ).order_by("pk")
        )
        if found:
            with self.at(self.today):
                payment_reverse(
                    payment=found[pick % len(found)], on=self.today, reason="no funds", actor=None
                )

    def contest(self, pick: int, part: int) -> None:
        """The customer contests an item, or a part; what is contested is settled."""
        found = self.items("debit")
        if not found:
            return
        item = found[pick % len(found)]
        with self.at(self.today):
            dispute = Dispute.objects.filter(item=item, closed_at=None).first()
            if dispute is not None:
                dispute_close(dispute=dispute, outcome="agreed", actor=None)
                return
            amount = min(item.open_amount, Decimal(part)) if part % 2 else None
            dispute_open(item=item, reason="damaged", amount=amount, actor=None)
