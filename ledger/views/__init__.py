"""Pages of the ledger."""

from ledger.views.bill_steps import bill_step_ask
from ledger.views.bills import bill_create, bill_detail, bill_list
from ledger.views.books import (
    account_statement,
    entry_detail,
    period_close_ask,
    period_list,
    period_reopen_ask,
)
from ledger.views.changes import (
    allocation_reverse_ask,
    dispute_close_ask,
    entry_reverse_ask,
    item_cause_post,
    item_dispute_ask,
    item_write_off_ask,
)
from ledger.views.chargebacks import (
    chargeback_list,
    chargeback_undo_ask,
    item_charge_back_ask,
    payment_return_ask,
    return_list,
)
from ledger.views.imports import (
    import_check,
    import_columns,
    import_commit_post,
    import_create,
    import_detail,
    import_discard_post,
    import_list,
    import_progress,
    import_resume_post,
)
from ledger.views.items import entry_confirm_post, item_detail, item_list
from ledger.views.payments import item_apply, payment_create
from ledger.views.presentations import (
    presentation_create,
    presentation_detail,
    presentation_list,
)
from ledger.views.receivables import receivable_create
from ledger.views.remittances import remittance_days_post, remittance_list

__all__ = [
    "account_statement",
    "allocation_reverse_ask",
    "bill_create",
    "bill_detail",
    "bill_list",
    "bill_step_ask",
    "chargeback_list",
    "chargeback_undo_ask",
    "dispute_close_ask",
    "entry_confirm_post",
    "entry_detail",
    "entry_reverse_ask",
    "import_check",
    "import_columns",
    "import_commit_post",
    "import_create",
    "import_detail",
    "import_discard_post",
    "import_list",
    "import_progress",
    "import_resume_post",
    "item_apply",
    "item_cause_post",
    "item_charge_back_ask",
    "item_detail",
    "item_dispute_ask",
    "item_list",
    "item_write_off_ask",
    "payment_create",
    "payment_return_ask",
    "period_close_ask",
    "period_list",
    "period_reopen_ask",
    "presentation_create",
    "presentation_detail",
    "presentation_list",
    "receivable_create",
    "remittance_days_post",
    "remittance_list",
    "return_list",
]
