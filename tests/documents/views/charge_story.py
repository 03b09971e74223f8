"""What the tests of charge accounts have in common."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from documents.charge_account import charge_totals
from documents.charge_movements import Movement, Movements, Wanted
from documents.models import Document, PurchaseAgreement
from documents.services.charges import ChargeInput, charge_create
from ledger.selectors.proof import ledger_misses
from tests.world import TODAY, World

if TYPE_CHECKING:
    from django.test import Client


DAY = datetime.timedelta(days=1)


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
