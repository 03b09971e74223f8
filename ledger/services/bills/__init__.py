"""Commands on bills: issue, post, present, settle, return."""

from ledger.services.bills.issue import bill_issue, bill_post, bills_issue
from ledger.services.bills.presenting import bills_present
from ledger.services.bills.results import presentation_result
from ledger.services.bills.returns import bill_protest, bill_return, bill_return_post
from ledger.services.bills.steps import bill_cancel, bill_collect, bill_step_undo, bill_withdraw

__all__ = [
    "bill_cancel",
    "bill_collect",
    "bill_issue",
    "bill_post",
    "bill_protest",
    "bill_return",
    "bill_return_post",
    "bill_step_undo",
    "bill_withdraw",
    "bills_issue",
    "bills_present",
    "presentation_result",
]
