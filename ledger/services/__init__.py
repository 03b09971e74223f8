"""Commands on the ledger."""

from ledger.services.entries import entry_confirm, entry_post
from ledger.services.payments import credit_apply, payment_allocate, payment_record

__all__ = ["credit_apply", "entry_confirm", "entry_post", "payment_allocate", "payment_record"]
