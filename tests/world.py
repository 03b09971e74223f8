"""A small world for service tests: one company, its people, a customer with a limit, orders."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from approvals.models import ApprovalAuthority
from credit_limits.models import CreditPolicy, PolicyRule
from credit_limits.services.limits import limit_grant
from credit_limits.services.policies import policies_install_defaults, policy_publish
from documents.amounts import LineInput
from documents.inputs import OrderHeader
from documents.models import Document, DocumentType
from documents.services.defaults import document_types_install_defaults
from documents.services.save import order_create
from ledger.models import OpenItem
from ledger.services.allocations import Part, allocations_write
from ledger.services.entries import entry_create
from tests.factories.core import CompanyFactory, UserFactory, role_group
from tests.factories.customers import CustomerAccountFactory

if TYPE_CHECKING:
    from core.models import Company, User
    from customers.models import CustomerAccount

TODAY = datetime.date(2026, 3, 31)


@dataclass
class World:
    """What `make_world` made. `manager` may approve anything, `approver` up to 5,000."""

    company: Company
    account: CustomerAccount
    clerk: User
    biller: User
    approver: User
    manager: User
    policy: CreditPolicy
    numbers: dict[str, int] = field(default_factory=dict)

    def writer(self, type_: DocumentType) -> User:
        """Who enters documents of a type from nothing: billing, where they give credit."""
        return self.biller if type_.nature == DocumentType.Nature.REVERSE else self.clerk

    def limit(self, amount: int | str | None, state: str = "amount", **kwargs: Any) -> None:
        """Grant the account's permanent limit from the start of the year on."""
        limit_grant(
            account=kwargs.pop("account", self.account),
            state=state,
            amount=Decimal(amount) if amount is not None else None,
            currency=self.company.currency,
            valid_from=kwargs.pop("valid_from", datetime.date(2026, 1, 1)),
            reason="test",
            actor=None,
            **kwargs,
        )

    def rule(self, rule: str, effect: str, **values: Any) -> None:
        """Set one rule of the policy and publish it."""
        PolicyRule.objects.update_or_create(
            policy=self.policy, rule=rule, defaults={"effect": effect, **values}
        )
        policy_publish(policy=self.policy, actor=None)

    def item(
        self,
        amount: int | str,
        due_on: datetime.date = TODAY + datetime.timedelta(days=30),
        *,
        direction: str = "debit",
        account: CustomerAccount | None = None,
        **kwargs: Any,
    ) -> OpenItem:
        """A posted open item (an invoice, or a payment on account for direction credit)."""
        account = account or self.account
        number = self.numbers.get("item", 0) + 1
        self.numbers["item"] = number
        document_on = kwargs.pop("document_on", min(due_on, TODAY) - datetime.timedelta(days=30))
        currency = kwargs.pop("currency", account.currency)
        rate = kwargs.pop("rate", Decimal(1))
        entry = entry_create(
            account=account,
            kind="invoice" if direction == "debit" else "payment",
            number=f"{direction}-{number}",
            document_on=document_on,
            instalments=[(due_on, Decimal(amount))],
            currency=currency,
            rate=rate,
            actor=None,
        )
        return entry.items.get()

    def allocate(
        self, debit: OpenItem, credit: OpenItem, amount: int | str, on: datetime.date
    ) -> None:
        """Settle part of a debit with a credit, residuals kept."""
        allocations_write([Part(credit.pk, debit.pk, Decimal(amount))], on=on)
        for item in (debit, credit):
            item.refresh_from_db()

    def header(self, account: CustomerAccount | None = None, **values: Any) -> OrderHeader:
        """The head of an order for `account`."""
        account = account or self.account
        return OrderHeader(
            account=account,
            document_on=values.pop("document_on", TODAY),
            type=values.pop("type", None) or DocumentType.objects.get(code="order"),
            currency=values.pop("currency", account.currency),
            **values,
        )

    def order(self, gross: int | str, *, actor: User | None = None, **values: Any) -> Document:
        """A draft order worth `gross`."""
        return order_create(
            header=self.header(**values), lines=[line(gross)], actor=actor or self.clerk
        )


def line(gross: int | str, quantity: int | str = 1) -> LineInput:
    """One line worth `gross` per unit, without tax."""
    return LineInput(description="Goods", quantity=Decimal(quantity), unit_price=Decimal(gross))


def make_world(limit: int | str | None = 1000) -> World:
    """One company with a customer, its people, authorities and the default policy."""
    company = CompanyFactory()
    policy = policies_install_defaults()
    document_types_install_defaults()
    account = CustomerAccountFactory(company=company)
    approver = UserFactory(username="anna", role="approver")
    manager = UserFactory(username="carla", role="credit_manager")
    clerk = UserFactory(username="luca", role="sales")
    biller = UserFactory(username="bice", role="billing")
    for group, maximum in (("approver", Decimal(5000)), ("credit_manager", None)):
        ApprovalAuthority.objects.get_or_create(
            kind="document_release",
            group=role_group(group),
            company=None,
            defaults={"max_amount": maximum, "currency": company.currency},
        )
    world = World(company, account, clerk, biller, approver, manager, policy)
    world.rule("first_order", "off")
    if limit is not None:
        world.limit(limit)
    return world
