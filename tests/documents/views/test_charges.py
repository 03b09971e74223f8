"""Charge accounts in the browser: entering, analysis, settling, taking back, agreements."""

from __future__ import annotations

import datetime
import re
import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from approvals.services import step_approve
from core.models import AuditEvent
from core.permissions import ROLES
from credit_limits.selectors import credit_position
from documents.charge_account import charge_totals
from documents.charge_movements import Movement, Movements, Wanted
from documents.models import Document, PurchaseAgreement
from documents.services.charges import ChargeInput, charge_create
from documents.services.settlements import charge_credit, charge_settle, settlement_reverse
from ledger.models import JournalEntry, OpenItem
from ledger.selectors.proof import ledger_misses
from ledger.services.payments import credit_apply, payment_record
from tests.documents.views.conftest import texts
from tests.factories.core import CompanyFactory, UserFactory
from tests.factories.customers import CustomerAccountFactory
from tests.world import TODAY, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from core.models import User

DAY = datetime.timedelta(days=1)


@pytest.fixture
def treasurer(world: World) -> User:
    return UserFactory(username="teo", role="treasury")


@pytest.fixture
def treasury(treasurer: User, login: Callable[[User], Client]) -> Client:
    return login(treasurer)


def charge(world: World, amount: int, text: str = "Pump", **values: Any) -> Document:
    on = values.pop("on", None)
    wanted = {"account": world.account, "text": text, **values}
    return charge_create(
        charge=ChargeInput(amount=Decimal(amount), **wanted), actor=world.clerk, on=on
    ).document


def agreement(world: World, **values: Any) -> PurchaseAgreement:
    wanted = {
        "code": "works",
        "name": "Works canteen",
        "account": world.account,
        "employee_ceiling": Decimal(50),
        "valid_from": TODAY - 30 * DAY,
    }
    return PurchaseAgreement.objects.create(**{**wanted, **values})


def account_path(world: World, end: str = "") -> str:
    return f"/orders/charges/accounts/{world.account.pk}/{end}"


def enter(client: Client, world: World, whom: str = "", **typed: str) -> Any:
    data = {
        "amount": "60",
        "text": "Pump",
        "on": TODAY.isoformat(),
        "payment_term": str(world.account.payment_term_id),
        "payment_method": str(world.account.payment_method_id),
        "key": str(uuid.uuid4()),
        **typed,
    }
    whom = whom or f"account={world.account.pk}"
    return client.post(f"/orders/charges/new/?{whom}", data, follow=True)


def movements(world: World, **wanted: Any) -> list[Movement]:
    return Movements(world.account, world.account.currency_id, Wanted(**wanted))[0:100]


def shown(world: World, **wanted: Any) -> list[tuple[str, str, Decimal, Decimal | None]]:
    """(what, state, amount, balance) of the movements, newest first."""
    return [(row.what, row.state, row.amount, row.balance) for row in movements(world, **wanted)]


def is_tied_to_the_ledger(world: World) -> None:
    """The last balance is what is open of charges, less what is left of credits."""
    account = world.account
    counted = [row.balance for row in movements(world) if row.balance is not None]
    totals = charge_totals(account, account.currency_id)
    assert (counted[0] if counted else 0) == totals.balance
    assert ledger_misses([account.pk]) == []


# --- entering ------------------------------------------------------------------------------------


def test_a_charge_that_passes_is_on_the_account(clerk: Client, world: World) -> None:
    response = enter(clerk, world)

    document = Document.objects.get()
    assert response.redirect_chain == [(account_path(world), 302)]
    assert texts(response) == [f"{document.number} of 60.00 EUR is on the account."]
    assert document.status == "posted"
    assert document.number in response.content.decode()


def test_a_charge_of_more_than_an_amount_may_be(clerk: Client, world: World) -> None:
    for typed in ("10000000000000", "99999999999999999999"):
        response = enter(clerk, world, amount=typed)

        assert response.status_code == 422
        assert response.context["form"].errors == {
            "amount": ["This amount is too large: at most 9,999,999,999,999.99."]
        }
        assert f'value="{typed}"' in response.content.decode()
    assert not Document.objects.exists()


def test_a_charge_in_analysis_shows_why_and_loses_nothing(clerk: Client, world: World) -> None:
    response = enter(clerk, world, amount="1,500.50")

    document = Document.objects.get()
    page = response.content.decode()
    assert response.redirect_chain == [(f"/orders/{document.pk}/", 302)]
    assert texts(response) == [
        "The charge is in analysis: it is kept as typed and counts nothing yet."
    ]
    assert "Over the limit of" in page
    assert "Waiting for approval, not counted" in page
    assert (document.status, document.gross_amount) == ("held", Decimal("1500.50"))
    assert shown(world) == [("charge", "analysis", Decimal("1500.50"), None)]


def test_two_clicks_are_one_charge(clerk: Client, world: World) -> None:
    key = str(uuid.uuid4())

    for _click in range(2):
        assert enter(clerk, world, key=key).status_code == 200

    assert Document.objects.count() == JournalEntry.objects.count() == 1


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"amount": "0"}, "amount"),
        ({"amount": ""}, "amount"),
        ({"amount": "a lot"}, "amount"),
        ({"text": " "}, "text"),
        ({"on": (TODAY + DAY).isoformat()}, "on"),
        ({"on": "soon"}, "on"),
    ],
)
def test_a_fault_is_told_at_its_field_and_nothing_is_entered(
    clerk: Client, world: World, typed: dict[str, str], field: str
) -> None:
    response = enter(clerk, world, **typed)

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert not Document.objects.exists()


def test_an_employee_over_the_ceiling_is_told_what_is_open(clerk: Client, world: World) -> None:
    found = agreement(world)
    charge(world, 30, account=None, agreement=found, employee="Rita")

    response = enter(clerk, world, f"agreement={found.pk}", amount="21", employee="Rita")

    assert response.status_code == 422
    assert response.context["form"].errors["amount"] == [
        "Rita may have 50.00 open under Works canteen and has 30.00 already."
    ]
    assert Document.objects.count() == 1
    fits = enter(clerk, world, f"agreement={found.pk}", amount="20", employee="Rita")
    assert fits.redirect_chain == [(account_path(world), 302)]


def test_checking_without_a_script_enters_nothing(clerk: Client, world: World) -> None:
    response = enter(clerk, world, action="check", amount="1500")

    assert response.status_code == 200
    assert "held for approval" in response.content.decode()
    assert not Document.objects.exists()


def test_the_strip_speaks_while_one_types(clerk: Client, world: World) -> None:
    found = agreement(world)
    charge(world, 30, account=None, agreement=found, employee="Rita")
    data = {"amount": "25", "text": "", "employee": "Rita", "on": TODAY.isoformat()}

    page = clerk.post(
        f"/orders/charges/credit/?agreement={found.pk}", data, headers={"HX-Request": "true"}
    ).content.decode()

    assert "<html" not in page
    assert "it passes" in page
    assert "Rita has 30.00 open, of a ceiling of 50.00." in page
    assert "too much" in page
    assert Document.objects.count() == 1


def test_who_is_charged_is_chosen_first(clerk: Client, world: World) -> None:
    found, ended = agreement(world), agreement(world, code="old", name="Old", valid_to=TODAY - DAY)

    page = clerk.get("/orders/charges/new/?q=works").content.decode()
    everybody = clerk.get("/orders/charges/new/").content.decode()

    assert f"?agreement={found.pk}" in page
    assert f"?agreement={ended.pk}" not in everybody
    assert f"?account={world.account.pk}" in everybody


def test_only_who_may_settle_is_offered_a_credit(
    clerk: Client, treasury: Client, world: World
) -> None:
    charge(world, 60)
    path = f"/orders/charges/new/?account={world.account.pk}"

    assert 'name="what"' not in clerk.get(path).content.decode()
    assert 'name="what"' in treasury.get(path).content.decode()
    enter(clerk, world, what="credit", amount="10")
    enter(treasury, world, what="credit", amount="25")

    # The clerk's word was not heard: it was a charge of 10.
    assert [(what, amount) for what, _state, amount, _left in shown(world)] == [
        ("credit", -25),
        ("charge", 10),
        ("charge", 60),
    ]
    assert charge_totals(world.account, "EUR").balance == 45
    is_tied_to_the_ledger(world)


# --- the account ---------------------------------------------------------------------------------


def test_every_movement_with_its_balance(world: World, treasurer: User) -> None:
    first = charge(world, 100, on=TODAY - 3 * DAY)
    second = charge(world, 50, on=TODAY - 2 * DAY)
    charge(world, 5000)
    credit = charge_settle(
        charges=[(first, None), (second, Decimal(20))], received_on=TODAY - DAY, actor=treasurer
    )
    settlement_reverse(payment=credit.entry, reason="bounced", actor=treasurer)
    wanted = ChargeInput(amount=Decimal(160), text="Back", account=world.account)
    charge_credit(charge=wanted, actor=treasurer)

    assert shown(world) == [
        ("credit", "partly", -160, -10),
        ("settlement", "reversal", 120, 150),
        ("settlement", "reversed", -120, 30),
        ("charge", "analysis", 5000, None),
        ("charge", "settled", 50, 150),
        ("charge", "settled", 100, 100),
    ]
    is_tied_to_the_ledger(world)


def test_a_credit_used_elsewhere_is_a_movement_too(world: World, treasurer: User) -> None:
    charge(world, 30)
    invoice = world.item(70)
    wanted = ChargeInput(amount=Decimal(50), text="Back", account=world.account)
    note = charge_credit(charge=wanted, actor=treasurer)
    item = OpenItem.objects.get(entry__document=note)
    credit_apply(credit_item=item, allocations=[(invoice, Decimal(15))], actor=treasurer)

    assert shown(world)[0] == ("elsewhere", "applied", 15, -5)
    assert charge_totals(world.account, "EUR").balance == -5
    is_tied_to_the_ledger(world)


def test_approved_and_refused_movements_show_what_became_of_them(
    world: World, treasurer: User
) -> None:
    document = charge(world, 5000)
    request = document.hold_cases.get().request
    assert request is not None
    step_approve(request=request, actor=world.manager, comment="known")

    assert shown(world) == [("charge", "open", 5000, 5000)]
    assert credit_position(account=world.account, as_of=TODAY).total == 5000
    is_tied_to_the_ledger(world)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"state": "analysis"}, ["Lamp"]),
        ({"state": "open"}, ["Hose"]),
        ({"state": "settled"}, ["PAY", "Pump"]),
        ({"words": "hos"}, ["Hose"]),
        ({"words": "100%"}, []),
        ({"begin": TODAY - DAY}, ["PAY", "Lamp", "Hose"]),
        ({"end": TODAY - 2 * DAY}, ["Pump"]),
    ],
)
def test_filters(world: World, treasurer: User, wanted: dict[str, Any], found: list[str]) -> None:
    pump = charge(world, 100, on=TODAY - 2 * DAY)
    charge(world, 50, text="Hose", on=TODAY)
    charge(world, 5000, text="Lamp")
    charge_settle(charges=[(pump, None)], received_on=TODAY, actor=treasurer)

    rows = movements(world, **wanted)

    assert [row.document.reference if row.document else "PAY" for row in rows] == found


def test_the_page_says_it_all_and_narrows(clerk: Client, world: World) -> None:
    charge(world, 100)
    charge(world, 5000, text="Lamp")

    page = clerk.get(account_path(world)).content.decode()
    narrow = clerk.get(account_path(world, "?state=analysis"), headers={"HX-Request": "true"})

    assert "In analysis, not counted" in page
    assert page.count("charge-apart") == 1
    assert "Pump" not in narrow.content.decode()
    assert "Lamp" in narrow.content.decode()
    assert clerk.get(account_path(world, "?state=nonsense&begin=soon&page=x")).status_code == 200
    assert clerk.get(account_path(world, "?currency=XXX")).status_code == 404


def test_a_long_account_is_read_a_page_at_a_time(
    clerk: Client, world: World, django_assert_max_num_queries: Any
) -> None:
    for number in range(60):
        charge(world, 1, text=f"No. {number}")

    with django_assert_max_num_queries(20):
        page = clerk.get(account_path(world, "?page=2")).content.decode()

    assert page.count("<tr data-href") == 10


def test_the_list_of_accounts(clerk: Client, world: World) -> None:
    charge(world, 100, on=TODAY)
    charge(world, 5000)
    other = CustomerAccountFactory(company=world.company)

    every = clerk.get("/orders/charges/").content.decode()
    none = clerk.get("/orders/charges/?only=overdue").content.decode()

    assert account_path(world) in every
    assert "5,000.00" in every
    assert f"/accounts/{other.pk}/" not in every
    assert account_path(world) in clerk.get("/orders/charges/?only=analysis").content.decode()
    assert "No charge account fits" in none


# --- settling and taking back --------------------------------------------------------------------


def settle(client: Client, world: World, **typed: str) -> Any:
    data = {"received_on": TODAY.isoformat(), "token": str(uuid.uuid4()), "amount": "", **typed}
    return client.post(account_path(world, "settle/"), data, follow=True)


def left(*charges: Document) -> list[Decimal]:
    return [OpenItem.objects.get(entry__document=document).open_amount for document in charges]


def test_an_amount_settles_the_charges_in_their_order(treasury: Client, world: World) -> None:
    first, second = charge(world, 100, on=TODAY - DAY), charge(world, 50)

    response = settle(treasury, world, amount="120", reference="slip 7")

    assert response.redirect_chain == [(account_path(world), 302)]
    assert left(first, second) == [0, 30]
    assert JournalEntry.objects.get(kind="payment").text == "slip 7"
    is_tied_to_the_ledger(world)


def test_parts_settle_what_was_chosen(treasury: Client, world: World) -> None:
    first, second = charge(world, 100), charge(world, 50)

    settle(treasury, world, **{f"charge_{second.pk}": "50", f"charge_{first.pk}": "1"})

    assert left(first, second) == [99, 0]


def test_two_clicks_settle_once(treasury: Client, world: World) -> None:
    document, token = charge(world, 100), str(uuid.uuid4())

    for _click in range(2):
        assert settle(treasury, world, amount="40", token=token).redirect_chain

    assert left(document) == [60]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({}, "Enter what was received"),
        ({"amount": "101"}, "Only 100.00 are open here"),
        ({"part": "101"}, "Only 100.00 are open."),
        ({"part": "50", "amount": "60"}, "The parts below make 50.00."),
        ({"amount": "-5"}, ""),
        ({"amount": "5", "received_on": (TODAY + DAY).isoformat()}, "has not come yet"),
    ],
)
def test_too_much_is_refused_with_its_reason(
    treasury: Client, world: World, typed: dict[str, str], words: str
) -> None:
    document = charge(world, 100)
    values = dict(typed)
    if "part" in values:
        values[f"charge_{document.pk}"] = values.pop("part")

    response = settle(treasury, world, **values)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert left(document) == [100]


def test_a_charge_settled_meanwhile_is_said(treasury: Client, world: World) -> None:
    document = charge(world, 100)
    payment_record(
        account=world.account,
        received_on=TODAY,
        amount=Decimal(100),
        allocations=[(OpenItem.objects.get(entry__document=document), Decimal(100))],
        actor=None,
    )

    response = settle(treasury, world, amount="100")

    assert "Nothing is open" in response.content.decode()
    assert JournalEntry.objects.filter(kind="payment").count() == 1


def test_taking_back_says_what_opens_again_and_needs_a_reason(
    treasury: Client, world: World, treasurer: User
) -> None:
    document = charge(world, 100)
    credit = charge_settle(charges=[(document, None)], received_on=TODAY, actor=treasurer)
    path = f"/orders/charges/settlements/{credit.entry_id}/reverse/"

    asked = treasury.get(path).content.decode()
    empty = treasury.post(path, {"reason": ""})
    still = left(document)
    done = treasury.post(path, {"reason": "cheque bounced"}, follow=True)
    again = treasury.post(path, {"reason": "twice"}, follow=True)

    assert "100.00 EUR of CH-" in asked
    assert (empty.status_code, still) == (422, [0])
    assert texts(done) == [f"{credit.number} was taken back."]
    assert texts(again) == ["This settlement was taken back already."]
    assert left(document) == [100]
    assert [row[:3] for row in shown(world)][:2] == [
        ("settlement", "reversal", 100),
        ("settlement", "reversed", -100),
    ]
    is_tied_to_the_ledger(world)


def test_a_payment_of_something_else_is_not_taken_back_here(treasury: Client, world: World) -> None:
    charge(world, 10)
    plain = payment_record(account=world.account, received_on=TODAY, amount=Decimal(5), actor=None)

    response = treasury.get(f"/orders/charges/settlements/{plain.entry_id}/reverse/", follow=True)

    assert texts(response) == ["This settled no charge."]


# --- agreements ----------------------------------------------------------------------------------


def test_the_statement_of_a_month_by_employee(clerk: Client, world: World, treasurer: User) -> None:
    found = agreement(world, employee_ceiling=Decimal(2000), valid_from=datetime.date(2026, 1, 1))
    under = {"account": None, "agreement": found}
    paid = charge(world, 40, text="Boots", employee="Rita", on=TODAY - DAY, **under)
    charge(world, 25, text="Gloves", employee="Rita", **under)
    charge(world, 10, text="Old", employee="Ugo", on=TODAY - 31 * DAY, **under)
    charge(world, 1500, text="Saw", employee="Ugo", **under)
    charge_settle(charges=[(paid, None)], received_on=TODAY, actor=treasurer)

    page = clerk.get(f"/orders/charges/agreements/{found.pk}/?month=2026-03")
    statement = page.context["statement"]
    rita, ugo = statement.employees

    assert (rita.employee, rita.bought, rita.settled, rita.open_amount) == ("Rita", 65, 40, 25)
    assert (rita.open_in_all, rita.left) == (25, 1975)
    assert (ugo.bought, ugo.waiting, ugo.open_in_all, ugo.left) == (0, 1500, 1510, 490)
    assert (statement.bought, statement.open_amount, statement.waiting) == (65, 25, 1500)
    text = page.content.decode()
    assert "Boots" in text
    assert "Old" not in text
    february = clerk.get(f"/orders/charges/agreements/{found.pk}/?month=2026-02").content.decode()
    assert "Old" in february
    assert "Boots" not in february


def test_agreements_are_made_and_changed_by_the_credit_manager(
    world: World, login: Callable[[User], Client]
) -> None:
    client = login(world.manager)
    data = {
        "name": "Works",
        "code": "works",
        "employee_ceiling": "50",
        "payment_term": "",
        "valid_from": TODAY.isoformat(),
        "valid_to": "",
        "is_active": "on",
    }

    made = client.post(f"/orders/charges/agreements/new/?account={world.account.pk}", data)
    found = PurchaseAgreement.objects.get()
    edit = f"/orders/charges/agreements/{found.pk}/edit/"
    wrong = client.post(edit, data | {"valid_to": (TODAY - DAY).isoformat()})
    twice = client.post(f"/orders/charges/agreements/new/?account={world.account.pk}", data)
    changed = client.post(edit, data | {"employee_ceiling": "80", "is_active": ""}, follow=True)

    assert made.status_code == changed.redirect_chain[0][1] == 302
    assert (wrong.status_code, twice.status_code) == (422, 422)
    found.refresh_from_db()
    assert (found.account, found.employee_ceiling, found.is_active) == (world.account, 80, False)
    assert [event.action for event in AuditEvent.objects.order_by("pk")][-2:] == [
        "documents.agreement.added",
        "documents.agreement.changed",
    ]
    page = re.sub(r"\s+", " ", changed.content.decode())
    assert "ceiling per employee: 50.00 → 80.00" in page
    assert "active: yes → no" in page


def test_the_list_of_an_agreement_is_kept_on_its_form(
    world: World, login: Callable[[User], Client]
) -> None:
    found = agreement(world)
    client = login(world.manager)
    edit = f"/orders/charges/agreements/{found.pk}/edit/"
    data = {
        "name": "Works",
        "code": "works",
        "employee_ceiling": "50",
        "payment_term": "",
        "valid_from": found.valid_from.isoformat(),
        "valid_to": "",
        "is_active": "on",
        "employees-TOTAL_FORMS": "3",
        "employees-INITIAL_FORMS": "0",
        "employees-0-name": "Mario  Rossi",
        "employees-0-ceiling": "1.250,50",
        "employees-0-is_active": "on",
        "employees-1-name": "Anna Lodi",
        "employees-1-ceiling": "",
        "employees-2-name": "",
        "employees-2-ceiling": "",
        "employees-2-is_active": "on",
    }
    assert "Without one every name is taken" in client.get(edit).content.decode()

    for wrong, message in (
        ({"employees-1-name": "MARIO rossi"}, "MARIO rossi is on the list twice."),
        ({"employees-1-ceiling": "0"}, "A ceiling is above zero"),
        ({"employees-1-name": ""}, "Say who, or remove the row."),
    ):
        refused = client.post(edit, data | wrong)
        assert refused.status_code == 422
        assert message in refused.content.decode()
        assert 'value="1.250,50"' in refused.content.decode()
        assert not found.employees.exists()

    saved = client.post(edit, data, follow=True)
    assert sorted(found.employees.values_list("name", "ceiling", "is_active")) == [
        ("Anna Lodi", None, False),
        ("Mario Rossi", Decimal("1250.50"), True),
    ]
    assert "entitled employees: – → Anna Lodi (–), Mario Rossi 1250.50" in saved.content.decode()

    charge(world, 5, account=None, agreement=found, employee="Mario Rossi")
    again = data | {
        "employees-INITIAL_FORMS": "2",
        "employees-0-was": "Anna Lodi",
        "employees-0-name": "Anna Lodi",
        "employees-0-DELETE": "on",
        "employees-1-was": "Mario Rossi",
        "employees-1-name": "Mario Rossi Jr",
        "employees-1-is_active": "on",
    }
    renamed = client.post(edit, again)
    assert renamed.status_code == 422
    assert renamed.context["employees"].forms[1].errors["name"]
    assert found.employees.count() == 2

    assert client.post(edit, again | {"employees-1-name": "Mario Rossi"}).status_code == 302
    assert [str(row) for row in found.employees.all()] == ["Mario Rossi"]


def test_a_listed_agreement_offers_its_employees_and_takes_no_other(
    clerk: Client, world: World
) -> None:
    found = agreement(world)
    whom = f"agreement={found.pk}"
    free = clerk.get(f"/orders/charges/new/?{whom}").content.decode()
    assert "This agreement has no list of employees" in free
    assert '<input type="text" name="employee"' in free

    found.employees.create(name="Mario Rossi", ceiling=Decimal(250))
    found.employees.create(name="Anna Lodi", is_active=False)
    page = clerk.get(f"/orders/charges/new/?{whom}").content.decode()
    assert '<option value="Mario Rossi">Mario Rossi</option>' in page
    assert "Anna Lodi" not in page
    assert "This agreement has no list" not in page

    for name in ("Mario Rossi Jr", "Anna Lodi"):
        refused = enter(clerk, world, whom, amount="21", text="Saw", employee=name)
        assert refused.status_code == 422
        assert refused.context["form"].errors == {
            "employee": [
                f"{name} is not among the employees of this agreement. Choose one of the list."
            ]
        }
        assert 'value="Saw"' in refused.content.decode()
    assert not Document.objects.exists()

    entered = enter(clerk, world, whom, amount="240", employee="mario  rossi")
    assert entered.redirect_chain
    assert found.charges.get().employee == "Mario Rossi"
    strip = clerk.post(
        f"/orders/charges/credit/?{whom}",
        {"amount": "15", "text": "", "employee": "Mario Rossi", "on": TODAY.isoformat()},
    ).content.decode()
    assert "of a ceiling of 250.00" in strip


def test_who_may_credit_finds_inactive_employees_too(treasury: Client, world: World) -> None:
    found = agreement(world)
    found.employees.create(name="Anna Lodi", is_active=False)

    page = treasury.get(f"/orders/charges/new/?agreement={found.pk}").content.decode()

    assert '<option value="Anna Lodi">Anna Lodi (inactive)</option>' in page


def test_the_statement_shows_who_may_buy(clerk: Client, world: World) -> None:
    found = agreement(world)
    path = f"/orders/charges/agreements/{found.pk}/"
    assert "no list of employees: every name is taken" in clerk.get(path).content.decode()

    found.employees.create(name="Mario Rossi", ceiling=Decimal(250))

    page = clerk.get(path).content.decode()
    assert "Mario Rossi" in page
    assert "250.00" in page


# --- rights --------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", sorted(ROLES))
def test_buttons_are_there_for_who_may_press_them(
    world: World, login: Callable[[User], Client], role: str, treasurer: User
) -> None:
    paid, _open = charge(world, 100), charge(world, 10)
    charge_settle(charges=[(paid, None)], received_on=TODAY, actor=treasurer)
    response = login(UserFactory(username="somebody", role=role)).get(account_path(world))

    held = ROLES[role]
    assert response.status_code == (200 if "documents.view_charge" in held else 403)
    page = response.content.decode()
    assert ("New movement" in page) is ("documents.add_charge" in held)
    assert ("/settle/" in page) is ("documents.settle_charge" in held)
    assert ("/reverse/" in page) is ("documents.reverse_charge_settlement" in held)
    assert ("agreements/new/" in page) is ("documents.change_purchaseagreement" in held)


def test_strangers_find_nothing(world: World, login: Callable[[User], Client]) -> None:
    found = agreement(world)
    document = charge(world, 10)
    stranger = UserFactory(
        username="stranger", role="credit_manager", companies=[CompanyFactory(code="OTHER")]
    )
    client = login(stranger)

    for path in (
        account_path(world),
        account_path(world, "settle/"),
        f"/orders/charges/new/?account={world.account.pk}",
        f"/orders/charges/new/?agreement={found.pk}",
        f"/orders/charges/agreements/{found.pk}/",
        f"/orders/charges/agreements/{found.pk}/edit/",
        f"/orders/charges/agreements/new/?account={world.account.pk}",
        f"/orders/charges/settlements/{document.entry_id}/reverse/",
    ):
        assert client.get(path).status_code == 404, path
    assert world.account.customer.name not in client.get("/orders/charges/").content.decode()
    assert found.name not in client.get("/orders/charges/agreements/").content.decode()
