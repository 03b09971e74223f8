"""The books under kills: entries, credits, what is given up or contested, periods."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from core.models import Company
from customers.models import CustomerAccount
from ledger.models import (
    Allocation,
    DelayCause,
    Dispute,
    EntryKind,
    ImportRun,
    JournalEntry,
    LedgerAccount,
    LedgerSettings,
    OpenItem,
)
from ledger.services import payment_record
from ledger.services.accounts import delay_causes_install_defaults, ledger_install_defaults
from ledger.services.deductions import Deduction, item_write_off
from ledger.services.disputes import dispute_close, dispute_open, item_delay_cause_set
from ledger.services.entries import Split, entry_confirm, entry_post
from ledger.services.payments import credit_apply, payment_allocate
from ledger.services.periods import period_close, period_reopen
from ledger.services.reversals import allocation_reverse, payment_reverse
from tests.factories.core import CompanyFactory
from tests.harness.scenes import furnished
from tests.world import TODAY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.harness.lab import Arguments

DAY = timedelta(days=1)
Status = ImportRun.Status


def account_of(key: int) -> CustomerAccount:
    return CustomerAccount.objects.select_related("company").get(pk=key)


def item_of(key: int) -> OpenItem:
    return OpenItem.objects.select_related("account__company", "entry").get(pk=key)


def items() -> Arguments:
    """Items of 120 and 80, and 50 of credit on account. Keys: account, debits, credit."""
    world = furnished()
    delay_causes_install_defaults()
    found = OpenItem.objects.filter(account=world.account).order_by("pk")
    return {
        "account": world.account.pk,
        "debits": [item.pk for item in found if item.direction == "debit"],
        "credit": next(item.pk for item in found if item.direction == "credit"),
    }


def _pay(account: int, parts: Sequence[tuple[int, int]], **more: object) -> OpenItem:
    return payment_record(
        account=account_of(account),
        received_on=TODAY,
        amount=Decimal(sum(amount for _key, amount in parts)),
        allocations=[(item_of(key), Decimal(amount)) for key, amount in parts],
        actor=None,
        **more,  # type: ignore[arg-type]
    )


# --- Entries and money -----------------------------------------------------------------------


def enter(account: int, debits: list[int], credit: int) -> None:
    """Enter an invoice of two instalments, with its tax."""
    entry_post(
        account=account_of(account),
        kind=EntryKind.INVOICE,
        number="BY-HAND-1",
        document_on=TODAY,
        instalments=[(TODAY + 30 * DAY, Decimal(61)), (TODAY + 60 * DAY, Decimal(61))],
        splits=[Split("revenue", Decimal(100)), Split("tax", Decimal(22))],
        actor=None,
    )


def announce(account: int, debits: list[int], credit: int) -> None:
    """Record a payment of 120 that is expected: it frees nothing yet."""
    _pay(account, [(debits[0], 120)], provisional=True)


def announced() -> Arguments:
    """An expected payment of 120, meant for the first item."""
    made = items()
    announce(**made)
    entry = JournalEntry.objects.get(state=JournalEntry.State.PROVISIONAL)
    return {"entry": entry.pk}


def confirm(entry: int) -> None:
    """The money is there."""
    entry_confirm(entry=JournalEntry.objects.get(pk=entry), actor=None)


def pay_less(account: int, debits: list[int], credit: int) -> None:
    """A payment of 197: a discount of 2 on the first item, a difference of 1 on the second."""
    first, second = debits
    _pay(
        account,
        [(first, 118), (second, 79)],
        deductions=[
            Deduction(item_of(first), EntryKind.DISCOUNT, Decimal(2)),
            Deduction(item_of(second), EntryKind.DIFFERENCE, Decimal(1)),
        ],
    )


def paid_less() -> Arguments:
    """The same, paid."""
    made = items()
    pay_less(**made)
    return {"payment": JournalEntry.objects.get(kind="payment", amount=197).pk}


def take_back(payment: int) -> None:
    """The bank takes it back, and with it what was given up."""
    payment_reverse(
        payment=JournalEntry.objects.get(pk=payment), on=TODAY, reason="bounced", actor=None
    )


def apply(account: int, debits: list[int], credit: int) -> None:
    """Apply the credit to both items."""
    parts = [(item_of(debits[0]), Decimal(30)), (item_of(debits[1]), Decimal(20))]
    credit_apply(credit_item=item_of(credit), allocations=parts, on=TODAY, actor=None)


def allocate(account: int, debits: list[int], credit: int) -> None:
    """Apply 30 of the credit to the first item."""
    payment_allocate(
        credit_item=item_of(credit),
        debit_item=item_of(debits[0]),
        amount=Decimal(30),
        on=TODAY,
        actor=None,
    )


def allocated() -> Arguments:
    """30 of the credit applied to the first item."""
    allocate(**items())
    return {"allocation": Allocation.objects.get().pk}


def allocation_back(allocation: int) -> None:
    """Take that back."""
    found = Allocation.objects.get(pk=allocation)
    allocation_reverse(allocation=found, on=TODAY, reason="wrong item", actor=None)


# --- Given up, contested, late ---------------------------------------------------------------


def write_off(account: int, debits: list[int], credit: int) -> None:
    """Give up the first item."""
    item_write_off(item=item_of(debits[0]), on=TODAY, reason="insolvent", actor=None)


def write_off_credit(account: int, debits: list[int], credit: int) -> None:
    """Give up what the customer has left on account."""
    item_write_off(item=item_of(credit), on=TODAY, reason="never asked for", actor=None)


def discount(account: int, debits: list[int], credit: int) -> None:
    """Give a discount of 2 afterwards."""
    item_write_off(
        item=item_of(debits[0]),
        amount=Decimal(2),
        kind=EntryKind.DISCOUNT,
        on=TODAY,
        reason="paid early",
        actor=None,
    )


def contest(account: int, debits: list[int], credit: int) -> None:
    """The customer contests 20 of the first item."""
    dispute_open(
        item=item_of(debits[0]), reason="damaged", opened_on=TODAY, amount=Decimal(20), actor=None
    )


def contested() -> Arguments:
    """The same, open."""
    contest(**items())
    return {"dispute": Dispute.objects.get().pk}


def agree(dispute: int) -> None:
    """The dispute ends."""
    dispute_close(
        dispute=Dispute.objects.select_related("item").get(pk=dispute),
        outcome="paid after all",
        closed_on=TODAY,
        actor=None,
    )


def explain(account: int, debits: list[int], credit: int) -> None:
    """Say why the first item is late."""
    cause = DelayCause.objects.get(code="goods")
    item_delay_cause_set(item=item_of(debits[0]), cause=cause, actor=None)


# --- Periods and the ledger's own rows -------------------------------------------------------


def books() -> Arguments:
    """The books of a company that were never closed."""
    return {"company": furnished().company.pk}


def close_books(company: int) -> None:
    """Close them through February."""
    period_close(company=Company.objects.get(pk=company), through=TODAY - 31 * DAY, actor=None)


def books_closed() -> Arguments:
    """The same, closed."""
    made = books()
    close_books(**made)
    return made


def reopen_books(company: int) -> None:
    """Open February again."""
    period_reopen(
        company=Company.objects.get(pk=company),
        through=TODAY - 59 * DAY,
        reason="an invoice was forgotten",
        actor=None,
    )


def new_company() -> Arguments:
    """A company without ledger accounts."""
    furnished()
    company = CompanyFactory(code="NEW")
    LedgerAccount.objects.filter(company=company).delete()
    LedgerSettings.objects.filter(company=company).delete()
    return {"company": company.pk}


def install(company: int) -> None:
    """Give the company its ledger accounts."""
    ledger_install_defaults(Company.objects.get(pk=company))
