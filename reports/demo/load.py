"""Loading the demo portfolio. A second run changes nothing; a run cut short is completed."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING

from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.utils import timezone

from core.clock import business_day
from core.demo_logins import DEMO_LOGINS
from core.models import Company, ExchangeRate, Notification, User
from core.money import quantize
from credit_limits.models import CreditLimit, CreditProfile
from credit_limits.services.limits import limit_grant
from customers.models import (
    Contact,
    Customer,
    CustomerAccount,
    CustomerGroup,
    PaymentMethod,
    PaymentTerm,
)
from reports.demo.bills import bills_load
from reports.demo.cycle import cycle_load
from reports.demo.history import Book
from reports.demo.on_account import on_account_load
from reports.demo.orders import orders_load
from reports.demo.people import CUSTOMERS, GROUPS, NAMES, PROFILES

if TYPE_CHECKING:
    from collections.abc import Callable

SEED = 20_260_331
CODE = "D{:04d}"
TERMS = (("net30", 30), ("net60", 60), ("eom30", 45))


class NotADemoError(Exception):
    """The database holds customers that are not of the demo."""


def demo_load(*, force: bool = False, say: Callable[[str], None] = print) -> date:
    """Make users, customers, ledger, limits and orders of the demo; returns its anchor day.

    Everything is dated relative to the day of the first run. Raises NotADemoError when real
    customers are there, unless `force`.
    """
    others = Customer.objects.exclude(code__regex=r"^D\d{4}$")
    if others.exists() and not force:
        raise NotADemoError
    with transaction.atomic():
        companies = _companies()
        users = _users(companies)
        first = Customer.objects.filter(code=CODE.format(1)).first()
        anchor = timezone.localdate(first.created_at) if first else timezone.localdate()
        if first is None:
            say("Inventing customers and a year of invoices …")
            _rates(anchor)
            _portfolio(companies, users, anchor)
            # So many rows at once: plans made on the statistics of before would be slow.
            with connection.cursor() as cursor:
                cursor.execute(
                    "ANALYZE ledger_journalentry, ledger_journalline, ledger_openitem, "
                    "ledger_allocation"
                )
    with business_day(anchor):
        say("Entering orders …")
        orders_load(anchor=anchor, users=users)
        say("Delivering, invoicing, posting …")
        cycle_load(anchor=anchor, users=users)
        on_account_load(anchor=anchor, users=users)
        say("Drawing bills …")
        bills_load(anchor=anchor, users=users)
    # Invented people read no mail: what the demo itself sets off stays in the application.
    Notification.objects.filter(emailed_at__isnull=True).update(emailed_at=timezone.now())
    return anchor


def _companies() -> list[Company]:
    main = Company.objects.filter(code="ALBA").first()
    if main is None:
        main = Company.objects.filter(accounts__isnull=True).order_by("pk").first() or Company()
        main.code, main.name, main.currency_id = "ALBA", "Alba Forniture S.p.A.", "EUR"
        main.address = "Via dei Mulini 12\n24100 Bergamo"
        main.save()
    british, _created = Company.objects.get_or_create(
        code="ALBAUK", defaults={"name": "Alba Supplies Ltd", "currency_id": "GBP"}
    )
    return [main, british]


def _users(companies: list[Company]) -> dict[str, User]:
    users = {}
    for role, username, password in DEMO_LOGINS:
        first, last = NAMES[username]
        user, created = User.objects.get_or_create(
            username=username,
            defaults={
                "first_name": first,
                "last_name": last,
                "email": f"{username}@example.com",
                "is_staff": role == "admin",
            },
        )
        if created:
            user.set_password(password)
            user.save()
            user.groups.add(Group.objects.get(name=role))
            user.companies.set(companies)
        users[username] = user
    return users


def _rates(anchor: date) -> None:
    random = Random(SEED)  # noqa: S311 - an invented history, not a secret
    usual = {("GBP", "EUR"): 1.16, ("USD", "EUR"): 0.87}
    ExchangeRate.objects.bulk_create(
        (
            ExchangeRate(
                from_currency_id=source,
                to_currency_id=target,
                valid_on=anchor - timedelta(days=30 * month),
                rate=Decimal(str(round(rate * random.uniform(0.98, 1.02), 5))),
                source="demo",
                entered_at=timezone.make_aware(
                    datetime.combine(anchor - timedelta(days=30 * month), time())
                ),
            )
            for (source, target), rate in usual.items()
            for month in range(15)
        ),
        ignore_conflicts=True,
    )


def _portfolio(companies: list[Company], users: dict[str, User], anchor: date) -> None:
    random = Random(SEED)  # noqa: S311
    groups = {
        code: CustomerGroup.objects.create(code=code, name=GROUPS[code][0]) for code in GROUPS
    }
    book = Book(anchor, random)
    methods = {method.code: method for method in PaymentMethod.objects.all()}
    terms = {term.code: term for term in PaymentTerm.objects.all()}
    open_by_account: list[tuple[CustomerAccount, str, Decimal]] = []
    for number, (name, city, country, profile, group) in enumerate(CUSTOMERS, start=1):
        customer = Customer.objects.create(
            code=CODE.format(number),
            name=name,
            legal_name=name,
            country=country,
            address=city,
            group=groups.get(group),
            status=PROFILES[profile].status,
            status_reason="" if PROFILES[profile].status == "released" else "Demo",
            status_on=anchor - timedelta(days=20),
        )
        _contact(customer, number)
        if group and groups[group].head is None:
            groups[group].head = customer
            groups[group].save()
        homes = [companies[1] if country == "GB" else companies[0]]
        if number % 17 == 0:
            homes.append(companies[0] if country == "GB" else companies[1])
        for home in homes:
            code, days = TERMS[number % len(TERMS)]
            account = CustomerAccount.objects.create(
                company=home,
                customer=customer,
                currency=home.currency,
                payment_term=terms[code],
                payment_method=methods["advance" if profile == "prepaid" else "transfer"],
                agent=users["sara"] if number % 2 else None,
                responsible=users["carla"],
            )
            CreditProfile.objects.create(
                account=account,
                control=PROFILES[profile].control,
                review_on=anchor + timedelta(days=10 * number),
            )
            open_by_account.append((account, profile, book.account(account, profile, days)))
    book.write()
    for account, profile, still_open in open_by_account:
        _limit(account, profile, still_open, anchor)
    for code, (_name, amount) in GROUPS.items():
        if amount is not None:
            limit_grant(
                group=groups[code],
                state=CreditLimit.State.AMOUNT,
                amount=amount,
                currency=companies[0].currency,
                valid_from=anchor - timedelta(days=300),
                reason="Common limit of the group",
                actor=None,
            )


def _contact(customer: Customer, number: int) -> None:
    first = ("Marta", "Jan", "Elena", "Pierre", "Lucía", "Tom")[number % 6]
    Contact.objects.create(
        customer=customer,
        name=f"{first} ({customer.address})",
        role=("Accounts payable", "Purchasing", "Owner")[number % 3],
        email=f"accounts{number}@example.org",
        phone=f"+00 555 {number:04d}",
    )


def _limit(account: CustomerAccount, profile_name: str, still_open: Decimal, anchor: date) -> None:
    profile = PROFILES[profile_name]
    if profile.limit == "none":
        return
    base = max(still_open, Decimal(profile.usual_amount) * 2)
    rounded = quantize(base * Decimal(str(profile.limit_factor)) / 500, 0) * 500
    amount = max(rounded, Decimal(1000)) if profile.limit == "amount" else None
    limit_grant(
        account=account,
        state=profile.limit,
        amount=amount,
        currency=account.currency,
        valid_from=anchor - timedelta(days=360),
        reason="Opening review",
        actor=None,
    )
    if profile_name == "slow" and account.pk % 2 == 0:
        limit_grant(
            account=account,
            kind=CreditLimit.Kind.TEMPORARY,
            state=CreditLimit.State.AMOUNT,
            amount=Decimal(2500),
            currency=account.currency,
            valid_from=anchor - timedelta(days=10),
            valid_until=anchor + timedelta(days=35),
            reason="Season",
            actor=None,
        )
