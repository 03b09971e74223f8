"""The database refuses nonsense, and history does not change, whoever writes the SQL."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pgtrigger
import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, models, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from core.models import AuditEvent, ExchangeRate
from credit_limits.models import (
    CheckFinding,
    CreditCheck,
    CreditLimit,
    PolicyVersion,
    Release,
)
from customers.models import PaymentTermLine
from documents.models import DocumentPaper, DocumentState, LineState
from ledger.models import (
    Allocation,
    Bill,
    BillPart,
    BillStep,
    JournalEntry,
    JournalLine,
    OpenItem,
    Presentation,
)
from ledger.services.bills import bills_present
from tests.architecture.ground import Ground, Values, exchange_rate, make_ground, paper, release
from tests.architecture.nonsense import CASES
from tests.architecture.nonsense_bills import stored
from tests.factories.core import CurrencyFactory
from tests.world import TODAY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.architecture.nonsense_case import Case

pytestmark = pytest.mark.django_db

OURS = ("approvals", "core", "credit_limits", "customers", "documents", "ledger", "reports")


def our_models() -> Iterator[type[models.Model]]:
    for label in OURS:
        yield from apps.get_app_config(label).get_models()


@pytest.fixture
def ground() -> Ground:
    return make_ground()


# --- constraints ---------------------------------------------------------------------------------


def test_every_constraint_has_its_case() -> None:
    """A new constraint needs a row that breaks it in tests/architecture/nonsense.py."""
    named = {
        (model, constraint.name) for model in our_models() for constraint in model._meta.constraints
    }

    assert {name for _model, name in named} == {case.constraint for case in CASES}
    assert len(named) == len({name for _model, name in named})


WHOLES = (
    "ledger.JournalEntry:balanced",
    "ledger.JournalLine:balanced",
    "ledger.Bill:adds_up",
    "ledger.Bill:stands",
    "ledger.BillPart:adds_up",
    "ledger.BillStep:stands",
    "ledger.BillStep:follows",
)


def store(ground: Ground, case: Case, values: Values) -> str:
    """Insert the row with these values and take it back; '' or the constraint that refused it.

    Single rows of an entry never balance, nor does a bill without its parts and steps;
    tests/ledger/test_double_entry.py and tests/ledger/bills/test_database.py try what does.
    """

    def insert(given: Values) -> None:
        ready = {key: value(ground) if callable(value) else value for key, value in given.items()}
        model.objects.create(**(sound | ready))  # type: ignore[attr-defined]

    with pgtrigger.ignore(*WHOLES), transaction.atomic():
        model, sound = case.sound(ground)
        if case.beside is not None:
            insert(case.beside)
        try:
            with transaction.atomic():
                insert(values)
                connection.check_constraints()  # deferred ones too
            refused = ""
        except IntegrityError as error:
            refused = str(error.__cause__.diag.constraint_name)  # type: ignore[attr-defined]
        transaction.set_rollback(True)
    return refused


def test_nonsense_is_refused_and_sense_is_not(ground: Ground) -> None:
    wrong = []
    for case in CASES:
        refused = store(ground, case, case.bad)
        if refused != case.constraint:
            wrong.append(f"{case} was refused by {refused or 'nobody'}")
        accepted = store(ground, case, case.fine)
        if accepted:
            wrong.append(f"{case.constraint}: sound row {case.fine} refused by {accepted}")
    assert wrong == []


# --- history -------------------------------------------------------------------------------------

APPEND_ONLY = {
    AuditEvent,
    CreditCheck,
    CheckFinding,
    Release,
    PolicyVersion,
    Allocation,
    JournalEntry,
    JournalLine,
    DocumentState,
    LineState,
    DocumentPaper,
    ExchangeRate,
    BillPart,
    BillStep,
    Presentation,
}


def test_every_trigger_is_tried_here() -> None:
    found = {
        (model, trigger.name)
        for model in our_models()
        for trigger in getattr(model._meta, "triggers", ())
    }

    assert found == {(model, "append_only") for model in APPEND_ONLY} | {
        (CreditLimit, "no_delete"),
        *((OpenItem, name) for name in ("stays_as_entered", "stays_posted", "no_delete")),
        (CreditLimit, "only_end_earlier"),
        # Tried in tests/ledger/test_double_entry.py, test_periods.py and test_reversals.py …
        (JournalEntry, "balanced"),
        (JournalEntry, "period_open"),
        (JournalLine, "balanced"),
        (Allocation, "period_open"),
        (Allocation, "mirrors"),
        # … and in tests/ledger/test_instalments.py.
        (PaymentTermLine, "whole"),
        (PaymentTermLine, "whole_after_delete"),
        # Tried in tests/ledger/bills/test_database.py.
        *((Bill, name) for name in ("stays_as_entered", "no_delete", "adds_up", "stands")),
        *((BillPart, name) for name in ("belongs", "adds_up")),
        *((BillStep, name) for name in ("follows", "stands")),
    }


def refused(sql: str, *params: Any) -> bool:
    """Whether a trigger stops the statement; whatever it did is taken back."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, params)
            transaction.set_rollback(True)
    except DatabaseError as error:
        # Only a trigger speaks like this: a broken constraint or a typo is something else.
        return "pgtrigger: Cannot" in str(error)
    return False


def rows(model: type[models.Model]) -> list[dict[str, Any]]:
    return list(model._default_manager.order_by("pk").values())


def history(ground: Ground) -> None:
    """One row of every append-only table that the ground has not made already."""
    _model, values = release(ground)
    Release.objects.create(**values)
    _model, values = paper(ground)
    DocumentPaper.objects.create(**values)
    _model, values = exchange_rate(ground)
    ExchangeRate.objects.create(**values)
    bills_present(bills=[stored(ground)], kind="after", bank="Banca", on=TODAY, actor=None)
    ground.world.allocate(ground.invoice, ground.credit, 5, on=TODAY)


def test_what_was_recorded_stays_as_it_is(ground: Ground) -> None:
    history(ground)
    wrong = []
    for model in APPEND_ONLY:
        before = rows(model)
        assert before, model
        table, pk = model._meta.db_table, before[0]["id"]
        wrong += [
            f"{table}.{field.column} can be changed"
            for field in model._meta.concrete_fields
            for column in [connection.ops.quote_name(field.column)]
            if not refused(f"UPDATE {table} SET {column} = {column} WHERE id = %s", pk)  # noqa: S608
        ]
        if not refused(f"DELETE FROM {table} WHERE id = %s", pk):  # noqa: S608
            wrong.append(f"rows of {table} can be deleted")
        assert rows(model) == before
    assert wrong == []


def test_an_item_stays_as_it_was_entered(ground: Ground) -> None:
    """What is open of it and what is said of it may change, and nothing else."""
    item = ground.invoice
    entered: dict[str, str] = {
        "entry_id": "entry_id + 1",
        "account_id": "account_id + 1",
        "direction": "'credit'",
        "number": "number || 'x'",
        "instalment": "instalment + 1",
        "document_on": "document_on - 1",
        "due_on": "due_on + 30",
        "currency_id": "'XTS'",
        "amount": "amount + 1",
        "rate": "rate * 2",
        "company_amount": "company_amount + 1",
        "noted_at": "noted_at - interval '1 day'",
        "is_posted": "false",
    }
    free = {"id", "open_amount", "settled_on", "entered_at", "is_disputed", "delay_cause_id"}
    columns = {field.column for field in OpenItem._meta.concrete_fields}
    assert set(entered) == columns - free, "a new column needs the trigger"

    wrong = [
        f"{column} can be changed"
        for column, value in entered.items()
        if not refused(f"UPDATE ledger_openitem SET {column} = {value} WHERE id = %s", item.pk)  # noqa: S608
    ]
    if not refused("DELETE FROM ledger_openitem WHERE id = %s", item.pk):
        wrong.append("it can be deleted")
    assert wrong == []
    assert not refused("UPDATE ledger_openitem SET is_disputed = true WHERE id = %s", item.pk)


def day(days: int) -> datetime.date:
    return TODAY + datetime.timedelta(days=days)


@pytest.fixture
def limit(ground: Ground) -> CreditLimit:
    """A limit from yesterday to ten days on."""
    ground.world.limit(
        50,
        kind="temporary",
        valid_from=day(-1),
        valid_until=day(9),
    )
    return CreditLimit.objects.get(kind="temporary")


def test_a_limit_ends_earlier_and_changes_in_no_other_way(
    ground: Ground, limit: CreditLimit
) -> None:
    before = rows(CreditLimit)
    others: dict[str, object] = {
        "id": 0,
        "account_id": None,
        "customer_id": ground.other.pk,
        "group_id": ground.group.pk,
        "kind": "permanent",
        "state": "unlimited",
        "amount": 51,
        "currency_id": CurrencyFactory(code="USD").pk,
        "is_approved": False,
        "reason": "another one",
        "granted_by_id": ground.world.manager.pk,
        "granted_at": datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC),
    }
    columns = {field.column for field in CreditLimit._meta.concrete_fields}
    assert set(others) == columns - {"valid_during"}, "a new column needs the trigger"

    update = "UPDATE credit_limits_creditlimit SET {} = %s WHERE id = %s"
    wrong = [
        f"{column} can be changed"
        for column, value in others.items()
        if not refused(update.format(column), value, limit.pk)
    ]
    for span in (
        DateRange(day(-1), day(11)),
        DateRange(day(-1), None),
        DateRange(None, day(10)),
        DateRange(day(-2), day(10)),
        DateRange(day(0), day(10)),
    ):
        if not refused(update.format("valid_during"), span, limit.pk):
            wrong.append(f"it can become valid during {span}")
    if not refused("DELETE FROM credit_limits_creditlimit WHERE id = %s", limit.pk):
        wrong.append("it can be deleted")
    assert wrong == []
    assert rows(CreditLimit) == before

    for span in (DateRange(day(-1), day(9)), DateRange(empty=True)):
        CreditLimit.objects.filter(pk=limit.pk).update(valid_during=span)
        limit.refresh_from_db()
        assert limit.valid_during == span
