"""Which kill case proves which service: every function of services that is a command of its own.

Found in the code, not by hand: a function that opens a transaction, and a public one that writes
rows and is used by no other service (nobody else can have opened a transaction for it).
"""

from __future__ import annotations

import ast
from collections import Counter
from typing import TYPE_CHECKING, Final

from tests.harness.cluster import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

WRITES: Final = frozenset(
    {
        *("bulk_create", "bulk_update", "create", "delete", "execute", "executemany"),
        *("get_or_create", "record", "save", "update", "update_or_create"),
    }
)

# Service → the command of `commands.py` that kills it. Others may run it as well.
KILLED: Final[dict[str, str]] = {
    "approvals.services:_decide": "release",
    "credit_limits.services.alerts:alert_see": "alert_seen",
    "credit_limits.services.limits:limit_grant": "limit_granted",
    "credit_limits.services.policies:policies_install_defaults": "policy_installs",
    "credit_limits.services.policies:policy_publish": "policy_published",
    "credit_limits.services.policies:policy_rules_install": "rules_install",
    "customers.services.groups:_save_unique": "group_adds",
    "customers.services.groups:group_create": "group_adds",
    "customers.services.groups:group_update": "group_changes",
    "customers.services.lateness:account_days_late_set": "days_late_written",
    "customers.services.parties:_save_unique": "customer_adds",
    "customers.services.parties:customer_create": "customer_adds",
    "customers.services.parties:customer_update": "customer_changes",
    "customers.services.status:customer_status_set": "customer_blocked",
    "documents.services.agreements:agreement_save": "agreement_changes",
    "documents.services.change:order_change": "change_passes",
    "documents.services.charges:charge_create": "charge_passes",
    "documents.services.counter:counter_void": "counter_voids",
    "documents.services.entry:remarks_add": "note_of_form",
    "documents.services.posting:invoice_post": "invoice_posts",
    "documents.services.printing:document_print_final": "order_prints",
    "documents.services.quotes:order_from_quote": "quote_orders",
    "documents.services.recheck:_recheck": "holds_end",
    "documents.services.remarks:attachment_add": "file_attaches",
    "documents.services.remarks:note_add": "note",
    "documents.services.save:draft_create": "invoice_enters",
    "documents.services.save:order_update": "draft_rewrites",
    "documents.services.settlements:charge_credit": "charges_credit",
    "documents.services.steps:document_cancel": "order_cancels",
    "documents.services.steps:document_close": "order_closes",
    "documents.services.steps:document_reopen": "order_reopens",
    "documents.services.submit:document_submit": "submit_passes",
    "documents.services.types:type_counts_set": "type_stops_counting",
    "ledger.services.accounts:ledger_install_defaults": "accounts_install",
    "ledger.services.bills.issue:_insert": "bills_issued",
    "ledger.services.bills.issue:bill_post": "bill_posted",
    "ledger.services.bills.issue:bills_issue": "bills_issued",
    "ledger.services.bills.presenting:_insert": "bills_presented",
    "ledger.services.bills.presenting:bills_present": "bills_presented",
    "ledger.services.bills.results:presentation_result": "bank_result",
    "ledger.services.bills.returns:bill_protest": "bill_protested",
    "ledger.services.bills.returns:bill_return": "bill_returned",
    "ledger.services.bills.returns:bill_return_post": "bill_return_posted",
    "ledger.services.bills.steps:bill_cancel": "bill_cancelled",
    "ledger.services.bills.steps:bill_collect": "bill_collected",
    "ledger.services.bills.steps:bill_step_undo": "bill_undone",
    "ledger.services.bills.steps:bill_withdraw": "bill_withdrawn",
    "ledger.services.chargebacks:item_charge_back": "charge_back",
    "ledger.services.deductions:item_write_off": "item_written_off",
    "ledger.services.disputes:dispute_close": "dispute_closes",
    "ledger.services.disputes:dispute_open": "dispute_opens",
    "ledger.services.disputes:item_delay_cause_set": "delay_explained",
    "ledger.services.entries:entry_confirm": "payment_confirms",
    "ledger.services.entries:entry_post": "entry_posts",
    "ledger.services.entries:receivable_note": "receivable_noted",
    "ledger.services.imports.runs:import_discard": "file_forgotten",
    "ledger.services.imports.upload:import_upload": "file_uploads",
    "ledger.services.imports.work:_check": "file_checks",
    "ledger.services.imports.work:_import": "file_imports",
    "ledger.services.payments:credit_apply": "credit_applies",
    "ledger.services.payments:payment_record": "payment",
    "ledger.services.periods:_move": "books_close",
    "ledger.services.profiles:profile_save": "profile_saves",
    "ledger.services.reversals:allocation_reverse": "allocation_back",
    "ledger.services.returns:payment_return": "payment_returned",
    "ledger.services.reversals:payment_reverse": "payment_back",
    "ledger.services.undoing:chargeback_undo": "charge_back_undone",
    "ledger.services.writing:_insert": "entry_posts",
    "reports.services.defaults:defaults_install": "defaults_install",
    "reports.services.nightly:_Night._finish": "night",
    "reports.services.nightly:_Night._stage": "night",
    "reports.services.nightly:nightly_run": "night",
}

# Service → why no kill can leave anything of it.
NOT_KILLED: Final[dict[str, str]] = {
    "documents.services.trial:document_try": "takes everything back at its end, killed or not",
}

# Command → why it writes no audit event.
SILENT: Final[dict[str, str]] = {
    "accounts_install": "part of an installation, which nobody did",
    "file_checks": "nothing of the file is in the books yet",
    "file_forgotten": "nothing of the file was in the books",
    "file_uploads": "nothing of the file is in the books yet",
    "night": "its run is kept with what it did; what it finds out is told where it acts",
    "type_stops_counting": "the page of the administration tells it with what else it changed",
    "rules_install": "rules ask nobody before the policy is published, which is told",
}


def commands_of_code(root: Path = ROOT) -> set[str]:
    """Every command in the services of the code below `root`, as "module:name"."""
    functions = dict(_functions(root))
    used = Counter(name for node in functions.values() for name in _names(node))
    return {
        key
        for key, node in functions.items()
        if _opens(node) or (_writes(node) and not used[node.name])
    }


def _functions(root: Path) -> Iterator[tuple[str, ast.FunctionDef]]:
    for path in {*root.glob("*/services.py"), *root.glob("*/services/**/*.py")}:
        module = ".".join(path.relative_to(root).with_suffix("").parts)
        for name, node in _defined(ast.parse(path.read_text()).body):
            yield f"{module.removesuffix('.__init__')}:{name}", node


def _defined(body: Iterable[ast.stmt], within: str = "") -> Iterator[tuple[str, ast.FunctionDef]]:
    """Functions of a module and methods of its classes, with their qualified names."""
    for node in body:
        if isinstance(node, ast.FunctionDef):
            yield within + node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from _defined(node.body, f"{within}{node.name}.")


def _names(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            yield part.id
        elif isinstance(part, ast.Attribute):
            yield part.attr


def _calls(node: ast.AST) -> set[str]:
    calls = (part.func for part in ast.walk(node) if isinstance(part, ast.Call))
    return {getattr(call, "attr", None) or getattr(call, "id", "") for call in calls}


def _opens(node: ast.FunctionDef) -> bool:
    return "atomic" in _calls(node) or any("atomic" in _names(d) for d in node.decorator_list)


def _writes(node: ast.FunctionDef) -> bool:
    return not node.name.startswith("_") and bool(_calls(node) & WRITES)
