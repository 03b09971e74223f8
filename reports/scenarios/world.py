"""The names of a case and the rows they stand for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from core.models import Company, User
from customers.models import Customer, CustomerAccount, CustomerGroup, PaymentMethod
from documents.models import Document, DocumentType
from ledger.models import OpenItem
from reports.scenarios.cases import Case

LONG_AGO = date(2000, 1, 1)


class GivenError(Exception):
    """A case asks for something that the application does not let come about; one sentence."""


@dataclass(slots=True)
class World:
    """What a case has made so far. `today` is its business day, `policy` the keys in force."""

    case: Case
    today: date
    policy: dict[str, Any] = field(default_factory=dict)
    companies: dict[str, Company] = field(default_factory=dict)
    customers: dict[str, Customer] = field(default_factory=dict)
    groups: dict[str, CustomerGroup] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    methods: dict[str, PaymentMethod] = field(default_factory=dict)
    document_ids: dict[str, int] = field(default_factory=dict)
    debit_ids: dict[str, list[int]] = field(default_factory=dict)
    credit_ids: dict[str, int] = field(default_factory=dict)
    bill_ids: dict[str, int] = field(default_factory=dict)
    counter: int = 0

    @property
    def given(self) -> Mapping[str, Any]:
        """What the case takes as given."""
        return self.case.given

    def name_next(self, prefix: str) -> str:
        """A name for something the case does not name."""
        self.counter += 1
        return f"{prefix}-{self.counter}"

    def customer(self, name: str | None = None) -> Customer:
        """A customer by name; the only (or first) one without a name."""
        return self.customers[name or next(iter(self.customers))]

    def company(self, name: str | None = None) -> Company:
        """A company by name; the only (or first) one without a name."""
        return self.companies[name or next(iter(self.companies))]

    def account(self, customer: str | None = None, company: str | None = None) -> CustomerAccount:
        """A customer's account in a company."""
        return CustomerAccount.objects.select_related(
            "company", "customer", "currency", "payment_method"
        ).get(customer=self.customer(customer), company=self.company(company))

    def accounts(self, customer: str | None = None) -> list[CustomerAccount]:
        """All accounts of a customer, in the order of the companies."""
        return [self.account(customer, company) for company in self.companies]

    def document(self, name: str) -> Document:
        """A sales document by name, fresh from the database."""
        if name not in self.document_ids:
            msg = f"{name} is not a sales document"
            raise GivenError(msg)
        return Document.objects.select_related(
            "account__company", "account__customer", "account__currency", "type", "currency"
        ).get(pk=self.document_ids[name])

    def debits(self, name: str) -> list[OpenItem]:
        """What is still open of an invoice or item by name, the earliest due first."""
        if name not in self.debit_ids:
            msg = f"{name} is not an invoice or item in the ledger"
            raise GivenError(msg)
        return list(
            OpenItem.objects.filter(pk__in=self.debit_ids[name], open_amount__gt=0).order_by(
                "due_on", "pk"
            )
        )

    def credit(self, name: str) -> OpenItem:
        """A payment on account or a credit note by name, fresh from the database."""
        if name not in self.credit_ids:
            msg = f"{name} is not a payment or credit note in the ledger"
            raise GivenError(msg)
        return OpenItem.objects.get(pk=self.credit_ids[name])

    def user(self, name: str) -> User:
        """A user by name, without permissions remembered from earlier."""
        return User.objects.get(pk=self.users[name].pk)

    def order_type(self) -> DocumentType:
        """The type of every order of a case."""
        return DocumentType.objects.get(code="order")

    @property
    def is_wide(self) -> bool:
        """Whether a customer's limit counts over all companies."""
        scope = self.policy.get("scope")
        return scope == "global" or (scope is None and len(self.companies) > 1)
