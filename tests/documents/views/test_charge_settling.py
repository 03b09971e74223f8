"""Settling charges, in full or in part, and taking a settlement back."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from documents.models import Document
from documents.services.settlements import charge_settle
from ledger.models import JournalEntry, OpenItem
from ledger.services.payments import payment_record
from tests.documents.views.charge_story import (
    DAY,
    account_path,
    charge,
    is_tied_to_the_ledger,
    shown,
)
from tests.documents.views.conftest import texts
from tests.world import TODAY, World

if TYPE_CHECKING:
    from django.test import Client

    from core.models import User


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


@pytest.mark.parametrize("by_part", [False, True])
def test_two_clicks_that_settle_everything_say_that_it_was_recorded(
    treasury: Client, world: World, by_part: bool
) -> None:
    document, token = charge(world, 100), str(uuid.uuid4())
    typed = {f"charge_{document.pk}": "100"} if by_part else {"amount": "100"}

    settle(treasury, world, token=token, **typed)
    again = settle(treasury, world, token=token, **typed)

    assert again.redirect_chain == [(account_path(world), 302)]
    assert "recorded the first time" in again.content.decode()
    assert JournalEntry.objects.filter(kind="payment").count() == 1


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


def paid_by_a_colleague(world: World, document: Document) -> None:
    payment_record(
        account=world.account,
        received_on=TODAY,
        amount=Decimal(100),
        allocations=[(OpenItem.objects.get(entry__document=document), Decimal(100))],
        actor=None,
    )


def test_a_charge_settled_meanwhile_is_said(treasury: Client, world: World) -> None:
    document = charge(world, 100)
    paid_by_a_colleague(world, document)

    response = settle(treasury, world, amount="100")

    assert "Nothing is open" in response.content.decode()
    assert JournalEntry.objects.filter(kind="payment").count() == 1


def test_a_part_of_a_charge_settled_meanwhile_is_said(treasury: Client, world: World) -> None:
    gone, left_open = charge(world, 100), charge(world, 60)
    paid_by_a_colleague(world, gone)

    parts = {f"charge_{gone.pk}": "70", f"charge_{left_open.pk}": "60"}
    response = settle(treasury, world, **parts)

    assert response.status_code == 422
    assert "70 was typed for a charge that is not open any more" in response.content.decode()
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
