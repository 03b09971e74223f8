"""Rows that make no sense, one for every constraint of the models: what the database must refuse.

A case says which row is refused (`bad`), beside which rows (`beside`), and, in `fine`, which small
difference makes the same row acceptable: so the refusal is about that one thing.
"""

from __future__ import annotations

import datetime
import uuid
from dataclasses import dataclass, field
from decimal import Decimal
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
    from collections.abc import Callable

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


# --- and what is wrong with it -------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """`constraint` refuses the row `sound` makes once it has the values `bad`.

    Values that are functions get the ground. Rows of `beside` are stored first.
    """

    constraint: str
    sound: Callable[[Ground], tuple[type[Model], Values]]
    bad: Values
    fine: Values = field(default_factory=dict)
    beside: Values | None = None

    def __str__(self) -> str:
        return f"{self.constraint}: {self.bad}"


def same(**values: Any) -> Values:
    """The sound row itself stands beside, with these values."""
    return values


CASES = (
    Case("currency_code_is_iso", currency, {"code": "eur"}),
    Case("currency_code_is_iso", currency, {"code": "E1R"}),
    Case(
        "company_iban_is_compact",
        company,
        {"iban": "IT60 X054 2811 1010 0000 0123 456"},
        {"iban": "IT60X0542811101000000123456"},
    ),
    Case("company_iban_is_compact", company, {"iban": "it60x0542811101000000123456"}),
    Case("company_bic_is_compact", company, {"bic": "UNCR"}, {"bic": "UNCRITMM"}),
    Case(
        "one_rate_per_pair_day_and_moment",
        exchange_rate,
        {"rate": 3},
        {"entered_at": NOON + datetime.timedelta(seconds=1)},
        same(),
    ),
    Case("rate_is_positive", exchange_rate, {"rate": 0}, {"rate": Decimal("0.00000001")}),
    Case("rate_is_positive", exchange_rate, {"rate": -1}),
    Case("rate_between_two_currencies", exchange_rate, {"to_currency": lambda g: g.euro}),
    Case(
        "one_sequence_per_company_and_year",
        sequence,
        {"next_number": 7, "prefix": "X"},
        {"year": 2027},
        same(),
    ),
    Case("sequence_starts_at_one", sequence, {"next_number": 0}),
    Case("job_finished_iff_not_running", job_run, {"finished_at": NOON}),
    Case(
        "job_finished_iff_not_running",
        job_run,
        {"status": "done"},
        {"status": "done", "finished_at": NOON},
    ),
    Case("job_finished_iff_not_running", job_run, {"status": "lost", "finished_at": NOON}),
    Case("customer_status_is_known", customer, {"status": "friend"}, {"status": "protested"}),
    Case("customer_has_a_name", customer, {"name": ""}),
    Case(
        "one_account_per_company",
        account,
        {"currency": lambda g: g.dollar},
        {"company": lambda g: g.world.company},
        same(),
    ),
    Case("one_line_per_position", instalment, {"position": 1}),
    Case("instalment_share_within_bounds", instalment, {"percent": 0}),
    Case("instalment_day_is_a_day", instalment, {"fixed_day": 0}, {"fixed_day": 1}),
    Case("instalment_day_is_a_day", instalment, {"fixed_day": 32}, {"fixed_day": 31}),
    Case("instalment_within_years", instalment, {"months": 61}, {"months": 60}),
    Case("instalment_within_years", instalment, {"days": 1831}, {"days": 1830}),
    Case("instalment_share_within_bounds", instalment, {"percent": Decimal("100.0001")}),
    Case("entry_natural_key", entry, {"amount": 11}, {"number": "N-2"}, same()),
    Case(
        "one_entry_per_form",
        entry,
        {"number": "N-2", "form_token": TOKEN},
        {"number": "N-2", "form_token": None},
        same(form_token=TOKEN),
    ),
    Case("entry_amount_positive", entry, {"amount": 0}, {"amount": Decimal("0.01")}),
    Case("entry_amount_positive", entry, {"amount": -10}),
    Case(
        "entry_amount_positive",
        entry,
        {"kind": "exchange"},
        {"kind": "exchange", "amount": 0},
    ),
    Case(
        "entry_provisional_is_noted",
        entry,
        {"state": "provisional"},
        {"state": "provisional", "noted_on": TODAY},
    ),
    Case("entry_rate_positive", entry, {"rate": 0}, {"rate": None}),
    Case(
        "entry_reversal_names_what_it_reverses",
        entry,
        {"kind": "reversal"},
        {"kind": "reversal", "reverses": lambda g: g.credit.entry},
    ),
    Case("entry_reversal_names_what_it_reverses", entry, {"reverses": lambda g: g.credit.entry}),
    Case("line_amounts_not_negative", journal_line, {"debit": -10}),
    Case("line_amounts_not_negative", journal_line, {"credit": -10}),
    Case("line_amounts_not_negative", journal_line, {"company_debit": -10}),
    Case("line_amounts_not_negative", journal_line, {"company_credit": -10}),
    Case(
        "line_on_one_side",
        journal_line,
        {"credit": 4},
        {"debit": 0, "credit": 4, "company_debit": 0, "company_credit": 4},
    ),
    Case("line_on_one_side", journal_line, {"company_credit": 4}),
    Case("line_on_one_side", journal_line, {"company_debit": 0, "company_credit": 4}),
    Case(
        "line_company_amounts_together",
        journal_line,
        {"company_credit": None},
        {"company_credit": None, "company_debit": None},
    ),
    Case(
        "line_has_a_value",
        journal_line,
        {"debit": 0, "company_debit": 0},
        {"debit": 0, "company_debit": 1},
    ),
    Case(
        "line_has_a_value",
        journal_line,
        {"debit": 0, "company_debit": None, "company_credit": None},
    ),
    Case(
        "one_ledger_account_per_code",
        ledger_account,
        {"role": "tax"},
        {"role": "tax", "code": "2"},
        same(),
    ),
    Case(
        "one_ledger_account_per_role",
        ledger_account,
        {"code": "2"},
        {"code": "2", "role": "tax"},
        same(),
    ),
    Case(
        "tolerance_not_negative",
        ledger_settings,
        {"difference_tolerance": -1},
        {"difference_tolerance": 0},
    ),
    Case("discount_percent_within_bounds", ledger_settings, {"discount_percent": -1}),
    Case(
        "discount_percent_within_bounds",
        ledger_settings,
        {"discount_percent": 101},
        {"discount_percent": 100},
    ),
    Case(
        "one_open_dispute_per_item",
        dispute,
        {"reason": "Late"},
        {"item": lambda g: g.credit},
        same(),
    ),
    Case("return_amount_positive", returned_payment, {"amount": 0}, {"amount": 1}),
    Case("return_fee_borne_by_somebody", returned_payment, {"fee_amount": 5}),
    Case("return_fee_borne_by_somebody", returned_payment, {"fee_bearer": "us"}),
    Case(
        "return_fee_is_not_the_payment",
        returned_payment,
        {"fee_amount": 5, "fee_bearer": "us", "fee_entry": lambda g: g.credit.entry},
        {"fee_amount": 5, "fee_bearer": "us", "fee_entry": lambda g: g.invoice.entry},
    ),
    Case("chargeback_amount_positive", chargeback, {"amount": 0}, {"amount": 1}),
    Case("chargeback_is_another_item", chargeback, {"item": lambda g: g.invoice}),
    Case(
        "chargeback_undone_whole",
        chargeback,
        {"undone_on": TODAY},
        {"undone_on": TODAY, "undone_at": NOON, "undone_reason": "wrong"},
    ),
    Case("dispute_amount_positive", dispute, {"amount": 0}, {"amount": 1}),
    Case("dispute_closed_whole", dispute, {"closed_on": TODAY}),
    Case(
        "dispute_closed_whole",
        dispute,
        {"closed_at": NOON},
        {"closed_at": NOON, "closed_on": TODAY},
    ),
    Case("dispute_closed_whole", dispute, {"closed_at": NOON, "closed_on": YESTERDAY}),
    Case("one_item_per_instalment", item, {"instalment": 1}),
    Case("item_amount_positive", item, {"amount": 0, "open_amount": 0, "settled_on": TODAY}),
    Case("item_residual_within_amount", item, {"open_amount": Decimal("10.01")}),
    Case("item_residual_within_amount", item, {"open_amount": Decimal("-0.01")}),
    Case("item_settled_iff_nothing_open", item, {"settled_on": TODAY}),
    Case(
        "item_settled_iff_nothing_open",
        item,
        {"open_amount": 0},
        {"open_amount": 0, "settled_on": TODAY},
    ),
    Case("item_due_not_before_document", item, {"due_on": YESTERDAY}, {"document_on": YESTERDAY}),
    Case(
        "item_company_amount_iff_rate",
        item,
        {"rate": 1},
        {"rate": 1, "company_amount": 10},
    ),
    Case("item_company_amount_iff_rate", item, {"company_amount": 10}),
    Case("allocation_amount_positive", allocation, {"amount": 0}),
    Case("allocation_amount_positive", allocation, {"amount": -5}),
    Case("allocation_between_two_items", allocation, {"credit_item": lambda g: g.invoice}),
    Case(
        "one_plan_per_pair_of_items",
        plan,
        {"amount": 6},
        {"credit_item": lambda g: g.invoice, "debit_item": lambda g: g.credit},
        same(),
    ),
    Case("plan_amount_positive", plan, {"amount": 0}),
    Case("plan_between_two_items", plan, {"debit_item": lambda g: g.credit}),
    Case("authority_of_person_or_role", authority, {"user": lambda g: g.world.clerk}),
    Case(
        "authority_of_person_or_role",
        authority,
        {"group": None},
        {"group": None, "user": lambda g: g.world.clerk},
    ),
    Case("authority_amount_not_negative", authority, {"max_amount": -1}, {"max_amount": 0}),
    Case(
        "one_authority_each",
        authority,
        {"max_amount": None},
        {"company": lambda g: g.elsewhere},
        same(),
    ),
    Case(
        "one_open_request_per_subject",
        request,
        {"amount": 11},
        {"status": "withdrawn", "closed_at": NOON},
        same(),
    ),
    Case("request_closed_iff_not_open", request, {"closed_at": NOON}),
    Case(
        "request_closed_iff_not_open",
        request,
        {"status": "approved"},
        {"status": "approved", "closed_at": NOON},
    ),
    Case("one_step_per_position", step, {"position": 1}),
    *(
        Case(
            "step_decided_with_name_and_reason",
            step,
            {**decided, **missing},
            decided,
        )
        for decided in (
            {
                "status": status,
                "acted_by": lambda g: g.world.manager,
                "acted_at": NOON,
                "comment": "known for years",
            }
            for status in ("approved", "refused")
        )
        for missing in ({"comment": ""}, {"acted_by": None}, {"acted_at": None})
    ),
    Case("step_decided_with_name_and_reason", step, {"acted_by": lambda g: g.world.manager}),
    Case("one_default_policy", policy, {"company": None}),
    Case("one_row_per_rule", policy_rule, {"effect": "hold"}, {"rule": "no_limit"}, same()),
    Case("rule_threshold_not_negative", policy_rule, {"threshold": -1}, {"threshold": 0}),
    Case("one_policy_version", policy_version, {"content": {"a": 1}}, {"number": 2}, same()),
    Case("release_amount_positive", release, {"amount_up_to": -1}),
    Case("release_says_why", release, {"comment": ""}),
    Case("limit_has_one_scope", limit, {"group": lambda g: g.group}),
    Case("limit_has_one_scope", limit, {"account": lambda g: g.account}),
    Case("limit_has_one_scope", limit, {"customer": None}),
    Case("limit_amount_iff_state_amount", limit, {"amount": None}),
    Case("limit_amount_iff_state_amount", limit, {"amount": 0}),
    Case("limit_amount_iff_state_amount", limit, {"amount": -10}),
    *(
        Case(
            "limit_amount_iff_state_amount",
            limit,
            {"state": state},
            {"state": state, "amount": None},
        )
        for state in ("none", "zero", "unlimited")
    ),
    Case("limit_amount_iff_state_amount", limit, {"state": "generous", "amount": None}),
    *(
        Case(
            f"no_overlapping_{scope}_limits",
            sound,
            {"valid_during": DateRange(None, TODAY + datetime.timedelta(days=1))},
            {"valid_during": DateRange(None, TODAY)},
            same(),
        )
        for scope, sound in (
            ("account", account_limit),
            ("customer", limit),
            ("group", group_limit),
        )
    ),
    Case("one_snapshot_per_day", snapshot, {"total": 5}, {"as_of": YESTERDAY}, same()),
    Case(
        "snapshot_over_limit_has_negative_headroom",
        snapshot,
        {"is_over_limit": True, "headroom": 0},
        {"is_over_limit": True, "headroom": -1},
    ),
    Case("snapshot_over_limit_has_negative_headroom", snapshot, {"is_over_limit": True}),
    Case("one_behaviour_per_day", behaviour, {}, {"window_months": 3}, same()),
    Case(
        "behaviour_known_iff_something_settled",
        behaviour,
        {"settled_amount": 10},
        {"settled_amount": 10, "average_days_late": 0, "late_share_percent": 0},
    ),
    Case("behaviour_known_iff_something_settled", behaviour, {"average_days_late": 3}),
    Case("one_alert_per_kind_and_day", alert, {"facts": {"a": 1}}, {"kind": "over_limit"}, same()),
    Case("alert_seen_by_somebody", alert, {"seen_at": NOON}),
    Case("alert_seen_by_somebody", alert, {"seen_by": lambda g: g.world.manager}),
    Case(
        "one_document_per_number",
        document,
        {"number": "SO-1"},
        {"number": "SO-2"},
        same(number="SO-1"),
    ),
    Case(
        "one_document_per_import_key",
        document,
        {"import_key": "a"},
        {"import_key": ""},
        same(import_key="a"),
    ),
    Case(
        "document_gross_is_net_plus_tax",
        document,
        {"gross_amount": 10, "net_amount": 10, "tax_amount": Decimal("0.01")},
        {"gross_amount": 12, "net_amount": 10, "tax_amount": 2},
    ),
    *(
        Case(
            "document_numbered_once_submitted",
            document,
            {"status": status, "accepted_on": TODAY},
            {"status": status, "accepted_on": TODAY, "number": "SO-1"},
        )
        for status in ("submitted", "released", "closed")
    ),
    *(
        Case(
            "document_accepted_iff_it_counted",
            document,
            {"status": status, "number": "SO-1"},
            {"status": status, "number": "SO-1", "accepted_on": TODAY},
        )
        for status in ("submitted", "released", "closed")
    ),
    Case("document_accepted_iff_it_counted", document, {"status": "lost", "number": "SO-1"}),
    Case(
        "document_ended_when_closed",
        document,
        {"ended_on": TODAY},
        {"status": "cancelled", "ended_on": TODAY},
    ),
    Case(
        "document_posted_iff_in_the_ledger",
        document,
        {"status": "posted", "number": "SO-1", "accepted_on": TODAY},
        {"status": "posted", "number": "SO-1", "accepted_on": TODAY, "posted_on": TODAY},
    ),
    Case(
        "document_posted_iff_in_the_ledger",
        document,
        {
            "status": "posted",
            "number": "SO-1",
            "accepted_on": TODAY,
            "posted_on": TODAY,
            "net_amount": 5,
            "gross_amount": 5,
        },
        {
            "status": "posted",
            "number": "SO-1",
            "accepted_on": TODAY,
            "posted_on": TODAY,
            "net_amount": 5,
            "gross_amount": 5,
            "entry": lambda g: g.invoice.entry,
        },
    ),
    Case("document_posted_iff_in_the_ledger", document, {"posted_on": TODAY}),
    Case("document_posted_iff_in_the_ledger", document, {"entry": lambda g: g.invoice.entry}),
    Case(
        "document_paid_within_total",
        document,
        {"paid_amount": 6, "net_amount": 5, "gross_amount": 5},
        {"paid_amount": 5, "net_amount": 5, "gross_amount": 5},
    ),
    Case("document_paid_within_total", document, {"paid_amount": -1}),
    Case("document_printed_by_somebody", document, {"printed_on": TODAY}),
    Case(
        "document_printed_by_somebody",
        document,
        {"printed_by": lambda g: g.world.clerk},
        {"printed_by": lambda g: g.world.clerk, "printed_on": TODAY},
    ),
    *(
        Case(
            "type_reverse_is_return_or_credit_note",
            document_type,
            {"kind": kind, "nature": "reverse"},
            {"kind": "delivery", "nature": "reverse"},
        )
        for kind in ("order", "quote", "advance", "counter", "charge")
    ),
    Case(
        "type_pro_forma_is_an_invoice",
        document_type,
        {"is_pro_forma": True, "counts_as_credit": True},
        {"is_pro_forma": True, "counts_as_credit": False},
    ),
    Case(
        "type_pro_forma_is_an_invoice",
        document_type,
        {"kind": "order", "is_pro_forma": True, "counts_as_credit": False},
    ),
    *(
        Case(
            "type_of_goods_in_never_counts",
            document_type,
            {"kind": kind},
            {"kind": kind, "counts_as_credit": False},
        )
        for kind in ("receipt", "move")
    ),
    Case(
        "type_over_delivery_within_bounds",
        document_type,
        {"over_delivery_percent": 101},
        {"over_delivery_percent": 100},
    ),
    Case("type_over_delivery_within_bounds", document_type, {"over_delivery_percent": -1}),
    Case(
        "type_tolerance_is_of_what_goes_out",
        document_type,
        {"kind": "delivery", "nature": "reverse", "over_delivery_percent": 1},
        {"kind": "delivery", "nature": "reverse", "over_delivery_percent": 0},
    ),
    Case("agreement_ceiling_positive", agreement, {"employee_ceiling": 0}, {"employee_ceiling": 1}),
    Case(
        "agreement_ends_after_it_begins",
        agreement,
        {"valid_to": YESTERDAY},
        {"valid_to": TODAY},
    ),
    Case("one_employee_of_a_name_per_agreement", employee, {"name": "rita b."}, {"name": "Rita"}),
    Case("employee_name_has_single_blanks", employee, {"name": "Rita  C."}, {"name": "Rita C."}),
    Case("employee_name_has_single_blanks", employee, {"name": ""}, {"name": "R"}),
    Case("employee_ceiling_is_positive", employee, {"ceiling": 0}, {"ceiling": 1}),
    Case(
        "charge_of_an_agreement_names_the_employee",
        charge,
        {"employee": "Rita"},
        {"employee": ""},
    ),
    Case(
        "line_continues_another",
        document_line,
        {"id": 990_000, "source_line_id": 990_000},
        {"id": 990_000, "source_line": lambda g: g.draft.lines.get()},
    ),
    Case("one_line_per_document_position", document_line, {"position": 1}),
    Case("line_has_quantity", document_line, {"quantity": 0}, {"quantity": -1}),
    Case("line_price_not_negative", document_line, {"unit_price": -1}, {"unit_price": 0}),
    Case("line_price_credit_opens_nothing", document_line, {"price_only": True}, {}),
    Case(
        "line_gross_is_net_plus_tax",
        document_line,
        {"gross_amount": 10, "net_amount": 10, "tax_amount": Decimal("0.01")},
        {"gross_amount": 12, "net_amount": 10, "tax_amount": 2},
    ),
    Case("one_paper_per_edition", paper, {"content": {"a": 1}}, {"edition": 2}, same()),
    Case("paper_edition_starts_at_one", paper, {"edition": 0}),
    Case("one_pending_change", revision, {"gross_amount": 11}, {"status": "dropped"}, same()),
    Case(
        "one_open_case_per_checkpoint",
        hold_case,
        {"reasons": []},
        {"checkpoint": "change"},
        same(),
    ),
    Case("case_closed_iff_not_open", hold_case, {"closed_at": NOON}),
    Case(
        "case_closed_iff_not_open",
        hold_case,
        {"status": "lapsed"},
        {"status": "lapsed", "closed_at": NOON},
    ),
)
