"""Commands on the ledger."""

from ledger.services.chargebacks import ShortPart, item_charge_back
from ledger.services.deductions import Deduction, item_write_off
from ledger.services.disputes import dispute_close, dispute_open, item_delay_cause_set
from ledger.services.entries import entry_confirm, entry_post, receivable_note
from ledger.services.payments import credit_apply, payment_allocate, payment_record
from ledger.services.periods import period_close, period_reopen
from ledger.services.returns import payment_return
from ledger.services.reversals import allocation_reverse, payment_reverse
from ledger.services.undoing import chargeback_undo

__all__ = [
    "Deduction",
    "ShortPart",
    "allocation_reverse",
    "chargeback_undo",
    "credit_apply",
    "dispute_close",
    "dispute_open",
    "entry_confirm",
    "entry_post",
    "item_charge_back",
    "item_delay_cause_set",
    "item_write_off",
    "payment_allocate",
    "payment_record",
    "payment_return",
    "payment_reverse",
    "period_close",
    "period_reopen",
    "receivable_note",
]
