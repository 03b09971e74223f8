"""Saved ways to read a file."""

from __future__ import annotations

from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core.errors import Invalid
from core.events import record
from core.models import User
from core.permissions import require
from ledger.models import ImportProfile
from ledger.services.imports.fields import FIELDS
from ledger.services.imports.settings import ImportSettings

_IBM_AR: Final[dict[str, list[str]]] = {
    "customer_code": ["customerID"],
    "country": ["countryCode"],
    "invoice_number": ["invoiceNumber"],
    "invoice_date": ["InvoiceDate"],
    "due_date": ["DueDate"],
    "amount": ["InvoiceAmount"],
    "disputed": ["Disputed"],
    "settled_date": ["SettledDate"],
}
# The layout of docs/import.md: every heading is the name of its field.
_STANDARD: Final = {field.name: [field.name] for field in FIELDS}

DEFAULTS: Final[dict[str, dict[str, Any]]] = {
    "standard": {"mapping": _STANDARD, "date_format": "%Y-%m-%d"},
    # Copies of this data that went through a spreadsheet lost the zeros that lead their numbers.
    "ibm_ar": {
        "mapping": _IBM_AR,
        "date_format": "%m/%d/%Y",
        "options": {"ignore_leading_zeros": True},
    },
    "ibm_ar_ddmmyyyy": {
        "mapping": _IBM_AR,
        "date_format": "%d/%m/%Y",
        "options": {"ignore_leading_zeros": True},
    },
}


def profiles_install_defaults() -> int:
    """Make the profiles we ship where they are missing; return how many were made. Idempotent."""
    made = 0
    for name, values in DEFAULTS.items():
        _profile, created = ImportProfile.objects.get_or_create(name=name, defaults=values)
        made += created
    return made


def profile_save(*, name: str, settings: ImportSettings, actor: User | None) -> ImportProfile:
    """Save settings under a name, replacing a profile of that name. Raises Invalid, NotAllowed."""
    if actor is not None:
        require(actor, "ledger.import_history")
    name = name.strip()
    if not name or len(name) > 60:
        raise Invalid(
            "ledger.profile_name",
            _("Give the profile a name of at most 60 characters."),
            field="profile_name",
        )
    with transaction.atomic():
        profile, _created = ImportProfile.objects.update_or_create(
            name=name,
            defaults={
                "mapping": dict(settings.mapping),
                "date_format": settings.date_format,
                "decimal_separator": settings.decimal_separator,
                "delimiter": settings.delimiter,
                "encoding": settings.encoding,
                "options": settings.options(),
            },
        )
        record("ledger.profile.saved", profile, actor=actor, data={"name": name})
    return profile
