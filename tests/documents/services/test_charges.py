"""Charges on account: through the one door, a receivable by themselves, each step by its right."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from approvals.services import step_approve, step_refuse
from core.errors import Conflict, Invalid, NotAllowed
from core.models import AuditEvent
from credit_limits.selectors import credit_position
from documents.agreement_statement import agreement_statement
from documents.models import Document, PurchaseAgreement
from documents.services.agreements import AgreementInput, EmployeeInput, agreement_save
from documents.services.charges import ChargeInput, charge_create, employee_open
from documents.services.recheck import held_recheck
from documents.services.settlements import charge_credit, charge_settle, settlement_reverse
from ledger.models import JournalEntry, OpenItem
from ledger.selectors.proof import ledger_misses
from ledger.services.payments import payment_record
from tests.factories.core import UserFactory
from tests.factories.customers import (
    CustomerAccountFactory,
    PaymentMethodFactory,
    PaymentTermFactory,
)
from tests.world import World, make_world

if TYPE_CHECKING:
    from core.models import User
    from documents.results import SubmitResult

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world(limit=100)


@pytest.fixture
def treasurer(world: World) -> User:
    return UserFactory(username="teo", role="treasury")


def today() -> datetime.date:
    return timezone.localdate()


def charge(world: World, amount: int | str, **values: Any) -> SubmitResult:
    wanted = {"account": world.account, "text": "Repair of a pump", **values}
    return charge_create(charge=ChargeInput(amount=Decimal(amount), **wanted), actor=world.clerk)


def total(world: World) -> Decimal:
    return credit_position(account=world.account, as_of=today()).total


def agreement(world: World, **values: Any) -> PurchaseAgreement:
    wanted: dict[str, Any] = {
        "code": "works",
        "name": "Works canteen",
        "account": world.account,
        "employee_ceiling": Decimal(50),
        "valid_from": today() - datetime.timedelta(days=30),
    }
    return PurchaseAgreement.objects.create(**{**wanted, **values})


def item_of(document: Document) -> OpenItem:
    return OpenItem.objects.get(entry__document=document)


def test_a_charge_that_passes_is_a_receivable_at_once(world: World) -> None:
    result = charge(world, 60)

    assert result.passed
    assert result.document.status == "posted"
    assert item_of(result.document).open_amount == 60
    assert total(world) == 60
    assert ledger_misses([world.account.pk]) == []


def test_in_analysis_it_counts_nothing_and_loses_nothing(world: World) -> None:
    result = charge(world, 160)

    position = credit_position(account=world.account, as_of=today())
    assert result.document.status == "held"
    assert (position.total, position.waiting) == (0, 160)
    assert not JournalEntry.objects.exists()
    assert result.document.lines.get().description == "Repair of a pump"


def test_approval_makes_it_a_receivable_by_itself(world: World) -> None:
    result = charge(world, 160)
    assert result.request is not None

    step_approve(request=result.request, actor=world.approver, comment="known customer")

    document = Document.objects.get(pk=result.document.pk)
    assert document.status == "posted"
    assert item_of(document).open_amount == 160
    assert total(world) == 160
    assert ledger_misses([world.account.pk]) == []


def test_refusal_leaves_no_receivable(world: World) -> None:
    result = charge(world, 160)
    assert result.request is not None

    step_refuse(request=result.request, actor=world.approver, comment="too much")

    assert Document.objects.get(pk=result.document.pk).status == "refused"
    assert not JournalEntry.objects.exists()
    assert total(world) == 0


def test_a_payment_ends_the_analysis_and_it_is_a_receivable(world: World) -> None:
    item = world.item(90, due_on=today() + datetime.timedelta(days=5))
    result = charge(world, 60)
    assert result.document.status == "held"
    payment_record(
        account=world.account,
        received_on=today(),
        amount=Decimal(90),
        allocations=[(item, Decimal(90))],
        actor=None,
    )

    counts = held_recheck(account_ids=[world.account.pk])
    again = held_recheck(account_ids=[world.account.pk])

    assert (counts["ended"], again["asked"]) == (1, 0)
    assert Document.objects.get(pk=result.document.pk).status == "posted"
    assert total(world) == 60
    assert JournalEntry.objects.filter(kind="invoice", document__isnull=False).count() == 1


def test_the_same_form_twice_is_one_charge(world: World) -> None:
    first = charge(world, 60, import_key="form-1")
    second = charge(world, 60, import_key="form-1")

    assert first.document.pk == second.document.pk
    assert second.passed
    assert Document.objects.count() == JournalEntry.objects.count() == 1


def test_who_buys_under_an_agreement_is_billed_to_its_company(world: World) -> None:
    found = agreement(world)

    result = charge(world, 30, account=None, agreement=found, employee="Rita")

    assert result.document.account == world.account
    assert result.document.charge.employee == "Rita"
    assert total(world) == 30
    assert employee_open(found, "Rita") == 30
    assert employee_open(found, "Ugo") == 0


def test_an_employee_has_a_ceiling_of_his_own(world: World) -> None:
    found = agreement(world)
    charge(world, 30, account=None, agreement=found, employee="Rita")

    with pytest.raises(Invalid) as caught:
        charge(world, "20.01", account=None, agreement=found, employee="Rita")
    other = charge(world, 20, account=None, agreement=found, employee="Ugo")
    exact = charge(world, 20, account=None, agreement=found, employee="Rita")

    assert caught.value.code == "documents.employee_ceiling"
    assert other.passed
    assert exact.passed
    assert total(world) == 70


def test_another_spelling_is_no_other_employee(world: World) -> None:
    found = agreement(world)
    charge(world, 30, account=None, agreement=found, employee="Rita  Bo ")

    with pytest.raises(Invalid) as caught:
        charge(world, "20.01", account=None, agreement=found, employee="rita bo")
    second = charge(world, 20, account=None, agreement=found, employee=" RITA BO")

    assert caught.value.code == "documents.employee_ceiling"
    assert second.passed
    assert {row.employee for row in found.charges.all()} == {"Rita Bo"}
    assert employee_open(found, "rita bo") == 50


def test_only_who_is_listed_may_buy(world: World) -> None:
    found = agreement(world)
    found.employees.create(name="Mario Rossi")
    found.employees.create(name="Anna Lodi", is_active=False)
    charge(world, 30, account=None, agreement=found, employee=" mario  ROSSI ")

    for name, code in (
        ("Mario Rossi Jr", "documents.employee_not_entitled"),
        ("Mario", "documents.employee_not_entitled"),
        ("Anna Lodi", "documents.employee_inactive"),
    ):
        with pytest.raises(Invalid) as caught:
            charge(world, 1, account=None, agreement=found, employee=name)
        assert (caught.value.code, caught.value.field) == (code, "employee")

    assert [row.employee for row in found.charges.all()] == ["Mario Rossi"]
    assert Document.objects.count() == 1
    assert total(world) == 30


def test_an_own_ceiling_stands_in_place_of_the_agreements(world: World) -> None:
    found = agreement(world)
    found.employees.create(name="Rita", ceiling=Decimal(80))
    found.employees.create(name="Ugo", ceiling=Decimal(10))
    found.employees.create(name="Eva")
    bought = {"account": None, "agreement": found}

    for name, fits in (("Rita", 80), ("Ugo", 10), ("Eva", 50)):
        with pytest.raises(Invalid) as caught:
            charge(world, f"{fits}.01", employee=name, **bought)
        assert caught.value.code == "documents.employee_ceiling"
        assert f"may have {fits}.00 open" in str(caught.value)
        charge(world, fits, employee=name, **bought)

    rows = agreement_statement(found, today().replace(day=1)).employees
    assert {row.employee: row.left for row in rows} == {"Rita": 0, "Ugo": 0, "Eva": 0}


def test_a_credit_is_given_to_who_may_no_longer_buy(world: World, treasurer: User) -> None:
    found = agreement(world)
    charge(world, 30, account=None, agreement=found, employee="Rita")
    found.employees.create(name="Rita", is_active=False)

    credited(world, 10, treasurer, account=None, agreement=found, employee="rita")

    assert employee_open(found, "Rita") == 20


def listing(world: World, *names: EmployeeInput, found: PurchaseAgreement | None = None) -> Any:
    wanted = AgreementInput(
        code="works",
        name="Works",
        valid_from=today(),
        employee_ceiling=Decimal(50),
        employees=names,
    )
    return agreement_save(
        account=world.account, wanted=wanted, actor=world.manager, agreement=found
    )


def test_the_list_is_written_whole_with_one_event(world: World) -> None:
    found = listing(world, EmployeeInput("Rita  B."), EmployeeInput("Ugo", Decimal(5)))
    keys = dict(found.employees.values_list("name", "pk"))

    listing(
        world,
        EmployeeInput("RITA B.", was="Rita B."),
        EmployeeInput("Eva", is_active=False),
        found=found,
    )

    assert sorted(found.employees.values_list("name", "is_active")) == [
        ("Eva", False),
        ("RITA B.", True),
    ]
    assert found.employees.get(name="RITA B.").pk == keys["Rita B."]
    event = AuditEvent.objects.latest("pk")
    assert event.data["changes"] == {"employees": ["Rita B., Ugo 5.00", "Eva (–), RITA B."]}
    before = AuditEvent.objects.count()
    listing(world, EmployeeInput("RITA B."), EmployeeInput("Eva", is_active=False), found=found)
    assert AuditEvent.objects.count() == before


@pytest.mark.parametrize(
    ("rows", "code", "row"),
    [
        ([("Rita", None), ("rita", None)], "documents.employee_twice", 1),
        ([("  ", None)], "documents.employee_no_name", 0),
        ([("Rita", 0)], "documents.employee_own_ceiling", 0),
    ],
)
def test_a_list_that_makes_no_sense_is_refused_whole(
    world: World, rows: list[tuple[str, int | None]], code: str, row: int
) -> None:
    found = listing(world, EmployeeInput("Ugo"))
    wanted = [
        EmployeeInput(name, None if ceiling is None else Decimal(ceiling)) for name, ceiling in rows
    ]

    with pytest.raises(Invalid) as caught:
        listing(world, *wanted, found=found)

    assert (caught.value.code, caught.value.params["row"]) == (code, row)
    assert [str(employee) for employee in found.employees.all()] == ["Ugo"]


def test_who_has_bought_keeps_the_name(world: World) -> None:
    found = listing(world, EmployeeInput("Rita"), EmployeeInput("Ugo"))
    charge(world, 30, account=None, agreement=found, employee="Rita")

    with pytest.raises(Invalid) as caught:
        listing(world, EmployeeInput("Rita B.", was="Rita"), found=found)
    assert (caught.value.code, caught.value.field) == ("documents.employee_renamed", "name")

    listing(world, EmployeeInput("Rita"), EmployeeInput("Hugo", was="Ugo"), found=found)
    assert sorted(map(str, found.employees.all())) == ["Hugo", "Rita"]


def test_what_is_in_analysis_counts_for_the_employee(world: World) -> None:
    world.item(90, due_on=today() + datetime.timedelta(days=5))
    found = agreement(world)
    held = charge(world, 40, account=None, agreement=found, employee="Rita")
    assert held.document.status == "held"

    with pytest.raises(Invalid):
        charge(world, 20, account=None, agreement=found, employee="Rita")


@pytest.mark.parametrize(
    "values",
    [
        {"is_active": False},
        {"valid_from": datetime.date(2999, 1, 1)},
        {"valid_from": datetime.date(2020, 1, 1), "valid_to": datetime.date(2020, 12, 31)},
    ],
)
def test_an_agreement_that_is_not_valid_charges_nobody(
    world: World, values: dict[str, Any]
) -> None:
    found = agreement(world, **values)

    with pytest.raises(Invalid) as caught:
        charge(world, 10, account=None, agreement=found, employee="Rita")

    assert caught.value.field == "agreement"
    assert not Document.objects.exists()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"amount": 0}, "amount"),
        ({"amount": -5}, "amount"),
        ({"text": " "}, "text"),
        ({"account": None}, "account"),
        ({"employee": "Rita"}, "employee"),
    ],
)
def test_nonsense_is_told_at_its_place(world: World, values: dict[str, Any], field: str) -> None:
    values = dict(values)

    with pytest.raises(Invalid) as caught:
        charge(world, values.pop("amount", 10), **values)

    assert caught.value.field == field
    assert not Document.objects.exists()


def test_settling_in_part_and_in_full(world: World, treasurer: User) -> None:
    first, second = charge(world, 30).document, charge(world, 40).document

    charge_settle(
        charges=[(first, None), (second, Decimal(15))], received_on=today(), actor=treasurer
    )

    assert item_of(first).open_amount == 0
    assert item_of(second).open_amount == 25
    assert total(world) == 25
    assert ledger_misses([world.account.pk]) == []


def test_only_what_is_open_is_settled_and_never_more(world: World, treasurer: User) -> None:
    held, open_one = charge(world, 160).document, charge(world, 30).document

    for part in ([(held, None)], [(open_one, Decimal(31))], [(open_one, Decimal(0))], []):
        with pytest.raises((Invalid, Conflict)):
            charge_settle(charges=part, received_on=today(), actor=treasurer)

    assert item_of(open_one).open_amount == 30


def test_charges_of_two_accounts_are_settled_apart(world: World, treasurer: User) -> None:
    other = CustomerAccountFactory(company=world.company)
    world.limit(100, account=other)
    mine, theirs = charge(world, 30).document, charge(world, 30, account=other).document

    with pytest.raises(Invalid) as caught:
        charge_settle(charges=[(mine, None), (theirs, None)], received_on=today(), actor=treasurer)

    assert caught.value.code == "documents.charges_of_several"


def test_a_settlement_taken_back_leaves_the_charge_open_with_its_old_due_date(
    world: World, treasurer: User
) -> None:
    document = charge(world, 30).document
    due_on = item_of(document).due_on
    credit = charge_settle(charges=[(document, None)], received_on=today(), actor=treasurer)

    settlement_reverse(payment=credit.entry, reason="cheque bounced", actor=treasurer)

    item = item_of(document)
    assert (item.open_amount, item.due_on) == (30, due_on)
    assert total(world) == 30
    assert ledger_misses([world.account.pk]) == []
    with pytest.raises(Conflict):
        settlement_reverse(payment=credit.entry, reason="again", actor=treasurer)


def test_a_payment_that_settled_more_is_taken_back_in_the_ledger(
    world: World, treasurer: User
) -> None:
    document, item = charge(world, 30).document, world.item(20)
    credit = payment_record(
        account=world.account,
        received_on=today(),
        amount=Decimal(50),
        allocations=[(item_of(document), Decimal(30)), (item, Decimal(20))],
        actor=None,
    )
    plain = payment_record(
        account=world.account, received_on=today(), amount=Decimal(5), actor=None
    )

    for entry in (credit.entry, plain.entry):
        with pytest.raises(Invalid):
            settlement_reverse(payment=entry, reason="x", actor=treasurer)

    assert item_of(document).open_amount == 0


def test_each_step_has_a_right_of_its_own(world: World, treasurer: User) -> None:
    document = charge(world, 30).document
    credit = charge_settle(charges=[(document, None)], received_on=today(), actor=treasurer)

    with pytest.raises(NotAllowed):
        charge_create(
            charge=ChargeInput(amount=Decimal(1), text="x", account=world.account),
            actor=world.approver,
        )
    with pytest.raises(NotAllowed):
        charge_settle(charges=[(document, None)], received_on=today(), actor=world.clerk)
    with pytest.raises(NotAllowed):
        settlement_reverse(payment=credit.entry, reason="x", actor=world.clerk)

    assert item_of(document).open_amount == 0


def credited(world: World, amount: int | str, actor: User, **values: Any) -> Document:
    wanted = {"account": world.account, "text": "Brought back", **values}
    return charge_credit(charge=ChargeInput(amount=Decimal(amount), **wanted), actor=actor)


def test_a_charge_of_yesterday_is_asked_about_today(world: World) -> None:
    yesterday = today() - datetime.timedelta(days=1)
    wanted = ChargeInput(amount=Decimal(60), text="Pump", account=world.account)

    document = charge_create(charge=wanted, actor=world.clerk, on=yesterday).document

    assert document.entry is not None
    assert (document.entry.document_on, document.entry.posted_on) == (yesterday, today())
    with pytest.raises(Invalid) as caught:
        charge_create(charge=wanted, actor=world.clerk, on=today() + datetime.timedelta(days=1))
    assert caught.value.field == "on"


def test_the_terms_of_the_agreement_make_its_billing_day(world: World) -> None:
    term = PaymentTermFactory(code="day25")
    term.lines.update(days=0, fixed_day=25)
    found = agreement(world, payment_term=term)

    result = charge(world, 30, account=None, agreement=found, employee="Rita")

    assert item_of(result.document).due_on.day == 25


def test_a_credit_by_hand_settles_the_open_charges_the_earliest_first(
    world: World, treasurer: User
) -> None:
    first, second = charge(world, 30).document, charge(world, 40).document

    note = credited(world, 50, treasurer)

    assert (item_of(first).open_amount, item_of(second).open_amount) == (0, 20)
    assert note.status == "posted"
    assert total(world) == 20
    assert ledger_misses([world.account.pk]) == []
    assert AuditEvent.objects.filter(action="documents.charge.credited").count() == 1


def test_what_a_credit_does_not_settle_stays_on_the_account(world: World, treasurer: User) -> None:
    item = world.item(70, due_on=today() + datetime.timedelta(days=5))

    note = credited(world, 50, treasurer)

    item.refresh_from_db()
    assert item.open_amount == 70  # an invoice is none of the charge account's business
    assert item_of(note).open_amount == 50
    assert total(world) == 20


def test_a_credit_of_an_employee_settles_what_this_one_bought(
    world: World, treasurer: User
) -> None:
    found = agreement(world)
    of_rita = charge(world, 30, account=None, agreement=found, employee="Rita").document
    of_ugo = charge(world, 30, account=None, agreement=found, employee="Ugo").document

    credited(world, 40, treasurer, account=None, agreement=found, employee="Ugo")

    assert (item_of(of_rita).open_amount, item_of(of_ugo).open_amount) == (30, 0)
    assert employee_open(found, "Ugo") == -10
    assert charge(world, 60, account=None, agreement=found, employee="Ugo").passed


def test_a_credit_sent_twice_is_one_and_frees_by_right(world: World, treasurer: User) -> None:
    charge(world, 60)

    notes = {credited(world, 10, treasurer, import_key="form-9").pk for _click in range(2)}
    with pytest.raises(NotAllowed):
        credited(world, 10, world.clerk)

    assert len(notes) == 1
    assert total(world) == 50


def test_how_it_was_paid_stands_in_the_books_and_a_form_pays_once(
    world: World, treasurer: User
) -> None:
    document = charge(world, 30).document
    cash = PaymentMethodFactory(code="cash")
    token = uuid.uuid4()

    def settle() -> OpenItem:
        return charge_settle(
            charges=[(document, Decimal(10))],
            received_on=today(),
            payment_method=cash,
            reference="till 2",
            token=token,
            actor=treasurer,
        )

    credit = settle()
    with pytest.raises(Conflict):
        settle()

    assert credit.entry.text == "Cash · till 2"
    assert item_of(document).open_amount == 20
