"""Roles and what they may do. `manage.py sync_roles` turns this table into Django groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from core.errors import NotAllowed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.models import User

READ = frozenset(
    {
        "customers.view_customer",
        "customers.view_credit_file",
        "documents.view_document",
        "ledger.view_openitem",
        "credit_limits.view_creditlimit",
        "credit_limits.view_creditcheck",
    }
)
PORTFOLIO = frozenset(
    {
        "credit_limits.view_exposuresnapshot",
        "credit_limits.view_alert",
        "core.view_jobrun",
    }
)
ORDER_ENTRY = frozenset(
    {
        "documents.add_document",
        "documents.change_document",
        "documents.submit_document",
        "documents.cancel_document",
    }
)
PAPER = frozenset({"documents.print_document"})
BOOKS = frozenset({"documents.post_document"})
CHARGE_ENTRY = frozenset({"documents.view_charge", "documents.add_charge"})
CHARGES = CHARGE_ENTRY | {"documents.settle_charge", "documents.reverse_charge_settlement"}
INBOX = frozenset({"approvals.view_inbox", "approvals.decide_request"})
PARTIES = frozenset(
    {
        "customers.add_customer",
        "customers.change_customer",
        "customers.change_customer_status",
    }
)
LEDGER = frozenset(
    {
        "ledger.import_history",
        "ledger.record_payment",
        "ledger.reverse_payment",
        "ledger.manage_item",
        "ledger.manage_bill",
    }
)
LIMITS = frozenset({"credit_limits.grant_limit", "credit_limits.change_alert"})
AUDIT = frozenset({"core.view_auditevent"})
SETTINGS = frozenset(
    {
        f"{label}.{verb}_{model}"
        for label, model in (
            ("core", "company"),
            ("core", "currency"),
            ("core", "exchangerate"),
            ("core", "user"),
            ("auth", "group"),
            ("customers", "paymentmethod"),
            ("customers", "paymentterm"),
            ("customers", "paymenttermline"),
            ("customers", "customergroup"),
            ("customers", "contact"),
            ("credit_limits", "creditpolicy"),
            ("credit_limits", "policyrule"),
            ("credit_limits", "creditprofile"),
            ("documents", "documenttype"),
            ("approvals", "approvalauthority"),
            ("ledger", "importprofile"),
            ("ledger", "ledgeraccount"),
            ("ledger", "ledgersettings"),
            ("ledger", "delaycause"),
        )
        for verb in ("view", "add", "change")
    }
)
# Records that the administration shows and nobody edits there.
RECORDS = frozenset(
    {
        "core.view_numbersequence",
        "approvals.view_approvalrequest",
        "approvals.view_approvalstep",
    }
)

ROLES: Mapping[str, frozenset[str]] = {
    "sales": READ | ORDER_ENTRY | CHARGE_ENTRY | PAPER,
    # Writes what gives credit without a document behind it; who posts it is somebody else.
    "billing": READ | ORDER_ENTRY | PAPER | {"documents.credit_freely"},
    "approver": READ | INBOX | {"credit_limits.view_alert"},
    "credit_manager": READ
    | PORTFOLIO
    | INBOX
    | PARTIES
    | LIMITS
    | LEDGER
    | BOOKS
    | PAPER
    | CHARGES
    | AUDIT
    | {
        "documents.change_purchaseagreement",
        "documents.override_hold",
        "ledger.write_off_item",
    },
    "treasury": READ
    | PORTFOLIO
    | LEDGER
    | BOOKS
    | PAPER
    | CHARGES
    | {"approvals.view_inbox", "credit_limits.change_alert", "ledger.close_period"},
    "auditor": READ | PORTFOLIO | AUDIT | {"approvals.view_inbox", "documents.view_charge"},
    "admin": READ | PORTFOLIO | AUDIT | PARTIES | SETTINGS | RECORDS | {"approvals.view_inbox"},
}

ROLE_NAMES = {
    "sales": _("Sales"),
    "billing": _("Billing"),
    "approver": _("Approver"),
    "credit_manager": _("Credit manager"),
    "treasury": _("Treasury"),
    "auditor": _("Auditor"),
    "admin": _("Administrator"),
}


def require(user: User, permission: str) -> None:
    """Raise NotAllowed unless `user` holds `permission`. Services call it again after views."""
    if not (user.is_active and user.has_perm(permission)):
        raise NotAllowed("core.not_allowed", _("You do not have the right to do this."))
