"""The night beside somebody at work: what it stores can be told again with the moment it names."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from core.clock import today
from core.locks import settled_moment
from credit_limits.models import ExposureSnapshot
from credit_limits.selectors import credit_position
from credit_limits.services.snapshots import exposure_snapshots_take, snapshots_prove
from ledger.services.entries import entry_post
from tests.world import World, make_world

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

pytestmark = pytest.mark.django_db(transaction=True)

SOON = 0.2  # seconds of patience with a transaction that will not end by itself
OWED = Decimal(777)


@pytest.fixture
def world() -> World:
    return make_world(limit=1000)


@contextmanager
def posting(world: World) -> Iterator[threading.Event]:
    """An invoice that is entered on another connection, and committed when the event is set."""
    entered, may_commit = threading.Event(), threading.Event()

    def work() -> None:
        try:
            with transaction.atomic():
                entry_post(
                    account=world.account,
                    kind="invoice",
                    number="MEANWHILE",
                    document_on=today(),
                    instalments=[(today(), OWED)],
                    actor=None,
                )
                entered.set()
                may_commit.wait(timeout=60)
        finally:
            entered.set()
            connection.close()

    other = threading.Thread(target=work)
    other.start()
    try:
        assert entered.wait(timeout=60)
        yield may_commit
    finally:
        may_commit.set()
        other.join(timeout=60)


def taken(world: World, known_at: datetime | None = None) -> ExposureSnapshot:
    """The snapshot of today, taken now."""
    keys = [world.account.pk]
    exposure_snapshots_take(as_of=today(), account_ids=keys, known_at=known_at)
    return ExposureSnapshot.objects.get(account=world.account, as_of=today())


def told_again(world: World, snapshot: ExposureSnapshot) -> Decimal:
    """The same day with what was known when the snapshot was taken."""
    position = credit_position(
        account=world.account, as_of=snapshot.as_of, known_at=snapshot.taken_at
    )
    return position.total


def test_read_as_of_now_a_snapshot_misses_what_is_still_being_entered(world: World) -> None:
    """The control: why the night asks for a moment before which nothing is under way."""
    with posting(world):
        snapshot = taken(world, known_at=timezone.now())

    assert (snapshot.total, told_again(world, snapshot)) == (0, OWED)


def test_a_snapshot_is_told_again_though_somebody_was_at_work(world: World) -> None:
    with posting(world):
        snapshot = taken(world, known_at=settled_moment(patience=SOON))

    assert (snapshot.total, told_again(world, snapshot)) == (0, 0)
    assert credit_position(account=world.account, as_of=today()).total == OWED


def test_the_night_waits_a_little_for_what_ends_soon(world: World) -> None:
    with posting(world) as may_commit:
        threading.Timer(SOON, may_commit.set).start()
        snapshot = taken(world)

    assert (snapshot.total, told_again(world, snapshot)) == (OWED, OWED)


def test_what_was_entered_since_is_no_miss_and_a_wrong_figure_is_one(world: World) -> None:
    moment = settled_moment()
    snapshot = taken(world, known_at=moment)
    asked: dict[str, Any] = {
        "as_of": today(),
        "account_ids": [world.account.pk],
        "known_at": moment,
    }
    with posting(world):
        pass
    assert snapshots_prove(**asked) == []

    ExposureSnapshot.objects.filter(pk=snapshot.pk).update(total=5)

    key = world.account.pk
    assert f"account {key}: total is stored as 5.00, computed as 777.00" in snapshots_prove(**asked)


def test_a_moment_without_anybody_at_work_is_now(world: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (before,) = cursor.fetchone()
        moment = settled_moment()
        cursor.execute("SELECT clock_timestamp()")
        (after,) = cursor.fetchone()

    assert before <= moment <= after
