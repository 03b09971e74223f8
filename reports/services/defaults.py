"""What a new installation starts with. Idempotent; nothing an admin changed is overwritten."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction

from approvals.models import ApprovalAuthority, RequestKind
from core.models import Company, Currency
from core.roles import roles_sync
from credit_limits.services.policies import policies_install_defaults
from customers.models import PaymentMethod, PaymentTerm, PaymentTermLine
from documents.services.defaults import document_types_install_defaults
from ledger.services.accounts import delay_causes_install_defaults, ledger_install_defaults
from ledger.services.profiles import profiles_install_defaults

CURRENCIES = (
    ("EUR", "Euro"),
    ("USD", "US dollar"),
    ("GBP", "Pound sterling"),
    ("CHF", "Swiss franc"),
    ("PLN", "Polish złoty"),
    ("CZK", "Czech koruna"),
    ("SEK", "Swedish krona"),
    ("DKK", "Danish krone"),
    ("NOK", "Norwegian krone"),
    ("HUF", "Hungarian forint"),
    ("RON", "Romanian leu"),
    ("BRL", "Brazilian real"),
    ("JPY", "Yen"),
)

# Code, name, treatment, paid immediately.
METHODS = (
    ("transfer", "Bank transfer", PaymentMethod.Treatment.NORMAL, False),
    ("direct_debit", "Direct debit", PaymentMethod.Treatment.NORMAL, False),
    ("cash", "Cash", PaymentMethod.Treatment.PASSES, True),
    ("card", "Card", PaymentMethod.Treatment.PASSES, True),
    ("advance", "Payment in advance", PaymentMethod.Treatment.NORMAL, True),
    ("cheque", "Cheque", PaymentMethod.Treatment.ANALYSIS, False),
    ("bank_slip", "Bank slip", PaymentMethod.Treatment.ANALYSIS, False),
    ("bill", "Bank collection order", PaymentMethod.Treatment.NORMAL, False),
)

# Code, name, instalments as (percent, days, end of month).
WHOLE = Decimal(100)
THIRD = Decimal("33.3333")
TERMS: tuple[tuple[str, str, tuple[tuple[Decimal, int, bool], ...]], ...] = (
    ("immediate", "Immediately", ((WHOLE, 0, False),)),
    ("net30", "30 days net", ((WHOLE, 30, False),)),
    ("eom30", "30 days, end of month", ((WHOLE, 30, True),)),
    ("net60", "60 days net", ((WHOLE, 60, False),)),
    ("eom60", "60 days, end of month", ((WHOLE, 60, True),)),
    (
        "rate3",
        "Three instalments: 30, 60, 90 days",
        ((THIRD, 30, False), (THIRD, 60, False), (WHOLE - 2 * THIRD, 90, False)),
    ),
)

AUTHORITIES = (("approver", Decimal(5_000)), ("credit_manager", None))


def defaults_install() -> None:
    """Reference rows, roles, authorities, policy and profiles of a new installation.

    The first company is made from the setting AFFIDO_COMPANY, and only when there is none.
    """
    with transaction.atomic():
        roles_sync()
        for code, name in CURRENCIES:
            Currency.objects.get_or_create(code=code, defaults={"name": name})
        if not Company.objects.exists():
            Company.objects.create(**settings.AFFIDO_COMPANY)
        _terms_and_methods()
        document_types_install_defaults()
        policies_install_defaults()
        profiles_install_defaults()
        for company in Company.objects.all():
            ledger_install_defaults(company)
        delay_causes_install_defaults()
        _authorities()


def _terms_and_methods() -> None:
    for code, name, treatment, immediate in METHODS:
        PaymentMethod.objects.get_or_create(
            code=code,
            defaults={"name": name, "treatment": treatment, "is_immediate": immediate},
        )
    for code, name, lines in TERMS:
        term, created = PaymentTerm.objects.get_or_create(code=code, defaults={"name": name})
        if created:
            PaymentTermLine.objects.bulk_create(
                PaymentTermLine(
                    term=term, position=position, percent=percent, days=days, end_of_month=eom
                )
                for position, (percent, days, eom) in enumerate(lines, start=1)
            )


def _authorities() -> None:
    """Only while there is none at all: whoever removed one meant it."""
    if ApprovalAuthority.objects.exists():
        return
    currency = Company.objects.order_by("pk").values_list("currency_id", flat=True)[0]
    ApprovalAuthority.objects.bulk_create(
        ApprovalAuthority(
            kind=RequestKind.DOCUMENT_RELEASE,
            group=Group.objects.get(name=role),
            max_amount=maximum,
            currency_id=currency,
        )
        for role, maximum in AUTHORITIES
    )
