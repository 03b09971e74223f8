"""Who may buy under a purchase agreement: its list, what is offered, and who is refused."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from documents.models import Document
from tests.documents.views.charge_story import agreement, charge, enter
from tests.world import TODAY, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from core.models import User


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
