"""The ledger accounts of a company: the set it starts with, and finding one by its role."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import transaction

from ledger.models import DelayCause, LedgerAccount, LedgerRole, LedgerSettings

if TYPE_CHECKING:
    from core.models import Company

# Role, code, name.
CHART: Final = (
    (LedgerRole.BANK, "1000", "Bank"),
    (LedgerRole.RECEIVABLE, "1200", "Trade receivables"),
    (LedgerRole.BILLS, "1250", "Bills receivable"),
    (LedgerRole.CLEARING, "1290", "Clearing"),
    (LedgerRole.TAX, "2200", "Tax payable"),
    (LedgerRole.ADVANCES, "2300", "Advances of banks on bills"),
    (LedgerRole.REVENUE, "4000", "Revenue"),
    (LedgerRole.DISCOUNT, "4900", "Cash discounts"),
    (LedgerRole.WRITE_OFF, "6800", "Receivables written off"),
    (LedgerRole.DIFFERENCE, "6810", "Small differences"),
    (LedgerRole.BANK_FEE, "6850", "Bank fees"),
    (LedgerRole.FX, "7700", "Exchange differences"),
    (LedgerRole.OPENING, "9000", "Opening balances"),
)

# Code, name, counts as late.
CAUSES: Final = (
    ("no_money", "Customer has no money", True),
    ("forgotten", "Customer forgot or was slow", True),
    ("not_received", "Invoice not received", False),
    ("invoice_wrong", "Invoice is wrong", False),
    ("goods", "Complaint about goods or service", False),
    ("bank", "Delay of the bank", False),
    ("agreed", "Later payment was agreed", False),
)


def ledger_install_defaults(company: Company) -> int:
    """Accounts and settings a company lacks; returns how many accounts were made. Idempotent.

    A code that is taken for something else gets a suffix.
    """
    with transaction.atomic():
        LedgerSettings.objects.get_or_create(company=company)
        there = dict(LedgerAccount.objects.filter(company=company).values_list("role", "code"))
        codes = set(there.values())
        missing = [row for row in CHART if row[0] not in there]
        LedgerAccount.objects.bulk_create(
            (
                LedgerAccount(
                    company=company,
                    role=role,
                    code=f"{code}-{role}"[:20] if code in codes else code,
                    name=name,
                )
                for role, code, name in missing
            ),
            ignore_conflicts=True,
        )
    return len(missing)


def delay_causes_install_defaults() -> int:
    """The causes of delay we ship where they are missing; returns how many were made."""
    made = 0
    for code, name, counts in CAUSES:
        _cause, created = DelayCause.objects.get_or_create(
            code=code, defaults={"name": name, "counts_as_late": counts}
        )
        made += created
    return made


def accounts_by_role(company: Company) -> dict[str, int]:
    """Keys of the company's ledger accounts by role; those that are missing are made."""
    rows = LedgerAccount.objects.filter(company=company).order_by()
    found = dict(rows.values_list("role", "pk"))
    if len(found) < len(LedgerRole):
        ledger_install_defaults(company)
        found = dict(rows.all().values_list("role", "pk"))
    return found
