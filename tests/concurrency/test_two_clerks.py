"""Two clerks submitting for one customer can never together pass the limit.

Real transactions on real PostgreSQL. The first test takes the scope lock away and shows the
breach, so that the second proves something.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection, connections

from credit_limits.engine.decide import decide
from credit_limits.selectors import credit_position
from credit_limits.services import checks
from customers.models import CustomerAccount
from documents.models import Document
from documents.services.submit import document_submit
from tests.factories.customers import CustomerAccountFactory
from tests.world import TODAY, World, make_world

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

pytestmark = pytest.mark.django_db(transaction=True)

LIMIT = 100
EACH = 60


@pytest.fixture
def world() -> World:
    return make_world(limit=LIMIT)


def side_by_side(works: Sequence[Callable[[], Any]]) -> None:
    """Run every work in a thread and connection of its own, started together."""
    barrier = threading.Barrier(len(works))
    errors: list[BaseException] = []

    def run(work: Callable[[], Any]) -> None:
        try:
            barrier.wait(timeout=10)
            work()
        except BaseException as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert not errors, errors
    assert not any(thread.is_alive() for thread in threads)


def submit_both(world: World, first: Document, second: Document) -> list[str]:
    side_by_side(
        [
            lambda: document_submit(document=first, actor=world.clerk, as_of=TODAY),
            lambda: document_submit(document=second, actor=world.clerk, as_of=TODAY),
        ]
    )
    return sorted(
        Document.objects.filter(pk__in=(first.pk, second.pk)).values_list("status", flat=True)
    )


def test_without_the_lock_both_take_the_last_credit(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: with the lock gone and both reading before either commits, both pass."""
    both_have_read = threading.Barrier(2)

    def unlocked(*, account_ids: Sequence[int]) -> list[CustomerAccount]:
        return list(
            CustomerAccount.objects.filter(pk__in=account_ids).select_related(
                "customer__group", "company"
            )
        )

    real_decide = decide

    def decide_late(facts: Any) -> Any:
        decision = real_decide(facts)
        both_have_read.wait(timeout=10)
        return decision

    monkeypatch.setattr(checks, "scope_lock", unlocked)
    monkeypatch.setattr(checks, "decide", decide_late)

    statuses = submit_both(world, world.order(EACH), world.order(EACH))

    assert statuses == ["submitted", "submitted"]
    assert credit_position(account=world.account, as_of=TODAY).total == 2 * EACH > LIMIT


def rounds(world: World, count: int) -> None:
    for _round in range(count):
        account = CustomerAccountFactory(company=world.company)
        world.limit(LIMIT, account=account)
        first = world.order(EACH, account=account)
        second = world.order(EACH, account=account)

        statuses = submit_both(world, first, second)

        assert statuses == ["held", "submitted"]
        assert credit_position(account=account, as_of=TODAY).total == EACH


def test_with_the_lock_never_in_two_hundred_rounds(world: World) -> None:
    rounds(world, 200)


def test_other_customers_do_not_wait(world: World) -> None:
    """While one customer's scope is locked, another customer's order goes through."""
    other = CustomerAccountFactory(company=world.company)
    world.limit(LIMIT, account=other)
    order = world.order(EACH, account=other)
    locked, done = threading.Event(), threading.Event()

    def hold_the_first() -> None:
        from django.db import transaction

        from customers.locks import scope_lock

        with transaction.atomic():
            scope_lock(account_ids=[world.account.pk])
            locked.set()
            assert done.wait(timeout=20)

    def submit_the_other() -> None:
        assert locked.wait(timeout=10)
        document_submit(document=order, actor=world.clerk, as_of=TODAY)
        done.set()

    side_by_side([hold_the_first, submit_the_other])

    assert Document.objects.get(pk=order.pk).status == "submitted"


def test_a_scope_that_stays_locked_answers_busy_and_loses_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import transaction

    from core.errors import Busy
    from customers.locks import scope_lock

    order = world.order(EACH)
    locked, done = threading.Event(), threading.Event()
    answers: list[str] = []

    def hold() -> None:
        with transaction.atomic():
            scope_lock(account_ids=[world.account.pk])
            locked.set()
            assert done.wait(timeout=20)

    def submit() -> None:
        assert locked.wait(timeout=10)
        try:
            document_submit(document=order, actor=world.clerk, as_of=TODAY)
        except Busy as busy:
            answers.append(busy.code)
        finally:
            done.set()

    side_by_side([hold, submit])

    assert answers == ["core.busy"]
    order.refresh_from_db()
    assert (order.status, order.lines.count()) == ("draft", 1)
    assert connection.is_usable()
