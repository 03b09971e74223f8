"""The proof of a past day: what was posted by then equals what was open then."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pgtrigger
import pytest
from django.core.management import CommandError, call_command

from ledger.models import Allocation
from ledger.selectors import control_proof, residual_proof
from ledger.selectors.proof import ledger_misses
from ledger.services import payment_reverse
from tests.factories.customers import CustomerAccountFactory
from tests.factories.ledger import JournalEntryFactory, OpenItemFactory, PaymentFactory

pytestmark = pytest.mark.django_db

D = datetime.date
CHANGES = ["ledger.Allocation:append_only", "ledger.Allocation:mirrors"]


@pytest.fixture
def account():
    """100 owed since January, paid on 10 February, returned on 1 March; 40 posted in April."""
    account = CustomerAccountFactory()
    item = OpenItemFactory(account=account, document_on=D(2026, 1, 5), amount="100")
    payment = PaymentFactory(pays=item, received_on=D(2026, 2, 10))
    payment_reverse(payment=payment.entry, on=D(2026, 3, 1), reason="returned", actor=None)
    JournalEntryFactory(
        account=account, document_on=D(2026, 1, 7), posted_on=D(2026, 4, 1), amount=Decimal(40)
    )
    return account


@pytest.mark.parametrize(
    "day", [D(2026, 1, 4), D(2026, 1, 31), D(2026, 2, 10), D(2026, 3, 1), D(2026, 4, 1)]
)
def test_every_past_day_is_proved(account, day):
    assert ledger_misses([account.pk], on=day) == []
    call_command("check_ledger", on=day)


def test_a_row_that_is_wrong_on_a_past_day_only_is_found_on_that_day(account, capsys):
    row = Allocation.objects.get(amount=Decimal(100), debit_item__entry__kind="invoice")
    with pgtrigger.ignore(*CHANGES):
        # Applied before the money was there; what is stored for today stays right.
        Allocation.objects.filter(pk=row.pk).update(allocated_on=D(2026, 2, 1))
    assert residual_proof() == []
    assert control_proof() == []
    assert control_proof(on=D(2026, 1, 31)) == []
    assert control_proof(on=D(2026, 2, 10)) == []
    (miss,) = control_proof(on=D(2026, 2, 5))
    assert (miss.account_id, miss.control, miss.items) == (account.pk, Decimal(100), Decimal(0))
    call_command("check_ledger", on=D(2026, 2, 10))
    with pytest.raises(CommandError):
        call_command("check_ledger", on=D(2026, 2, 5))
    assert "on 2026-02-05: control account 100.00, items 0.00" in capsys.readouterr().err


def test_a_day_to_come_or_none_at_all_is_refused_in_a_sentence():
    with pytest.raises(CommandError, match="a day to come"):
        call_command("check_ledger", "--on", "2199-01-01")
    with pytest.raises(CommandError, match="“abc” is not a date"):
        call_command("check_ledger", "--on", "abc")
