"""What comes back, under kills: chargebacks, payments the bank returns, provisional receivables."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from ledger.models import Chargeback, JournalEntry
from ledger.services import chargeback_undo, item_charge_back, payment_return
from ledger.services.entries import receivable_note
from tests.harness.scenes_books import DAY, account_of, item_of, items, pay_less
from tests.world import TODAY

if TYPE_CHECKING:
    from tests.harness.lab import Arguments


def charge_back(account: int, debits: list[int], credit: int) -> None:
    """Charge 30 of the first item back."""
    item_charge_back(
        item=item_of(debits[0]), amount=Decimal(30), reason="price", on=TODAY, actor=None
    )


def charged_back() -> Arguments:
    """The same, charged back."""
    made = items()
    charge_back(**made)
    return {"chargeback": Chargeback.objects.get().pk}


def undo(chargeback: int) -> None:
    """The customer pays after all."""
    chargeback_undo(
        chargeback=Chargeback.objects.get(pk=chargeback), on=TODAY, reason="agreed", actor=None
    )


def paid() -> Arguments:
    """A payment that settled two items, with what was given up beside it."""
    made = items()
    pay_less(**made)
    return {"payment": JournalEntry.objects.get(kind="payment", amount=197).pk}


def bank_returns(payment: int) -> None:
    """The bank takes it back, with a fee that the customer bears."""
    payment_return(
        payment=JournalEntry.objects.get(pk=payment),
        reason="funds",
        on=TODAY,
        fee=Decimal(7),
        fee_bearer="customer",
        actor=None,
    )


def note_receivable(account: int, debits: list[int], credit: int) -> None:
    """Enter a receivable of 70 that is not sure yet."""
    receivable_note(
        account=account_of(account),
        amount=Decimal(70),
        document_on=TODAY,
        due_on=TODAY + 30 * DAY,
        reason="agreed by phone",
        actor=None,
    )
