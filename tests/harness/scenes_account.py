"""Sales on account under kills: charges, their settlement, agreements, sales at the counter."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from approvals.models import ApprovalRequest
from core.models import User
from customers.models import CustomerAccount
from documents.inputs import OrderHeader
from documents.models import Document, DocumentType, PurchaseAgreement
from documents.services.agreements import AgreementInput, agreement_save
from documents.services.charges import ChargeInput, charge_create
from documents.services.counter import counter_sale, counter_void
from documents.services.settlements import charge_credit, charge_settle, settlement_reverse
from ledger.models import JournalEntry
from tests.factories.core import UserFactory
from tests.harness.scenes import furnished
from tests.harness.scenes_sales import found, user
from tests.world import TODAY, line

if TYPE_CHECKING:
    from tests.harness.lab import Arguments

KEY = "one filling-in of a form"


def account() -> Arguments:
    """An account at 250 of 1,000, and somebody who may do everything."""
    world = furnished()
    root = UserFactory(username="root", is_superuser=True)
    return {"account": world.account.pk, "actor": root.pk}


def _charge(account: int, actor: int, amount: int, text: str = "Pump", **more: Any) -> Document:
    wanted = ChargeInput(
        amount=Decimal(amount), text=text, account=CustomerAccount.objects.get(pk=account), **more
    )
    result = charge_create(charge=wanted, actor=user(actor), on=TODAY, as_of=TODAY)
    return result.document


# --- Charges ---------------------------------------------------------------------------------


def charge(account: int, actor: int) -> None:
    """A charge of 60: a receivable at once."""
    assert _charge(account, actor, 60, import_key=KEY).status == Document.Status.POSTED


def charge_too_much(account: int, actor: int) -> None:
    """A charge of 800: kept in analysis, an approver is asked."""
    assert _charge(account, actor, 800, import_key=KEY).status == Document.Status.HELD


def charge_in_analysis() -> Arguments:
    """A charge of 800 about which an approver was asked."""
    charge_too_much(**account())
    request = ApprovalRequest.objects.get()
    return {"request": request.pk, "actor": User.objects.get(username="carla").pk}


def agreed() -> Arguments:
    """An agreement with a ceiling of 100 for each employee."""
    made = account()
    agree(**made)
    return {"agreement": PurchaseAgreement.objects.get().pk, "actor": made["actor"]}


def charge_of_employee(agreement: int, actor: int) -> None:
    """A purchase of 60 by an employee, billed to the company."""
    charge_create(
        charge=ChargeInput(
            amount=Decimal(60),
            text="Boots",
            agreement=PurchaseAgreement.objects.get(pk=agreement),
            employee="Rita",
        ),
        actor=user(actor),
        on=TODAY,
        as_of=TODAY,
    )


def charged() -> Arguments:
    """Two receivables of 60 and 40 from charges."""
    made = account()
    charges = [
        _charge(made["account"], made["actor"], amount, text)
        for amount, text in ((60, "Pump"), (40, "Hose"))
    ]
    return {"charges": [charge.pk for charge in charges], "actor": made["actor"]}


def settle(charges: list[int], actor: int) -> None:
    """One payment of 80: the first in full, half of the second."""
    first, second = map(found, charges)
    charge_settle(
        charges=[(first, None), (second, Decimal(20))],
        received_on=TODAY,
        reference="at the till",
        actor=user(actor),
    )


def settled() -> Arguments:
    """The same, settled with a payment of 80."""
    made = charged()
    settle(**made)
    payment = JournalEntry.objects.get(kind="payment", amount=80)
    return {"payment": payment.pk, "actor": made["actor"]}


def settlement_back(payment: int, actor: int) -> None:
    """Take the settlement back."""
    settlement_reverse(
        payment=JournalEntry.objects.get(pk=payment), reason="bounced", on=TODAY, actor=user(actor)
    )


def credit_by_hand(charges: list[int], actor: int) -> None:
    """Credit 70: it settles the first charge and a part of the second."""
    wanted = ChargeInput(amount=Decimal(70), text="Goodwill", account=found(charges[0]).account)
    charge_credit(charge=wanted, actor=user(actor), on=TODAY, as_of=TODAY)


# --- Agreements ------------------------------------------------------------------------------


def agree(account: int, actor: int) -> None:
    """Make an agreement with the customer."""
    agreement_save(
        account=CustomerAccount.objects.get(pk=account),
        wanted=AgreementInput(
            code="works", name="Works", valid_from=TODAY, employee_ceiling=Decimal(100)
        ),
        actor=user(actor),
    )


def lower_ceiling(agreement: int, actor: int) -> None:
    """Lower the ceiling of the agreement to 50."""
    current = PurchaseAgreement.objects.get(pk=agreement)
    agreement_save(
        account=current.account,
        agreement=current,
        wanted=AgreementInput(
            code="works", name="The works", valid_from=TODAY, employee_ceiling=Decimal(50)
        ),
        actor=user(actor),
    )


# --- At the counter --------------------------------------------------------------------------


def sell(account: int, actor: int) -> None:
    """Sell for 100 at the counter, 40 of it paid; the same form again is the same sale."""
    account_ = CustomerAccount.objects.get(pk=account)
    header = OrderHeader(
        account=account_,
        document_on=TODAY,
        type=DocumentType.objects.get(code="counter"),
        currency=account_.currency,
        paid_amount=Decimal(40),
        import_key=KEY,
    )
    counter_sale(header=header, lines=[line(50, 2)], actor=user(actor), as_of=TODAY)


def sold() -> Arguments:
    """A sale of 100 at the counter, 40 of it paid at once."""
    made = account()
    sell(**made)
    sale = Document.objects.get(type__code="counter")
    return {"document": sale.pk, "actor": made["actor"]}


def void(document: int, actor: int) -> None:
    """Take the sale back."""
    counter_void(document=found(document), reason="wrong customer", actor=user(actor), as_of=TODAY)
