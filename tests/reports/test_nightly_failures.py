"""A night with trouble: one stage fails and the others are done; two at once; a dead one."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from celery import current_app
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import resolve
from django.utils import timezone

from core.errors import Conflict
from core.locks import JobKey
from core.models import Company, JobRun, Notification
from core.notifications import text
from credit_limits.models import Alert, CreditPolicy, ExposureSnapshot, PaymentBehaviour
from credit_limits.models.policy import PolicyVersion
from credit_limits.services.limits import limit_grant
from customers.models import CustomerAccount
from documents.models import Document
from documents.services.submit import document_submit
from reports.services.nightly import nightly_run
from reports.tasks import nightly as nightly_task
from tests.factories.core import CompanyFactory, UserFactory
from tests.factories.customers import CustomerAccountFactory
from tests.reports.nights import at_night, night
from tests.world import TODAY, World, make_world


@pytest.fixture
def world(db: None) -> World:
    return make_world(limit=1000)


def unreadable_policy(company: Company) -> None:
    """What no publishing lets through: a policy with a rule that nobody knows."""
    policy = CreditPolicy.objects.create(company=company, name="Damaged")
    PolicyVersion.objects.create(policy=policy, number=1, content={"rules": {"moon_phase": {}}})


@pytest.fixture
def sick(world: World) -> CustomerAccount:
    """An account of a company whose policy cannot be read."""
    company = CompanyFactory(code="A0-first")
    unreadable_policy(company)
    return CustomerAccountFactory(company=company)


# --- One stage fails -------------------------------------------------------------------------


def test_a_company_with_an_unreadable_policy_does_not_cost_the_others_their_night(
    world: World, sick: CustomerAccount
) -> None:
    world.item(1100, due_on=TODAY - datetime.timedelta(days=12))
    world.item(5, account=sick)

    run = night()

    assert run.status == JobRun.Status.FAILED
    assert run.finished_at is not None
    (error,) = run.errors
    assert error["stage"].startswith("exposure")
    assert "moon_phase" in error["error"]
    assert ExposureSnapshot.objects.get().account == world.account
    assert set(Alert.objects.values_list("account", "kind")) == {
        (world.account.pk, "over_limit"),
        (world.account.pk, "overdue"),
    }
    # How the account paid has nothing to do with its policy.
    assert PaymentBehaviour.objects.filter(account=sick).exists()
    assert run.counts["proved"] == 1
    assert run.counts["residual_misses"] == 0


def test_treasury_is_told_of_a_night_that_failed_and_nobody_of_one_that_did_not(
    world: World,
) -> None:
    treasurer = UserFactory(username="teo", role="treasury")
    UserFactory(username="old", role="treasury", is_active=False)
    night()
    assert not Notification.objects.exists()
    item = world.item(500)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_openitem SET open_amount = 499 WHERE id = %s", [item.pk])

    run = night()  # the residual is wrong, and so no longer what the control account says

    told = Notification.objects.all()
    assert {row.user for row in told} == {treasurer, world.manager}
    (message,) = told.filter(user=treasurer)
    assert text(message).subject == "The night of 31 Mar 2026 had 2 errors"
    match = resolve(message.url)
    assert (match.view_name, match.kwargs) == ("reports:job_detail", {"pk": run.pk})


def test_a_stage_that_failed_is_done_by_the_next_run(world: World, sick: CustomerAccount) -> None:
    world.item(10)
    night()
    PolicyVersion.objects.create(
        policy=CreditPolicy.objects.get(company=sick.company),
        number=2,
        content=world.policy.versions.latest("number").content,
    )

    run = night()

    assert run.status == JobRun.Status.DONE
    assert run.counts["snapshots_written"] == 1
    assert ExposureSnapshot.objects.count() == 2


def test_a_held_order_that_cannot_be_asked_about_does_not_stop_the_next(world: World) -> None:
    other = CompanyFactory(code="IT02")
    sick = CustomerAccountFactory(company=other)
    world.clerk.companies.add(other)
    limit_grant(
        account=sick,
        state="amount",
        amount=Decimal(100),
        currency=other.currency,
        valid_from=datetime.date(2026, 1, 1),
        reason="test",
        actor=None,
    )
    with at_night():
        item = world.item(900)
        first = document_submit(document=world.order(200, account=sick), actor=world.clerk).document
        second = document_submit(document=world.order(200), actor=world.clerk).document
        assert (first.status, second.status) == ("held", "held")
        unreadable_policy(other)
        world.allocate(item, world.item(500, direction="credit"), 500, on=TODAY)

        run = nightly_run()

    assert Document.objects.get(pk=first.pk).status == "held"
    assert Document.objects.get(pk=second.pk).status == "submitted"
    assert (run.counts["held_asked"], run.counts["held_ended"]) == (2, 1)
    assert run.status == JobRun.Status.FAILED
    (error,) = [entry for entry in run.errors if entry["stage"] == "held documents"]
    assert f"document {first.pk}: " in error["error"]
    assert "moon_phase" in error["error"]


def test_many_errors_are_cut_to_what_a_page_can_show(world: World) -> None:
    for _number in range(55):
        world.item(10)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_openitem SET open_amount = 9")

    run = night()

    assert run.counts["residual_misses"] == 55
    assert len(run.errors) == 50


# --- Two at once, and a dead one -------------------------------------------------------------


@contextmanager
def another_night() -> Iterator[None]:
    """Another process that holds the lock of the night: a connection of its own."""
    params = {
        key: value
        for key, value in connection.get_connection_params().items()
        if key in {"dbname", "host", "port", "user", "password"}
    }
    with psycopg.connect(**params, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [int(JobKey.NIGHTLY)])
        yield
        # Closing alone would free it too, but only when the server gets round to it.
        other.execute("SELECT pg_advisory_unlock(%s)", [int(JobKey.NIGHTLY)])


def test_a_second_night_beside_the_first_is_refused(world: World) -> None:
    world.item(10)

    with another_night():
        with pytest.raises(Conflict, match="A night is running already"):
            night()
        with pytest.raises(CommandError, match="A night is running already"):
            call_command("nightly", date=TODAY)
        assert not JobRun.objects.exists()
        assert not ExposureSnapshot.objects.exists()

    assert night().status == JobRun.Status.DONE


def test_the_lock_is_free_after_a_night_that_failed(world: World, sick: CustomerAccount) -> None:
    night()

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            [int(JobKey.NIGHTLY)],
        )
        assert cursor.fetchone() == (0,)


def test_a_run_that_died_is_buried_by_the_next(world: World) -> None:
    dead = JobRun.objects.create(name="nightly", as_of=TODAY, errors=[{"stage": "x", "error": "y"}])
    other_job = JobRun.objects.create(name="other", as_of=TODAY)

    run = night()

    dead.refresh_from_db()
    other_job.refresh_from_db()
    assert dead.status == JobRun.Status.FAILED
    assert dead.finished_at is not None
    assert dead.errors == [
        {"stage": "x", "error": "y"},
        {"stage": "", "error": "The process ended before its work."},
    ]
    assert other_job.status == JobRun.Status.RUNNING
    assert run.status == JobRun.Status.DONE


def test_a_run_that_lives_is_not_buried(world: World) -> None:
    living = JobRun.objects.create(name="nightly", as_of=TODAY)

    with another_night(), pytest.raises(Conflict):
        night()

    living.refresh_from_db()
    assert living.status == JobRun.Status.RUNNING


# --- The schedule ----------------------------------------------------------------------------


def test_the_task_runs_the_night_of_today(world: World) -> None:
    world.item(10)

    with at_night():
        nightly_task()

    run = JobRun.objects.get()
    assert (run.as_of, run.status) == (TODAY, JobRun.Status.DONE)
    assert ExposureSnapshot.objects.get().as_of == TODAY


def test_the_task_beside_a_running_night_has_nothing_to_do(world: World) -> None:
    with at_night(), another_night():
        nightly_task()

    assert not JobRun.objects.exists()


def test_the_schedule_names_a_task_that_workers_know() -> None:
    entry: dict[str, Any] = settings.CELERY_BEAT_SCHEDULE["nightly"]

    current_app.loader.import_default_modules()
    assert entry["task"] == nightly_task.name
    assert entry["task"] in current_app.tasks
    assert current_app.conf.beat_schedule["nightly"] == entry
    assert str(current_app.conf.timezone) == timezone.get_default_timezone_name()
    assert (entry["schedule"].hour, entry["schedule"].minute) == ({2}, {15})
