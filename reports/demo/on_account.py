"""What the demo sells without an order: charges, an agreement with its employees, counter sales."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction

from customers.models import CustomerAccount
from documents.amounts import LineInput
from documents.inputs import OrderHeader
from documents.models import Document, DocumentType, PurchaseAgreement
from documents.services.agreements import AgreementInput, EmployeeInput, agreement_save
from documents.services.charges import ChargeInput, charge_create
from documents.services.counter import counter_sale
from documents.services.settlements import charge_settle

if TYPE_CHECKING:
    from core.models import User

EMPLOYER = "Termoidraulica Adda S.r.l."
AT_THE_COUNTER = "Carpenterie del Garda S.r.l."
IN_ANALYSIS = "Edilnova Costruzioni S.r.l."
CODE = "adda-staff"
# Days before the demo's day, who bought, what, for how much.
BOUGHT = (
    (26, "Marco Poli", "Safety boots", Decimal("84.90")),
    (19, "Elisa Rota", "Work jacket and gloves", Decimal("131.40")),
    (12, "Davide Brena", "Cordless drill", Decimal("149.00")),
    (3, "Marco Poli", "Torch", Decimal("27.50")),
)
# Days before, what, price, paid at once.
SOLD = (
    (4, "Pipe clamps, box of 50", Decimal("96.00"), Decimal("117.12")),
    (1, "Hydraulic hose, cut to length", Decimal("264.00"), Decimal("122.08")),
)


def on_account_load(*, anchor: date, users: dict[str, User]) -> None:
    """Sell on account what is not there yet; all of it is there, or nothing."""
    accounts = {
        account.customer.name: account
        for account in CustomerAccount.objects.select_related("customer", "company", "currency")
        .filter(customer__name__in=(EMPLOYER, AT_THE_COUNTER, IN_ANALYSIS))
        .order_by("-company")
    }
    if len(accounts) < 3 or PurchaseAgreement.objects.filter(code=CODE).exists():
        return
    with transaction.atomic():
        _employees(accounts[EMPLOYER], anchor, users)
        charge_create(
            charge=ChargeInput(
                amount=Decimal("212.00"),
                text="Repair of a pump",
                account=accounts[IN_ANALYSIS],
                import_key="demo:analysis",
            ),
            actor=users["sara"],
            on=anchor - timedelta(days=2),
            as_of=anchor,
        )
        for number, sale in enumerate(SOLD):
            _sale(accounts[AT_THE_COUNTER], f"demo:counter{number}", sale, anchor, users["sara"])


def _employees(account: CustomerAccount, anchor: date, users: dict[str, User]) -> None:
    agreement = agreement_save(
        account=account,
        wanted=AgreementInput(
            code=CODE,
            name="Staff purchases, Termoidraulica Adda",
            valid_from=anchor - timedelta(days=60),
            employee_ceiling=Decimal(250),
            employees=[
                EmployeeInput(name) for name in sorted({employee for _d, employee, *_r in BOUGHT})
            ],
        ),
        actor=users["carla"],
    )
    charges: list[Document] = []
    for number, (days, employee, text, amount) in enumerate(BOUGHT):
        on = anchor - timedelta(days=days)
        result = charge_create(
            charge=ChargeInput(
                amount=amount,
                text=text,
                agreement=agreement,
                employee=employee,
                import_key=f"demo:staff{number}",
            ),
            actor=users["sara"],
            on=on,
            as_of=on,
        )
        charges.append(result.document)
    open_ones = [charge for charge in charges[:2] if charge.status == Document.Status.POSTED]
    if len(open_ones) == 2:
        charge_settle(
            charges=[(open_ones[0], None), (open_ones[1], Decimal(60))],
            received_on=anchor - timedelta(days=5),
            reference="Deducted from pay",
            actor=users["teo"],
        )


def _sale(
    account: CustomerAccount,
    key: str,
    sale: tuple[int, str, Decimal, Decimal],
    anchor: date,
    clerk: User,
) -> None:
    days, text, price, paid = sale
    on = anchor - timedelta(days=days)
    counter_sale(
        header=OrderHeader(
            account=account,
            document_on=on,
            type=DocumentType.objects.get(code="counter"),
            currency=account.currency,
            reference="",
            payment_method=account.payment_method,
            payment_term=account.payment_term,
            paid_amount=paid,
            import_key=key,
        ),
        lines=[
            LineInput(
                description=text, quantity=Decimal(1), unit_price=price, tax_percent=Decimal(22)
            )
        ],
        actor=clerk,
        as_of=on,
    )
