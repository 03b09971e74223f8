"""The only page on which a lower app learns of a higher one; checked at start-up."""

from __future__ import annotations

# Pieces of the exposure statement, in display order (see core.sources).
CREDIT_EXPOSURE_SOURCES: tuple[str, ...] = (
    "documents.exposure.DOCUMENTS",
    "ledger.exposure.ITEMS",
    "ledger.exposure_bills.BILLS",
    "ledger.exposure.CREDITS",
)

# Kind of approval request → function called inside the deciding transaction.
APPROVAL_HANDLERS: dict[str, str] = {
    "document_release": "documents.services.release.document_release_decided",
}

# Audit action → Celery tasks that get the event's id after commit.
EVENT_ROUTES: dict[str, tuple[str, ...]] = {
    "ledger.payment.recorded": ("documents.tasks.recheck_held",),
    "ledger.payment.allocated": ("documents.tasks.recheck_held",),
    "ledger.credit_note.posted": ("documents.tasks.recheck_held",),
    "ledger.entry.confirmed": ("documents.tasks.recheck_held",),
    "ledger.item.written_off": ("documents.tasks.recheck_held",),
    "ledger.item.cause_set": ("documents.tasks.recheck_held",),
    "ledger.chargeback.made": ("documents.tasks.recheck_held",),
    "ledger.bill.collected": ("documents.tasks.recheck_held",),
    "ledger.presentation.result": ("documents.tasks.recheck_held_company",),
    "ledger.dispute.opened": ("documents.tasks.recheck_held",),
    "ledger.history.imported": ("documents.tasks.recheck_held_company",),
    "credit_limits.limit.granted": ("documents.tasks.recheck_held",),
    "credit_limits.policy.published": ("documents.tasks.recheck_held_company",),
    "customers.customer.status_changed": ("documents.tasks.recheck_held",),
    "documents.document.cancelled": ("documents.tasks.recheck_held",),
    "documents.document.closed": ("documents.tasks.recheck_held",),
    "documents.document.changed": ("documents.tasks.recheck_held",),
    "documents.counter.voided": ("documents.tasks.recheck_held",),
    "documents.charge.credited": ("documents.tasks.recheck_held",),
    "core.setting.added": ("documents.tasks.recheck_held_settings",),
    "core.setting.changed": ("documents.tasks.recheck_held_settings",),
}

# Subject type of requests, checks and audit events → name of the URL that shows it.
SUBJECT_URLS: dict[str, str] = {
    "documents.document": "documents:order_detail",
    "customers.customer": "reports:credit_file",
    "approvals.approvalrequest": "approvals:request_detail",
    "ledger.openitem": "ledger:item_detail",
    "ledger.journalentry": "ledger:entry_detail",
    "ledger.importrun": "ledger:import_detail",
    "ledger.bill": "ledger:bill_detail",
    "ledger.presentation": "ledger:presentation_detail",
    "credit_limits.creditcheck": "credit_limits:check_detail",
    "core.jobrun": "reports:job_detail",
}

# Subject type → function(id) that says what a row of a lower app was made from, as
# (subject type, id, words), or None.
SUBJECT_ORIGINS: dict[str, str] = {
    "ledger.journalentry": "documents.selectors.entry_origin",
}

# Navigation entry (URL name) → function(user) that counts what waits there.
NAV_BADGES: dict[str, str] = {
    "approvals:inbox": "approvals.selectors.inbox_count",
}
