"""Purchase agreements: the statement of a month, and making and changing one."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from typing import TYPE_CHECKING

from core.models import AuditEvent
from documents.models import PurchaseAgreement
from documents.services.settlements import charge_settle
from tests.documents.views.charge_story import DAY, agreement, charge
from tests.world import TODAY, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from core.models import User


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
