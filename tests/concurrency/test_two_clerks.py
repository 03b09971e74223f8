"""Two clerks submitting for one customer can never together pass the limit.

Real transactions on real PostgreSQL. The control takes the scope lock away and shows the breach,
so that the two hundred rounds prove something.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING
from unittest import mock

import pytest
from django.db import connection

from core.errors import Busy
from credit_limits.selectors import credit_position
from credit_limits.services import checks
from customers.models import CustomerAccount
from documents.models import Document
from documents.services.submit import document_submit
from tests.factories.customers import CustomerAccountFactory
from tests.harness.pauses import boundaries, paused
from tests.harness.races import Control, Scene, race
from tests.harness.runs import Outcome
from tests.world import TODAY, World, make_world

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

pytestmark = pytest.mark.django_db(transaction=True)

LIMIT = 100
EACH = 60
DECIDED = r'^INSERT INTO "credit_limits_creditcheck"'


@pytest.fixture
def world() -> World:
    return make_world(limit=LIMIT)


def submit(world: World, order: Document) -> Callable[[], object]:
    return partial(document_submit, document=order, actor=world.clerk, as_of=TODAY)


def new_account(world: World) -> CustomerAccount:
    account: CustomerAccount = CustomerAccountFactory(company=world.company)
    world.limit(LIMIT, account=account)
    return account


def two_clerks(world: World) -> Scene:
    """Two orders of a fresh customer: either fits, both together do not."""
    account = new_account(world)
    orders = [world.order(EACH, account=account) for _clerk in range(2)]

    def holds(_outcomes: Sequence[Outcome]) -> None:
        total = credit_position(account=account, as_of=TODAY).total
        assert total <= LIMIT, f"over the limit: {total}"
        found = Document.objects.filter(account=account).order_by("status")
        assert [*found.values_list("status", flat=True)] == ["held", "submitted"]
        assert total == EACH

    return Scene([submit(world, order) for order in orders], holds)


@contextmanager
def without_the_scope_lock() -> Iterator[None]:
    def unlocked(*, account_ids: Sequence[int]) -> list[CustomerAccount]:
        return list(
            CustomerAccount.objects.filter(pk__in=account_ids).select_related(
                "customer__group", "company"
            )
        )

    with mock.patch.object(checks, "scope_lock", unlocked):
        yield


def test_never_over_the_limit_in_two_hundred_rounds(world: World) -> None:
    race(
        partial(two_clerks, world),
        control=Control(without_the_scope_lock, breach=f"over the limit: {2 * EACH}", meet=DECIDED),
        rounds=200,
    )


def test_other_customers_never_wait(world: World) -> None:
    """Wherever one customer's order stands in its submission, another customer's goes through."""

    def order(account: CustomerAccount) -> Callable[[], object]:
        return submit(world, world.order(EACH, account=account))

    for stop in boundaries(lambda: order(new_account(world))):
        other = new_account(world)
        with paused(order(new_account(world)), at=stop) as held:
            probe = held.probe(order(other))
        assert not probe.waited, stop
        assert credit_position(account=other, as_of=TODAY).total == EACH


def test_a_scope_that_stays_locked_answers_busy_and_loses_nothing(world: World) -> None:
    def first() -> Callable[[], object]:
        return submit(world, world.order(EACH, account=new_account(world)))

    [*_earlier, commit, _after] = boundaries(first)
    assert commit.event.is_commit
    ours, theirs = world.order(EACH), world.order(EACH)

    with paused(submit(world, theirs), at=commit), pytest.raises(Busy) as caught:
        submit(world, ours)()

    assert caught.value.code == "core.busy"
    ours.refresh_from_db()
    assert (ours.status, ours.lines.count()) == ("draft", 1)
    assert connection.is_usable()
