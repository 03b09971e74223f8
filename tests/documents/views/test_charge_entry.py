"""Entering charges: they pass, are kept in analysis, or say at their field what is wrong."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from documents.charge_account import charge_totals
from documents.models import Document
from ledger.models import JournalEntry
from tests.documents.views.charge_story import (
    DAY,
    account_path,
    agreement,
    charge,
    enter,
    is_tied_to_the_ledger,
    shown,
)
from tests.documents.views.conftest import texts
from tests.world import TODAY, World

if TYPE_CHECKING:
    from django.test import Client


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
    assert "Held, not counted" in page
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
