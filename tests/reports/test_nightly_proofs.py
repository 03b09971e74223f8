"""The night proves what is stored, and the command says what it did."""

from __future__ import annotations

import datetime

import pgtrigger
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from core.models import JobRun
from credit_limits.models import Alert, ExposureSnapshot, PaymentBehaviour
from documents.models import Document
from documents.services.submit import document_submit
from ledger.models import Allocation
from tests.reports.nights import DAY, at_night, night
from tests.world import TODAY, World, make_world

pytestmark = pytest.mark.django_db

YESTERDAY = TODAY - DAY


@pytest.fixture
def world() -> World:
    return make_world(limit=1000)


def snapshot(world: World, day: datetime.date = TODAY) -> ExposureSnapshot:
    return ExposureSnapshot.objects.get(account=world.account, as_of=day)


def behaviour(world: World, day: datetime.date = TODAY) -> PaymentBehaviour:
    return PaymentBehaviour.objects.get(account=world.account, as_of=day)


def alerts(day: datetime.date | None = None) -> list[tuple[int, str, datetime.date]]:
    found = Alert.objects.all() if day is None else Alert.objects.filter(as_of=day)
    return [(row.account_id, row.kind, row.as_of) for row in found.order_by("as_of", "pk")]


def submit(world: World, gross: int, day: datetime.date = TODAY) -> Document:
    order = world.order(gross, document_on=day)
    return document_submit(document=order, actor=world.clerk, as_of=day).document


# --- Proofs ----------------------------------------------------------------------------------


def test_a_tampered_residual_is_found(world: World) -> None:
    item = world.item(500)
    world.allocate(item, world.item(100, direction="credit"), 100, on=TODAY)
    assert night().counts["residual_misses"] == 0
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_openitem SET open_amount = 399 WHERE id = %s", [item.pk])

    run = night()

    assert run.status == JobRun.Status.FAILED
    assert run.counts["residual_misses"] == 1
    assert run.errors == [
        {
            "stage": "residuals",
            "error": f"item {item.number}: stored 399.00, allocations say 400.00",
        },
        {
            "stage": "control accounts",
            "error": (
                f"{world.account.customer.code} (IT01) EUR: control account 400.00, items 399.00; "
                "in company currency 400.00 and 399.00"
            ),
        },
    ]


def test_a_vanished_allocation_is_found(world: World) -> None:
    item = world.item(500)
    world.allocate(item, world.item(100, direction="credit"), 100, on=TODAY)
    with pgtrigger.ignore(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM ledger_allocation")
    assert not Allocation.objects.exists()

    run = night()

    assert run.counts["residual_misses"] == 2


def test_a_snapshot_that_is_not_stored_as_computed_is_found(world: World) -> None:
    world.item(500)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS"
            " 'BEGIN NEW.headroom := NEW.headroom + 1; RETURN NEW; END';"
            "CREATE TRIGGER meddle BEFORE INSERT OR UPDATE ON credit_limits_exposuresnapshot"
            " FOR EACH ROW EXECUTE FUNCTION meddle()"
        )

    run = night()

    assert run.status == JobRun.Status.FAILED
    assert (run.counts["proved"], run.counts["proof_misses"]) == (0, 1)
    assert run.errors[0]["stage"] == "proof"
    assert "headroom is stored as 501.00, computed as 500.00" in run.errors[0]["error"]


# --- The command -----------------------------------------------------------------------------


def test_the_command_runs_a_day_and_says_what_it_did(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.item(1100)

    call_command("nightly", date=TODAY)

    told = capsys.readouterr().out
    assert f"The night of {TODAY} is done." in told
    assert "snapshots_written 1" in told
    assert snapshot(world).total == 1100


def test_the_command_refuses_nonsense_and_the_future(world: World) -> None:
    with pytest.raises(CommandError, match="“31/03/2026” is not a date"):
        call_command("nightly", "--date", "31/03/2026")
    with at_night(), pytest.raises(CommandError, match="future day"):
        call_command("nightly", "--date", str(TODAY + DAY))
    assert not JobRun.objects.exists()


def test_the_command_ends_with_an_error_when_the_night_did(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    item = world.item(500)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_openitem SET open_amount = 1 WHERE id = %s", [item.pk])

    with pytest.raises(CommandError, match=f"The night of {TODAY} ended with errors"):
        call_command("nightly", date=TODAY)

    assert f"residuals: item {item.number}" in capsys.readouterr().err
