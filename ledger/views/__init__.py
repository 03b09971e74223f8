"""Pages of the ledger."""

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
from ledger.views.items import entry_confirm_post, entry_detail, item_detail, item_list
from ledger.views.payments import item_apply, payment_create

__all__ = [
    "entry_confirm_post",
    "entry_detail",
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
    "item_detail",
    "item_list",
    "payment_create",
]
