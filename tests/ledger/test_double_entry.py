"""The lines behind every entry: they balance, they stay, and they say what the items say."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from core.errors import Invalid
from ledger.models import JournalEntry, JournalLine, LedgerAccount, LedgerRole, OpenItem
from ledger.selectors import balance_proof, control_proof
from ledger.services import entry_confirm, entry_post
from ledger.services.accounts import CHART, accounts_by_role, ledger_install_defaults
from ledger.services.entries import Split, entry_create
from ledger.services.lines import lines_fill
from tests.factories.core import CompanyFactory, CurrencyFactory, ExchangeRateFactory
from tests.factories.customers import CustomerAccountFactory
from tests.factories.ledger import JournalEntryFactory, OpenItemFactory, PaymentFactory

pytestmark = pytest.mark.django_db

D = datetime.date
JAN = D(2026, 1, 1)


def lines(entry: JournalEntry) -> list[tuple[str, Decimal, Decimal]]:
    rows = entry.lines.select_related("ledger_account").order_by("pk")
    return [(row.ledger_account.role, row.debit, row.credit) for row in rows]


def values(entry: JournalEntry) -> list[tuple[str, Decimal | None, Decimal | None]]:
    rows = entry.lines.select_related("ledger_account").order_by("pk")
    return [(row.ledger_account.role, row.company_debit, row.company_credit) for row in rows]


def settle_constraints() -> None:
    """Ask the deferred constraints now, as a commit would."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("invoice", [("receivable", 100, 0), ("revenue", 0, 100)]),
        ("opening", [("receivable", 100, 0), ("opening", 0, 100)]),
        ("credit_note", [("receivable", 0, 100), ("revenue", 100, 0)]),
    ],
)
def test_every_kind_has_its_usual_counter_account(kind, expected):
    entry = JournalEntryFactory(kind=kind)
    assert lines(entry) == expected
    control = entry.lines.get(ledger_account__role="receivable")
    assert control.account == entry.account
    assert entry.lines.exclude(pk=control.pk).get().account is None
    settle_constraints()


def test_a_payment_goes_to_the_bank():
    assert lines(PaymentFactory().entry) == [("receivable", 0, 100), ("bank", 100, 0)]


def test_counter_lines_can_be_split_and_one_may_go_the_other_way():
    entry = JournalEntryFactory(
        amount=920,
        splits=[
            Split(LedgerRole.REVENUE, Decimal(600)),
            Split(LedgerRole.TAX, Decimal(220)),
            Split(LedgerRole.REVENUE, Decimal(400)),
            Split(LedgerRole.CLEARING, Decimal(-300)),
        ],
    )
    assert lines(entry) == [
        ("receivable", 920, 0),
        ("revenue", 0, 1000),
        ("tax", 0, 220),
        ("clearing", 300, 0),
    ]
    settle_constraints()


@pytest.mark.parametrize(
    ("splits", "code"),
    [
        ([Split("revenue", Decimal(99))], "ledger.splits_do_not_add_up"),
        ([Split("receivable", Decimal(100))], "ledger.split_role"),
        ([Split("pocket", Decimal(100))], "ledger.split_role"),
    ],
)
def test_lines_that_make_no_sense_are_refused(splits, code):
    with pytest.raises(Invalid) as caught:
        JournalEntryFactory(splits=splits)
    assert caught.value.code == code
    assert not JournalEntry.objects.exists()


def test_a_foreign_entry_balances_in_company_currency_to_the_cent():
    ExchangeRateFactory(valid_on=JAN, rate=Decimal("0.33333333"))
    account = CustomerAccountFactory()
    entry = entry_post(
        account=account,
        kind="invoice",
        number="1",
        document_on=JAN,
        instalments=[(JAN, Decimal("33.33")), (JAN, Decimal("33.33")), (JAN, Decimal("33.34"))],
        currency="USD",
        splits=[Split("revenue", Decimal("81.97")), Split("tax", Decimal("18.03"))],
        actor=None,
    )
    assert entry.company_amount == Decimal("33.33")
    items = entry.items.order_by("instalment")
    assert sum(item.company_amount for item in items) == Decimal("33.33")
    control, revenue, tax = values(entry)
    assert control == ("receivable", Decimal("33.33"), 0)
    assert revenue[2] + tax[2] == Decimal("33.33")
    settle_constraints()


def test_without_a_rate_the_company_amounts_stay_empty():
    CurrencyFactory(code="USD")
    entry = JournalEntryFactory(currency="USD")
    assert values(entry) == [("receivable", None, None), ("revenue", None, None)]
    settle_constraints()


def test_provisional_entries_have_lines_that_do_not_count_yet():
    entry = JournalEntryFactory(provisional=True)
    assert lines(entry)
    assert control_proof() == []
    entry_confirm(entry=entry, actor=None)
    assert control_proof() == []


# --- what the database refuses -------------------------------------------------------------------


def bare_entry(account, **values):
    return JournalEntry.objects.create(
        company=account.company,
        account=account,
        kind="invoice",
        number=values.pop("number", "B-1"),
        document_on=JAN,
        posted_on=JAN,
        currency=account.currency,
        amount=10,
        **values,
    )


def line(entry, role="revenue", **values):
    roles = accounts_by_role(entry.company)
    return JournalLine(
        entry=entry,
        ledger_account_id=roles[role],
        account=entry.account if role == "receivable" else None,
        **values,
    )


def item(entry, **values):
    return OpenItem.objects.create(
        entry=entry,
        account=entry.account,
        direction="debit",
        number="B-1",
        document_on=JAN,
        due_on=JAN,
        currency=entry.currency,
        **({"amount": 10, "open_amount": 10} | values),
    )


def refused() -> str:
    """Which constraint refuses what was written, when the transaction would end."""
    try:
        with transaction.atomic():
            settle_constraints()
    except IntegrityError as error:
        return str(error.__cause__.diag.constraint_name)  # type: ignore[attr-defined]
    return ""


def test_an_entry_without_lines_is_refused():
    account = CustomerAccountFactory()
    with transaction.atomic():
        item(bare_entry(account))
        assert refused() == "entry_has_lines"
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    ("rows", "constraint"),
    [
        ([("receivable", {"debit": 10}), ("revenue", {"credit": 9})], "entry_balanced"),
        ([("receivable", {"debit": 10})], "entry_balanced"),
        (
            [
                ("receivable", {"debit": 10, "company_debit": 5, "company_credit": 0}),
                ("revenue", {"credit": 10, "company_debit": 0, "company_credit": 4}),
            ],
            "entry_balanced",
        ),
        (
            [
                ("receivable", {"debit": 10, "company_debit": 5, "company_credit": 0}),
                ("revenue", {"credit": 10}),
            ],
            "entry_balanced",
        ),
        (
            [("receivable", {"debit": 9}), ("revenue", {"credit": 9})],
            "entry_control_equals_items",
        ),
        ([("bank", {"debit": 10}), ("revenue", {"credit": 10})], "entry_control_equals_items"),
        ([("receivable", {"debit": 10}), ("revenue", {"credit": 10})], ""),
    ],
)
def test_lines_balance_in_both_currencies_and_equal_the_items(rows, constraint):
    account = CustomerAccountFactory()
    with transaction.atomic():
        entry = bare_entry(account)
        item(entry)
        for role, amounts in rows:
            line(entry, role, **amounts).save()
        assert refused() == constraint
        transaction.set_rollback(True)


def test_lines_belong_to_the_company_and_account_of_their_entry():
    account = CustomerAccountFactory()
    other = CustomerAccountFactory(company=account.company)
    elsewhere = CompanyFactory(code="ELSE")
    for change in (
        {"account": other},
        {"account": None},
        {"ledger_account_id": accounts_by_role(elsewhere)["receivable"]},
    ):
        with transaction.atomic():
            entry = bare_entry(account)
            item(entry)
            control = line(entry, "receivable", debit=10)
            for name, value in change.items():
                setattr(control, name, value)
            control.save()
            line(entry, credit=10).save()
            assert refused() == "entry_lines_belong"
            transaction.set_rollback(True)


def test_what_is_added_to_an_entry_later_balances_and_leaves_the_customer_alone():
    entry = JournalEntryFactory()
    settle_constraints()
    with transaction.atomic():
        line(entry, debit=1, company_debit=1, company_credit=0).save()
        assert refused() == "entry_balanced"
        transaction.set_rollback(True)
    with transaction.atomic():
        line(entry, debit=1, company_debit=1, company_credit=0).save()
        line(entry, "tax", credit=1, company_debit=0, company_credit=1).save()
        assert refused() == ""
        line(entry, "receivable", debit=1, company_debit=1, company_credit=0).save()
        line(entry, credit=1, company_debit=0, company_credit=1).save()
        assert refused() == "entry_control_equals_items"
        transaction.set_rollback(True)


def test_a_provisional_entry_is_posted_and_changes_in_no_other_way():
    entry = JournalEntryFactory(provisional=True)
    for values in (
        {"state": "posted", "amount": 99},
        {"state": "posted", "document_on": D(2026, 1, 2)},
        {"posted_on": D(2026, 1, 2)},
        {"text": "other"},
    ):
        with pytest.raises(Exception, match="Cannot update"), transaction.atomic():
            JournalEntry.objects.filter(pk=entry.pk).update(**values)
    entry_confirm(entry=entry, actor=None, posted_on=D(2026, 2, 1))
    entry.refresh_from_db()
    assert (entry.state, entry.posted_on) == ("posted", D(2026, 2, 1))
    with pytest.raises(Exception, match="Cannot update"), transaction.atomic():
        JournalEntry.objects.filter(pk=entry.pk).update(state="provisional")


# --- the accounts --------------------------------------------------------------------------------


def test_a_company_gets_one_account_per_role_and_twice_changes_nothing():
    company = CompanyFactory(code="NEW")
    LedgerAccount.objects.create(company=company, code="1000", name="Till", role="clearing")
    assert ledger_install_defaults(company) == len(CHART) - 1
    before = list(LedgerAccount.objects.filter(company=company).values())
    assert {row["role"] for row in before} == set(LedgerRole.values)
    assert ledger_install_defaults(company) == 0
    assert list(LedgerAccount.objects.filter(company=company).values()) == before
    assert LedgerAccount.objects.get(company=company, role="clearing").name == "Till"


def test_who_writes_in_bulk_gets_lines_in_one_statement():
    account = CustomerAccountFactory()
    ledger_install_defaults(account.company)
    entry = bare_entry(account, rate=1, company_amount=10)
    item(entry, rate=1, company_amount=10)
    other = OpenItemFactory(account=account)
    assert lines_fill() == 2
    assert lines(entry) == [("receivable", 10, 0), ("revenue", 0, 10)]
    assert other.entry.lines.count() == 2
    assert lines_fill() == 0
    settle_constraints()
    assert control_proof() == []
    assert balance_proof() == []


def test_posting_has_a_day_of_its_own():
    account = CustomerAccountFactory()
    with transaction.atomic():
        entry = entry_create(
            account=account,
            kind="invoice",
            number="1",
            document_on=JAN,
            posted_on=D(2026, 1, 5),
            instalments=[(D(2026, 2, 1), Decimal(10))],
            currency=None,
            actor=None,
        )
    assert (entry.document_on, entry.posted_on) == (JAN, D(2026, 1, 5))
    assert JournalEntryFactory(document_on=JAN).posted_on == JAN
