"""Rows that make no sense, one for every constraint of the models: what the database must refuse.

A case says which row is refused (`bad`), beside which rows (`beside`), and, in `fine`, which small
difference makes the same row acceptable: so the refusal is about that one thing.
"""

from __future__ import annotations

import datetime
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.backends.postgresql.psycopg_any import DateRange

from approvals.models import ApprovalAuthority, ApprovalRequest, ApprovalStep
from core.models import Company, Currency, ExchangeRate, JobRun, NumberSequence
from credit_limits.models import (
    Alert,
    CreditCheck,
    CreditLimit,
    CreditPolicy,
    ExposureSnapshot,
    PaymentBehaviour,
    PolicyRule,
    PolicyVersion,
    Release,
)
from customers.models import Customer, CustomerAccount, CustomerGroup, PaymentTermLine
from documents.models import (
    AgreementEmployee,
    Charge,
    Document,
    DocumentLine,
    DocumentPaper,
    DocumentRevision,
    DocumentType,
    HoldCase,
    PurchaseAgreement,
)
from documents.services.submit import document_submit
from ledger.models import (
    Allocation,
    Chargeback,
    Dispute,
    JournalEntry,
    JournalLine,
    LedgerAccount,
    LedgerSettings,
    OpenItem,
    PlannedAllocation,
    ReturnedPayment,
)
from tests.factories.core import CompanyFactory, CurrencyFactory, role_group
from tests.factories.customers import CustomerFactory, CustomerGroupFactory, PaymentTermFactory
from tests.world import TODAY, World, make_world

if TYPE_CHECKING:
    from django.db.models import Model

YESTERDAY = TODAY - datetime.timedelta(days=1)
NOON = datetime.datetime(2026, 3, 31, 10, tzinfo=datetime.UTC)
TOKEN = uuid.UUID(int=1)

type Values = dict[str, Any]


@dataclass
class Ground:
    """What rows hang on: a world with a second company, and a held order with its check."""

    world: World
    elsewhere: Company
    dollar: Currency
    other: Customer
    group: CustomerGroup
    draft: Document
    check: CreditCheck
    request: ApprovalRequest
    invoice: OpenItem
    credit: OpenItem

    @property
    def account(self) -> CustomerAccount:
        """The account most rows belong to."""
        return self.world.account

    @property
    def euro(self) -> Currency:
        """The currency of the company."""
        return self.world.company.currency


def make_ground() -> Ground:
    """Make it, through the services where there are some."""
    world = make_world(limit=100)
    held = document_submit(document=world.order(500), actor=world.clerk, as_of=TODAY)
    assert held.request is not None
    return Ground(
        world=world,
        elsewhere=CompanyFactory(code="OTHER"),
        dollar=CurrencyFactory(code="USD"),
        other=CustomerFactory(),
        group=CustomerGroupFactory(),
        draft=world.order(10),
        check=held.check,
        request=held.request,
        invoice=world.item(100),
        credit=world.item(50, direction="credit"),
    )


# --- one sound row of each kind ------------------------------------------------------------------


def currency(g: Ground) -> tuple[type[Model], Values]:
    return Currency, {"code": "XTS", "name": "Test"}


def company(g: Ground) -> tuple[type[Model], Values]:
    return Company, {"code": "NEW", "name": "New", "currency": g.euro}


def exchange_rate(g: Ground) -> tuple[type[Model], Values]:
    values = {
        "from_currency": g.euro,
        "to_currency": g.dollar,
        "valid_on": TODAY,
        "rate": 2,
        "entered_at": NOON,
    }
    return ExchangeRate, values


def sequence(g: Ground) -> tuple[type[Model], Values]:
    return NumberSequence, {"company": g.elsewhere, "code": "order", "year": 2026}


def job_run(g: Ground) -> tuple[type[Model], Values]:
    return JobRun, {"name": "nightly", "as_of": TODAY}


def customer(g: Ground) -> tuple[type[Model], Values]:
    return Customer, {"code": "N1", "name": "New"}


def account(g: Ground) -> tuple[type[Model], Values]:
    return CustomerAccount, {"company": g.elsewhere, "customer": g.other, "currency": g.euro}


def instalment(g: Ground) -> tuple[type[Model], Values]:
    term = PaymentTermFactory(code="three", lines=[(30, 30), (40, 60), (30, 90)])
    term.lines.filter(position=2).delete()
    return PaymentTermLine, {"term": term, "position": 2, "percent": 40}


def entry(g: Ground) -> tuple[type[Model], Values]:
    return JournalEntry, {
        "company": g.world.company,
        "account": g.account,
        "kind": "invoice",
        "number": "N-1",
        "document_on": TODAY,
        "posted_on": TODAY,
        "currency": g.euro,
        "amount": 10,
    }


def journal_line(g: Ground) -> tuple[type[Model], Values]:
    return JournalLine, {
        "entry": g.invoice.entry,
        "ledger_account": LedgerAccount.objects.get(company=g.world.company, role="revenue"),
        "debit": 10,
        "company_debit": 10,
        "company_credit": 0,
    }


def ledger_account(g: Ground) -> tuple[type[Model], Values]:
    return LedgerAccount, {"company": g.elsewhere, "code": "1", "name": "Bank", "role": "bank"}


def ledger_settings(g: Ground) -> tuple[type[Model], Values]:
    return LedgerSettings, {"company": g.elsewhere}


def dispute(g: Ground) -> tuple[type[Model], Values]:
    return Dispute, {"item": g.invoice, "reason": "Broken", "opened_on": TODAY}


def returned_payment(g: Ground) -> tuple[type[Model], Values]:
    return ReturnedPayment, {
        "account": g.account,
        "payment": g.credit.entry,
        "reason": "funds",
        "returned_on": TODAY,
        "currency": g.euro,
        "amount": 50,
    }


def chargeback(g: Ground) -> tuple[type[Model], Values]:
    return Chargeback, {
        "account": g.account,
        "original": g.invoice,
        "item": g.credit,
        "amount": 10,
        "reason": "price",
        "charged_on": TODAY,
    }


def item(g: Ground) -> tuple[type[Model], Values]:
    return OpenItem, {
        "entry": g.invoice.entry,
        "account": g.account,
        "direction": "debit",
        "number": "N-1",
        "instalment": 2,
        "document_on": TODAY,
        "due_on": TODAY,
        "currency": g.euro,
        "amount": 10,
        "open_amount": 10,
    }


def allocation(g: Ground) -> tuple[type[Model], Values]:
    return Allocation, {
        "account": g.account,
        "debit_item": g.invoice,
        "credit_item": g.credit,
        "amount": 5,
        "allocated_on": TODAY,
    }


def plan(g: Ground) -> tuple[type[Model], Values]:
    return PlannedAllocation, {"credit_item": g.credit, "debit_item": g.invoice, "amount": 5}


def authority(g: Ground) -> tuple[type[Model], Values]:
    return ApprovalAuthority, {
        "kind": "limit_change",
        "group": role_group("approver"),
        "max_amount": 10,
        "currency": g.euro,
    }


def request(g: Ground) -> tuple[type[Model], Values]:
    return ApprovalRequest, {
        "kind": "document_release",
        "subject_type": "documents.document",
        "subject_id": g.draft.pk,
        "subject_text": "Draft",
        "account": g.account,
        "requested_by": g.world.clerk,
        "amount": 10,
        "currency": g.euro,
        "reasons": ["LIMIT_EXCEEDED"],
    }


def step(g: Ground) -> tuple[type[Model], Values]:
    return ApprovalStep, {"request": g.request, "position": 2}


def policy(g: Ground) -> tuple[type[Model], Values]:
    return CreditPolicy, {"company": g.elsewhere, "name": "Own"}


def policy_rule(g: Ground) -> tuple[type[Model], Values]:
    own = CreditPolicy.objects.create(company=g.world.company, name="Own")
    return PolicyRule, {"policy": own, "rule": "near_limit", "effect": "warn"}


def policy_version(g: Ground) -> tuple[type[Model], Values]:
    own = CreditPolicy.objects.create(company=g.world.company, name="Own")
    return PolicyVersion, {"policy": own, "number": 1, "content": {}}


def release(g: Ground) -> tuple[type[Model], Values]:
    return Release, {
        "account": g.account,
        "subject_type": "documents.document",
        "subject_id": g.draft.pk,
        "subject_text": "Draft",
        "reasons": ["LIMIT_EXCEEDED"],
        "amount_up_to": 10,
        "currency": g.euro,
        "valid_until": TODAY,
        "checkpoints": ["submit"],
        "granted_by": g.world.manager,
        "comment": "known for years",
    }


def limit(g: Ground) -> tuple[type[Model], Values]:
    return CreditLimit, {
        "customer": g.other,
        "kind": "permanent",
        "state": "amount",
        "amount": 10,
        "currency": g.euro,
        "valid_during": DateRange(TODAY, None),
    }


def group_limit(g: Ground) -> tuple[type[Model], Values]:
    return CreditLimit, limit(g)[1] | {"customer": None, "group": g.group}


def account_limit(g: Ground) -> tuple[type[Model], Values]:
    values = {"customer": None, "account": g.account, "kind": "temporary"}
    return CreditLimit, limit(g)[1] | values


def snapshot(g: Ground) -> tuple[type[Model], Values]:
    return ExposureSnapshot, {
        "account": g.account,
        "as_of": TODAY,
        "currency": g.euro,
        "limit_state": "amount",
    }


def behaviour(g: Ground) -> tuple[type[Model], Values]:
    return PaymentBehaviour, {"account": g.account, "as_of": TODAY}


def alert(g: Ground) -> tuple[type[Model], Values]:
    return Alert, {"account": g.account, "kind": "overdue", "as_of": TODAY}


def document(g: Ground) -> tuple[type[Model], Values]:
    return Document, {
        "type": DocumentType.objects.get(code="order"),
        "company": g.world.company,
        "document_on": TODAY,
        "account": g.account,
        "currency": g.euro,
        "created_by": g.world.clerk,
    }


def document_type(g: Ground) -> tuple[type[Model], Values]:
    return DocumentType, {"code": "another", "name": "Another", "kind": "invoice"}


def agreement(g: Ground) -> tuple[type[Model], Values]:
    return PurchaseAgreement, {
        "code": "works",
        "name": "Works",
        "account": g.account,
        "valid_from": TODAY,
    }


def employee(g: Ground) -> tuple[type[Model], Values]:
    works = PurchaseAgreement.objects.create(
        code="listed", name="Listed", account=g.account, valid_from=TODAY
    )
    works.employees.create(name="Rita B.")
    return AgreementEmployee, {"agreement": works, "name": "Ugo C."}


def charge(g: Ground) -> tuple[type[Model], Values]:
    return Charge, {"document": g.draft}


def document_line(g: Ground) -> tuple[type[Model], Values]:
    return DocumentLine, {
        "document": g.draft,
        "position": 2,
        "description": "Goods",
        "unit_price": 10,
    }


def paper(g: Ground) -> tuple[type[Model], Values]:
    return DocumentPaper, {
        "document": g.draft,
        "content": {},
        "printed_on": TODAY,
        "printed_by": g.world.clerk,
    }


def revision(g: Ground) -> tuple[type[Model], Values]:
    return DocumentRevision, {
        "document": g.draft,
        "content": {},
        "gross_amount": 10,
        "base_version": 1,
        "created_by": g.world.clerk,
    }


def hold_case(g: Ground) -> tuple[type[Model], Values]:
    return HoldCase, {
        "document": g.draft,
        "checkpoint": "submit",
        "check_run": g.check,
        "reasons": ["LIMIT_EXCEEDED"],
        "opened_by": g.world.clerk,
    }
